package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// byteController is the ReadableByteStreamController interface:
// https://streams.spec.whatwg.org/#rbs-controller-class
type byteController struct {
	webidl.Handle
	stream         *ReadableStream
	queue          fifo[byteEntry]
	total          int // bytes in the queue
	source         source
	highWaterMark  float64
	autoAllocate   int // 0 for none
	request        *byobRequest
	pullIntos      fifo[*pullInto]
	started        bool
	closeRequested bool
	pulling        bool
	pullAgain      bool
}

// byteEntry is https://streams.spec.whatwg.org/#readable-byte-stream-queue-entry
type byteEntry struct {
	buffer         *goja.Object
	offset, length int
}

var byteControllerClass = &webidl.Class[*byteController]{Name: "ReadableByteStreamController"}

var _ = define(byteControllerClass, nil,
	webidl.ReadOnly("byobRequest", (*byteController).getRequest),
	webidl.ReadOnly("desiredSize", func(c *byteController, js *webidl.Realm) (goja.Value, error) {
		return sizeOrNull(js, c.desiredSize)
	}),
	webidl.Proc0("close", (*byteController).closeOperation),
	webidl.Proc1("enqueue", (*byteController).enqueueOperation, webidl.ArrayBufferView),
	webidl.Proc1("error", func(c *byteController, js *webidl.Realm, e goja.Value) error {
		c.fail(js, e)
		return nil
	}, webidl.OptionalAny),
)

// setUpByteControllerFromUnderlyingSource is
// https://streams.spec.whatwg.org/#set-up-readable-byte-stream-controller-from-underlying-source
func setUpByteControllerFromUnderlyingSource(js *webidl.Realm, s *ReadableStream, src *underlyingSource, highWaterMark float64) error {
	c := &byteController{}
	src.controller = func(js *webidl.Realm) goja.Value { return byteControllerClass.Wrap(js, c) }
	if src.autoAllocateSize.Set {
		if src.autoAllocateSize.Value == 0 {
			return webidl.TypeError("autoAllocateChunkSize must be greater than 0")
		}
		c.autoAllocate = int(src.autoAllocateSize.Value)
	}
	c.attach(s, src, highWaterMark)
	p, err := src.begin(js)
	if err != nil {
		return err
	}
	c.await(js, p)
	return nil
}

// newByteStream is https://streams.spec.whatwg.org/#abstract-opdef-createreadablebytestream
// A source whose start is nil has nothing to start.
func newByteStream(js *webidl.Realm, src source, start *promise, highWaterMark float64) (*ReadableStream, *byteController) {
	s, c := &ReadableStream{}, &byteController{}
	c.attach(s, src, highWaterMark)
	if start == nil {
		c.started = true
	} else {
		c.await(js, start)
	}
	return s, c
}

// attach and await are https://streams.spec.whatwg.org/#set-up-readable-byte-stream-controller
func (c *byteController) attach(s *ReadableStream, src source, highWaterMark float64) {
	c.stream, c.source, c.highWaterMark = s, src, highWaterMark
	s.controller = c
}

func (c *byteController) await(js *webidl.Realm, start *promise) {
	start.then(js, func(goja.Value) {
		c.started = true
		c.callPullIfNeeded(js)
	}, func(e goja.Value) { c.fail(js, e) })
}

// getRequest is https://streams.spec.whatwg.org/#rbs-controller-byob-request
func (c *byteController) getRequest(js *webidl.Realm) (*goja.Object, error) {
	if c.request == nil && c.pullIntos.len() > 0 {
		p := *c.pullIntos.first()
		view := js.NewView("Uint8Array", p.buffer, p.offset+p.filled, p.length-p.filled)
		c.request = &byobRequest{controller: c, view: view}
	}
	if c.request == nil {
		return nil, nil
	}
	return byobRequestClass.Wrap(js, c.request), nil
}

// closeOperation is https://streams.spec.whatwg.org/#rbs-controller-close
func (c *byteController) closeOperation(js *webidl.Realm) error {
	if c.closeRequested {
		return webidl.TypeError("The stream has already been closed; do not close it again!")
	}
	if c.stream.state != readable {
		return webidl.TypeError("The stream is not in the readable state and cannot be closed")
	}
	return c.close(js)
}

// enqueueOperation is https://streams.spec.whatwg.org/#rbs-controller-enqueue
func (c *byteController) enqueueOperation(js *webidl.Realm, chunk *webidl.View) error {
	switch {
	case detached(chunk.Buffer):
		return webidl.TypeError("chunk's buffer is detached and so cannot be enqueued")
	case chunk.Length == 0:
		return webidl.TypeError("chunk is zero-length and cannot be enqueued")
	case c.closeRequested:
		return webidl.TypeError("stream is closed or draining")
	case c.stream.state != readable:
		return webidl.TypeError("The stream is not in the readable state and cannot be enqueued to")
	}
	return c.enqueue(js, chunk)
}

