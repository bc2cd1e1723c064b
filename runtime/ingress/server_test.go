package ingress

import (
	"context"
	"net"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
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

var _ = context.Background
var _ outside.Body
