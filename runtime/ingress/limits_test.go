package ingress

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

func TestTimeLimits(t *testing.T) {
	for _, c := range []struct {
		name   string
		send   string
		phase  phase
		served int
		want   string
	}{
		{"nothing sent", "", phaseNew, 0, "HTTP/1.1 408 "},
		{"half a head", "GET / HTTP/1.1\r\nHost: a\r\nX", phaseHeader, 0, "HTTP/1.1 408 "},
		{"half a buffered body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", phaseHeader, 0, "HTTP/1.1 408 "},
		{"idle", get, phaseIdle, 1, ""},
		{"half a streamed body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\nabc", phaseBody, 0, "HTTP/1.1 200 OK\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, addr := serve(t, Config{}, func(x *Exchange) {
				if b := x.Request().Body; b.Stream != nil {
					if _, err := io.ReadAll(b.Stream); !errors.Is(err, os.ErrDeadlineExceeded) {
						t.Errorf("body read: %v", err)
					}
				}
				hello(x)
			})
			nc := dial(t, addr)
			br := bufio.NewReader(nc)
			if _, err := io.WriteString(nc, c.send); err != nil {
				t.Fatal(err)
			}
			if c.served > 0 {
				res, err := http.ReadResponse(br, nil)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, res.Body)
			}
			k := onlyConn(s, true, c.phase)
			k.sweep(s.clock.now() + s.limit(c.phase)/2)
			if k.reading.expired() {
				t.Fatal("ended too early")
			}
			for !k.reading.expired() { // it may be between two phases
				k.sweep(s.clock.now() + s.limit(c.phase) + time.Second)
				runtime.Gosched()
			}
			got, err := io.ReadAll(br)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(got), c.want) || c.want == "" && len(got) > 0 {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWriteStall(t *testing.T) {
	result := make(chan error, 1)
	s, addr := serve(t, Config{}, func(x *Exchange) {
		ctx := x.Context()
		err := x.Respond(&outside.Response{Status: 200, Body: outside.Body{Bytes: make([]byte, 64<<20)}})
		if context.Cause(ctx) != ErrClientGone {
			t.Errorf("the context ended with %v", context.Cause(ctx))
		}
		result <- err
	})
	nc := dial(t, addr)
	if _, err := io.WriteString(nc, get); err != nil {
		t.Fatal(err)
	}
	c := onlyConn(s, false, phaseWrite)
	for !c.writing.expired() {
		c.sweep(s.clock.now() + s.cfg.WriteStallTimeout + time.Second)
		runtime.Gosched()
	}
	if err := <-result; !errors.Is(err, ErrClientGone) || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestClientLeaves(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells of a closed connection that nobody reads or writes")
	}
	cause := make(chan error, 1)
	_, addr := serve(t, Config{}, func(x *Exchange) {
		<-x.Context().Done()
		cause <- context.Cause(x.Context())
		hello(x)
	})
	nc := dial(t, addr)
	// A pipelined request must not hide the end.
	if _, err := io.WriteString(nc, get+get); err != nil {
		t.Fatal(err)
	}
	nc.Close()
	if err := <-cause; err != ErrClientGone {
		t.Errorf("got %v", err)
	}
}

func TestConnectionLimits(t *testing.T) {
	s, addr := serve(t, Config{MaxConnsPerIP: 2}, hello)
	for range 2 {
		dial(t, addr)
	}
	for s.Conns() < 2 {
		runtime.Gosched()
	}
	got, err := io.ReadAll(dial(t, addr))
	if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 429 ") {
		t.Errorf("third connection: %q, %v", got, err)
	}
	s, addr = serve(t, Config{MaxConns: 1}, hello)
	dial(t, addr)
	for s.Conns() < 1 {
		runtime.Gosched()
	}
	got, err = io.ReadAll(dial(t, addr))
	if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 503 ") {
		t.Errorf("second connection: %q, %v", got, err)
	}
}

func TestRequestsPerIP(t *testing.T) {
	_, addr := serve(t, Config{MaxRequestsPerIP: 1}, hello)
	nc := dial(t, addr)
	if _, err := io.WriteString(nc, get+get+get); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(nc)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(got), "200 OK"); n != 2 || !strings.Contains(string(got), "Error 1015") {
		t.Errorf("%d requests passed: %q", n, got)
	}
}

// TestLargeHeads sends heads of growing size on one connection.
func TestLargeHeads(t *testing.T) {
	s, addr := serve(t, Config{}, func(x *Exchange) {
		body := x.Request().Body.Bytes
		v, _ := x.Header("x-long")
		_ = x.Respond(&outside.Response{Status: 200, Body: text(fmt.Sprint(len(v), " ", len(body)))})
	})
	nc := dial(t, addr)
	br := bufio.NewReader(nc)
	for _, n := range []int{10, 8000, 9000, 31_000, 33_000, 130_000, 100} {
		for _, target := range []string{"/", "/" + strings.Repeat("a", 16_000)} {
			if _, err := fmt.Fprintf(nc, "POST %s HTTP/1.1\r\nHost: a\r\nX-Long: %s\r\nContent-Length: %d\r\n\r\n%s", target,
				strings.Repeat("b", n), n/2, strings.Repeat("c", n/2)); err != nil {
				t.Fatal(err)
			}
			res, err := http.ReadResponse(br, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(res.Body)
			if want := fmt.Sprint(n, " ", n/2); err != nil || n/2 <= s.cfg.BufferBody && string(got) != want {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		}
	}
	for name, head := range map[string]string{
		"HTTP/1.1 431 ": "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("b", 200_000),
		"HTTP/1.1 414 ": "GET /" + strings.Repeat("b", 200_000),
	} {
		nc := dial(t, addr)
		go func() { _, _ = io.WriteString(nc, head) }()
		if got, _ := io.ReadAll(nc); !strings.HasPrefix(string(got), name) {
			t.Errorf("got %.60q, want %s", got, name)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []Config{{MaxURL: -1}, {MaxHeader: 1 << 30}, {MaxConns: -1}, {MaxMessage: -1}, {ServerName: "a\nb"}, {BufferBody: 1 << 30}} {
		if err := c.Validate(); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
	if err := new(Config).Validate(); err != nil {
		t.Error(err)
	}
	if _, err := New(Config{}, nil); err == nil {
		t.Error("a nil handler is accepted")
	}
}
