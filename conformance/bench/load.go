package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
)

// An endpoint is where a server answers a workload.
type endpoint struct {
	addr string // of the loopback interface
	host string // the Host header
	path string
	want string // the body of the answer
}

// A load is how hard an endpoint is pressed: connections that each send the next
// request when the answer to the last is in, until time or requests run out.
type load struct {
	connections int
	requests    int // 0 is no limit
	duration    time.Duration
}

// A pressed is what came of a load.
type pressed struct {
	requests  int
	elapsed   time.Duration
	latencies []time.Duration // sorted
}

func (p *pressed) quantile(q float64) time.Duration {
	if len(p.latencies) == 0 {
		return 0
	}
	return p.latencies[int(q*float64(len(p.latencies)-1))]
}

// press puts a load on an endpoint. Any answer but the wanted one is an error.
func press(ctx context.Context, e endpoint, l load) (*pressed, error) {
	ctx, cancel := context.WithTimeout(ctx, l.duration+process.Patience)
	defer cancel()
	var (
		wg    sync.WaitGroup
		sent  atomic.Int64
		fail  sync.Once
		err   error // the first
		times = make([][]time.Duration, l.connections)
	)
	clients := make([]*client, l.connections)
	for i := range clients {
		c, err := dial(ctx, e)
		if err != nil {
			return nil, err
		}
		defer c.close()
		clients[i] = c
	}
	start := time.Now()
	deadline := start.Add(l.duration)
	for i, c := range clients {
		wg.Go(func() {
			for last := start; last.Before(deadline) && ctx.Err() == nil; {
				if l.requests > 0 && sent.Add(1) > int64(l.requests) {
					return
				}
				if failure := c.get(); failure != nil {
					fail.Do(func() {
						err = failure
						cancel()
					})
					return
				}
				now := time.Now()
				times[i] = append(times[i], now.Sub(last))
				last = now
			}
		})
	}
	wg.Wait()
	p := &pressed{elapsed: time.Since(start), latencies: slices.Concat(times...)}
	slices.Sort(p.latencies)
	p.requests = len(p.latencies)
	if err == nil {
		err = ctx.Err()
	}
	return p, err
}

// A client is one keep-alive connection.
type client struct {
	conn    net.Conn
	in      *bufio.Reader
	request []byte
	want    []byte
	body    []byte
}

func dial(ctx context.Context, e endpoint) (*client, error) {
	host, _, err := net.SplitHostPort(e.addr)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%s is not an address of the loopback interface", e.addr)
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", e.addr)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return &client{
		conn: conn, in: bufio.NewReaderSize(conn, 16<<10), want: []byte(e.want),
		request: fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: mayfly-bench\r\nAccept: */*\r\n\r\n", e.path, e.host),
	}, nil
}

func (c *client) close() { _ = c.conn.Close() }

// get sends the request and checks the answer.
func (c *client) get() error {
	if _, err := c.conn.Write(c.request); err != nil {
		return err
	}
	status, err := c.answer()
	if err != nil {
		return err
	}
	if status != 200 || !bytes.Equal(c.body, c.want) {
		return fmt.Errorf("status %d and body %.300q, want 200 and %.300q", status, c.body, c.want)
	}
	return nil
}

// answer reads one response into body: as much of HTTP/1.1 as the servers here speak.
func (c *client) answer() (status int, err error) {
	line, err := c.line()
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(line, []byte(" "))
	if len(rest) < 3 {
		return 0, fmt.Errorf("no status in %q", line)
	}
	if status, err = strconv.Atoi(string(rest[:3])); err != nil {
		return 0, err
	}
	length := -1
	for {
		if line, err = c.line(); err != nil {
			return 0, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("content-length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, err
			}
		case bytes.EqualFold(name, []byte("transfer-encoding")) && bytes.EqualFold(value, []byte("chunked")):
			return status, c.chunks()
		}
	}
	if length < 0 {
		return 0, errors.New("the answer says neither how long it is nor that it is chunked")
	}
	c.body = c.body[:0]
	return status, c.read(length)
}

// chunks reads what is left of the head, then a chunked body.
func (c *client) chunks() error {
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		if len(line) == 0 {
			break
		}
	}
	c.body = c.body[:0]
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		n, err := strconv.ParseUint(string(line), 16, 31)
		if err != nil {
			return err
		}
		if err := c.read(int(n)); err != nil {
			return err
		}
		if _, err := c.line(); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
	}
}

// read adds n bytes to body.
func (c *client) read(n int) error {
	c.body = slices.Grow(c.body, n)
	at := len(c.body)
	c.body = c.body[:at+n]
	_, err := io.ReadFull(c.in, c.body[at:])
	return err
}

// line reads one line of a head, valid until the next read.
func (c *client) line() ([]byte, error) {
	b, err := c.in.ReadSlice('\n')
	return bytes.TrimRight(b, "\r\n"), err
}
