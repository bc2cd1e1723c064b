package ingress

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/websocket"
)

// accept answers a WebSocket handshake with res and carries messages until the
// socket is closed (https://www.rfc-editor.org/rfc/rfc6455#section-4.2).
func (x *Exchange) accept(res *outside.Response) error {
	s := res.Socket
	if s == nil {
		return x.reject("status 101 needs a WebSocket")
	}
	if !x.head.upgrade {
		_ = s.Close(websocket.CloseAbnormal, "")
		return x.reject("a WebSocket was answered to a request that is no WebSocket handshake")
	}
	key, _ := x.head.get("sec-websocket-key")
	if raw, err := base64.StdEncoding.DecodeString(key); err != nil || len(raw) != 16 {
		_ = s.Close(websocket.CloseAbnormal, "")
		return x.RespondPage(PageFor(400, "The sec-websocket-key is malformed."))
	}
	if v, _ := x.head.get("sec-websocket-version"); v != "13" {
		_ = s.Close(websocket.CloseAbnormal, "")
		p := PageFor(426, "The only WebSocket version spoken here is 13.")
		p.Header = []outside.Field{{Name: "sec-websocket-version", Value: "13"}}
		return x.RespondPage(p)
	}
	for i := range res.Header {
		if f := &res.Header[i]; !isToken(f.Name) || !isValue(f.Value) {
			_ = s.Close(websocket.CloseAbnormal, "")
			return x.reject(fmt.Sprintf("header %q holds a character that is not allowed", f.Name))
		}
	}
	x.responded, x.hijacked = true, true
	out := append(x.out[:0], "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: "...)
	out = websocket.AppendAccept(out, key)
	out = append(out, "\r\n"...)
	for i := range res.Header {
		f := &res.Header[i]
		switch f.Name {
		case "upgrade", "connection", "sec-websocket-accept", "sec-websocket-extensions",
			"content-length", "transfer-encoding", "cf-ray", "date", "server":
			continue
		}
		out = appendField(out, f.Name, f.Value)
	}
	x.closing = false
	out = x.appendOwn(out, false, false)
	if err := x.c.write(out); err != nil {
		_ = s.Close(websocket.CloseAbnormal, "")
		return x.sent(err)
	}
	// The bridge reads the connection and so sees its end in order; the sweeper
	// must not announce it before the messages that came first.
	if w := x.c.watch.Swap(nil); w != nil {
		defer w.cancel(ErrDone)
	}
	return newBridge(x.c, s).run(x.c.srv.base)
}

// A bridge carries messages between a client's connection and a worker's socket.
type bridge struct {
	c      *conn
	socket outside.Socket
	in     websocket.Reader

	told sync.Once // the worker has been told of the end

	mu     sync.Mutex // orders frames
	out    []byte
	closed bool // a close frame has been sent
}

func newBridge(c *conn, s outside.Socket) *bridge {
	return &bridge{c: c, socket: s, in: websocket.NewReader(c.br, true, int64(c.srv.cfg.MaxMessage))}
}

// run returns when both directions have ended, the connection then being of no
// further use. An error says that it did not end by a closing handshake.
func (b *bridge) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(ErrDone)
	b.c.leave.Store(&watch{cancel})
	defer b.c.leave.Store(nil)
	if b.c.srv.draining.Load() {
		cancel(ErrShutdown)
	}
	received := make(chan error, 1)
	go func() {
		err := b.receive(ctx)
		// Nothing more will come: the worker's side need not be read further.
		cancel(errReceived)
		received <- err
	}()
	b.send(ctx)
	err := <-received
	_ = b.c.nc.Close()
	return err
}

// errReceived ends send because the client's side has ended.
var errReceived = errors.New("ingress: the client has closed the WebSocket")

// tell ends the worker's side; what is said first counts.
func (b *bridge) tell(code int, reason string) {
	b.told.Do(func() { _ = b.socket.Close(code, reason) })
}

// receive passes the client's messages on until the client closes.
func (b *bridge) receive(ctx context.Context) error {
	for {
		m, err := b.in.Next()
		if p := websocket.AsProtocolError(err); p != nil {
			b.sendClose(p.Code, p.Reason)
			b.tell(p.Code, p.Reason)
			return p
		}
		if err != nil {
			b.tell(websocket.CloseAbnormal, "")
			if b.isClosed() {
				return nil // the closing handshake was ours; a client may skip its half
			}
			return fmt.Errorf("%w: %w", ErrClientGone, err)
		}
		switch m.Op {
		case websocket.OpPing:
			if err := b.frame(websocket.OpPong, m.Data); err != nil {
				b.tell(websocket.CloseAbnormal, "")
				return fmt.Errorf("%w: %w", ErrClientGone, err)
			}
		case websocket.OpPong:
		case websocket.OpClose:
			code, reason, err := websocket.ParseClose(m.Data)
			if p := websocket.AsProtocolError(err); p != nil {
				b.sendClose(p.Code, p.Reason)
				b.tell(p.Code, p.Reason)
				return p
			}
			b.sendClose(code, reason)
			b.tell(code, reason)
			return nil
		default:
			if b.isClosed() {
				continue
			}
			if err := b.socket.Write(ctx, outside.Message{Data: m.Data, Text: m.Op == websocket.OpText}); err != nil && !b.isClosed() {
				b.sendClose(websocket.CloseInternal, "")
				b.tell(websocket.CloseInternal, "")
				return fmt.Errorf("ingress: WebSocket: the worker takes no more messages: %w", err)
			}
		}
	}
}

// send passes the worker's messages on until the worker closes or the client has.
func (b *bridge) send(ctx context.Context) {
	for {
		m, err := b.socket.Read(ctx)
		if err != nil {
			var end *outside.CloseError
			switch {
			case context.Cause(ctx) == errReceived:
				return // receive has said what there is to say
			case errors.As(err, &end):
				b.sendClose(end.Code, end.Reason)
			case ctx.Err() != nil:
				b.sendClose(websocket.CloseGoingAway, "")
				b.tell(websocket.CloseGoingAway, "")
			default:
				b.sendClose(websocket.CloseInternal, "")
			}
			// The client has a while to answer with its own close frame.
			if !b.c.reading.enter(phaseLinger, b.c.srv.clock.now()) {
				_ = b.c.nc.SetReadDeadline(past)
			}
			return
		}
		op := byte(websocket.OpBinary)
		if m.Text {
			op = websocket.OpText
		}
		if err := b.frame(op, m.Data); err != nil {
			_ = b.c.nc.SetReadDeadline(past) // ends receive, which tells the worker
			return
		}
	}
}

func (b *bridge) isClosed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}

// frame sends one frame, unless a close frame has gone before.
func (b *bridge) frame(op byte, p []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	b.out = websocket.AppendFrame(b.out[:0], op, p, nil)
	if len(p) > singleWrite {
		if err := b.c.write(b.out); err != nil {
			return err
		}
		return b.c.write(p)
	}
	b.out = append(b.out, p...)
	return b.c.write(b.out)
}

// sendClose sends a close frame, once.
func (b *bridge) sendClose(code int, reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	b.closed = true
	p := websocket.AppendClosePayload(nil, code, reason)
	b.out = append(websocket.AppendFrame(b.out[:0], websocket.OpClose, p, nil), p...)
	_ = b.c.write(b.out)
}
