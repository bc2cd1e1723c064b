package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// pipeOptions is the StreamPipeOptions dictionary: https://streams.spec.whatwg.org/#dictdef-streampipeoptions
type pipeOptions struct {
	preventClose, preventAbort, preventCancel bool
	signal                                    *dom.AbortSignal
}

var streamPipeOptions = webidl.Dict("StreamPipeOptions", pipeOptions{},
	webidl.Has("preventAbort", webidl.Boolean, func(o *pipeOptions) *bool { return &o.preventAbort }),
	webidl.Has("preventCancel", webidl.Boolean, func(o *pipeOptions) *bool { return &o.preventCancel }),
	webidl.Has("preventClose", webidl.Boolean, func(o *pipeOptions) *bool { return &o.preventClose }),
	webidl.Has("signal", dom.Signal, func(o *pipeOptions) **dom.AbortSignal { return &o.signal }))

// readableWritablePair is the ReadableWritablePair dictionary.
type readableWritablePair struct {
	readable *ReadableStream
	writable *WritableStream
}

var transformPair = webidl.Req(webidl.Dict("ReadableWritablePair", readableWritablePair{},
	webidl.Needs("readable", ReadableStreamClass.Instance(), func(p *readableWritablePair) **ReadableStream { return &p.readable }),
	webidl.Needs("writable", WritableStreamClass.Instance(), func(p *readableWritablePair) **WritableStream { return &p.writable })))

// pipeThroughOperation is https://streams.spec.whatwg.org/#rs-pipe-through
func (s *ReadableStream) pipeThroughOperation(js *webidl.Realm, to readableWritablePair, o pipeOptions) (*goja.Object, error) {
	if s.Locked() {
		return nil, webidl.TypeError("Cannot pipe a locked stream")
	}
	if to.writable.Locked() {
		return nil, webidl.TypeError("Cannot pipe to a locked stream")
	}
	quietly(s.pipe(js, to.writable, o))
	return to.readable.Wrap(js), nil
}

// pipeToOperation is https://streams.spec.whatwg.org/#rs-pipe-to
func (s *ReadableStream) pipeToOperation(js *webidl.Realm, to *WritableStream, o pipeOptions) (*webidl.Promise, error) {
	if s.Locked() {
		return nil, webidl.TypeError("Cannot pipe a locked stream")
	}
	if to.Locked() {
		return nil, webidl.TypeError("Cannot pipe to a locked stream")
	}
	return s.pipe(js, to, o).script(js), nil
}

// pipe is https://streams.spec.whatwg.org/#readable-stream-pipe-to; neither stream is locked.
func (s *ReadableStream) pipe(js *webidl.Realm, to *WritableStream, o pipeOptions) *promise {
	if result, ok := s.join(js, to, &o); ok {
		return result
	}
	// 9., 10. Acquire a reader and a writer.
	r, _ := acquireDefaultReader(s)
	w, _ := acquireWriter(to)
	p := &pipe{pipeOptions: o, source: s, dest: to, reader: r, writer: w, result: newPromise(), currentWrite: done()}
	// 11. Set source.[[disturbed]] to true.
	s.disturbed = true
	// 14. If signal is not undefined, abort with it.
	if o.signal != nil {
		if o.signal.Aborted() {
			p.abort(js)
			return p.result
		}
		p.unwatch = o.signal.OnAbort(func() { p.abort(js) })
	}
	p.watch(js)
	p.next(js)
	return p.result
}

// A pipe is one pipe operation under way.
type pipe struct {
	pipeOptions
	source       *ReadableStream
	dest         *WritableStream
	reader       *defaultReader
	writer       *writer
	result       *promise
	currentWrite *promise
	shuttingDown bool
	unwatch      func()
	looping      bool // next is on the stack
	again        bool // a chunk came while it was
}

// abort is the abortAlgorithm of step 14.
func (p *pipe) abort(js *webidl.Realm) {
	e := p.signal.Reason()
	p.shutdownWithAction(js, func() *promise {
		var actions []*promise
		if !p.preventAbort {
			if p.dest.state == readable {
				actions = append(actions, p.dest.abort(js, e))
			} else {
				actions = append(actions, done())
			}
		}
		if !p.preventCancel {
			if p.source.state == readable {
				actions = append(actions, p.source.cancel(js, e))
			} else {
				actions = append(actions, done())
			}
		}
		return all(js, actions)
	}, e)
}

// all is https://webidl.spec.whatwg.org/#waiting-for-all-promises without the values.
func all(js *webidl.Realm, list []*promise) *promise {
	if len(list) == 0 {
		return done().ignoring(js)
	}
	result, left := newPromise(), len(list)
	for _, p := range list {
		p.then(js, func(goja.Value) {
			if left--; left == 0 {
				result.resolve(js)
			}
		}, func(e goja.Value) { result.reject(js, e) })
	}
	return result
}

