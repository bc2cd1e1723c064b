package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// pullInto is https://streams.spec.whatwg.org/#pull-into-descriptor; all lengths count bytes.
type pullInto struct {
	buffer         *goja.Object
	bufferLength   int
	offset, length int
	filled         int
	minimum        int
	elementSize    int
	kind           string // the class of the view
	reader         readerKind
}

// readerKind says what kind of reader a pull-into descriptor was made for.
type readerKind uint8

const (
	readerNone readerKind = iota
	readerDefault
	readerBYOB
)

// pullInto is https://streams.spec.whatwg.org/#readable-byte-stream-controller-pull-into
func (c *byteController) pullInto(js *webidl.Realm, view *webidl.View, min int, r readIntoRequest) {
	// 7. Let bufferResult be TransferArrayBuffer(view.[[ViewedArrayBuffer]]).
	length := len(bytesOf(view.Buffer))
	buffer, err := js.Transfer(view.Buffer)
	if err != nil {
		r.failInto(js, js.ErrorValue(err))
		return
	}
	// 10. Let pullIntoDescriptor be a new pull-into descriptor.
	p := &pullInto{buffer: buffer, bufferLength: length, offset: view.Offset, length: view.Length,
		minimum: min * view.ElementSize, elementSize: view.ElementSize, kind: view.Kind, reader: readerBYOB}
	// 11. If controller.[[pendingPullIntos]] is not empty, wait behind it.
	if c.pullIntos.len() > 0 {
		c.pullIntos.push(p)
		c.stream.addReadIntoRequest(r)
		return
	}
	// 12. If stream.[[state]] is "closed", give the buffer back.
	if c.stream.state == closed {
		r.closeInto(js, js.NewView(p.kind, p.buffer, p.offset, 0))
		return
	}
	// 13. If controller.[[queueTotalSize]] > 0,
	if c.total > 0 {
		if c.fill(p) {
			filled := p.convert(js)
			c.handleDrain(js)
			r.chunkInto(js, filled)
			return
		}
		if c.closeRequested {
			e := js.ErrorValue(webidl.TypeError("Insufficient bytes to fill elements in the given buffer"))
			c.fail(js, e)
			r.failInto(js, e)
			return
		}
	}
	// 14.-16.
	c.pullIntos.push(p)
	c.stream.addReadIntoRequest(r)
	c.callPullIfNeeded(js)
}

// addReadIntoRequest is https://streams.spec.whatwg.org/#readable-stream-add-read-into-request
func (s *ReadableStream) addReadIntoRequest(r readIntoRequest) {
	s.reader.(*byobReader).requests.push(r)
}

// fill moves bytes from the queue and reports whether the descriptor has what it waits for:
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-fill-pull-into-descriptor-from-queue
func (c *byteController) fill(p *pullInto) bool {
	remaining := min(c.total, p.length-p.filled)
	ready := false
	if most := p.filled + remaining; most-most%p.elementSize >= p.minimum {
		remaining = most - most%p.elementSize - p.filled
		ready = true
	}
	for remaining > 0 {
		head := c.queue.first()
		n := min(remaining, head.length)
		copy(bytesOf(p.buffer)[p.offset+p.filled:], bytesOf(head.buffer)[head.offset:head.offset+n])
		if head.length == n {
			c.queue.shift()
		} else {
			head.offset += n
			head.length -= n
		}
		c.total -= n
		p.filled += n
		remaining -= n
	}
	return ready
}

// convert is https://streams.spec.whatwg.org/#readable-byte-stream-controller-convert-pull-into-descriptor
func (p *pullInto) convert(js *webidl.Realm) *goja.Object {
	buffer, err := js.Transfer(p.buffer)
	if err != nil { // only a script that detached it behind our back gets here
		buffer = js.ArrayBuffer(make([]byte, p.offset+p.filled))
	}
	return js.NewView(p.kind, buffer, p.offset, p.filled/p.elementSize)
}

// commit is https://streams.spec.whatwg.org/#readable-byte-stream-controller-commit-pull-into-descriptor
func (c *byteController) commit(js *webidl.Realm, p *pullInto) {
	view := p.convert(js)
	end := c.stream.state == closed
	if p.reader == readerDefault {
		if r := c.stream.reader.(*defaultReader).requests.shift(); end {
			r.close(js)
		} else {
			r.chunk(js, view)
		}
		return
	}
	if r := c.stream.reader.(*byobReader).requests.shift(); end {
		r.closeInto(js, view)
	} else {
		r.chunkInto(js, view)
	}
}

// processPullIntos is
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-process-pull-into-descriptors-using-queue
func (c *byteController) processPullIntos() []*pullInto {
	var filled []*pullInto
	for c.pullIntos.len() > 0 && c.total > 0 {
		if p := *c.pullIntos.first(); c.fill(p) {
			c.pullIntos.shift()
			filled = append(filled, p)
		}
	}
	return filled
}

// respond is https://streams.spec.whatwg.org/#readable-byte-stream-controller-respond
func (c *byteController) respond(js *webidl.Realm, n uint64) error {
	first := *c.pullIntos.first()
	if c.stream.state == closed {
		if n != 0 {
			return webidl.TypeError("bytesWritten must be 0 when calling respond() on a closed stream")
		}
	} else {
		if n == 0 {
			return webidl.TypeError("bytesWritten must be greater than 0 when calling respond() on a readable stream")
		}
		if n > uint64(first.length-first.filled) {
			return webidl.RangeError("bytesWritten out of range")
		}
	}
	buffer, err := js.Transfer(first.buffer)
	if err != nil {
		return err
	}
	first.buffer = buffer
	return c.respondInternal(js, int(n))
}

