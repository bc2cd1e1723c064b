package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// join pipes a stream that is still Go's into a byte transform stream that nobody has
// used yet by putting the transformation round the reader: no chunk ever passes
// through the isolate unless a script reads the transform stream's readable side. It
// reports false, and has done nothing, where that is not possible.
func (s *ReadableStream) join(js *webidl.Realm, to *WritableStream, o *pipeOptions) (*promise, bool) {
	t := to.transform
	if *o != (pipeOptions{}) || s.native == nil || t == nil || t.bytes == nil || !t.unused() {
		return nil, false
	}
	n := s.native
	end := n.end
	n.end = nil // passed on below
	body, ok := s.TakeSource(js)
	if !ok {
		n.end = end
		return nil, false
	}
	p := &joint{source: s, dest: to, result: newPromise()}
	p.writer, _ = acquireWriter(to)
	body = through(body, t.bytes)
	t.readable.native = &native{to: t.out, body: body, left: body.Len(), end: func(js *webidl.Realm, err error) {
		if end != nil {
			end(js, err)
		}
		p.end(js, err)
	}}
	t.out.feed(t.readable.native)
	return p.result, true
}

// unused reports whether nothing was written to, read from or done with the stream.
func (t *TransformStream) unused() bool {
	w, r := t.writable, t.readable
	return w.state == readable && !w.Locked() && !w.closeQueuedOrInFlight() && w.writeRequests.len() == 0 && w.inFlightWrite == nil &&
		r.state == readable && !r.disturbed && t.controller.transformer != nil
}

// joint is the pipe operation that join stands for.
type joint struct {
	source *ReadableStream
	dest   *WritableStream
	writer *writer
	result *promise
}

// end finishes the operation as the pipe would have.
func (p *joint) end(js *webidl.Realm, err error) {
	r := p.source.reader.(*defaultReader)
	if err == nil {
		p.source.close(js)
		p.dest.state = closed
		p.writer.closed.resolve(js)
		p.result.resolve(js)
	} else {
		e := thrown(js, err)
		p.source.fail(js, e)
		p.dest.state, p.dest.failure = errored, e
		p.writer.rejectReady(js, e)
		ensureRejected(js, &p.writer.closed, e)
		p.result.reject(js, e)
	}
	p.writer.release(js)
	r.release(js)
}

// feed makes src the source of the controller's stream.
func (c *defaultController) feed(src source) { c.source = src }

func (c *byteController) feed(src source) { c.source = src }

func (c *byteController) canCloseOrEnqueue() bool {
	return !c.closeRequested && c.stream.state == readable
}

func (c *byteController) hasBackpressure() bool { return !c.shouldCallPull() }

func (c *byteController) put(js *webidl.Realm, chunk goja.Value) error {
	b, ok := js.BytesOf(chunk)
	if !ok {
		return webidl.TypeError("Received non-BufferSource chunk")
	}
	if len(b) > 0 {
		// The script keeps the chunk and may change it.
		c.supply(js, append([]byte(nil), b...))
	}
	return nil
}

func (c *byteController) end(js *webidl.Realm) { c.finish(js) }
