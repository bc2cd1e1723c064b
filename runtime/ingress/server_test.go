package ingress

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// get is a request as browsers send it, more or less.
const get = "GET /hello?name=x HTTP/1.1\r\nHost: example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n" +
	"Accept: text/html,application/xhtml+xml\r\nAccept-Encoding: gzip, br\r\nAccept-Language: en\r\nCookie: a=b; c=d\r\n\r\n"

func hello(x *Exchange) {
	_ = x.Respond(&outside.Response{Status: 200, Header: helloHeader, Body: outside.Body{Bytes: helloBody}})
}

var (
	helloHeader = []outside.Field{{Name: "content-type", Value: "text/plain"}}
	helloBody   = []byte("hello, world")
)

// serve starts a server on loopback that lives as long as the test.
func serve(t testing.TB, cfg Config, h HandlerFunc) (*Server, string) {
	t.Helper()
	s, err := New(cfg, h)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(ln) }()
	t.Cleanup(func() {
		s.Close()
		<-s.empty
		if err := <-done; err != ErrClosed {
			t.Errorf("Serve returned %v", err)
		}
	})
	return s, ln.Addr().String()
}

func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	return nc
}

// onlyConn waits until the server's only connection is in the phase.
func onlyConn(s *Server, reading bool, p phase) *conn {
	for {
		s.mu.Lock()
		for c := range s.conns {
			st := &c.writing
			if reading {
				st = &c.reading
			}
			if st.phase() == p {
				s.mu.Unlock()
				return c
			}
		}
		s.mu.Unlock()
		runtime.Gosched()
	}
}

func TestShutdown(t *testing.T) {
	begun, finish := make(chan bool), make(chan bool)
	s, addr := serve(t, Config{}, func(x *Exchange) {
		begun <- true
		<-finish
		hello(x)
	})
	idle, busy := dial(t, addr), dial(t, addr)
	if _, err := io.WriteString(busy, get); err != nil {
		t.Fatal(err)
	}
	<-begun
	for s.Conns() < 2 {
		runtime.Gosched()
	}
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(context.Background()) }()
	if got, err := io.ReadAll(idle); err != nil || len(got) > 0 && !strings.HasPrefix(string(got), "HTTP/1.1 408") {
		t.Errorf("idle connection: %q, %v", got, err)
	}
	finish <- true
	got, err := io.ReadAll(busy)
	if err != nil || !strings.Contains(string(got), "\r\nconnection: close\r\n") || !strings.HasSuffix(string(got), "hello, world") {
		t.Errorf("busy connection: %q, %v", got, err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if s.Conns() != 0 {
		t.Errorf("%d connections are left", s.Conns())
	}
}

func TestShutdownForced(t *testing.T) {
	begun := make(chan bool)
	cause := make(chan error, 1)
	s, addr := serve(t, Config{}, func(x *Exchange) {
		ctx := x.Context()
		begun <- true
		<-ctx.Done()
		cause <- context.Cause(ctx)
	})
	nc := dial(t, addr)
	if _, err := io.WriteString(nc, get); err != nil {
		t.Fatal(err)
	}
	<-begun
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(ctx); err != context.Canceled {
		t.Errorf("Shutdown: %v", err)
	}
	if err := <-cause; err != ErrShutdown {
		t.Errorf("cause %v", err)
	}
}

// TestStreaming sees each chunk before the next is made.
func TestStreaming(t *testing.T) {
	r, w := io.Pipe()
	_, addr := serve(t, Config{}, func(x *Exchange) {
		if err := x.Respond(&outside.Response{Status: 200, Body: outside.Body{Stream: r, Length: -1}}); err != nil {
			t.Error(err)
		}
	})
	nc := dial(t, addr)
	if _, err := io.WriteString(nc, get); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(nc), nil)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 100)
	for _, chunk := range []string{"one", "two", "three"} {
		if _, err := io.WriteString(w, chunk); err != nil {
			t.Fatal(err)
		}
		if n, err := res.Body.Read(p); err != nil || string(p[:n]) != chunk {
			t.Errorf("got %q, %v", p[:n], err)
		}
	}
	w.Close()
	if n, err := res.Body.Read(p); n != 0 || err != io.EOF {
		t.Errorf("at the end: %d, %v", n, err)
	}
}

