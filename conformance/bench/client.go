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
	"time"
)

// An endpoint is where a server answers a worker, with the request that is made of it.
type endpoint struct {
	addr    string // of the loopback interface
	request []byte // as it is sent
	want    answer
}

// newEndpoint is a worker at an address. host is the Host header; "" is the address.
func newEndpoint(addr, host string, w *workload) endpoint {
	if host == "" {
		host = addr
	}
	method := w.method
	if method == "" {
		method = "GET"
	}
	b := fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: mayfly-bench\r\nAccept: */*\r\n", method, w.path, host)
	for _, line := range w.header {
		b = append(append(b, line...), "\r\n"...)
	}
	if w.body != "" {
		b = fmt.Appendf(b, "Content-Type: application/octet-stream\r\nContent-Length: %d\r\n", len(w.body))
	}
	return endpoint{addr: addr, request: append(append(b, "\r\n"...), w.body...), want: w.want}
}

// A client is one keep-alive connection.
type client struct {
	conn   net.Conn
	in     *bufio.Reader
	body   []byte // of the last answer
	closes bool   // the server ends the connection after the last answer
	found  int    // how many of the wanted headers it had
}

func dial(ctx context.Context, addr string) (*client, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%s is not an address of the loopback interface", addr)
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 16<<10)}, nil
}

func (c *client) close() { _ = c.conn.Close() }

// atOnce is how much can be sent without reading what the server answers meanwhile.
const atOnce = 64 << 10

// do sends the request and checks the answer. shed reports that the server turned the
// request away with 429 instead, which is for the caller to like or not.
func (c *client) do(e *endpoint) (shed bool, err error) {
	sent := make(chan error, 1)
	if len(e.request) <= atOnce {
		_, err = c.conn.Write(e.request)
		sent <- err
	} else {
		go func() {
			_, err := c.conn.Write(e.request)
			sent <- err
		}()
	}
	if err == nil {
		shed, err = c.check(&e.want)
	}
	if err != nil {
		c.close()
	}
	return shed, errors.Join(err, <-sent)
}

// check reads the answer and compares the whole of it.
func (c *client) check(want *answer) (shed bool, err error) {
	status, err := c.answer(want.header)
	if err != nil {
		return false, err
	}
	if status == 429 {
		return true, nil
	}
	wanted := want.status
	if wanted == 0 {
		wanted = 200
	}
	if status != wanted || string(c.body) != want.body {
		return false, fmt.Errorf("status %d and body %.300q, want %d and %.300q", status, c.body, wanted, want.body)
	}
	if c.found < len(want.header) {
		return false, fmt.Errorf("%d of the headers %q", c.found, want.header)
	}
	return false, nil
}

// answer reads one response into body: as much of HTTP/1.1 as the servers here speak.
func (c *client) answer(wanted []string) (status int, err error) {
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
	length, chunked := -1, false
	c.closes, c.found = false, 0
	for {
		if line, err = c.line(); err != nil {
			return 0, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		for _, w := range wanted {
			if wantName, wantValue, _ := bytes.Cut([]byte(w), []byte(": ")); bytes.EqualFold(name, wantName) && bytes.Equal(value, wantValue) {
				c.found++
			}
		}
		switch {
		case bytes.EqualFold(name, []byte("content-length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, err
			}
		case bytes.EqualFold(name, []byte("transfer-encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("connection")):
			c.closes = bytes.EqualFold(value, []byte("close"))
		}
	}
	c.body = c.body[:0]
	switch {
	case chunked:
		return status, c.chunks()
	case length < 0:
		return 0, errors.New("the answer says neither how long it is nor that it is chunked")
	}
	return status, c.read(length)
}

// chunks reads a chunked body.
func (c *client) chunks() error {
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

// firstAnswer times one request on a connection of its own, which is open already.
func firstAnswer(ctx context.Context, e endpoint) (time.Duration, error) {
	c, err := dial(ctx, e.addr)
	if err != nil {
		return 0, err
	}
	defer c.close()
	start := time.Now()
	shed, err := c.do(&e)
	if shed {
		err = errShed
	}
	return time.Since(start), err
}

var errShed = errors.New("status 429: the server has too many requests")
