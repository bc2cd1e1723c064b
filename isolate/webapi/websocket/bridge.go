package websocket

import (
	"context"
	"sync"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A bridge is the end of a pair that a client holds: an outside.Socket whose other
// side is the worker's end.
type bridge struct {
	js         *webidl.Realm // for the turn only
	invocation *isolate.Invocation
	worker     *webSocket // touched on turns only

	mu     sync.Mutex
	queue  []outside.Message
	queued int                 // bytes
	end    *outside.CloseError // after the queue
	wake   chan struct{}       // holds one token when there is something to read
	done   bool
}

func newBridge(js *webidl.Realm, inv *isolate.Invocation, worker *webSocket) *bridge {
	return &bridge{js: js, invocation: inv, worker: worker, wake: make(chan struct{}, 1)}
}

// push queues a message for the client.
func (b *bridge) push(m outside.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.end != nil || b.done {
		return nil // the client has gone; as with any WebSocket, what is sent is lost
	}
	if b.queued+len(m.Data) > MaxQueued {
		b.end = &outside.CloseError{Code: 1009, Reason: "the client reads too slowly"}
		b.signal()
		return nil
	}
	b.queue = append(b.queue, m)
	b.queued += len(m.Data)
	b.signal()
	return nil
}

// shut ends what the client reads.
func (b *bridge) shut(end *outside.CloseError) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.end == nil {
		b.end = end
		b.signal()
	}
}

func (b *bridge) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Read implements outside.Socket: what the worker sends.
func (b *bridge) Read(ctx context.Context) (outside.Message, error) {
	ended := b.invocation.Context()
	for {
		b.mu.Lock()
		if len(b.queue) > 0 {
			m := b.queue[0]
			b.queue = b.queue[1:]
			b.queued -= len(m.Data)
			b.mu.Unlock()
			return m, nil
		}
		end := b.end
		b.mu.Unlock()
		if end != nil {
			return outside.Message{}, end
		}
		select {
		case <-b.wake:
		case <-ctx.Done():
			return outside.Message{}, context.Cause(ctx)
		case <-ended.Done():
			// The worker is gone without a close of its own.
			b.shut(&outside.CloseError{Code: 1011, Reason: "the worker has ended"})
		}
	}
}

// Write implements outside.Socket: what the client sends.
func (b *bridge) Write(ctx context.Context, m outside.Message) error {
	if !valid(m) {
		return outside.Errorf(outside.KindType, "a text message is not valid UTF-8")
	}
	taken := make(chan struct{})
	b.invocation.Post(func() {
		defer close(taken)
		b.worker.receive(b.js, m)
	})
	select {
	case <-taken:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-b.invocation.Context().Done():
		return &outside.CloseError{Code: 1011, Reason: "the worker has ended"}
	}
}

// Close implements outside.Socket: the client has closed, or has gone (1006).
func (b *bridge) Close(code int, reason string) error {
	b.mu.Lock()
	first := !b.done
	b.done = true
	b.mu.Unlock()
	if !first {
		return nil
	}
	if code == 0 {
		code = noStatus
	}
	end := &outside.CloseError{Code: code, Reason: reason}
	b.invocation.Post(func() { b.worker.closing(b.js, end) })
	b.invocation.Close(func(*outside.Report) {})
	return nil
}
