package egress

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/websocket"
)

// farewell bounds the closing handshake: how long a peer has to take our close frame,
// and then to answer it.
const farewell = 10 * time.Second

// wantsWebSocket reports whether the request is to open a WebSocket.
func wantsWebSocket(fields []outside.Field) bool {
	return slices.ContainsFunc(fields, func(f outside.Field) bool {
		return strings.EqualFold(f.Name, "upgrade") && strings.EqualFold(f.Value, "websocket")
	})
}

// handshake makes header that of a client's opening handshake and returns its key
// (https://www.rfc-editor.org/rfc/rfc6455#section-4.1). No extension is offered.
func handshake(header http.Header) (key string) {
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // never fails
	key = base64.StdEncoding.EncodeToString(nonce[:])
	header.Set("Connection", "Upgrade")
	header.Set("Upgrade", "websocket")
	header.Set("Sec-Websocket-Version", "13")
	header.Set("Sec-Websocket-Key", key)
	header.Del("Sec-Websocket-Extensions")
	header.Del("Accept-Encoding")
	return key
}

// checkHandshake says what is wrong with a server's answer of status 101, or "".
func checkHandshake(req, res http.Header, key string) string {
	offered, chosen := tokens(req["Sec-Websocket-Protocol"]), res["Sec-Websocket-Protocol"]
	switch {
	case !strings.EqualFold(res.Get("Upgrade"), "websocket"):
		return "its upgrade is not to websocket"
	case !slices.ContainsFunc(tokens(res["Connection"]), func(s string) bool { return strings.EqualFold(s, "upgrade") }):
		return "it has no connection: upgrade"
	case res.Get("Sec-Websocket-Accept") != string(websocket.AppendAccept(nil, key)):
		return "its sec-websocket-accept does not fit"
	case len(res["Sec-Websocket-Extensions"]) > 0:
		return "it uses an extension that was not offered"
	case len(chosen) > 1, len(chosen) == 1 && !slices.Contains(offered, chosen[0]):
		return "it speaks a protocol that was not offered"
	}
	return ""
}

// tokens are the items of a list header.
func tokens(values []string) (list []string) {
	for _, v := range values {
		for item := range strings.SplitSeq(v, ",") {
			list = append(list, strings.TrimSpace(item))
		}
	}
	return list
}

// traceConn has *conn set to the connection that a request goes out on, whose deadlines
// the transport does not show.
func traceConn(ctx context.Context, conn *net.Conn) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { *conn = i.Conn }})
}

// A Socket is the client's end of a WebSocket. It implements outside.Socket.
type Socket struct {
	conn    net.Conn // for its deadlines
	stream  io.ReadWriteCloser
	in      websocket.Reader
	release func()
	dropped func() // see OnEnd

	mu     sync.Mutex // orders frames
	out    []byte
	closed bool // a close frame has been sent

	state sync.Mutex
	over  bool
	timer *time.Timer // of the closing handshake
}

// newSocket makes the socket of a connection that was upgraded. It ends with ctx.
func newSocket(ctx context.Context, conn net.Conn, stream io.ReadWriteCloser, max int64, release func()) *Socket {
	s := &Socket{conn: conn, stream: stream, in: websocket.NewReader(bufio.NewReader(stream), false, max), release: release}
	context.AfterFunc(ctx, func() {
		_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
		s.sendClose(websocket.CloseGoingAway, "")
		s.drop()
	})
	return s
}

// OnEnd has f called when the connection is given up, at once if it has been.
func (s *Socket) OnEnd(f func()) {
	s.state.Lock()
	over := s.over
	s.dropped = f
	s.state.Unlock()
	if over {
		f()
	}
}

// drop gives the connection up.
func (s *Socket) drop() {
	s.state.Lock()
	first := !s.over
	s.over = true
	timer, dropped := s.timer, s.dropped
	s.state.Unlock()
	if !first {
		return
	}
	if timer != nil {
		timer.Stop()
	}
	_ = s.stream.Close()
	s.release()
	if dropped != nil {
		dropped()
	}
}

// Read implements outside.Socket. It answers pings and the closing handshake.
func (s *Socket) Read(ctx context.Context) (outside.Message, error) {
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	for {
		m, err := s.in.Next()
		if p := websocket.AsProtocolError(err); p != nil {
			_ = s.conn.SetWriteDeadline(time.Now().Add(farewell))
			s.sendClose(p.Code, p.Reason)
			s.drop()
			return outside.Message{}, &outside.CloseError{Code: websocket.CloseAbnormal, Reason: p.Reason}
		}
		if err != nil {
			s.drop()
			if ctx.Err() != nil {
				return outside.Message{}, context.Cause(ctx)
			}
			return outside.Message{}, &outside.CloseError{Code: websocket.CloseAbnormal}
		}
		switch m.Op {
		case websocket.OpText, websocket.OpBinary:
			return outside.Message{Data: m.Data, Text: m.Op == websocket.OpText}, nil
		case websocket.OpPing:
			if err := s.frame(websocket.OpPong, m.Data); err != nil && err != net.ErrClosed {
				s.drop()
			}
		case websocket.OpClose:
			code, reason, err := websocket.ParseClose(m.Data)
			answer := code
			if p := websocket.AsProtocolError(err); p != nil {
				answer, code, reason = p.Code, websocket.CloseAbnormal, p.Reason
			}
			_ = s.conn.SetWriteDeadline(time.Now().Add(farewell))
			s.sendClose(answer, "")
			s.drop()
			return outside.Message{}, &outside.CloseError{Code: code, Reason: reason}
		}
	}
}

// Write implements outside.Socket.
func (s *Socket) Write(ctx context.Context, m outside.Message) error {
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	op := byte(websocket.OpBinary)
	if m.Text {
		op = websocket.OpText
	}
	if err := s.frame(op, m.Data); err != nil {
		if err != net.ErrClosed { // else the closing handshake goes on
			s.drop()
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return &outside.CloseError{Code: websocket.CloseAbnormal}
	}
	return nil
}

// Close implements outside.Socket. The connection is given up when the peer has
// answered, or has had the time to; at once if code is 1006.
func (s *Socket) Close(code int, reason string) error {
	if code == websocket.CloseAbnormal {
		s.drop()
		return nil
	}
	s.state.Lock()
	if s.over || s.timer != nil {
		s.state.Unlock()
		return nil
	}
	s.timer = time.AfterFunc(farewell, s.drop)
	s.state.Unlock()
	// Also ends a Write that a peer who does not read holds up.
	_ = s.conn.SetWriteDeadline(time.Now().Add(farewell))
	s.sendClose(code, reason)
	return nil
}

// frame sends one frame. After a close frame it fails with net.ErrClosed.
func (s *Socket) frame(op byte, p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	return s.send(op, p)
}

// sendClose sends a close frame, once.
func (s *Socket) sendClose(code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		_ = s.send(websocket.OpClose, websocket.AppendClosePayload(nil, code, reason))
	}
}

// send writes a frame with a masking key of its own; s.mu is held.
func (s *Socket) send(op byte, p []byte) error {
	var key [4]byte
	_, _ = rand.Read(key[:]) // never fails
	s.out = websocket.AppendFrame(s.out[:0], op, p, &key)
	_, err := s.stream.Write(s.out)
	if cap(s.out) > 64<<10 {
		s.out = nil
	}
	return err
}