// enqueue is https://streams.spec.whatwg.org/#readable-byte-stream-controller-enqueue
func (c *byteController) enqueue(js *webidl.Realm, chunk *webidl.View) error {
	// 2. If controller.[[closeRequested]] is true or stream.[[state]] is not "readable", return.
	if c.closeRequested || c.stream.state != readable {
		return nil
	}
	// 7. Let transferredBuffer be ? TransferArrayBuffer(buffer).
	buffer, err := js.Transfer(chunk.Buffer)
	if err != nil {
		return err
	}
	return c.enqueueBuffer(js, byteEntry{buffer, chunk.Offset, chunk.Length})
}

// enqueueBuffer enqueues bytes in a buffer that nobody else has.
func (c *byteController) enqueueBuffer(js *webidl.Realm, e byteEntry) error {
	// 8. If controller.[[pendingPullIntos]] is not empty,
	if c.pullIntos.len() > 0 {
		first := *c.pullIntos.first()
		if detached(first.buffer) {
			return webidl.TypeError("The BYOB request's buffer has been detached and so cannot be filled with an enqueued chunk")
		}
		c.invalidateRequest()
		first.buffer, _ = js.Transfer(first.buffer)
		if first.reader == readerNone {
			if err := c.enqueueDetachedPullInto(js, first); err != nil {
				return err
			}
		}
	}
	switch c.stream.reader.(type) {
	case *defaultReader:
		// 9. If ! ReadableStreamHasDefaultReader(stream) is true,
		c.processReadRequests(js)
		if c.stream.readRequests() == 0 {
			c.push(e)
			break
		}
		if c.pullIntos.len() > 0 {
			c.pullIntos.shift()
		}
		c.stream.fulfillReadRequest(js, js.NewView("Uint8Array", e.buffer, e.offset, e.length))
	case *byobReader:
		// 10. Otherwise, if ! ReadableStreamHasBYOBReader(stream) is true,
		c.push(e)
		for _, p := range c.processPullIntos() {
			c.commit(js, p)
		}
	default:
		c.push(e)
	}
	// 12. Perform ! ReadableByteStreamControllerCallPullIfNeeded(controller).
	c.callPullIfNeeded(js)
	return nil
}

// push is https://streams.spec.whatwg.org/#readable-byte-stream-controller-enqueue-chunk-to-queue
func (c *byteController) push(e byteEntry) {
	c.queue.push(e)
	c.total += e.length
}

// pushCloned is https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamcontrollerenqueueclonedchunktoqueue
func (c *byteController) pushCloned(js *webidl.Realm, buffer *goja.Object, offset, length int) {
	clone := append([]byte(nil), bytesOf(buffer)[offset:offset+length]...)
	c.push(byteEntry{js.ArrayBuffer(clone), 0, length})
}

// enqueueDetachedPullInto is
// https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamcontrollerenqueuedetachedpullintotoqueue
func (c *byteController) enqueueDetachedPullInto(js *webidl.Realm, p *pullInto) error {
	if p.filled > 0 {
		c.pushCloned(js, p.buffer, p.offset, p.filled)
	}
	c.pullIntos.shift()
	return nil
}

// close is https://streams.spec.whatwg.org/#readable-byte-stream-controller-close
func (c *byteController) close(js *webidl.Realm) error {
	if c.closeRequested || c.stream.state != readable {
		return nil
	}
	if c.total > 0 {
		c.closeRequested = true
		return nil
	}
	if c.pullIntos.len() > 0 {
		if first := *c.pullIntos.first(); first.filled%first.elementSize != 0 {
			e := js.ErrorValue(webidl.TypeError("Insufficient bytes to fill elements in the given buffer"))
			c.fail(js, e)
			return webidl.Throw(e)
		}
	}
	c.clearAlgorithms()
	c.stream.close(js)
	return nil
}

// fail is https://streams.spec.whatwg.org/#readable-byte-stream-controller-error
func (c *byteController) fail(js *webidl.Realm, e goja.Value) {
	if c.stream.state != readable {
		return
	}
	c.clearPullIntos()
	c.resetQueue()
	c.clearAlgorithms()
	c.stream.fail(js, e)
}

func (c *byteController) queued() bool { return c.stream.state == readable && c.total > 0 }

func (c *byteController) clearAlgorithms() { c.source = nil }