// respondWithNewView is https://streams.spec.whatwg.org/#readable-byte-stream-controller-respond-with-new-view
func (c *byteController) respondWithNewView(js *webidl.Realm, view *webidl.View) error {
	first := *c.pullIntos.first()
	if c.stream.state == closed {
		if view.Length != 0 {
			return webidl.TypeError("The view's length must be 0 when calling respondWithNewView() on a closed stream")
		}
	} else if view.Length == 0 {
		return webidl.TypeError("The view's length must be greater than 0 when calling respondWithNewView() on a readable stream")
	}
	switch {
	case first.offset+first.filled != view.Offset:
		return webidl.RangeError("The region specified by view does not match byobRequest")
	case first.bufferLength != len(bytesOf(view.Buffer)):
		return webidl.RangeError("The buffer of view has different capacity than byobRequest")
	case first.filled+view.Length > first.length:
		return webidl.RangeError("The region specified by view is larger than byobRequest")
	}
	buffer, err := js.Transfer(view.Buffer)
	if err != nil {
		return err
	}
	first.buffer = buffer
	return c.respondInternal(js, view.Length)
}

// respondInternal is https://streams.spec.whatwg.org/#readable-byte-stream-controller-respond-internal
func (c *byteController) respondInternal(js *webidl.Realm, n int) error {
	first := *c.pullIntos.first()
	c.invalidateRequest()
	var err error
	if c.stream.state == closed {
		c.respondClosed(js, first)
	} else {
		err = c.respondReadable(js, n, first)
	}
	if err != nil {
		return err
	}
	c.callPullIfNeeded(js)
	return nil
}

// respondClosed is https://streams.spec.whatwg.org/#readable-byte-stream-controller-respond-in-closed-state
func (c *byteController) respondClosed(js *webidl.Realm, first *pullInto) {
	if first.reader == readerNone {
		c.pullIntos.shift()
	}
	if _, ok := c.stream.reader.(*byobReader); !ok {
		return
	}
	var filled []*pullInto
	for len(filled) < c.stream.readIntoRequests() && c.pullIntos.len() > 0 {
		filled = append(filled, c.pullIntos.shift())
	}
	for _, p := range filled {
		c.commit(js, p)
	}
}

// respondReadable is https://streams.spec.whatwg.org/#readable-byte-stream-controller-respond-in-readable-state
func (c *byteController) respondReadable(js *webidl.Realm, n int, p *pullInto) error {
	p.filled += n
	if p.reader == readerNone {
		if err := c.enqueueDetachedPullInto(js, p); err != nil {
			return err
		}
		for _, f := range c.processPullIntos() {
			c.commit(js, f)
		}
		return nil
	}
	if p.filled < p.minimum {
		return nil
	}
	c.pullIntos.shift()
	if over := p.filled % p.elementSize; over > 0 {
		c.pushCloned(js, p.buffer, p.offset+p.filled-over, over)
		p.filled -= over
	}
	filled := c.processPullIntos()
	c.commit(js, p)
	for _, f := range filled {
		c.commit(js, f)
	}
	return nil
}

// byobRequest is the ReadableStreamBYOBRequest interface: https://streams.spec.whatwg.org/#rs-byob-request-class
type byobRequest struct {
	webidl.Handle
	controller *byteController // nil once invalidated
	view       *goja.Object
}

var byobRequestClass = &webidl.Class[*byobRequest]{Name: "ReadableStreamBYOBRequest"}

var _ = define(byobRequestClass, nil,
	webidl.ReadOnly("view", func(r *byobRequest, _ *webidl.Realm) (*goja.Object, error) { return r.view, nil }),
	webidl.Proc1("respond", (*byobRequest).respond, webidl.UnsignedLongLongEnforced),
	webidl.Proc1("respondWithNewView", (*byobRequest).respondWithNewView, webidl.ArrayBufferView),
	// atLeast is of Workers: how many bytes the reader still needs.
	webidl.ReadOnly("atLeast", func(r *byobRequest, js *webidl.Realm) (goja.Value, error) {
		if r.controller == nil || r.controller.pullIntos.len() == 0 {
			return goja.Null(), nil
		}
		p := *r.controller.pullIntos.first()
		return js.VM.ToValue(max(1, p.minimum-p.filled)), nil
	}),
)

// respond is https://streams.spec.whatwg.org/#rs-byob-request-respond
func (r *byobRequest) respond(js *webidl.Realm, n uint64) error {
	if r.controller == nil {
		return webidl.TypeError("This BYOB request has been invalidated")
	}
	if view, ok := js.ViewOf(r.view); !ok || detached(view.Buffer) {
		return webidl.TypeError("The BYOB request's buffer has been detached and so cannot be used as a response")
	}
	return r.controller.respond(js, n)
}

// respondWithNewView is https://streams.spec.whatwg.org/#rs-byob-request-respond-with-new-view
func (r *byobRequest) respondWithNewView(js *webidl.Realm, view *webidl.View) error {
	if r.controller == nil {
		return webidl.TypeError("This BYOB request has been invalidated")
	}
	if detached(view.Buffer) {
		return webidl.TypeError("The given view's buffer has been detached and so cannot be used as a response")
	}
	return r.controller.respondWithNewView(js, view)
}
