package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// writer is the WritableStreamDefaultWriter interface: https://streams.spec.whatwg.org/#default-writer-class
type writer struct {
	webidl.Handle
	stream *WritableStream // nil once released
	ready  *promise
	closed *promise
}

// WriterClass is the WritableStreamDefaultWriter interface.
var WriterClass = &webidl.Class[*writer]{Name: "WritableStreamDefaultWriter"}

var _ = define(WriterClass,
	webidl.New1(func(_ *webidl.Realm, s *WritableStream) (*writer, error) { return acquireWriter(s) }, WritableStreamClass.Instance()),
	webidl.ReadOnly("closed", func(w *writer, js *webidl.Realm) (*webidl.Promise, error) { return w.closed.script(js), nil }),
	webidl.ReadOnly("desiredSize", (*writer).getDesiredSize),
	webidl.ReadOnly("ready", func(w *writer, js *webidl.Realm) (*webidl.Promise, error) { return w.ready.script(js), nil }),
	webidl.Op1("abort", (*writer).abortOperation, webidl.OptionalAny),
	webidl.Op0("close", (*writer).closeOperation),
	webidl.Proc0("releaseLock", (*writer).releaseLock),
	webidl.Op1("write", (*writer).writeOperation, webidl.OptionalAny),
)

// acquireWriter is https://streams.spec.whatwg.org/#set-up-writable-stream-default-writer
func acquireWriter(s *WritableStream) (*writer, error) {
	if s.Locked() {
		return nil, webidl.TypeError("Cannot create a writer for a stream that already has a writer")
	}
	w := &writer{stream: s}
	s.writer = w
	switch s.state {
	case readable:
		w.ready = done()
		if !s.closeQueuedOrInFlight() && s.backpressure {
			w.ready = newPromise()
		}
		w.closed = newPromise()
	case erroring:
		w.ready = quietly(failed(s.failure))
		w.closed = newPromise()
	case closed:
		w.ready = done()
		w.closed = done()
	default:
		w.ready = quietly(failed(s.failure))
		w.closed = quietly(failed(s.failure))
	}
	return w, nil
}

// quietly keeps a rejection from being reported.
func quietly(p *promise) *promise {
	p.handled = true
	return p
}

func releasedWriter(what string) error {
	return webidl.TypeError("This writable stream writer has been released and cannot be used to %s", what)
}

// getDesiredSize is https://streams.spec.whatwg.org/#default-writer-desired-size
func (w *writer) getDesiredSize(js *webidl.Realm) (goja.Value, error) {
	if w.stream == nil {
		return nil, releasedWriter("get the desiredSize")
	}
	return sizeOrNull(js, w.stream.desiredSize)
}

// desiredSize is https://streams.spec.whatwg.org/#writable-stream-default-writer-get-desired-size
func (s *WritableStream) desiredSize() (float64, bool) {
	switch s.state {
	case errored, erroring:
		return 0, false
	case closed:
		return 0, true
	}
	return s.controller.desiredSize(), true
}

// abortOperation is https://streams.spec.whatwg.org/#default-writer-abort
func (w *writer) abortOperation(js *webidl.Realm, reason goja.Value) (*webidl.Promise, error) {
	if w.stream == nil {
		return nil, releasedWriter("abort the stream")
	}
	return w.stream.abort(js, reason).script(js), nil
}

// closeOperation is https://streams.spec.whatwg.org/#default-writer-close
func (w *writer) closeOperation(js *webidl.Realm) (*webidl.Promise, error) {
	if w.stream == nil {
		return nil, releasedWriter("close the stream")
	}
	if w.stream.closeQueuedOrInFlight() {
		return nil, webidl.TypeError("Cannot close an already-closing stream")
	}
	return w.stream.close(js).script(js), nil
}

// releaseLock is https://streams.spec.whatwg.org/#default-writer-release-lock
func (w *writer) releaseLock(js *webidl.Realm) error {
	if w.stream != nil {
		w.release(js)
	}
	return nil
}

// writeOperation is https://streams.spec.whatwg.org/#default-writer-write
func (w *writer) writeOperation(js *webidl.Realm, chunk goja.Value) (*webidl.Promise, error) {
	if w.stream == nil {
		return nil, releasedWriter("write to the stream")
	}
	return w.write(js, chunk).script(js), nil
}

// closeWithErrorPropagation is
// https://streams.spec.whatwg.org/#writable-stream-default-writer-close-with-error-propagation
func (w *writer) closeWithErrorPropagation(js *webidl.Realm) *promise {
	s := w.stream
	switch {
	case s.closeQueuedOrInFlight() || s.state == closed:
		return done()
	case s.state == errored:
		return failed(s.failure)
	}
	return s.close(js)
}

// rejectReady is https://streams.spec.whatwg.org/#writable-stream-default-writer-ensure-ready-promise-rejected
func (w *writer) rejectReady(js *webidl.Realm, e goja.Value) { ensureRejected(js, &w.ready, e) }

// ensureRejected rejects a pending promise and replaces any other by a rejected one.
func ensureRejected(js *webidl.Realm, p **promise, e goja.Value) {
	if (*p).state == pending {
		(*p).handled = true
		(*p).reject(js, e)
		return
	}
	*p = quietly(failed(e))
}

// release is https://streams.spec.whatwg.org/#writable-stream-default-writer-release
func (w *writer) release(js *webidl.Realm) {
	e := js.ErrorValue(releasedWriter("monitor the stream's closedness"))
	w.rejectReady(js, e)
	ensureRejected(js, &w.closed, e)
	w.stream.writer = nil
	w.stream = nil
}

// write is https://streams.spec.whatwg.org/#writable-stream-default-writer-write
func (w *writer) write(js *webidl.Realm, chunk goja.Value) *promise {
	s := w.stream
	// 4. Let chunkSize be ! WritableStreamDefaultControllerGetChunkSize(controller, chunk).
	size := s.controller.chunkSize(js, chunk)
	// 5. If stream is not equal to writer.[[stream]], return a promise rejected with a TypeError exception.
	if s != w.stream {
		return failed(js.ErrorValue(releasedWriter("write to the stream")))
	}
	switch {
	case s.state == errored:
		return failed(s.failure)
	case s.closeQueuedOrInFlight() || s.state == closed:
		return failed(js.ErrorValue(webidl.TypeError("The stream is closing or closed and cannot be written to")))
	case s.state == erroring:
		return failed(s.failure)
	}
	// 11. Let promise be ! WritableStreamAddWriteRequest(stream).
	p := newPromise()
	s.writeRequests.push(p)
	// 12. Perform ! WritableStreamDefaultControllerWrite(controller, chunk, chunkSize).
	s.controller.write(js, chunk, size)
	return p
}
