package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A WritableStream is the Streams standard's WritableStream: https://streams.spec.whatwg.org/#ws-class
type WritableStream struct {
	webidl.Handle
	controller    *writableController
	writer        *writer // nil while unlocked
	state         streamState
	failure       goja.Value // [[storedError]]
	backpressure  bool
	closeRequest  *promise
	inFlightWrite *promise
	inFlightClose *promise
	pendingAbort  *pendingAbort
	writeRequests fifo[*promise]
	transform     *TransformStream // whose writable side it is, if any
	native        Sink             // of a stream that Go made, if any
}

// pendingAbort is https://streams.spec.whatwg.org/#pending-abort-request
type pendingAbort struct {
	promise            *promise
	reason             goja.Value
	wasAlreadyErroring bool
}

// WritableStreamClass is the WritableStream interface.
var WritableStreamClass = &webidl.Class[*WritableStream]{Name: "WritableStream"}

var _ = define(WritableStreamClass,
	webidl.New2(newWritableStream, webidl.Optional(webidl.Object), queuingStrategy),
	webidl.ReadOnly("locked", func(s *WritableStream, _ *webidl.Realm) (bool, error) { return s.Locked(), nil }),
	webidl.Op1("abort", (*WritableStream).abortOperation, webidl.OptionalAny),
	webidl.Op0("close", (*WritableStream).closeOperation),
	webidl.Op0("getWriter", func(s *WritableStream, js *webidl.Realm) (*goja.Object, error) {
		w, err := acquireWriter(s)
		if err != nil {
			return nil, err
		}
		return WriterClass.Wrap(js, w), nil
	}),
)

// newWritableStream is https://streams.spec.whatwg.org/#ws-constructor
func newWritableStream(js *webidl.Realm, underlying webidl.Opt[*goja.Object], strategy strategy) (*WritableStream, error) {
	sink, err := underlyingSinkDict.Convert(js, objectOrUndefined(underlying.Value))
	if err != nil {
		return nil, err
	}
	sink.object = objectOrUndefined(underlying.Value)
	// 3. If underlyingSinkDict["type"] exists, throw a RangeError exception.
	if sink.kind != nil {
		return nil, webidl.RangeError("Invalid type is specified")
	}
	highWaterMark, err := strategy.extract(1)
	if err != nil {
		return nil, err
	}
	s, c := &WritableStream{}, &writableController{}
	sink.controller = func(js *webidl.Realm) goja.Value { return writableControllerClass.Wrap(js, c) }
	c.attach(js, s, &sink, highWaterMark, strategy.size)
	start, err := sink.begin(js)
	if err != nil {
		return nil, err
	}
	c.await(js, start)
	return s, nil
}

// newWritable is https://streams.spec.whatwg.org/#create-writable-stream
func newWritable(js *webidl.Realm, to sink, start *promise, highWaterMark float64, size *webidl.Callback) *WritableStream {
	s, c := &WritableStream{}, &writableController{}
	c.attach(js, s, to, highWaterMark, size)
	c.await(js, start)
	return s
}

// Wrap returns the stream's JavaScript object.
func (s *WritableStream) Wrap(js *webidl.Realm) *goja.Object { return WritableStreamClass.Wrap(js, s) }

// Locked reports whether the stream has a writer.
func (s *WritableStream) Locked() bool { return s.writer != nil }

// abortOperation is https://streams.spec.whatwg.org/#ws-abort
func (s *WritableStream) abortOperation(js *webidl.Realm, reason goja.Value) (*webidl.Promise, error) {
	if s.Locked() {
		return nil, webidl.TypeError("Cannot abort a stream that already has a writer")
	}
	return s.abort(js, reason).script(js), nil
}

// closeOperation is https://streams.spec.whatwg.org/#ws-close
func (s *WritableStream) closeOperation(js *webidl.Realm) (*webidl.Promise, error) {
	if s.Locked() {
		return nil, webidl.TypeError("Cannot close a stream that already has a writer")
	}
	if s.closeQueuedOrInFlight() {
		return nil, webidl.TypeError("Cannot close an already-closing stream")
	}
	return s.close(js).script(js), nil
}

// abort is https://streams.spec.whatwg.org/#writable-stream-abort
func (s *WritableStream) abort(js *webidl.Realm, reason goja.Value) *promise {
	// 1. If stream.[[state]] is "closed" or "errored", return a promise resolved with undefined.
	if s.state == closed || s.state == errored {
		return done()
	}
	// 2. Signal abort on stream.[[controller]].[[abortController]] with reason.
	s.controller.signalAbort(js, reason)
	// 3., 4. The same again, since that may have run a script.
	if s.state == closed || s.state == errored {
		return done()
	}
	// 5. If stream.[[pendingAbortRequest]] is not undefined, return its promise.
	if s.pendingAbort != nil {
		return s.pendingAbort.promise
	}
	// 7., 8.
	wasAlreadyErroring := s.state == erroring
	if wasAlreadyErroring {
		reason = goja.Undefined()
	}
	// 9., 10.
	s.pendingAbort = &pendingAbort{newPromise(), reason, wasAlreadyErroring}
	p := s.pendingAbort.promise
	// 11. If wasAlreadyErroring is false, perform ! WritableStreamStartErroring(stream, reason).
	if !wasAlreadyErroring {
		s.startErroring(js, reason)
	}
	return p
}

