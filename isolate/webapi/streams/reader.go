package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// reader is the part that both kinds of reader share: https://streams.spec.whatwg.org/#generic-reader-mixin
type reader struct {
	stream *ReadableStream // nil once released
	closed *promise
}

func (r *reader) generic() *reader { return r }

// readerOptions is the ReadableStreamGetReaderOptions dictionary; the value is whether
// the mode is "byob".
var readerOptions = webidl.Dict("ReadableStreamGetReaderOptions", false,
	webidl.Has("mode", webidl.NewType("ReadableStreamReaderMode", func(js *webidl.Realm, v goja.Value) (bool, error) {
		_, err := webidl.Enum("ReadableStreamReaderMode", "byob").Convert(js, v)
		return err == nil, err
	}), func(b *bool) *bool { return b }))

// getReader is https://streams.spec.whatwg.org/#rs-get-reader
func (s *ReadableStream) getReader(js *webidl.Realm, byob bool) (*goja.Object, error) {
	if byob {
		r := &byobReader{}
		if err := r.setUp(js, s); err != nil {
			return nil, err
		}
		return BYOBReaderClass.Wrap(js, r), nil
	}
	r, err := acquireDefaultReader(s)
	if err != nil {
		return nil, err
	}
	return DefaultReaderClass.Wrap(js, r), nil
}

// attach is https://streams.spec.whatwg.org/#readable-stream-reader-generic-initialize
func (r *reader) attach(s *ReadableStream, self readableReader) {
	r.stream = s
	s.reader = self
	switch s.state {
	case readable:
		r.closed = newPromise()
	case closed:
		r.closed = done()
	default:
		r.closed = failed(s.failure)
		r.closed.handled = true
	}
}

// cancelOperation is https://streams.spec.whatwg.org/#generic-reader-cancel
func (r *reader) cancelOperation(js *webidl.Realm, reason goja.Value) (*webidl.Promise, error) {
	if r.stream == nil {
		return nil, webidl.TypeError("This readable stream reader has been released and cannot be used to cancel its previous owner stream")
	}
	return r.stream.cancel(js, reason).script(js), nil
}

// release is https://streams.spec.whatwg.org/#readable-stream-reader-generic-release
func (r *reader) release(js *webidl.Realm) {
	e := js.ErrorValue(webidl.TypeError("This readable stream reader has been released and cannot be used to monitor the stream's state"))
	if r.stream.state == readable {
		r.closed.handled = true
		r.closed.reject(js, e)
	} else {
		r.closed = failed(e)
	}
	r.closed.handled = true
	r.stream.controller.releaseSteps()
	r.stream.reader = nil
	r.stream = nil
}

func releasedError(js *webidl.Realm) goja.Value {
	return js.ErrorValue(webidl.TypeError("Releasing reader"))
}

// defaultReader is the ReadableStreamDefaultReader interface: https://streams.spec.whatwg.org/#default-reader-class
type defaultReader struct {
	webidl.Handle
	reader
	requests fifo[readRequest]
}

// DefaultReaderClass is the ReadableStreamDefaultReader interface.
var DefaultReaderClass = &webidl.Class[*defaultReader]{Name: "ReadableStreamDefaultReader"}

var _ = define(DefaultReaderClass,
	webidl.New1(func(_ *webidl.Realm, s *ReadableStream) (*defaultReader, error) {
		return acquireDefaultReader(s)
	}, ReadableStreamClass.Instance()),
	webidl.Op0("read", (*defaultReader).read),
	webidl.Proc0("releaseLock", (*defaultReader).releaseLock),
	closedMember(func(r *defaultReader) *reader { return &r.reader }),
	webidl.Op1("cancel", func(r *defaultReader, js *webidl.Realm, reason goja.Value) (*webidl.Promise, error) {
		return r.cancelOperation(js, reason)
	}, webidl.OptionalAny),
)

// closedMember is https://streams.spec.whatwg.org/#generic-reader-closed
func closedMember[T any](of func(T) *reader) webidl.Member[T] {
	return webidl.ReadOnly("closed", func(r T, js *webidl.Realm) (*webidl.Promise, error) { return of(r).closed.script(js), nil })
}

// acquireDefaultReader is https://streams.spec.whatwg.org/#acquire-readable-stream-reader
func acquireDefaultReader(s *ReadableStream) (*defaultReader, error) {
	if s.Locked() {
		return nil, webidl.TypeError("ReadableStreamDefaultReader constructor can only accept readable streams that are not yet locked to a reader")
	}
	r := &defaultReader{}
	r.attach(s, r)
	return r, nil
}

// read is https://streams.spec.whatwg.org/#default-reader-read
func (r *defaultReader) read(js *webidl.Realm) (*webidl.Promise, error) {
	// 1. If this.[[stream]] is undefined, return a promise rejected with a TypeError exception.
	if r.stream == nil {
		return nil, webidl.TypeError("This readable stream reader has been released and cannot be used to read from its previous owner stream")
	}
	// 2. Let promise be a new promise.
	p := js.NewPromise()
	// 4. Perform ! ReadableStreamDefaultReaderRead(this, readRequest).
	r.readTo(js, (*promiseRequest)(p))
	// 5. Return promise.
	return p, nil
}

// readTo is https://streams.spec.whatwg.org/#readable-stream-default-reader-read
func (r *defaultReader) readTo(js *webidl.Realm, request readRequest) {
	s := r.stream
	s.disturbed = true
	switch s.state {
	case closed:
		request.close(js)
	case errored:
		request.fail(js, s.failure)
	default:
		s.controller.pullSteps(js, request)
	}
}

// promiseRequest is the read request of a read() call.
type promiseRequest webidl.Promise

func (p *promiseRequest) chunk(js *webidl.Realm, v goja.Value) {
	(*webidl.Promise)(p).Resolve(js.IteratorResult(v, false))
}

func (p *promiseRequest) close(js *webidl.Realm) {
	(*webidl.Promise)(p).Resolve(js.IteratorResult(goja.Undefined(), true))
}

func (p *promiseRequest) fail(js *webidl.Realm, e goja.Value) { (*webidl.Promise)(p).RejectValue(e) }

// releaseLock is https://streams.spec.whatwg.org/#default-reader-release-lock
func (r *defaultReader) releaseLock(js *webidl.Realm) error {
	if r.stream != nil {
		r.release(js)
		if r.requests.len() > 0 {
			r.errorRequests(js, releasedError(js))
		}
	}
	return nil
}

// errorRequests is https://streams.spec.whatwg.org/#abstract-opdef-readablestreamdefaultreadererrorreadrequests
func (r *defaultReader) errorRequests(js *webidl.Realm, e goja.Value) {
	for _, request := range r.requests.take() {
		request.fail(js, e)
	}
}
