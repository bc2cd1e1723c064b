package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// defaultController is the ReadableStreamDefaultController interface:
// https://streams.spec.whatwg.org/#rs-default-controller-class
type defaultController struct {
	webidl.Handle
	stream         *ReadableStream
	queue          sizedQueue[goja.Value]
	source         source // nil once the algorithms are cleared
	size           *webidl.Callback
	highWaterMark  float64
	started        bool
	closeRequested bool
	pulling        bool
	pullAgain      bool
}

var defaultControllerClass = &webidl.Class[*defaultController]{Name: "ReadableStreamDefaultController"}

var _ = define(defaultControllerClass, nil,
	webidl.ReadOnly("desiredSize", func(c *defaultController, js *webidl.Realm) (goja.Value, error) {
		return sizeOrNull(js, c.desiredSize)
	}),
	webidl.Proc0("close", (*defaultController).closeOperation),
	webidl.Proc1("enqueue", (*defaultController).enqueueOperation, webidl.OptionalAny),
	webidl.Proc1("error", func(c *defaultController, js *webidl.Realm, e goja.Value) error {
		c.fail(js, e)
		return nil
	}, webidl.OptionalAny),
)

// sizeOrNull is a desiredSize attribute.
func sizeOrNull(js *webidl.Realm, get func() (float64, bool)) (goja.Value, error) {
	n, ok := get()
	if !ok {
		return goja.Null(), nil
	}
	return js.VM.ToValue(n), nil
}

// setUpDefaultControllerFromUnderlyingSource is
// https://streams.spec.whatwg.org/#set-up-readable-stream-default-controller-from-underlying-source
func setUpDefaultControllerFromUnderlyingSource(js *webidl.Realm, s *ReadableStream, src *underlyingSource, highWaterMark float64, size *webidl.Callback) error {
	c := &defaultController{}
	src.controller = func(js *webidl.Realm) goja.Value { return defaultControllerClass.Wrap(js, c) }
	c.attach(s, src, highWaterMark, size)
	p, err := src.begin(js)
	if err != nil {
		return err
	}
	c.await(js, p)
	return nil
}

// newDefaultStream is https://streams.spec.whatwg.org/#create-readable-stream
func newDefaultStream(js *webidl.Realm, src source, start *promise, highWaterMark float64, size *webidl.Callback) (*ReadableStream, *defaultController) {
	s, c := &ReadableStream{}, &defaultController{}
	c.attach(s, src, highWaterMark, size)
	c.await(js, start)
	return s, c
}

// attach and await are https://streams.spec.whatwg.org/#set-up-readable-stream-default-controller
func (c *defaultController) attach(s *ReadableStream, src source, highWaterMark float64, size *webidl.Callback) {
	c.stream, c.source, c.highWaterMark, c.size = s, src, highWaterMark, size
	s.controller = c
}

func (c *defaultController) await(js *webidl.Realm, start *promise) {
	start.then(js, func(goja.Value) {
		c.started = true
		c.callPullIfNeeded(js)
	}, func(e goja.Value) { c.fail(js, e) })
}

// closeOperation is https://streams.spec.whatwg.org/#rs-default-controller-close
func (c *defaultController) closeOperation(js *webidl.Realm) error {
	if !c.canCloseOrEnqueue() {
		return c.refusal("close")
	}
	c.close(js)
	return nil
}

func (c *defaultController) refusal(what string) error {
	if c.stream.state == errored {
		return webidl.TypeError("Cannot %s an errored readable stream", what)
	}
	return webidl.TypeError("Cannot %s a readable stream that is closed or has been requested to be closed", what)
}

// enqueueOperation is https://streams.spec.whatwg.org/#rs-default-controller-enqueue
func (c *defaultController) enqueueOperation(js *webidl.Realm, chunk goja.Value) error {
	if !c.canCloseOrEnqueue() {
		return c.refusal("enqueue a chunk into")
	}
	return c.enqueue(js, chunk)
}

// canCloseOrEnqueue is https://streams.spec.whatwg.org/#readable-stream-default-controller-can-close-or-enqueue
func (c *defaultController) canCloseOrEnqueue() bool {
	return !c.closeRequested && c.stream.state == readable
}

