package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// byobReader is the ReadableStreamBYOBReader interface: https://streams.spec.whatwg.org/#byob-reader-class
type byobReader struct {
	webidl.Handle
	reader
	requests fifo[readIntoRequest]
}

// A readIntoRequest takes what one read into a view yields:
// https://streams.spec.whatwg.org/#read-into-request
type readIntoRequest interface {
	chunkInto(js *webidl.Realm, view goja.Value)
	// closeInto's view is undefined if the stream was cancelled.
	closeInto(js *webidl.Realm, view goja.Value)
	failInto(js *webidl.Realm, e goja.Value)
}

// BYOBReaderClass is the ReadableStreamBYOBReader interface.
var BYOBReaderClass = &webidl.Class[*byobReader]{Name: "ReadableStreamBYOBReader"}

var byobReadOptions = webidl.Dict("ReadableStreamBYOBReaderReadOptions", uint64(1),
	webidl.Has("min", webidl.UnsignedLongLongEnforced, func(n *uint64) *uint64 { return n }))

var _ = define(BYOBReaderClass,
	webidl.New1(func(js *webidl.Realm, s *ReadableStream) (*byobReader, error) {
		r := &byobReader{}
		return r, r.setUp(js, s)
	}, ReadableStreamClass.Instance()),
	webidl.Op2("read", (*byobReader).read, webidl.ArrayBufferView, byobReadOptions),
	webidl.Op2("readAtLeast", func(r *byobReader, js *webidl.Realm, min uint64, view *webidl.View) (*webidl.Promise, error) {
		return r.read(js, view, min)
	}, webidl.UnsignedLongLongEnforced, webidl.ArrayBufferView),
	webidl.Proc0("releaseLock", (*byobReader).releaseLock),
	closedMember(func(r *byobReader) *reader { return &r.reader }),
	webidl.Op1("cancel", func(r *byobReader, js *webidl.Realm, reason goja.Value) (*webidl.Promise, error) {
		return r.cancelOperation(js, reason)
	}, webidl.OptionalAny),
)

// setUp is https://streams.spec.whatwg.org/#set-up-readable-stream-byob-reader
func (r *byobReader) setUp(_ *webidl.Realm, s *ReadableStream) error {
	if s.Locked() {
		return webidl.TypeError("ReadableStreamBYOBReader constructor can only accept readable streams that are not yet locked to a reader")
	}
	if _, ok := s.controller.(*byteController); !ok {
		return webidl.TypeError("Cannot use a BYOB reader with a non-byte stream")
	}
	r.attach(s, r)
	return nil
}

// read is https://streams.spec.whatwg.org/#byob-reader-read
func (r *byobReader) read(js *webidl.Realm, view *webidl.View, min uint64) (*webidl.Promise, error) {
	// 1. If view.[[ByteLength]] is 0, return a promise rejected with a TypeError exception.
	// 3. If ! IsDetachedBuffer(view.[[ViewedArrayBuffer]]) is true, likewise.
	if detached(view.Buffer) {
		return nil, webidl.TypeError("Cannot read into a view onto a detached ArrayBuffer")
	}
	if view.Length == 0 {
		return nil, webidl.TypeError("Cannot read into a view with a byteLength of 0")
	}
	// 2. If view.[[ViewedArrayBuffer]].[[ByteLength]] is 0, likewise.
	// 4. If options["min"] is 0, likewise.
	if min == 0 {
		return nil, webidl.TypeError("The min option must be greater than 0")
	}
	// 5., 6. If options["min"] > the view's length, return a promise rejected with a RangeError exception.
	if min > uint64(view.Length/view.ElementSize) {
		return nil, webidl.RangeError("The min option must not exceed the length of the view")
	}
	// 7. If this.[[stream]] is undefined, return a promise rejected with a TypeError exception.
	if r.stream == nil {
		return nil, webidl.TypeError("This readable stream reader has been released and cannot be used to read from its previous owner stream")
	}
	// 8. Let promise be a new promise.
	p := js.NewPromise()
	// 10. Perform ! ReadableStreamBYOBReaderRead(this, view, options["min"], readIntoRequest).
	r.readTo(js, view, int(min), (*promiseRequest)(p))
	return p, nil
}

// readTo is https://streams.spec.whatwg.org/#readable-stream-byob-reader-read
func (r *byobReader) readTo(js *webidl.Realm, view *webidl.View, min int, request readIntoRequest) {
	s := r.stream
	s.disturbed = true
	if s.state == errored {
		request.failInto(js, s.failure)
		return
	}
	s.controller.(*byteController).pullInto(js, view, min, request)
}

func (p *promiseRequest) chunkInto(js *webidl.Realm, view goja.Value) { p.chunk(js, view) }

func (p *promiseRequest) closeInto(js *webidl.Realm, view goja.Value) {
	(*webidl.Promise)(p).Resolve(js.IteratorResult(view, true))
}

func (p *promiseRequest) failInto(js *webidl.Realm, e goja.Value) { p.fail(js, e) }

// releaseLock is https://streams.spec.whatwg.org/#byob-reader-release-lock
func (r *byobReader) releaseLock(js *webidl.Realm) error {
	if r.stream != nil {
		r.release(js)
		if r.requests.len() > 0 {
			r.errorRequests(js, releasedError(js))
		}
	}
	return nil
}

// errorRequests is https://streams.spec.whatwg.org/#abstract-opdef-readablestreambyobreadererrorreadintorequests
func (r *byobReader) errorRequests(js *webidl.Realm, e goja.Value) {
	for _, request := range r.requests.take() {
		request.failInto(js, e)
	}
}
