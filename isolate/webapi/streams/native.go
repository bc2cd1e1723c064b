package streams

import (
	"context"
	"io"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// native is the source of a readable stream whose bytes come from Go. It is untouched
// until a script first reads, and may until then be taken by Go whole.
type native struct {
	to      byteSink
	body    outside.Body
	left    int64 // bytes still to come, or -1
	touched bool
	ended   bool
	// end, if set, is told once on the loop that the last byte was read (nil), that
	// reading failed or that the stream was given up.
	end func(js *webidl.Realm, err error)
}

// byteSink is a controller that takes bytes.
type byteSink interface {
	// wanted is the number of bytes that a reader has room for, 0 if any number will do.
	wanted() int
	// supply enqueues bytes, which then belong to the script.
	supply(js *webidl.Realm, b []byte)
	finish(js *webidl.Realm)
	fail(js *webidl.Realm, e goja.Value)
}

// readSize is how many bytes are asked of a Go reader at once.
const readSize = 64 << 10

// NewFromBody returns a readable byte stream of what body yields, and owns body. No
// byte is read before someone asks for one. A Body without content is an empty stream.
func NewFromBody(js *webidl.Realm, body outside.Body) *ReadableStream {
	n := &native{body: body, left: body.Len()}
	s, c := newByteStream(js, n, nil, 0)
	n.to = c
	s.native = n
	return s
}

// NewFromBytes returns a readable byte stream of b, which nobody may change afterwards.
func NewFromBytes(js *webidl.Realm, b []byte) *ReadableStream {
	if b == nil {
		b = []byte{}
	}
	return NewFromBody(js, outside.Body{Bytes: b})
}

// NewFromSource returns a readable byte stream of what source yields; length is the
// number of bytes, or -1 when it is not known. source is read on goroutines of the
// stream's own, one at a time, and closed at its end, when the stream is cancelled or
// when the invocation that reads it ends, which may be while a Read is under way.
func NewFromSource(js *webidl.Realm, source io.ReadCloser, length int64) *ReadableStream {
	return NewFromBody(js, outside.Body{Stream: source, Length: length})
}

// Length is the number of bytes that the stream will yield if Go knows it: of a stream
// that Go makes, or a FixedLengthStream's, and nobody has read from. Otherwise it is -1.
func (s *ReadableStream) Length() int64 {
	if s.declared.Set && !s.disturbed {
		return s.declared.Value
	}
	if s.native == nil || s.native.touched {
		return -1
	}
	return s.native.left
}

// TakeSource takes what the stream would yield out of it, so that it can be passed on
// without a script's help. It succeeds only while the stream is fed by Go, not locked
// and not disturbed, and leaves it locked and disturbed. The caller owns the Body.
func (s *ReadableStream) TakeSource(js *webidl.Realm) (outside.Body, bool) {
	n := s.native
	if n == nil || n.touched || s.Locked() || s.disturbed || s.state != readable {
		return outside.Body{}, false
	}
	s.disturbed = true
	r := &defaultReader{}
	r.attach(s, r)
	return n.take(js), true
}

func (n *native) take(js *webidl.Realm) outside.Body {
	n.touched, n.ended = true, true
	body := n.body
	n.body = outside.Body{}
	if n.end == nil {
		return body
	}
	end := n.end
	n.end = nil
	return watched(js, body, end)
}

func (n *native) pull(js *webidl.Realm) *promise {
	n.touched = true
	if n.ended {
		return done()
	}
	if n.body.Stream == nil {
		n.pullBytes(js)
		return done()
	}
	size := readSize
	if w := n.to.wanted(); w > 0 {
		size = min(size, w)
	}
	if n.left >= 0 {
		size = int(min(int64(size), max(n.left, 1)))
	}
	p := newPromise()
	source := n.body.Stream
	err := js.Go(func(ctx context.Context) func() {
		defer context.AfterFunc(ctx, func() { source.Close() })()
		b := make([]byte, size)
		k, err := 0, error(nil)
		for k == 0 && err == nil {
			k, err = source.Read(b)
		}
		if k < size/4 {
			b = append([]byte(nil), b[:k]...)
		}
		return func() { js.Atomically(func() { n.arrived(js, b[:k], err); p.resolve(js) }) }
	}, func(err error) { js.Atomically(func() { n.arrived(js, nil, err); p.resolve(js) }) })
	if err != nil {
		n.stop(js, err)
		return failed(js.ErrorValue(err))
	}
	return p
}

// pullBytes passes a whole body on, as much of it as there is room for.
func (n *native) pullBytes(js *webidl.Realm) {
	b := n.body.Bytes
	if w := n.to.wanted(); w > 0 && w < len(b) {
		n.body.Bytes = b[w:]
		n.to.supply(js, append([]byte(nil), b[:w]...))
		return
	}
	n.body.Bytes = nil
	if len(b) > 0 {
		// The script may change what it gets, while others may share b.
		n.to.supply(js, append([]byte(nil), b...))
	}
	n.finish(js)
}

// arrived handles the result of one Read.
func (n *native) arrived(js *webidl.Realm, b []byte, err error) {
	if n.ended {
		return
	}
	if len(b) > 0 {
		if n.left >= 0 {
			n.left -= int64(len(b))
			if n.left <= 0 && err == nil {
				err = io.EOF
			}
		}
		n.to.supply(js, b)
	}
	switch {
	case err == nil || n.ended:
	case err == io.EOF:
		n.finish(js)
	default:
		n.stop(js, err)
		n.to.fail(js, js.ErrorValue(err))
	}
}

func (n *native) finish(js *webidl.Realm) {
	n.stop(js, nil)
	n.to.finish(js)
}

// stop releases the source and tells who waits for its end.
func (n *native) stop(js *webidl.Realm, err error) {
	n.ended = true
	if n.body.Stream != nil {
		go n.body.Stream.Close()
	}
	n.body = outside.Body{}
	if end := n.end; end != nil {
		n.end = nil
		end(js, err)
	}
}

func (n *native) cancel(js *webidl.Realm, reason goja.Value) *promise {
	n.touched = true
	if !n.ended {
		n.stop(js, webidl.Throw(reason))
	}
	return done()
}

func (c *byteController) wanted() int {
	if c.pullIntos.len() == 0 {
		return 0
	}
	p := *c.pullIntos.first()
	return p.length - p.filled
}

func (c *byteController) supply(js *webidl.Realm, b []byte) {
	if c.stream.state != readable || c.closeRequested {
		return
	}
	if c.pullIntos.len() > 0 {
		p := *c.pullIntos.first()
		if p.length-p.filled >= len(b) && !detached(p.buffer) {
			copy(bytesOf(p.buffer)[p.offset+p.filled:], b)
			// Nothing here can fail: the bytes fit and the stream is readable.
			_ = c.respond(js, uint64(len(b)))
			return
		}
	}
	if err := c.enqueueBuffer(js, byteEntry{js.ArrayBuffer(b), 0, len(b)}); err != nil {
		c.fail(js, js.ErrorValue(err))
	}
}

func (c *byteController) finish(js *webidl.Realm) {
	if err := c.close(js); err != nil {
		return // the stream is errored already
	}
	if c.stream.state == closed && c.pullIntos.len() > 0 {
		_ = c.respond(js, 0)
	}
}

func (c *defaultController) wanted() int { return 0 }

func (c *defaultController) supply(js *webidl.Realm, b []byte) {
	if err := c.enqueue(js, js.Uint8Array(b)); err != nil {
		c.fail(js, js.ErrorValue(err))
	}
}

func (c *defaultController) finish(js *webidl.Realm) { c.close(js) }