// close is https://streams.spec.whatwg.org/#readable-stream-default-controller-close
func (c *defaultController) close(js *webidl.Realm) {
	if !c.canCloseOrEnqueue() {
		return
	}
	c.closeRequested = true
	if c.queue.len() == 0 {
		c.clearAlgorithms()
		c.stream.close(js)
	}
}

// enqueue is https://streams.spec.whatwg.org/#readable-stream-default-controller-enqueue
func (c *defaultController) enqueue(js *webidl.Realm, chunk goja.Value) error {
	// 1. If ! ReadableStreamDefaultControllerCanCloseOrEnqueue(controller) is false, return.
	if !c.canCloseOrEnqueue() {
		return nil
	}
	if c.stream.readRequests() > 0 {
		// 3. If there is a reader with a read request, perform ! ReadableStreamFulfillReadRequest(stream, chunk, false).
		c.stream.fulfillReadRequest(js, chunk)
	} else {
		// 4. Otherwise, let result be the result of performing controller.[[strategySizeAlgorithm]].
		n, err := measure(c.size, js, chunk)
		if err != nil {
			c.fail(js, thrown(js, err))
			return err
		}
		if !c.queue.enqueue(chunk, n) {
			e := js.ErrorValue(badSize())
			c.fail(js, e)
			return webidl.Throw(e)
		}
	}
	// 5. Perform ! ReadableStreamDefaultControllerCallPullIfNeeded(controller).
	c.callPullIfNeeded(js)
	return nil
}

// fail is https://streams.spec.whatwg.org/#readable-stream-default-controller-error
func (c *defaultController) fail(js *webidl.Realm, e goja.Value) {
	if c.stream.state != readable {
		return
	}
	c.queue.reset()
	c.clearAlgorithms()
	c.stream.fail(js, e)
}

// desiredSize is https://streams.spec.whatwg.org/#readable-stream-default-controller-get-desired-size
func (c *defaultController) desiredSize() (float64, bool) {
	switch c.stream.state {
	case errored:
		return 0, false
	case closed:
		return 0, true
	}
	return c.highWaterMark - c.queue.total, true
}

// hasBackpressure is https://streams.spec.whatwg.org/#rs-default-controller-has-backpressure
func (c *defaultController) hasBackpressure() bool { return !c.shouldCallPull() }

// shouldCallPull is https://streams.spec.whatwg.org/#readable-stream-default-controller-should-call-pull
func (c *defaultController) shouldCallPull() bool {
	if !c.canCloseOrEnqueue() || !c.started {
		return false
	}
	if c.stream.readRequests() > 0 {
		return true
	}
	n, _ := c.desiredSize()
	return n > 0
}

// callPullIfNeeded is https://streams.spec.whatwg.org/#readable-stream-default-controller-call-pull-if-needed
func (c *defaultController) callPullIfNeeded(js *webidl.Realm) {
	if !c.shouldCallPull() {
		return
	}
	if c.pulling {
		c.pullAgain = true
		return
	}
	c.pulling = true
	c.source.pull(js).then(js, func(goja.Value) {
		c.pulling = false
		if c.pullAgain {
			c.pullAgain = false
			c.callPullIfNeeded(js)
		}
	}, func(e goja.Value) { c.fail(js, e) })
}

func (c *defaultController) queued() bool { return c.stream.state == readable && c.queue.len() > 0 }

func (c *defaultController) clearAlgorithms() { c.source, c.size = nil, nil }

// cancelSteps is https://streams.spec.whatwg.org/#rs-default-controller-private-cancel
func (c *defaultController) cancelSteps(js *webidl.Realm, reason goja.Value) *promise {
	c.queue.reset()
	src := c.source
	p := src.cancel(js, reason)
	c.clearAlgorithms()
	return p
}

// pullSteps is https://streams.spec.whatwg.org/#rs-default-controller-private-pull
func (c *defaultController) pullSteps(js *webidl.Realm, r readRequest) {
	if c.queue.len() == 0 {
		c.stream.addReadRequest(r)
		c.callPullIfNeeded(js)
		return
	}
	chunk := c.queue.dequeue()
	if c.closeRequested && c.queue.len() == 0 {
		c.clearAlgorithms()
		c.stream.close(js)
	} else {
		c.callPullIfNeeded(js)
	}
	r.chunk(js, chunk)
}

// releaseSteps is https://streams.spec.whatwg.org/#abstract-opdef-readablestreamdefaultcontroller-releasesteps
func (c *defaultController) releaseSteps() {}
