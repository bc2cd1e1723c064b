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
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Body", string(body[:min(len(body), 3)]))
		switch r.URL.Path {
		case "/chunked":
			io.WriteString(w, "Hello ")
			w.(http.Flusher).Flush()
			io.WriteString(w, r.Host)
		case "/whole":
			io.WriteString(w, "Hello "+r.Host)
		case "/echo":
			w.Header().Set("Connection", "close")
			w.Write(body)
		case "/busy":
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	addr := s.Listener.Addr().String()
	l := load{connections: 3, requests: 50, duration: time.Minute}
	to := func(path, body, want string, header ...string) endpoint {
		return newEndpoint(addr, "a.example", &workload{method: "POST", path: path, body: body, want: answer{body: want, header: header}})
	}
	long := strings.Repeat("0123456789abcdef", 1<<16)
	for _, e := range []endpoint{
		to("/chunked", "", "Hello a.example"), to("/whole", "abcd", "Hello a.example", "x-body: abc"), to("/echo", long, long),
	} {
		p, err := press(t.Context(), []endpoint{e, e}, l)
		if err != nil {
			t.Fatalf("%.30q: %v", e.request, err)
		}
		if p.requests != 50 || len(p.latencies) != 50 || p.shed != 0 || quantile(p.latencies, 0) > quantile(p.latencies, 1) {
			t.Errorf("%.30q: %d requests, %d latencies", e.request, p.requests, len(p.latencies))
		}
	}
	for _, c := range []struct {
		e    endpoint
		want string
	}{
		{to("/whole", "", "other"), `body "Hello a.example"`}, {to("/none", "", "other"), "status 404"}, {to("/busy", "", ""), "429"},
		{to("/whole", "abcd", "Hello a.example", "x-body: other"), `0 of the headers`},
		{endpoint{addr: "192.0.2.1:80"}, "loopback"},
	} {
		if _, err := press(t.Context(), []endpoint{c.e}, l); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.30q: error %v, want %s", c.e.request, err, c.want)
		}
	}

	// What is due comes at its rate, and may be turned away.
	paced := load{connections: 4, duration: 200 * time.Millisecond, rate: 100}
	p, err := press(t.Context(), []endpoint{to("/busy", "", "")}, paced)
	if err != nil || p.requests != 0 || p.shed != 20 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestFloor(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := floor(map[string]string{"/a": "A", "/b": strings.Repeat("B", 100_000)})
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	for path, want := range map[string]string{"/a": "A", "/b": strings.Repeat("B", 100_000)} {
		e := newEndpoint(l.Addr().String(), "", &workload{method: "POST", body: strings.Repeat("x", megabyte), path: path, want: answer{body: want}})
		if _, err := firstAnswer(context.Background(), e); err != nil {
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
