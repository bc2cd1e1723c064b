package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestPress(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/chunked":
			io.WriteString(w, "Hello ")
			w.(http.Flusher).Flush()
			io.WriteString(w, r.Host)
		case "/whole":
			io.WriteString(w, "Hello "+r.Host)
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	addr := s.Listener.Addr().String()
	l := load{connections: 3, requests: 50, duration: time.Minute}
	for _, path := range []string{"/chunked", "/whole"} {
		p, err := press(context.Background(), endpoint{addr: addr, host: "a.example", path: path, want: "Hello a.example"}, l)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if p.requests != 50 || len(p.latencies) != 50 || p.quantile(0) > p.quantile(1) {
			t.Errorf("%s: %d requests, %d latencies", path, p.requests, len(p.latencies))
		}
	}
	for path, want := range map[string]string{"/whole": `body "Hello a.example"`, "/none": "status 404"} {
		_, err := press(context.Background(), endpoint{addr: addr, host: "a.example", path: path, want: "other"}, l)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", path, err, want)
		}
	}
	if _, err := press(context.Background(), endpoint{addr: "192.0.2.1:80"}, l); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("an address elsewhere: %v", err)
	}
}

func TestFloor(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := floor()
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	for path, want := range map[string]string{"/": helloText, "/kilobyte": kilobyte, honoPath: honoText} {
		if _, err := firstAnswer(context.Background(), endpoint{addr: l.Addr().String(), host: "h", path: path, want: want}); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := s.Shutdown(); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestInParallel(t *testing.T) {
	var calls atomic.Int64
	n, err := inParallel(100, func(int) error { calls.Add(1); return nil })
	if n != 100 || err != nil || calls.Load() != 100 {
		t.Errorf("%d, %v, %d calls", n, err, calls.Load())
	}
	n, err = inParallel(100, func(i int) error {
		if i >= 40 {
			return errEnough
		}
		return nil
	})
	if n != 40 || !errors.Is(err, errEnough) {
		t.Errorf("%d, %v", n, err)
	}
}
