package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A transformer is what a transform stream does with chunks.
type transformer interface {
	transform(js *webidl.Realm, chunk goja.Value, c *transformController) *promise
	flush(js *webidl.Realm, c *transformController) *promise
	cancel(js *webidl.Realm, reason goja.Value) *promise
}

// scriptTransformer is the Transformer dictionary: https://streams.spec.whatwg.org/#dictdef-transformer
type scriptTransformer struct {
	object                     goja.Value // what the functions are called on
	controller                 func(js *webidl.Realm) goja.Value
	start                      *webidl.Callback
	transformFunction          *webidl.Callback
	flushFunction              *webidl.Callback
	cancelFunction             *webidl.Callback
	readableType, writableType goja.Value
}

var transformerDict = webidl.Dict("Transformer", scriptTransformer{},
	webidl.Has("cancel", webidl.CallbackFunction, func(t *scriptTransformer) **webidl.Callback { return &t.cancelFunction }),
	webidl.Has("flush", webidl.CallbackFunction, func(t *scriptTransformer) **webidl.Callback { return &t.flushFunction }),
	webidl.Has("readableType", webidl.Any, func(t *scriptTransformer) *goja.Value { return &t.readableType }),
	webidl.Has("start", webidl.CallbackFunction, func(t *scriptTransformer) **webidl.Callback { return &t.start }),
	webidl.Has("transform", webidl.CallbackFunction, func(t *scriptTransformer) **webidl.Callback { return &t.transformFunction }),
	webidl.Has("writableType", webidl.Any, func(t *scriptTransformer) *goja.Value { return &t.writableType }))

func (t *scriptTransformer) transform(js *webidl.Realm, chunk goja.Value, c *transformController) *promise {
	if t.transformFunction == nil {
		if err := c.enqueue(js, chunk); err != nil {
			return failed(thrown(js, err))
		}
		return done()
	}
	return call(js, t.transformFunction, t.object, chunk, t.controller(js))
}

func (t *scriptTransformer) flush(js *webidl.Realm, _ *transformController) *promise {
	if t.flushFunction == nil {
		return done()
	}
	return call(js, t.flushFunction, t.object, t.controller(js))
}

func (t *scriptTransformer) cancel(js *webidl.Realm, reason goja.Value) *promise {
	if t.cancelFunction == nil {
		return done()
	}
	return call(js, t.cancelFunction, t.object, reason)
}

// transformController is the TransformStreamDefaultController interface:
// https://streams.spec.whatwg.org/#ts-default-controller-class
type transformController struct {
	webidl.Handle
	stream      *TransformStream
	transformer transformer // nil once the algorithms are cleared
	finish      *promise    // [[finishPromise]]
}

var transformControllerClass = &webidl.Class[*transformController]{Name: "TransformStreamDefaultController"}

var _ = define(transformControllerClass, nil,
	webidl.ReadOnly("desiredSize", func(c *transformController, js *webidl.Realm) (goja.Value, error) {
		return sizeOrNull(js, c.stream.out.desiredSize)
	}),
	webidl.Proc1("enqueue", (*transformController).enqueue, webidl.OptionalAny),
	webidl.Proc1("error", func(c *transformController, js *webidl.Realm, e goja.Value) error {
		// https://streams.spec.whatwg.org/#ts-default-controller-error
		c.stream.fail(js, e)
		return nil
	}, webidl.OptionalAny),
	webidl.Proc0("terminate", (*transformController).terminate),
)

func (c *transformController) clearAlgorithms() { c.transformer = nil }

func (c *transformController) flush(js *webidl.Realm) *promise {
	if c.transformer == nil {
		return done()
	}
	return c.transformer.flush(js, c)
}

func (c *transformController) cancel(js *webidl.Realm, reason goja.Value) *promise {
	if c.transformer == nil {
		return done()
	}
	return c.transformer.cancel(js, reason)
}

// enqueue is https://streams.spec.whatwg.org/#transform-stream-default-controller-enqueue
func (c *transformController) enqueue(js *webidl.Realm, chunk goja.Value) error {
	t := c.stream
	if !t.out.canCloseOrEnqueue() {
		return webidl.TypeError("Readable side is not in a state that permits enqueue")
	}
	if err := t.out.put(js, chunk); err != nil {
		t.failWritable(js, thrown(js, err))
		return webidl.Throw(t.readable.failure)
	}
	if backpressure := t.out.hasBackpressure(); backpressure != t.backpressure {
		t.setBackpressure(js, true)
	}
	return nil
}

// perform is https://streams.spec.whatwg.org/#transform-stream-default-controller-perform-transform
func (c *transformController) perform(js *webidl.Realm, chunk goja.Value) *promise {
	if c.transformer == nil {
		return done()
	}
	return c.transformer.transform(js, chunk, c).derive(js, fulfilledWith, func(e goja.Value) *promise {
		c.stream.fail(js, e)
		return failed(e)
	})
}

// terminate is https://streams.spec.whatwg.org/#transform-stream-default-controller-terminate
func (c *transformController) terminate(js *webidl.Realm) error {
	c.stream.out.end(js)
	c.stream.failWritable(js, js.ErrorValue(webidl.TypeError("The transform stream has been terminated")))
	return nil
}
