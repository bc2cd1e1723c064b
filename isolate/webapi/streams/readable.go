package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A ReadableStream is the Streams standard's ReadableStream: https://streams.spec.whatwg.org/#rs-class
type ReadableStream struct {
	webidl.Handle
	controller readableController
	reader     readableReader // nil while unlocked
	state      streamState
	disturbed  bool
	failure    goja.Value        // [[storedError]]
	declared   webidl.Opt[int64] // the number of bytes that a FixedLengthStream will yield
	native     *native           // where the bytes come from if Go makes them, else nil
}

type streamState uint8

const (
	readable streamState = iota // or writable
	closed
	errored
	erroring // of a writable stream
)

// readableController is what both kinds of controller offer their stream.
type readableController interface {
	cancelSteps(js *webidl.Realm, reason goja.Value) *promise
	pullSteps(js *webidl.Realm, r readRequest)
	releaseSteps()
	// queued reports whether a read would be answered at once with a chunk.
	queued() bool
	// fail is ReadableStream…ControllerError
	fail(js *webidl.Realm, e goja.Value)
}

// readableReader is what both kinds of reader offer their stream.
type readableReader interface{ generic() *reader }

// A readRequest takes what one read yields: https://streams.spec.whatwg.org/#read-request
type readRequest interface {
	chunk(js *webidl.Realm, v goja.Value)
	close(js *webidl.Realm)
	fail(js *webidl.Realm, e goja.Value)
}

// ReadableStreamClass is the ReadableStream interface.
var ReadableStreamClass = &webidl.Class[*ReadableStream]{Name: "ReadableStream"}

var _ = define(ReadableStreamClass,
	webidl.New2(newReadableStream, webidl.Optional(webidl.Object), queuingStrategy),
	webidl.Static1[*ReadableStream]("from", from, webidl.Any),
	webidl.ReadOnly("locked", func(s *ReadableStream, _ *webidl.Realm) (bool, error) { return s.Locked(), nil }),
	webidl.Op1("cancel", (*ReadableStream).cancelOperation, webidl.OptionalAny),
	webidl.Op1("getReader", (*ReadableStream).getReader, readerOptions),
	webidl.Op2("pipeThrough", (*ReadableStream).pipeThroughOperation, transformPair, streamPipeOptions),
	webidl.Op2("pipeTo", (*ReadableStream).pipeToOperation, WritableStreamClass.Instance(), streamPipeOptions),
	webidl.Op0("tee", (*ReadableStream).teeOperation),
	webidl.Custom[*ReadableStream](defineAsyncIterator),
)

// newReadableStream is https://streams.spec.whatwg.org/#rs-constructor
func newReadableStream(js *webidl.Realm, underlying webidl.Opt[*goja.Object], strategy strategy) (*ReadableStream, error) {
	// 1. If underlyingSource is missing, set it to null.
	// 2. Let underlyingSourceDict be underlyingSource, converted to a UnderlyingSource.
	source, err := underlyingSourceDict.Convert(js, objectOrUndefined(underlying.Value))
	if err != nil {
		return nil, err
	}
	source.object = objectOrUndefined(underlying.Value)
	s := &ReadableStream{}
	// 4. If underlyingSourceDict["type"] is "bytes":
	if source.bytes {
		if strategy.size != nil {
			return nil, webidl.RangeError("A byte stream cannot have a strategy with a size function")
		}
		highWaterMark, err := strategy.extract(0)
		if err != nil {
			return nil, err
		}
		return s, setUpByteControllerFromUnderlyingSource(js, s, &source, highWaterMark)
	}
	// 5. Otherwise:
	highWaterMark, err := strategy.extract(1)
	if err != nil {
		return nil, err
	}
	return s, setUpDefaultControllerFromUnderlyingSource(js, s, &source, highWaterMark, strategy.size)
}

func objectOrUndefined(o *goja.Object) goja.Value {
	if o == nil {
		return goja.Undefined()
	}
	return o
}

// Object returns the stream's JavaScript object.
func (s *ReadableStream) Wrap(js *webidl.Realm) *goja.Object { return ReadableStreamClass.Wrap(js, s) }

// Locked reports whether the stream has a reader.
func (s *ReadableStream) Locked() bool { return s.reader != nil }

// Disturbed reports whether the stream was ever read from or cancelled, which is
// what bodyUsed asks.
func (s *ReadableStream) Disturbed() bool { return s.disturbed }

// Errored reports whether the stream has failed, and with what.
func (s *ReadableStream) Errored() (goja.Value, bool) { return s.failure, s.state == errored }