// endless is a stream that counts what is taken from it.
type endless struct {
	taken  atomic.Int64
	closed atomic.Bool
}

func (e *endless) Read(p []byte) (int, error) { e.taken.Add(int64(len(p))); return len(p), nil }
func (e *endless) Close() error               { e.closed.Store(true); return nil }

// TestBackpressure has a client that does not read and then leaves.
func TestBackpressure(t *testing.T) {
	var e endless
	result := make(chan error, 1)
	s, addr := serve(t, Config{}, func(x *Exchange) {
		result <- x.Respond(&outside.Response{Status: 200, Body: outside.Body{Stream: &e, Length: -1}})
	})
	nc := dial(t, addr)
	if _, err := io.WriteString(nc, get); err != nil {
		t.Fatal(err)
	}
	onlyConn(s, false, phaseWrite)
	for before := int64(-1); before != e.taken.Load(); {
		before = e.taken.Load()
		for range 10_000 { // long enough for a writer that is not held back
			runtime.Gosched()
		}
	}
	if n := e.taken.Load(); n > 32<<20 {
		t.Errorf("%d bytes were taken for a client that reads nothing", n)
	}
	nc.Close()
	if err := <-result; !errors.Is(err, ErrClientGone) {
		t.Errorf("got %v", err)
	}
	if !e.closed.Load() {
		t.Error("the stream is left open")
	}
}

