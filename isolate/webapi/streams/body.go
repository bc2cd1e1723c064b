package streams

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Body takes what the stream yields for use outside the isolate: its source if
// TakeSource can take it, and otherwise a reader that asks the script for one chunk
// at a time, each in a turn of its own. Chunks must be Uint8Arrays. The stream must
// not be locked; it is locked afterwards.
//
// The reader may be used on any goroutine, by one at a time, except that Close may be
// called while Read waits. It must be closed: closing it early cancels the stream.
// While its user holds the next move the loop has an operation under way; while the
// script does, it has not, so a script that will never answer is seen as such.
// Read fails when the context of the invocation that called Body ends, which is also
// how it learns of a loop that was closed.
func Body(js *webidl.Realm, s *ReadableStream) (outside.Body, error) {
	if body, ok := s.TakeSource(js); ok {
		return body, nil
	}
	length := s.Length()
	r, err := acquireDefaultReader(s)
	if err != nil {
		return outside.Body{}, err
	}
	ctx, err := js.Ambient()
	if err != nil {
		ctx = context.Background()
	}
	b := &scriptBody{js: js, context: js.Context(), reader: r, ctx: ctx, answer: make(chan answer, 1), gone: make(chan struct{}), ours: true}
	js.Loop.Begin()
	return outside.Body{Stream: b, Length: length}, nil
}

// scriptBody reads a script's stream from outside the loop.
type scriptBody struct {
	js      *webidl.Realm // only for turns
	context *webidl.AsyncContext
	reader  *defaultReader
	ctx     context.Context
	answer  chan answer
	gone    chan struct{} // closed by Close

	left []byte // of the last chunk; the reading goroutine's
	err  error

	mu     sync.Mutex
	ours   bool // the next move is the user's, for which the loop waits
	closed bool

	// The loop's:
	batch      []byte // chunks that the script had ready together
	collecting bool   // collect is on the stack
	came       bool   // a chunk came while it was
	end        error
}

type answer struct {
	chunk []byte
	err   error
}

var errBodyClosed = errors.New("read of a closed body")

func (b *scriptBody) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(b.left) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		if !b.ask() {
			return 0, errBodyClosed
		}
		select {
		case a := <-b.answer:
			b.left, b.err = a.chunk, a.err
		case <-b.gone:
			return 0, errBodyClosed
		case <-b.ctx.Done():
			b.err = context.Cause(b.ctx)
		}
	}
	n := copy(p, b.left)
	b.left = b.left[n:]
	return n, nil
}

// ask makes the script's move the next one.
func (b *scriptBody) ask() bool {
	b.mu.Lock()
	if b.closed || !b.ours {
		b.mu.Unlock()
		return false
	}
	b.ours = false
	b.mu.Unlock()
	b.js.Loop.Complete(b.task(b.collect))
	return true
}

func (b *scriptBody) task(f func()) *eventloop.Task {
	return &eventloop.Task{Context: b.context, Run: func() { b.js.Run(b.context, func() { b.js.Atomically(f) }) }}
}

func (b *scriptBody) Close() error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil
	}
	b.closed = true
	ours := b.ours
	b.ours = false
	close(b.gone)
	b.mu.Unlock()
	cancel := b.task(func() {
		if s := b.reader.stream; s.state == readable {
			s.Cancel(b.js, b.js.NewDOMException("AbortError", "The reader of the stream has gone away"))
		}
	})
	if ours {
		b.js.Loop.Complete(cancel)
	} else {
		b.js.Loop.Post(cancel)
	}
	return nil
}

// batchSize bounds what is taken of a script's queue in one turn.
const batchSize = 64 << 10

// collect reads one chunk and, if it comes at once, what else is queued behind it.
func (b *scriptBody) collect() {
	b.collecting, b.came = true, true
	for b.came && b.end == nil {
		b.came = false
		b.reader.readTo(b.js, b)
		if len(b.batch) > 0 && (len(b.batch) >= batchSize || !b.reader.stream.controller.queued()) {
			break
		}
	}
	b.collecting = false
	b.reply()
}

// reply makes the user's move the next one, if there is something to tell.
func (b *scriptBody) reply() {
	if b.collecting || len(b.batch) == 0 && b.end == nil {
		return
	}
	a := answer{b.batch, b.end}
	b.batch = nil
	b.mu.Lock()
	if !b.closed {
		b.ours = true
		b.js.Loop.Begin()
	}
	b.mu.Unlock()
	b.answer <- a
}

func (b *scriptBody) chunk(js *webidl.Realm, v goja.Value) {
	chunk, ok := chunkBytes(js, v)
	switch {
	case !ok:
		b.end = notBytes()
		b.reader.stream.Cancel(js, js.ErrorValue(b.end))
	case len(chunk) == 0 && !b.collecting: // an empty chunk is no answer
		b.collect()
		return
	default:
		// The script keeps the chunk and may change it.
		b.batch = append(b.batch, chunk...)
		b.came = true
	}
	b.reply()
}

func (b *scriptBody) close(*webidl.Realm) {
	b.end = io.EOF
	b.reply()
}

func (b *scriptBody) fail(js *webidl.Realm, e goja.Value) {
	message := "stream failed"
	_ = js.Catch(func() { message = e.String() })
	b.end = outside.Errorf(outside.KindError, "%s", message)
	b.reply()
}