// cancelOperation is https://streams.spec.whatwg.org/#rs-cancel
func (s *ReadableStream) cancelOperation(js *webidl.Realm, reason goja.Value) (*webidl.Promise, error) {
	// 1. If ! IsReadableStreamLocked(this) is true, return a promise rejected with a TypeError exception.
	if s.Locked() {
		return nil, webidl.TypeError("Cannot cancel a locked stream")
	}
	// 2. Return ! ReadableStreamCancel(this, reason).
	return s.cancel(js, reason).script(js), nil
}

// Cancel cancels the stream on behalf of Go, whether it is locked or not; the outcome
// is not reported to anybody.
func (s *ReadableStream) Cancel(js *webidl.Realm, reason goja.Value) {
	ignore := func(goja.Value) {}
	s.cancel(js, reason).then(js, ignore, ignore)
}

// cancel is https://streams.spec.whatwg.org/#readable-stream-cancel
func (s *ReadableStream) cancel(js *webidl.Realm, reason goja.Value) *promise {
	// 1. Set stream.[[disturbed]] to true.
	s.disturbed = true
	switch s.state {
	case closed: // 2. If stream.[[state]] is "closed", return a promise resolved with undefined.
		return done()
	case errored: // 3. If stream.[[state]] is "errored", return a promise rejected with stream.[[storedError]].
		return failed(s.failure)
	}
	// 4. Perform ! ReadableStreamClose(stream).
	s.close(js)
	// 6. If reader is not undefined and reader implements ReadableStreamBYOBReader, let
	// each of its read-into requests see the end.
	if r, ok := s.reader.(*byobReader); ok {
		for _, request := range r.requests.take() {
			request.closeInto(js, goja.Undefined())
		}
	}
	// 7. Let sourceCancelPromise be ! stream.[[controller]].[[CancelSteps]](reason).
	// 8. Return the result of reacting to it with a fulfillment step that returns undefined.
	return s.controller.cancelSteps(js, reason).ignoring(js)
}

// close is https://streams.spec.whatwg.org/#readable-stream-close
func (s *ReadableStream) close(js *webidl.Realm) {
	// 2. Set stream.[[state]] to "closed".
	s.state = closed
	// 4. If reader is undefined, return.
	if s.reader == nil {
		return
	}
	// 5. Resolve reader.[[closedPromise]] with undefined.
	s.reader.generic().closed.resolve(js)
	// 6. If reader implements ReadableStreamDefaultReader, perform the close steps of its read requests.
	if r, ok := s.reader.(*defaultReader); ok {
		for _, request := range r.requests.take() {
			request.close(js)
		}
	}
}

// fail is https://streams.spec.whatwg.org/#readable-stream-error
func (s *ReadableStream) fail(js *webidl.Realm, e goja.Value) {
	// 2. Set stream.[[state]] to "errored".
	s.state = errored
	// 3. Set stream.[[storedError]] to e.
	s.failure = e
	// 5. If reader is undefined, return.
	if s.reader == nil {
		return
	}
	// 6. Reject reader.[[closedPromise]] with e.
	// 7. Set reader.[[closedPromise]].[[PromiseIsHandled]] to true.
	g := s.reader.generic()
	g.closed.handled = true
	g.closed.reject(js, e)
	// 8. Error the reader's requests.
	s.reader.(interface {
		errorRequests(*webidl.Realm, goja.Value)
	}).errorRequests(js, e)
}

// addReadRequest is https://streams.spec.whatwg.org/#readable-stream-add-read-request
func (s *ReadableStream) addReadRequest(r readRequest) {
	s.reader.(*defaultReader).requests.push(r)
}

// fulfillReadRequest is https://streams.spec.whatwg.org/#readable-stream-fulfill-read-request
// with done false: the end is told by close.
func (s *ReadableStream) fulfillReadRequest(js *webidl.Realm, chunk goja.Value) {
	s.reader.(*defaultReader).requests.shift().chunk(js, chunk)
}

// readRequests is https://streams.spec.whatwg.org/#readable-stream-get-num-read-requests,
// 0 if there is no default reader.
func (s *ReadableStream) readRequests() int {
	if r, ok := s.reader.(*defaultReader); ok {
		return r.requests.len()
	}
	return 0
}

// readIntoRequests is https://streams.spec.whatwg.org/#readable-stream-get-num-read-into-requests,
// 0 if there is no BYOB reader.
func (s *ReadableStream) readIntoRequests() int {
	if r, ok := s.reader.(*byobReader); ok {
		return r.requests.len()
	}
	return 0
}