// watch sets up what ends the pipe other than an abort, in the standard's order.
func (p *pipe) watch(js *webidl.Realm) {
	nothing := func(goja.Value) {}
	// Errors must be propagated forward.
	sourceFailed := func(e goja.Value) {
		if p.preventAbort {
			p.shutdown(js, e)
			return
		}
		p.shutdownWithAction(js, func() *promise { return p.dest.abort(js, e) }, e)
	}
	if p.source.state == errored {
		sourceFailed(p.source.failure)
	} else {
		p.reader.closed.then(js, nothing, sourceFailed)
	}
	// Errors must be propagated backward.
	destFailed := func(e goja.Value) {
		if p.preventCancel {
			p.shutdown(js, e)
			return
		}
		p.shutdownWithAction(js, func() *promise { return p.source.cancel(js, e) }, e)
	}
	if p.dest.state == errored {
		destFailed(p.dest.failure)
	} else {
		p.writer.closed.then(js, nothing, destFailed)
	}
	// Closing must be propagated forward.
	sourceClosed := func(goja.Value) {
		if p.preventClose {
			p.shutdown(js, nil)
			return
		}
		p.shutdownWithAction(js, func() *promise { return p.writer.closeWithErrorPropagation(js) }, nil)
	}
	if p.source.state == closed {
		sourceClosed(nil)
	} else {
		p.reader.closed.then(js, sourceClosed, nothing)
	}
	// Closing must be propagated backward.
	if p.dest.closeQueuedOrInFlight() || p.dest.state == closed {
		e := js.ErrorValue(webidl.TypeError("The destination writable stream is closed; piping to it is not possible"))
		if p.preventCancel {
			p.shutdown(js, e)
		} else {
			p.shutdownWithAction(js, func() *promise { return p.source.cancel(js, e) }, e)
		}
	}
}

// next reads the next chunk as soon as the destination wants one.
func (p *pipe) next(js *webidl.Realm) {
	if p.looping {
		p.again = true
		return
	}
	p.looping = true
	defer func() { p.looping = false }()
	for p.again = true; p.again && !p.shuttingDown; {
		p.again = false
		if p.writer.ready.state != fulfilled {
			p.writer.ready.then(js, func(goja.Value) { p.next(js) }, func(goja.Value) {})
			return
		}
		p.reader.readTo(js, p)
	}
}

func (p *pipe) chunk(js *webidl.Realm, v goja.Value) {
	p.currentWrite = p.writer.write(js, v)
	p.currentWrite.handled = true
	p.next(js)
}

// close does nothing: the reader's closed promise tells.
func (p *pipe) close(*webidl.Realm) {}

// fail does nothing: the reader's closed promise tells.
func (p *pipe) fail(*webidl.Realm, goja.Value) {}

// shutdownWithAction is https://streams.spec.whatwg.org/#rs-pipeTo-shutdown-with-action;
// e is nil if there is no error.
func (p *pipe) shutdownWithAction(js *webidl.Realm, action func() *promise, e goja.Value) {
	p.whenWritten(js, func() {
		action().then(js, func(goja.Value) { p.finalize(js, e) }, func(e goja.Value) { p.finalize(js, e) })
	})
}

// shutdown is https://streams.spec.whatwg.org/#rs-pipeTo-shutdown
func (p *pipe) shutdown(js *webidl.Realm, e goja.Value) {
	p.whenWritten(js, func() { p.finalize(js, e) })
}

// whenWritten begins the shutdown: it runs rest once every chunk that was read is written.
func (p *pipe) whenWritten(js *webidl.Realm, rest func()) {
	if p.shuttingDown {
		return
	}
	p.shuttingDown = true
	if p.dest.state != readable || p.dest.closeQueuedOrInFlight() {
		rest()
		return
	}
	p.awaitWrites(js, rest)
}

func (p *pipe) awaitWrites(js *webidl.Realm, rest func()) {
	write := p.currentWrite
	settled := func(goja.Value) {
		if write != p.currentWrite {
			p.awaitWrites(js, rest)
			return
		}
		rest()
	}
	write.then(js, settled, settled)
}

// finalize is https://streams.spec.whatwg.org/#rs-pipeTo-finalize
func (p *pipe) finalize(js *webidl.Realm, e goja.Value) {
	p.writer.release(js)
	p.reader.release(js)
	if p.unwatch != nil {
		p.unwatch()
	}
	if e != nil {
		p.result.reject(js, e)
		return
	}
	p.result.resolve(js)
}