func (c *byteController) resetQueue() { c.queue, c.total = fifo[byteEntry]{}, 0 }

// clearPullIntos is https://streams.spec.whatwg.org/#readable-byte-stream-controller-clear-pending-pull-intos
func (c *byteController) clearPullIntos() {
	c.invalidateRequest()
	c.pullIntos = fifo[*pullInto]{}
}

// invalidateRequest is https://streams.spec.whatwg.org/#readable-byte-stream-controller-invalidate-byob-request
func (c *byteController) invalidateRequest() {
	if c.request != nil {
		c.request.controller, c.request.view = nil, nil
		c.request = nil
	}
}

// desiredSize is https://streams.spec.whatwg.org/#readable-byte-stream-controller-get-desired-size
func (c *byteController) desiredSize() (float64, bool) {
	switch c.stream.state {
	case errored:
		return 0, false
	case closed:
		return 0, true
	}
	return c.highWaterMark - float64(c.total), true
}

// shouldCallPull is https://streams.spec.whatwg.org/#readable-byte-stream-controller-should-call-pull
func (c *byteController) shouldCallPull() bool {
	if c.stream.state != readable || c.closeRequested || !c.started {
		return false
	}
	if c.stream.readRequests() > 0 || c.stream.readIntoRequests() > 0 {
		return true
	}
	n, _ := c.desiredSize()
	return n > 0
}

// callPullIfNeeded is https://streams.spec.whatwg.org/#readable-byte-stream-controller-call-pull-if-needed
func (c *byteController) callPullIfNeeded(js *webidl.Realm) {
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

// cancelSteps is https://streams.spec.whatwg.org/#rbs-controller-private-cancel
func (c *byteController) cancelSteps(js *webidl.Realm, reason goja.Value) *promise {
	c.clearPullIntos()
	c.resetQueue()
	p := c.source.cancel(js, reason)
	c.clearAlgorithms()
	return p
}

// pullSteps is https://streams.spec.whatwg.org/#rbs-controller-private-pull
func (c *byteController) pullSteps(js *webidl.Realm, r readRequest) {
	if c.total > 0 {
		c.fillReadRequest(js, r)
		return
	}
	if n := c.autoAllocate; n > 0 {
		var buffer *goja.Object
		if err := js.Catch(func() { buffer = allocate(js, n) }); err != nil {
			r.fail(js, js.ErrorValue(err))
			return
		}
		c.pullIntos.push(&pullInto{buffer: buffer, bufferLength: n, length: n, minimum: 1, elementSize: 1, kind: "Uint8Array", reader: readerDefault})
	}
	c.stream.addReadRequest(r)
	c.callPullIfNeeded(js)
}

// maxAllocation bounds the buffer that autoAllocateChunkSize asks for.
const maxAllocation = 128 << 20

func allocate(js *webidl.Realm, n int) *goja.Object {
	if n > maxAllocation {
		js.Throw(webidl.RangeError("Array buffer allocation failed"))
	}
	return js.ArrayBuffer(make([]byte, n))
}

// releaseSteps is https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamcontroller-releasesteps
func (c *byteController) releaseSteps() {
	if c.pullIntos.len() > 0 {
		first := c.pullIntos.shift()
		first.reader = readerNone
		c.pullIntos = fifo[*pullInto]{items: []*pullInto{first}}
	}
}

// fillReadRequest is
// https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamcontrollerfillreadrequestfromqueue
func (c *byteController) fillReadRequest(js *webidl.Realm, r readRequest) {
	e := c.queue.shift()
	c.total -= e.length
	c.handleDrain(js)
	r.chunk(js, js.NewView("Uint8Array", e.buffer, e.offset, e.length))
}

// handleDrain is https://streams.spec.whatwg.org/#readable-byte-stream-controller-handle-queue-drain
func (c *byteController) handleDrain(js *webidl.Realm) {
	if c.total == 0 && c.closeRequested {
		c.clearAlgorithms()
		c.stream.close(js)
		return
	}
	c.callPullIfNeeded(js)
}

// processReadRequests is
// https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamcontrollerprocessreadrequestsusingqueue
func (c *byteController) processReadRequests(js *webidl.Realm) {
	r := c.stream.reader.(*defaultReader)
	for r.requests.len() > 0 && c.total > 0 {
		c.fillReadRequest(js, r.requests.shift())
	}
}

func detached(buffer *goja.Object) bool { return buffer.Export().(goja.ArrayBuffer).Detached() }

func bytesOf(buffer *goja.Object) []byte { return buffer.Export().(goja.ArrayBuffer).Bytes() }
