package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
)

// A kind is one sort of traffic.
type kind struct {
	name string
	// share of a thousand requests.
	share int
	bad   bool
	send  func(ctx context.Context, c *clients) error

	mu       sync.Mutex
	sent     int
	beside   int // fell with a host that another script took down
	failed   int
	problem  error // the first
	longest  time.Duration
	duration []time.Duration // of a sample of requests
}

// kinds of traffic. What bad ones are answered is looked at too: it must be the
// platform's doing, and never nothing at all.
func kinds() []*kind {
	return []*kind{
		{name: "hello", share: 450, send: expect("GET", "hello", "/", "", 200, "Hello World")},
		{name: "KV", share: 150, send: func(ctx context.Context, c *clients) error {
			key := fmt.Sprintf("key-%d", rand.IntN(500))
			return c.expect(ctx, "GET", "counter", "/?key="+key, "", 200, key+" true")
		}},
		{name: "streams", share: 60, send: expect("GET", "page", "/", "", 200, "line 7")},
		{name: "cache", share: 150, send: func(ctx context.Context, c *clients) error {
			return c.expect(ctx, "GET", "cache", fmt.Sprintf("/%d", rand.IntN(200)), "", 200, "cached")
		}},
		{name: "service binding", share: 80, send: expect("GET", "front", "/", "", 200, "front of Hello World")},
		{name: "upload", share: 40, send: func(ctx context.Context, c *clients) error {
			return c.expect(ctx, "POST", "echo", "/", c.upload, 200, c.upload)
		}},
		{name: "unknown host", share: 8, send: expect("GET", "nobody", "/", "", 404, "No worker")},
		{name: "client leaves in body", share: 15, send: leaveInBody},
		{name: "client leaves in answer", share: 15, send: leaveInAnswer},
		{name: "throws", share: 18, bad: true, send: expect("GET", "throws", "/", "", 500, "1101")},
		{name: "loops", share: 3, bad: true, send: expect("GET", "spins", "/", "", 503, "1102")},
		{name: "logs", share: 2, bad: true, send: expect("GET", "logs", "/", "", 503, "1102")},
		{name: "keeps", share: 5, bad: true, send: expect("GET", "leaks", "/", "", 0, "")},
		{name: "waits for ever", share: 2, bad: true, send: leaveWaiting},
		{name: "takes memory", share: 1, bad: true, send: expect("GET", "hoards", "/", "", 503, "")},
		{name: "overflows the stack", share: 0, bad: true, send: expect("GET", "overflows", "/", "", 503, "")},
		{name: "hangs", share: 0, bad: true, send: expect("GET", "hangs", "/", "", 503, "")},
	}
}

// bystander is in the answer to a request that was being handled when its host process
// was taken down by another.
const bystander = "host process ended while the request was being handled"

var errBystander = errors.New(bystander)

func expect(method, worker, path, body string, status int, want string) func(context.Context, *clients) error {
	return func(ctx context.Context, c *clients) error {
		return c.expect(ctx, method, worker, path, body, status, want)
	}
}

// clients ask the server.
type clients struct {
	addr   string
	http   *http.Client
	upload string
}

func newClients(addr string, connections int) *clients {
	var d net.Dialer
	return &clients{
		addr: addr, upload: strings.Repeat("soak ", 20_000),
		http: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
			MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections,
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return d.DialContext(ctx, network, addr)
			},
		}},
	}
}

// expect asks once and checks the answer; status 0 allows any.
func (c *clients) expect(ctx context.Context, method, worker, path, body string, status int, want string) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+c.addr+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Host = worker + "." + process.Domain
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil && ctx.Err() == nil && res.StatusCode == http.StatusOK {
		return errBystander // the head was out when its host fell, and the answer is cut
	}
	if err != nil {
		return fmt.Errorf("%s: %w", worker, err)
	}
	if bytes.Contains(got, []byte(bystander)) {
		return errBystander
	}
	if status != 0 && res.StatusCode != status || !bytes.Contains(got, []byte(want)) {
		return fmt.Errorf("%s: status %d, want %d and %.60q: %.300q", worker, res.StatusCode, status, want, got)
	}
	return nil
}

// raw opens a connection and sends the beginning of a request.
func (c *clients) raw(ctx context.Context, text string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", c.addr)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, text); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func leaveInBody(ctx context.Context, c *clients) error {
	conn, err := c.raw(ctx, "POST / HTTP/1.1\r\nHost: echo."+process.Domain+"\r\nContent-Length: 1000000\r\n\r\nbeginning")
	if err != nil {
		return err
	}
	return conn.Close()
}

func leaveInAnswer(ctx context.Context, c *clients) error {
	conn, err := c.raw(ctx, "GET / HTTP/1.1\r\nHost: page."+process.Domain+"\r\n\r\n")
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = io.ReadFull(conn, make([]byte, 20))
	return err
}

// leaveWaiting does not wait for an answer that would never come.
func leaveWaiting(ctx context.Context, c *clients) error {
	conn, err := c.raw(ctx, "GET / HTTP/1.1\r\nHost: waits."+process.Domain+"\r\n\r\n")
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return err
	}
	_, _ = conn.Read(make([]byte, 1))
	return nil
}

// run sends one request of the kind and notes how it went.
func (k *kind) run(ctx context.Context, c *clients) {
	start := time.Now()
	err := k.send(ctx, c)
	took := time.Since(start)
	if ctx.Err() != nil {
		return // it was cut short by the end of the run
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sent++
	k.longest = max(k.longest, took)
	const keep = 20_000
	if len(k.duration) < keep {
		k.duration = append(k.duration, took)
	} else if i := rand.IntN(k.sent); i < keep {
		k.duration[i] = took
	}
	switch {
	case errors.Is(err, errBystander):
		k.beside++
	case err != nil:
		k.failed++
		if k.problem == nil {
			k.problem = err
		}
	}
}

// quantile is that of the requests of the kind. k.mu is held.
func (k *kind) quantile(q float64) time.Duration {
	if len(k.duration) == 0 {
		return 0
	}
	slices.Sort(k.duration)
	return k.duration[int(q*float64(len(k.duration)-1))]
}

// press sends requests at a rate until ctx ends. When all workers of the load are busy
// the rate sinks.
func press(ctx context.Context, c *clients, all []*kind, rate float64, width int) {
	var wheel []*kind
	for _, k := range all {
		for range k.share {
			wheel = append(wheel, k)
		}
	}
	next := make(chan *kind)
	var busy sync.WaitGroup
	for range width {
		busy.Go(func() {
			for k := range next {
				k.run(ctx, c)
			}
		})
	}
	defer busy.Wait()
	defer close(next)
	tick := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		select {
		case <-ctx.Done():
			return
		case next <- wheel[rand.IntN(len(wheel))]:
		}
	}
}

// every sends a request of the kind from time to time.
func every(ctx context.Context, interval time.Duration, do func()) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do()
		}
	}
}