// close is https://streams.spec.whatwg.org/#writable-stream-close
func (s *WritableStream) close(js *webidl.Realm) *promise {
	if s.state == closed || s.state == errored {
		return failed(js.ErrorValue(webidl.TypeError("The stream is closed or errored and cannot be closed")))
	}
	p := newPromise()
	s.closeRequest = p
	if s.writer != nil && s.backpressure && s.state == readable {
		s.writer.ready.resolve(js)
	}
	s.controller.close(js)
	return p
}

// closeQueuedOrInFlight is https://streams.spec.whatwg.org/#writable-stream-close-queued-or-in-flight
func (s *WritableStream) closeQueuedOrInFlight() bool {
	return s.closeRequest != nil || s.inFlightClose != nil
}

// dealWithRejection is https://streams.spec.whatwg.org/#writable-stream-deal-with-rejection
func (s *WritableStream) dealWithRejection(js *webidl.Realm, e goja.Value) {
	if s.state == readable {
		s.startErroring(js, e)
		return
	}
	s.finishErroring(js)
}

// startErroring is https://streams.spec.whatwg.org/#writable-stream-start-erroring
func (s *WritableStream) startErroring(js *webidl.Realm, reason goja.Value) {
	s.state, s.failure = erroring, reason
	if s.writer != nil {
		s.writer.rejectReady(js, reason)
	}
	if s.inFlightWrite == nil && s.inFlightClose == nil && s.controller.started {
		s.finishErroring(js)
	}
}

// finishErroring is https://streams.spec.whatwg.org/#writable-stream-finish-erroring
func (s *WritableStream) finishErroring(js *webidl.Realm) {
	// 3. Set stream.[[state]] to "errored".
	s.state = errored
	// 4. Perform ! stream.[[controller]].[[ErrorSteps]]().
	s.controller.queue.reset()
	// 6. For each writeRequest of stream.[[writeRequests]], reject writeRequest with storedError.
	for _, p := range s.writeRequests.take() {
		p.reject(js, s.failure)
	}
	// 8. If stream.[[pendingAbortRequest]] is undefined,
	abort := s.pendingAbort
	if abort == nil {
		s.rejectClosed(js)
		return
	}
	s.pendingAbort = nil
	// 11. If abortRequest's was already erroring is true,
	if abort.wasAlreadyErroring {
		abort.promise.reject(js, s.failure)
		s.rejectClosed(js)
		return
	}
	// 12. Let promise be ! stream.[[controller]].[[AbortSteps]](abortRequest's reason).
	s.controller.abortSteps(js, abort.reason).then(js, func(goja.Value) {
		abort.promise.resolve(js)
		s.rejectClosed(js)
	}, func(e goja.Value) {
		abort.promise.reject(js, e)
		s.rejectClosed(js)
	})
}

// rejectClosed is https://streams.spec.whatwg.org/#writable-stream-reject-close-and-closed-promise-if-needed
func (s *WritableStream) rejectClosed(js *webidl.Realm) {
	if s.closeRequest != nil {
		s.closeRequest.reject(js, s.failure)
		s.closeRequest = nil
	}
	if s.writer != nil {
		s.writer.closed.handled = true
		s.writer.closed.reject(js, s.failure)
	}
}

// finishWrite is https://streams.spec.whatwg.org/#writable-stream-finish-in-flight-write
func (s *WritableStream) finishWrite(js *webidl.Realm) {
	s.inFlightWrite.resolve(js)
	s.inFlightWrite = nil
}

// failWrite is https://streams.spec.whatwg.org/#writable-stream-finish-in-flight-write-with-error
func (s *WritableStream) failWrite(js *webidl.Realm, e goja.Value) {
	s.inFlightWrite.reject(js, e)
	s.inFlightWrite = nil
	s.dealWithRejection(js, e)
}

// finishClose is https://streams.spec.whatwg.org/#writable-stream-finish-in-flight-close
func (s *WritableStream) finishClose(js *webidl.Realm) {
	s.inFlightClose.resolve(js)
	s.inFlightClose = nil
	if s.state == erroring {
		s.failure = nil
		if s.pendingAbort != nil {
			s.pendingAbort.promise.resolve(js)
			s.pendingAbort = nil
		}
	}
	s.state = closed
	if s.writer != nil {
		s.writer.closed.resolve(js)
	}
}

// failClose is https://streams.spec.whatwg.org/#writable-stream-finish-in-flight-close-with-error
func (s *WritableStream) failClose(js *webidl.Realm, e goja.Value) {
	s.inFlightClose.reject(js, e)
	s.inFlightClose = nil
	if s.pendingAbort != nil {
		s.pendingAbort.promise.reject(js, e)
		s.pendingAbort = nil
	}
	s.dealWithRejection(js, e)
}

// updateBackpressure is https://streams.spec.whatwg.org/#writable-stream-update-backpressure
func (s *WritableStream) updateBackpressure(js *webidl.Realm, backpressure bool) {
	if s.writer != nil && backpressure != s.backpressure {
		if backpressure {
			s.writer.ready = newPromise()
		} else {
			s.writer.ready.resolve(js)
		}
	}
	s.backpressure = backpressure
}
