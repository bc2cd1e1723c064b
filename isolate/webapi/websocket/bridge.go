package websocket

import (
	"context"
	"sync/atomic"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A bridge is the end of a pair that a client holds: an outside.Socket whose other
// side is the worker's end.
type bridge struct {
	queue                    // of what the worker's end sends
	js         *webidl.Realm // for the turn only
	invocation *isolate.Invocation
	worker     *webSocket  // touched on turns only
	gone       atomic.Bool // the client is
}

func newBridge(js *webidl.Realm, inv *isolate.Invocation, worker *webSocket) *bridge {
	return &bridge{queue: newQueue(), js: js, invocation: inv, worker: worker}
}

// send queues a message for the client.
func (b *bridge) send(m outside.Message) {
	if !b.gone.Load() && !b.push(m) {
		b.shut(&outside.CloseError{Code: 1009, Reason: "the client reads too slowly"})
	}
}

// Read implements outside.Socket: what the worker sends.
func (b *bridge) Read(ctx context.Context) (outside.Message, error) {
	return b.next(ctx, b.invocation.Context())
}

// Write implements outside.Socket: what the client sends.
func (b *bridge) Write(ctx context.Context, m outside.Message) error {
	if !valid(m) {
		return outside.Errorf(outside.KindType, "a text message is not valid UTF-8")
	}
	taken := make(chan struct{})
	b.invocation.Post(func() {
		defer close(taken)
		b.worker.deliver(b.js, event{message: m, refill: true})
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
	if b.gone.Swap(true) {
		return nil
	}
	if code == 0 {
		code = noStatus
	}
	end := &outside.CloseError{Code: code, Reason: reason}
	b.invocation.Post(func() { b.worker.deliver(b.js, event{end: end, refill: true}) })
	b.invocation.Close(func(*outside.Report) {})
	return nil
}
