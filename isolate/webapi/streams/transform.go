package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A TransformStream is the Streams standard's TransformStream: https://streams.spec.whatwg.org/#ts-class
type TransformStream struct {
	webidl.Handle
	readable           *ReadableStream
	writable           *WritableStream
	out                transformOutput // the readable side's controller
	controller         *transformController
	backpressure       bool
	backpressureChange *promise
	bytes              ByteTransformer // how Go transforms bytes, if it does, else nil
	byteReadable       bool            // the readable side is a byte stream
}

// transformOutput is what a transform stream asks of its readable side's controller.
type transformOutput interface {
	byteSink
	// feed makes src what the stream pulls from.
	feed(src source)
	canCloseOrEnqueue() bool
	hasBackpressure() bool
	desiredSize() (float64, bool)
	// put enqueues a chunk; on failure the stream is errored.
	put(js *webidl.Realm, chunk goja.Value) error
	// end closes the stream.
	end(js *webidl.Realm)
}

// TransformStreamClass is the TransformStream interface.
var TransformStreamClass = &webidl.Class[*TransformStream]{Name: "TransformStream"}

var _ = define(TransformStreamClass,
	webidl.New3(newTransformStream, webidl.Optional(webidl.Object), queuingStrategy, queuingStrategy),
	webidl.ReadOnly("readable", func(t *TransformStream, js *webidl.Realm) (*goja.Object, error) { return t.readable.Wrap(js), nil }),
	webidl.ReadOnly("writable", func(t *TransformStream, js *webidl.Realm) (*goja.Object, error) { return t.writable.Wrap(js), nil }),
)

// newTransformStream is https://streams.spec.whatwg.org/#ts-constructor
func newTransformStream(js *webidl.Realm, given webidl.Opt[*goja.Object], writableStrategy, readableStrategy strategy) (*TransformStream, error) {
	// 2. Let transformerDict be transformer, converted to a Transformer.
	object := objectOrUndefined(given.Value)
	d, err := transformerDict.Convert(js, object)
	if err != nil {
		return nil, err
	}
	d.object = object
	// 3., 4. The types are reserved.
	if d.readableType != nil {
		return nil, webidl.RangeError("Invalid readableType specified")
	}
	if d.writableType != nil {
		return nil, webidl.RangeError("Invalid writableType specified")
	}
	// 5. - 8.
	readableMark, err := readableStrategy.extract(0)
	if err != nil {
		return nil, err
	}
	writableMark, err := writableStrategy.extract(1)
	if err != nil {
		return nil, err
	}
	// 9. Let startPromise be a new promise.
	start := newPromise()
	t := &TransformStream{}
	d.controller = func(js *webidl.Realm) goja.Value { return transformControllerClass.Wrap(js, t.controller) }
	t.setUp(js, &d, start, writableMark, writableStrategy.size, readableMark, readableStrategy.size)
	// 12. If transformerDict["start"] exists, resolve startPromise with the result of invoking it.
	p, err := begin(js, d.start, object, d.controller)
	if err != nil {
		return nil, err
	}
	start.follow(js, p)
	return t, nil
}

// setUp is https://streams.spec.whatwg.org/#initialize-transform-stream and
// https://streams.spec.whatwg.org/#set-up-transform-stream-default-controller
func (t *TransformStream) setUp(js *webidl.Realm, by transformer, start *promise, writableMark float64, writableSize *webidl.Callback, readableMark float64, readableSize *webidl.Callback) {
	t.controller = &transformController{stream: t, transformer: by}
	t.writable = newWritable(js, (*transformSink)(t), start, writableMark, writableSize)
	t.writable.transform = t
	t.readable, t.out = newTransformReadable(js, t, start, readableMark, readableSize)
	t.backpressureChange = newPromise()
	t.backpressure = true
}

func newTransformReadable(js *webidl.Realm, t *TransformStream, start *promise, highWaterMark float64, size *webidl.Callback) (*ReadableStream, transformOutput) {
	if t.byteReadable {
		s, c := newByteStream(js, (*transformSource)(t), start, highWaterMark)
		return s, c
	}
	s, c := newDefaultStream(js, (*transformSource)(t), start, highWaterMark, size)
	return s, c
}

// Wrap returns the stream's JavaScript object.
func (t *TransformStream) Wrap(js *webidl.Realm) *goja.Object {
	return TransformStreamClass.Wrap(js, t)
}

// Readable is the stream's readable side.
func (t *TransformStream) Readable() *ReadableStream { return t.readable }

