package egress

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/websocket"
)

// A peer is the server's end of a WebSocket.
type peer struct {
	net.Conn
	in websocket.Reader
}

func (p *peer) send(op byte, text string) {
	_, _ = p.Write(append(websocket.AppendFrame(nil, op, []byte(text), nil), text...))
}

// serveSocket starts a server that agrees to a WebSocket with the given extra header
// lines, replacing accept, if that is set, and then is f.
func serveSocket(t *testing.T, extra, accept string, f func(*peer)) (url string) {
	return serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Sec-Websocket-Version") != "13" || r.Header.Get("Sec-Websocket-Extensions") != "" {
			t.Errorf("request with %v", r.Header)
		}
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		accept := accept
		if accept == "" {
			accept = string(websocket.AppendAccept(nil, r.Header.Get("Sec-Websocket-Key")))
		}
		_, _ = conn.Write([]byte("HTTP/1.1 101 x\r\nUpgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\nSec-WebSocket-Accept: " + accept + "\r\n" + extra + "\r\n"))
		f(&peer{conn, websocket.NewReader(bufio.NewReader(rw), true, 1<<20)})
	}).URL
}

func dial(t *testing.T, c *Client, url string) (outside.Socket, error) {
	t.Helper()
	res, err := c.Fetch(t.Context(), nil, &outside.Request{Method: "GET", URL: "ws" + strings.TrimPrefix(url, "http"), Header: []outside.Field{
		{Name: "upgrade", Value: "websocket"}, {Name: "sec-websocket-protocol", Value: "a, chat"}, {Name: "sec-websocket-extensions", Value: "permessage-deflate"}}})
	if err != nil {
		return nil, err
	}
	if res.Status != 101 || res.Socket == nil {
		t.Fatalf("got %+v", res)
	}
	return res.Socket, nil
}

// TestSocket has a server ping, send a message in parts, get it back and close.
func TestSocket(t *testing.T) {
	got := make(chan string, 4)
	url := serveSocket(t, "Sec-WebSocket-Protocol: chat\r\n", "", func(p *peer) {
		p.send(websocket.OpPing, "ping")
		_, _ = p.Write([]byte{0x01, 1, 'a', 0x80, 1, 'b'})
		for range 3 {
			m, err := p.in.Next()
			if err != nil {
				t.Error(err)
				return
			}
			got <- string([]byte{'0' + m.Op}) + string(m.Data)
			if m.Op == websocket.OpText {
				p.send(websocket.OpClose, "\x0f\xa0bye")
			}
		}
	})
	s, err := dial(t, open(t), url)
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.Read(t.Context())
	if err != nil || !m.Text || string(m.Data) != "ab" {
		t.Fatalf("read %q, %v", m.Data, err)
	}
	if err := s.Write(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	_, err = s.Read(t.Context())
	var end *outside.CloseError
	if !errors.As(err, &end) || end.Code != 4000 || end.Reason != "bye" {
		t.Errorf("closed with %v", err)
	}
	for _, want := range []string{":ping", "1ab", "8\x0f\xa0"} {
		if g := <-got; g != want {
			t.Errorf("the server got %q, want %q", g, want)
		}
	}
}

// TestSocketEnds has servers break the protocol, and checks what is told to them.
func TestSocketEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		send []byte
		want int // told to the server
	}{
		{"masked", websocket.AppendFrame(nil, websocket.OpText, []byte("a"), &[4]byte{1}), 1002},
		{"not UTF-8", []byte{0x81, 1, 0xff}, 1007},
		{"too big", []byte{0x82, 127, 0, 0, 0, 0, 0, 0x20, 0, 0}, 1009},
		{"close of one byte", []byte{0x88, 1, 0}, 1002},
	} {
		t.Run(c.name, func(t *testing.T) {
			told := make(chan int, 1)
			url := serveSocket(t, "", "", func(p *peer) {
				_, _ = p.Write(c.send)
				m, err := p.in.Next()
				if err != nil || m.Op != websocket.OpClose || len(m.Data) < 2 {
					t.Errorf("the server got %+v, %v", m, err)
					told <- 0
					return
				}
				told <- int(binary.BigEndian.Uint16(m.Data))
			})
			s, err := dial(t, open(t), url)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Read(t.Context())
			var end *outside.CloseError
			if !errors.As(err, &end) || end.Code != 1006 {
				t.Errorf("closed with %v", err)
			}
			if got := <-told; got != c.want {
				t.Errorf("the server was told %d, want %d", got, c.want)
			}
		})
	}
}

func TestHandshakeErrors(t *testing.T) {
	for _, c := range []struct{ extra, accept, want string }{
		{"", "AAAA", "does not fit"},
		{"Sec-WebSocket-Protocol: other\r\n", "", "a protocol that was not offered"},
		{"Sec-WebSocket-Extensions: permessage-deflate\r\n", "", "an extension that was not offered"},
	} {
		url := serveSocket(t, c.extra, c.accept, func(p *peer) { _, _ = p.in.Next() })
		if _, err := dial(t, open(t), url); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	url := serveSocket(t, "", "", func(p *peer) { _, _ = p.in.Next() })
	guarded, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dial(t, guarded, url); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("a WebSocket to a private network: %v", err)
	}
}

// TestSocketContext has the context end a WebSocket whose peer neither reads nor writes.
func TestSocketContext(t *testing.T) {
	left := make(chan error, 1)
	release := make(chan struct{})
	url := serveSocket(t, "", "", func(p *peer) {
		<-release
		for {
			if _, err := p.in.Next(); err != nil {
				left <- err
				return
			}
		}
	})
	c, err := New(Config{Guard: Guard{Allow: loopback}, MaxSockets: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(t.Context())
	req := &outside.Request{Method: "GET", URL: url, Header: []outside.Field{{Name: "upgrade", Value: "websocket"}}}
	res, err := c.Fetch(ctx, nil, req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Fetch(ctx, nil, req); err == nil || !strings.Contains(err.Error(), "too many WebSockets") {
		t.Errorf("second socket: %v", err)
	}
	full := make(chan error)
	go func() {
		for {
			if err := res.Socket.Write(ctx, outside.Message{Data: make([]byte, 1<<20)}); err != nil {
				full <- err
				return
			}
		}
	}()
	ended := make(chan struct{})
	res.Socket.(*Socket).OnEnd(func() { close(ended) })
	cancel()
	if err := <-full; !errors.Is(err, context.Canceled) {
		t.Errorf("write: %v", err)
	}
	<-ended
	close(release)
	<-left
}
