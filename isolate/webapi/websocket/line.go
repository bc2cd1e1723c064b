package websocket

import (
	"context"
	"errors"
	"sync"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A line is the connection of a socket whose other end is outside: at a server, or in the
// worker behind a service binding. Nothing is read from it before the worker accepts the
// socket, and no more than the worker takes. It is given up when the invocation ends.
type line struct {
	queue      // of what the worker sends
	socket     outside.Socket
	invocation *isolate.Invocation
}

func newLine(inv *isolate.Invocation, socket outside.Socket) *line {
	l := &line{queue: newQueue(), socket: socket, invocation: inv}
	context.AfterFunc(inv.Context(), l.drop)
	return l
}

// drop gives the connection up without a closing handshake.
func (l *line) drop() { _ = l.socket.Close(abnormal, "") }

// send queues a message for the other end.
func (l *line) send(m outside.Message) {
	if !l.push(m) {
		l.drop()
	}
}

// start carries messages between the other end and w, until both directions have ended.
func (l *line) start(js *webidl.Realm, w *webSocket) error {
	err := js.Go(func(ctx context.Context) func() {
		end := l.receive(ctx, js, w)
		return func() { w.ended(js, end) }
	}, func(error) { w.ended(js, &outside.CloseError{Code: abnormal}) })
	if err == nil {
		go l.transmit()
	}
	return err
}

// receive passes on what the other end sends, each message when the one before has been
// taken, and returns its close.
func (l *line) receive(ctx context.Context, js *webidl.Realm, w *webSocket) *outside.CloseError {
	for {
		m, err := l.socket.Read(ctx)
		if err != nil {
			var end *outside.CloseError
			if !errors.As(err, &end) {
				end = &outside.CloseError{Code: abnormal}
			}
			return end
		}
		taken := make(chan struct{})
		l.invocation.Post(func() {
			defer close(taken)
			w.message(js, m)
		})
		select {
		case <-taken:
		case <-ctx.Done():
			return &outside.CloseError{Code: abnormal}
		}
	}
}

// transmit sends what is queued. It is a goroutine.
func (l *line) transmit() {
	ctx := l.invocation.Context()
	for {
		m, err := l.next(ctx, ctx)
		if err == nil {
			if err = l.socket.Write(ctx, m); err != nil {
				return // the connection is lost, or closing: receive sees which
			}
		}
		if err != nil {
			var end *outside.CloseError
			if errors.As(err, &end) {
				_ = l.socket.Close(end.Code, end.Reason)
			}
			return
		}
	}
}

// passed is the socket of a line that the worker hands on, in the response to its own
// client, without accepting it: messages go by without entering the isolate. The
// invocation lasts as long, the closing handshake included.
type passed struct {
	outside.Socket
	end     func()
	reading sync.Mutex
}

func (l *line) pass() *passed {
	l.invocation.Open()
	return &passed{Socket: l.socket, end: sync.OnceFunc(func() { l.invocation.Close(func(*outside.Report) {}) })}
}

// Read implements outside.Socket.
func (p *passed) Read(ctx context.Context) (outside.Message, error) {
	p.reading.Lock()
	defer p.reading.Unlock()
	m, err := p.Socket.Read(ctx)
	if err != nil && ctx.Err() == nil {
		p.end()
	}
	return m, err
}

// Close implements outside.Socket. The client may read no further: what comes until the
// other end has closed too is read here.
func (p *passed) Close(code int, reason string) error {
	err := p.Socket.Close(code, reason)
	if code == abnormal {
		p.end()
		return err
	}
	go func() {
		for {
			if _, err := p.Read(context.Background()); err != nil {
				return
			}
		}
	}()
	return err
}
