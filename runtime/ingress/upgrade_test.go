package ingress

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/websocket"
)

// A testSocket is the worker's end of a WebSocket.
type testSocket struct {
	in, out chan outside.Message
	closing chan outside.CloseError // what the front end said
	end     chan outside.CloseError // what the worker says
}

func newTestSocket() *testSocket {
	return &testSocket{make(chan outside.Message, 16), make(chan outside.Message, 16),
		make(chan outside.CloseError, 4), make(chan outside.CloseError, 1)}
}

func (s *testSocket) Read(ctx context.Context) (outside.Message, error) {
	select {
	case m := <-s.out:
		return m, nil
	case e := <-s.end:
		return outside.Message{}, &e
	case <-ctx.Done():
		return outside.Message{}, ctx.Err()
	}
}

func (s *testSocket) Write(ctx context.Context, m outside.Message) error {
	select {
	case s.in <- m:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *testSocket) Close(code int, reason string) error {
	s.closing <- outside.CloseError{Code: code, Reason: reason}
	return nil
}

const handshake = "GET /ws HTTP/1.1\r\nHost: example.com\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

// clientFrame is a masked frame; first is the byte with FIN and opcode.
func clientFrame(first byte, payload string) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n <= 0xffff:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	key := [4]byte{1, 2, 3, 4}
	b = append(b, key[:]...)
	p := []byte(payload)
	for i := range p {
		p[i] ^= key[i&3]
	}
	return append(b, p...)
}

// serverFrame reads one frame of the server's.
func serverFrame(t *testing.T, br *bufio.Reader) (first byte, payload string) {
	t.Helper()
	var h [2]byte
	if _, err := io.ReadFull(br, h[:]); err != nil {
		t.Fatal(err)
	}
	n := int(h[1])
	switch n {
	case 126:
		var b [2]byte
		_, _ = io.ReadFull(br, b[:])
		n = int(binary.BigEndian.Uint16(b[:]))
	case 127:
		var b [8]byte
		_, _ = io.ReadFull(br, b[:])
		n = int(binary.BigEndian.Uint64(b[:]))
	}
	p := make([]byte, n)
	if _, err := io.ReadFull(br, p); err != nil {
		t.Fatal(err)
	}
	return h[0], string(p)
}

