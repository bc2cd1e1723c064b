package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// writableController is the WritableStreamDefaultController interface:
// https://streams.spec.whatwg.org/#ws-default-controller-class
type writableController struct {
	webidl.Handle
	stream        *WritableStream
	queue         sizedQueue[goja.Value] // nil is the close sentinel
	sink          sink                   // nil once the algorithms are cleared
	size          *webidl.Callback
	highWaterMark float64
	started       bool
	aborted       bool
	abortReason   goja.Value
	controller    *dom.AbortController // made when the signal is asked for
}

var writableControllerClass = &webidl.Class[*writableController]{Name: "WritableStreamDefaultController"}

var _ = define(writableControllerClass, nil,
	webidl.ReadOnly("signal", (*writableController).getSignal),
	webidl.Proc1("error", func(c *writableController, js *webidl.Realm, e goja.Value) error {
		// https://streams.spec.whatwg.org/#ws-default-controller-error
		c.failIfNeeded(js, e)
		return nil
	}, webidl.OptionalAny),
)

// getSignal is https://streams.spec.whatwg.org/#ws-default-controller-signal
func (c *writableController) getSignal(js *webidl.Realm) (*goja.Object, error) {
	if c.controller == nil {
		c.controller = dom.NewAbortController(js)
		if c.aborted {
			c.controller.Abort(js, c.abortReason)
		}
	}
	return c.controller.Signal().Wrap(js), nil
}

func (c *writableController) signalAbort(js *webidl.Realm, reason goja.Value) {
	if c.aborted {
		return
	}
	c.aborted, c.abortReason = true, reason
	if c.controller != nil {
		c.controller.Abort(js, reason)
	}
}

// attach and await are https://streams.spec.whatwg.org/#set-up-writable-stream-default-controller
func (c *writableController) attach(js *webidl.Realm, s *WritableStream, to sink, highWaterMark float64, size *webidl.Callback) {
	c.stream, c.sink, c.highWaterMark, c.size = s, to, highWaterMark, size
	s.controller = c
	s.updateBackpressure(js, c.backpressure())
}

func (c *writableController) await(js *webidl.Realm, start *promise) {
	start.then(js, func(goja.Value) {
		c.started = true
		c.advance(js)
	}, func(e goja.Value) {
		c.started = true
		c.stream.dealWithRejection(js, e)
	})
}

// abortSteps is https://streams.spec.whatwg.org/#ws-default-controller-private-abort
func (c *writableController) abortSteps(js *webidl.Realm, reason goja.Value) *promise {
	if c.sink == nil { // it was cleared together with the failure of a write
		return done()
	}
	p := c.sink.abort(js, reason)
	c.clearAlgorithms()
	return p
}

func (c *writableController) clearAlgorithms() { c.sink, c.size = nil, nil }

// close is https://streams.spec.whatwg.org/#writable-stream-default-controller-close
func (c *writableController) close(js *webidl.Realm) {
	c.queue.enqueue(nil, 0)
	c.advance(js)
}

// failIfNeeded is https://streams.spec.whatwg.org/#writable-stream-default-controller-error-if-needed
func (c *writableController) failIfNeeded(js *webidl.Realm, e goja.Value) {
	if c.stream.state == readable {
		c.fail(js, e)
	}
}

// fail is https://streams.spec.whatwg.org/#writable-stream-default-controller-error
func (c *writableController) fail(js *webidl.Realm, e goja.Value) {
	c.clearAlgorithms()
	c.stream.startErroring(js, e)
}

// backpressure is https://streams.spec.whatwg.org/#writable-stream-default-controller-get-backpressure
func (c *writableController) backpressure() bool { return c.desiredSize() <= 0 }

// desiredSize is https://streams.spec.whatwg.org/#writable-stream-default-controller-get-desired-size
func (c *writableController) desiredSize() float64 { return c.highWaterMark - c.queue.total }

// chunkSize is https://streams.spec.whatwg.org/#writable-stream-default-controller-get-chunk-size
func (c *writableController) chunkSize(js *webidl.Realm, chunk goja.Value) float64 {
	n, err := measure(c.size, js, chunk)
	if err != nil {
		c.failIfNeeded(js, thrown(js, err))
		return 1
	}
	return n
}

// write is https://streams.spec.whatwg.org/#writable-stream-default-controller-write
func (c *writableController) write(js *webidl.Realm, chunk goja.Value, size float64) {
	if !c.queue.enqueue(chunk, size) {
		c.failIfNeeded(js, js.ErrorValue(badSize()))
		return
	}
	if s := c.stream; !s.closeQueuedOrInFlight() && s.state == readable {
		s.updateBackpressure(js, c.backpressure())
	}
	c.advance(js)
}

// advance is https://streams.spec.whatwg.org/#writable-stream-default-controller-advance-queue-if-needed
func (c *writableController) advance(js *webidl.Realm) {
	s := c.stream
	if !c.started || s.inFlightWrite != nil {
		return
	}
	if s.state == erroring {
		s.finishErroring(js)
		return
	}
	if c.queue.len() == 0 {
		return
	}
	if chunk := c.queue.peek(); chunk == nil {
		c.processClose(js)
	} else {
		c.processWrite(js, chunk)
	}
}

// processClose is https://streams.spec.whatwg.org/#writable-stream-default-controller-process-close
func (c *writableController) processClose(js *webidl.Realm) {
	s := c.stream
	s.inFlightClose, s.closeRequest = s.closeRequest, nil
	c.queue.dequeue()
	p := c.sink.close(js)
	c.clearAlgorithms()
	p.then(js, func(goja.Value) { s.finishClose(js) }, func(e goja.Value) { s.failClose(js, e) })
}

// processWrite is https://streams.spec.whatwg.org/#writable-stream-default-controller-process-write
func (c *writableController) processWrite(js *webidl.Realm, chunk goja.Value) {
	s := c.stream
	s.inFlightWrite = s.writeRequests.shift()
	c.sink.write(js, chunk).then(js, func(goja.Value) {
		s.finishWrite(js)
		c.queue.dequeue()
		if !s.closeQueuedOrInFlight() && s.state == readable {
			s.updateBackpressure(js, c.backpressure())
		}
		c.advance(js)
	}, func(e goja.Value) {
		if s.state == readable {
			c.clearAlgorithms()
		}
		s.failWrite(js, e)
	})
}