// TestBodyOutlivesExchange reads a streamed body after the response.
func TestBodyOutlivesExchange(t *testing.T) {
	stream := make(chan io.ReadCloser, 1)
	_, addr := serve(t, Config{BufferBody: -1}, func(x *Exchange) {
		stream <- x.Request().Body.Stream
		hello(x)
	})
	nc := dial(t, addr)
	br := bufio.NewReader(nc)
	for range 2 {
		if _, err := io.WriteString(nc, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(br, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		s := <-stream
		for {
			if _, err := s.Read(make([]byte, 10)); err == ErrBodyClosed || err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestBodyReadInFlight answers while another goroutine still waits for the body.
func TestBodyReadInFlight(t *testing.T) {
	readErr := make(chan error, 1)
	s, addr := serve(t, Config{}, withServer(func(s *Server) HandlerFunc {
		return func(x *Exchange) {
			body := x.Request().Body.Stream
			go func() {
				_, err := body.Read(make([]byte, 10))
				readErr <- err
			}()
			onlyConn(s, true, phaseBody)
			hello(x)
		}
	}))
	_ = s
	nc := dial(t, addr)
	if _, err := io.WriteString(nc, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(nc); err != nil || !strings.HasSuffix(string(got), "hello, world") {
		t.Errorf("got %q, %v", got, err)
	}
	if err := <-readErr; err == nil {
		t.Error("the read went on")
	}
}

// withServer makes a handler that knows its server.
func withServer(f func(*Server) HandlerFunc) HandlerFunc {
	return func(x *Exchange) { f(x.c.srv)(x) }
}

// TestIdleConnections holds 2,000 connections open and looks at what they keep.
func TestIdleConnections(t *testing.T) {
	const n = 2000
	s, addr := serve(t, Config{}, hello)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	conns := make([]net.Conn, n)
	for i := range conns {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		conns[i] = nc
		if _, err := io.WriteString(nc, get); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]byte, 4096)
	for _, nc := range conns {
		if _, err := nc.Read(buf); err != nil {
			t.Fatal(err)
		}
	}
	idle := func() (k int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for c := range s.conns {
			if c.reading.phase() == phaseIdle {
				k++
			}
		}
		return k
	}
	for idle() < n {
		runtime.Gosched()
	}
	runtime.GC()
	runtime.GC() // pools are emptied in two steps
	runtime.ReadMemStats(&after)
	each := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / n
	t.Logf("%d bytes of heap for each idle connection, the client's end included", each)
	if each > 4<<10 {
		t.Errorf("an idle connection keeps %d bytes of heap, want at most 4096", each)
	}
	for _, nc := range conns {
		if _, err := io.WriteString(nc, get); err != nil {
			t.Fatal(err)
		}
		if _, err := nc.Read(buf); err != nil || !bytes.HasPrefix(buf, []byte("HTTP/1.1 200")) {
			t.Fatalf("%q, %v", buf[:20], err)
		}
	}
}

func TestHammer(t *testing.T) {
	var served atomic.Int64
	s, addr := serve(t, Config{MaxRequestsPerIP: 1 << 30}, func(x *Exchange) {
		served.Add(1)
		req := x.Request()
		switch served.Load() % 4 {
		case 0:
			_ = x.Context()
			hello(x)
		case 1:
			_ = x.Respond(&outside.Response{Status: 200, Body: req.Body, Header: req.Header})
		case 2:
			_ = x.RespondPage(PageFor(1101, ""))
		default:
			go func() { _, _ = io.Copy(io.Discard, bodyOf(req)) }()
			hello(x)
		}
	})
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			tr := &http.Transport{}
			defer tr.CloseIdleConnections()
			client := &http.Client{Transport: tr}
			for j := range 60 {
				body := strings.Repeat("x", (i*j*997)%200_000)
				ctx, cancel := context.WithCancel(context.Background())
				req, _ := http.NewRequestWithContext(ctx, "POST", "http://"+addr+"/", io.MultiReader(strings.NewReader(body)))
				if j%3 == 0 {
					req.ContentLength = int64(len(body))
				}
				res, err := client.Do(req)
				if err == nil {
					if j%7 == 0 {
						cancel()
					}
					_, _ = io.Copy(io.Discard, res.Body)
					res.Body.Close()
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if served.Load() < 900 {
		t.Errorf("only %d requests were served", served.Load())
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

func bodyOf(r *outside.Request) io.Reader {
	if r.Body.Stream != nil {
		return r.Body.Stream
	}
	return bytes.NewReader(r.Body.Bytes)
}

func TestRayIDs(t *testing.T) {
	var r rayIDs
	r.init()
	seen := map[[rayLen]byte]bool{}
	var id [rayLen]byte
	for range 10_000 {
		r.next(&id)
		if seen[id] || !rayPattern.Match(id[:]) {
			t.Fatalf("bad or repeated id %s", id)
		}
		seen[id] = true
	}
}

// discardConn is a connection that sends one request again and again.
type discardConn struct {
	net.Conn
	in   []byte
	left int
	pos  int
}

func (d *discardConn) Read(p []byte) (int, error) {
	if d.left == 0 {
		return 0, io.EOF
	}
	n := copy(p, d.in[d.pos:])
	if d.pos += n; d.pos == len(d.in) {
		d.pos = 0
		d.left--
	}
	return n, nil
}
func (d *discardConn) Write(p []byte) (int, error)      { return len(p), nil }
func (d *discardConn) Close() error                     { return nil }
func (d *discardConn) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
func (d *discardConn) SetReadDeadline(time.Time) error  { return nil }
func (d *discardConn) SetWriteDeadline(time.Time) error { return nil }

func TestAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("pools are not reliable under the race detector")
	}
	s, err := New(Config{}, HandlerFunc(hello))
	if err != nil {
		t.Fatal(err)
	}
	const n = 1000
	allocs := testing.AllocsPerRun(5, func() {
		s.ServeConn(&discardConn{in: []byte(get), left: n})
	})
	t.Logf("%.3f allocations a request", allocs/n)
	if allocs/n > 0.1 {
		t.Errorf("%.3f allocations a request, want none", allocs/n)
	}
}

func ExampleServer() {
	s, err := New(Config{}, HandlerFunc(func(x *Exchange) {
		_ = x.Respond(&outside.Response{Status: 200, Body: outside.Body{Bytes: []byte("hello from " + x.Hostname())}})
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	client, server := net.Pipe()
	go s.ServeConn(server)
	_, _ = io.WriteString(client, "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n")
	res, err := http.ReadResponse(bufio.NewReader(client), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	body, _ := io.ReadAll(res.Body)
	fmt.Println(res.StatusCode, string(body))
	// Output: 200 hello from example.com
}