// Writable is the stream's writable side.
func (t *TransformStream) Writable() *WritableStream { return t.writable }

// fail is https://streams.spec.whatwg.org/#transform-stream-error
func (t *TransformStream) fail(js *webidl.Realm, e goja.Value) {
	t.out.fail(js, e)
	t.failWritable(js, e)
}

// failWritable is https://streams.spec.whatwg.org/#transform-stream-error-writable-and-unblock-write
func (t *TransformStream) failWritable(js *webidl.Realm, e goja.Value) {
	t.controller.clearAlgorithms()
	t.writable.controller.failIfNeeded(js, e)
	t.unblockWrite(js)
}

// unblockWrite is https://streams.spec.whatwg.org/#transformstream-unblock-write
func (t *TransformStream) unblockWrite(js *webidl.Realm) {
	if t.backpressure {
		t.setBackpressure(js, false)
	}
}

// setBackpressure is https://streams.spec.whatwg.org/#transform-stream-set-backpressure
func (t *TransformStream) setBackpressure(js *webidl.Realm, backpressure bool) {
	t.backpressureChange.resolve(js)
	t.backpressureChange = newPromise()
	t.backpressure = backpressure
}

// transformSink is the writable side's sink.
type transformSink TransformStream

// write is https://streams.spec.whatwg.org/#transform-stream-default-sink-write-algorithm
func (s *transformSink) write(js *webidl.Realm, chunk goja.Value) *promise {
	t := (*TransformStream)(s)
	if !t.backpressure {
		return t.controller.perform(js, chunk)
	}
	return t.backpressureChange.derive(js, func(goja.Value) *promise {
		if t.writable.state == erroring {
			return failed(t.writable.failure)
		}
		return t.controller.perform(js, chunk)
	}, failed)
}

// abort is https://streams.spec.whatwg.org/#transform-stream-default-sink-abort-algorithm
func (s *transformSink) abort(js *webidl.Realm, reason goja.Value) *promise {
	t := (*TransformStream)(s)
	c := t.controller
	if c.finish != nil {
		return c.finish
	}
	p := newPromise()
	c.finish = p
	canceling := c.cancel(js, reason)
	c.clearAlgorithms()
	canceling.then(js, func(goja.Value) {
		if t.readable.state == errored {
			p.reject(js, t.readable.failure)
			return
		}
		t.out.fail(js, reason)
		p.resolve(js)
	}, func(e goja.Value) {
		t.out.fail(js, e)
		p.reject(js, e)
	})
	return p
}

// close is https://streams.spec.whatwg.org/#transform-stream-default-sink-close-algorithm
func (s *transformSink) close(js *webidl.Realm) *promise {
	t := (*TransformStream)(s)
	c := t.controller
	if c.finish != nil {
		return c.finish
	}
	p := newPromise()
	c.finish = p
	flushing := c.flush(js)
	c.clearAlgorithms()
	flushing.then(js, func(goja.Value) {
		if t.readable.state == errored {
			p.reject(js, t.readable.failure)
			return
		}
		t.out.end(js)
		p.resolve(js)
	}, func(e goja.Value) {
		t.out.fail(js, e)
		p.reject(js, e)
	})
	return p
}

// transformSource is the readable side's source.
type transformSource TransformStream

// pull is https://streams.spec.whatwg.org/#transform-stream-default-source-pull-algorithm
func (s *transformSource) pull(js *webidl.Realm) *promise {
	t := (*TransformStream)(s)
	t.setBackpressure(js, false)
	return t.backpressureChange
}

// cancel is https://streams.spec.whatwg.org/#transform-stream-default-source-cancel
func (s *transformSource) cancel(js *webidl.Realm, reason goja.Value) *promise {
	t := (*TransformStream)(s)
	c := t.controller
	if c.finish != nil {
		return c.finish
	}
	p := newPromise()
	c.finish = p
	canceling := c.cancel(js, reason)
	c.clearAlgorithms()
	canceling.then(js, func(goja.Value) {
		if t.writable.state == errored {
			p.reject(js, t.writable.failure)
			return
		}
		t.writable.controller.failIfNeeded(js, reason)
		t.unblockWrite(js)
		p.resolve(js)
	}, func(e goja.Value) {
		t.writable.controller.failIfNeeded(js, e)
		t.unblockWrite(js)
		p.reject(js, e)
	})
	return p
}

func (c *defaultController) put(js *webidl.Realm, chunk goja.Value) error {
	return c.enqueue(js, chunk)
}

func (c *defaultController) end(js *webidl.Realm) { c.close(js) }