// upgraded opens a WebSocket; ended gets what Respond returned.
func upgraded(t *testing.T, cfg Config) (s *Server, nc net.Conn, br *bufio.Reader, worker *testSocket, ended chan error) {
	t.Helper()
	worker, ended = newTestSocket(), make(chan error, 1)
	s, addr := serve(t, cfg, func(x *Exchange) {
		if !x.Upgrade() {
			t.Error("no upgrade is seen")
		}
		ended <- x.Respond(&outside.Response{Status: 101, Socket: worker,
			Header: []outside.Field{{Name: "sec-websocket-protocol", Value: "chat"}, {Name: "upgrade", Value: "websocket"}}})
	})
	nc = dial(t, addr)
	if _, err := io.WriteString(nc, handshake); err != nil {
		t.Fatal(err)
	}
	br = bufio.NewReader(nc)
	res, err := http.ReadResponse(br, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 101 || res.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" ||
		res.Header.Get("Sec-WebSocket-Protocol") != "chat" || len(res.Header["Upgrade"]) != 1 {
		t.Fatalf("handshake answered with %v", res)
	}
	return s, nc, br, worker, ended
}

func TestWebSocketMessages(t *testing.T) {
	_, nc, br, worker, ended := upgraded(t, Config{})
	long := strings.Repeat("0123456789", 10_000)
	send := func(b ...[]byte) { _, _ = nc.Write(bytes.Join(b, nil)) }
	send(clientFrame(0x81, "héllo"), clientFrame(0x82, "\xff"), clientFrame(0x82, ""),
		clientFrame(0x01, "frag"), clientFrame(0x89, "ping"), clientFrame(0x00, "men"), clientFrame(0x80, "ted"),
		clientFrame(0x81, long), clientFrame(0x8a, "unasked"))
	for _, want := range []outside.Message{
		{Data: []byte("héllo"), Text: true}, {Data: []byte("\xff")}, {Data: []byte{}},
		{Data: []byte("fragmented"), Text: true}, {Data: []byte(long), Text: true},
	} {
		got := <-worker.in
		if got.Text != want.Text || !bytes.Equal(got.Data, want.Data) {
			t.Errorf("worker got %.40q (text %v), want %.40q", got.Data, got.Text, want.Data)
		}
	}
	if first, p := serverFrame(t, br); first != 0x8a || p != "ping" {
		t.Errorf("ping answered with %#x %q", first, p)
	}
	for _, m := range []outside.Message{{Data: []byte("one"), Text: true}, {Data: []byte(long)}, {Data: []byte(long[:300])}} {
		worker.out <- m
		first, p := serverFrame(t, br)
		if (first == 0x81) != m.Text || p != string(m.Data) {
			t.Errorf("client got %#x %.40q", first, p)
		}
	}
	send(clientFrame(0x88, "\x03\xe8bye"))
	if got := <-worker.closing; got.Code != 1000 || got.Reason != "bye" {
		t.Errorf("worker was told %v", got)
	}
	if first, p := serverFrame(t, br); first != 0x88 || p != "\x03\xe8bye" {
		t.Errorf("close answered with %#x %q", first, p)
	}
	if _, err := br.ReadByte(); err != io.EOF {
		t.Errorf("connection: %v", err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestWebSocketClosedByWorker(t *testing.T) {
	_, nc, br, worker, ended := upgraded(t, Config{})
	worker.end <- outside.CloseError{Code: 4000, Reason: strings.Repeat("é", 100)}
	if first, p := serverFrame(t, br); first != 0x88 || p != "\x0f\xa0"+strings.Repeat("é", 61) {
		t.Errorf("got %#x %q", first, p)
	}
	_, _ = nc.Write(clientFrame(0x81, "too late"))
	_, _ = nc.Write(clientFrame(0x88, "\x0f\xa0"))
	if got := <-worker.closing; got.Code != 4000 {
		t.Errorf("worker was told %v", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(worker.in) > 0 {
		t.Error("a message came after the close")
	}
}

func TestWebSocketEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		send []byte
		code int
	}{
		{"unmasked", []byte{0x81, 1, 'a'}, 1002},
		{"reserved bit", clientFrame(0xc1, "a"), 1002},
		{"unknown opcode", clientFrame(0x83, "a"), 1002},
		{"unknown control opcode", clientFrame(0x8b, "a"), 1002},
		{"fragmented ping", clientFrame(0x09, "a"), 1002},
		{"long ping", clientFrame(0x89, strings.Repeat("a", 126)), 1002},
		{"continuation of nothing", clientFrame(0x80, "a"), 1002},
		{"text within text", append(clientFrame(0x01, "a"), clientFrame(0x81, "b")...), 1002},
		{"bad UTF-8", clientFrame(0x81, "\xc3"), 1007},
		{"bad UTF-8 in close", clientFrame(0x88, "\x03\xe8\xff"), 1007},
		{"close of one byte", clientFrame(0x88, "a"), 1002},
		{"close code of nobody", clientFrame(0x88, "\x03\xed"), 1002},
		{"too big", clientFrame(0x82, strings.Repeat("a", 1001)), 1009},
		{"too big in parts", append(clientFrame(0x02, strings.Repeat("a", 600)), clientFrame(0x80, strings.Repeat("a", 600))...), 1009},
		{"length not minimal", []byte{0x81, 0xfe, 0, 5, 0, 0, 0, 0}, 1002},
		{"length negative", []byte{0x81, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 1002},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, nc, br, worker, ended := upgraded(t, Config{MaxMessage: 1000})
			_, _ = nc.Write(c.send)
			first, p := serverFrame(t, br)
			if first != 0x88 || len(p) < 2 || int(binary.BigEndian.Uint16([]byte(p))) != c.code {
				t.Errorf("got %#x %q, want close code %d", first, p, c.code)
			}
			if got := <-worker.closing; got.Code != c.code {
				t.Errorf("worker was told %v", got)
			}
			if err := <-ended; websocket.AsProtocolError(err) == nil {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

func TestWebSocketClientVanishes(t *testing.T) {
	_, nc, _, worker, ended := upgraded(t, Config{})
	nc.Close()
	if got := <-worker.closing; got.Code != 1006 {
		t.Errorf("worker was told %v", got)
	}
	if err := <-ended; !errors.Is(err, ErrClientGone) {
		t.Errorf("ended with %v", err)
	}
}

func TestWebSocketShutdown(t *testing.T) {
	s, nc, br, worker, ended := upgraded(t, Config{})
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(context.Background()) }()
	if first, p := serverFrame(t, br); first != 0x88 || p != "\x03\xe9" {
		t.Errorf("got %#x %q", first, p)
	}
	_, _ = nc.Write(clientFrame(0x88, "\x03\xe9"))
	if got := <-worker.closing; got.Code != 1001 {
		t.Errorf("worker was told %v", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestWebSocketRefused(t *testing.T) {
	for _, c := range []struct{ name, request, want string }{
		{"no upgrade", get, "HTTP/1.1 500 "},
		{"bad key", strings.Replace(handshake, "dGhl", "!", 1), "HTTP/1.1 400 "},
		{"old version", strings.Replace(handshake, ": 13", ": 8", 1), "HTTP/1.1 426 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			worker := newTestSocket()
			_, addr := serve(t, Config{}, func(x *Exchange) {
				_ = x.Respond(&outside.Response{Status: 101, Socket: worker})
			})
			nc := dial(t, addr)
			_, _ = io.WriteString(nc, c.request)
			_ = nc.(*net.TCPConn).CloseWrite()
			got, _ := io.ReadAll(nc)
			if !strings.HasPrefix(string(got), c.want) {
				t.Errorf("got %q", got)
			}
			if e := <-worker.closing; e.Code != 1006 {
				t.Errorf("worker was told %v", e)
			}
		})
	}
}
