package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// dial opens a connection to the workers' address, which ends with the test.
func (p *process) dial() net.Conn {
	p.t.Helper()
	c, err := net.Dial("tcp", p.listen)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		p.t.Fatal(err)
	}
	return c
}

// metric reads a metric without labels.
func (p *process) metric(name string) (value float64) {
	p.t.Helper()
	req, err := http.NewRequest("GET", p.control+"/metrics", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+rootToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "\n"+name+" ")
	if !ok {
		p.t.Fatalf("there is no metric %s", name)
	}
	if _, err := fmt.Sscan(rest, &value); err != nil {
		p.t.Fatal(err)
	}
	return value
}

// TestFrontEndLimits sets every limit of the front end by its flag and goes over it.
func TestFrontEndLimits(t *testing.T) {
	p := serve(t, "", "--max-url", "100", "--max-header", "1K", "--max-body", "100K", "--head-timeout", "300ms", "--stall-timeout", "300ms", "--idle-timeout", "300ms")
	p.deploy("length", `export default { async fetch(request) { return new Response((await request.arrayBuffer()).byteLength) } }`)
	const host = "HTTP/1.1\r\nHost: length.localhost\r\n"
	for _, c := range []struct{ name, send, want string }{
		{"within all", "POST / " + host + "Content-Length: 3\r\nConnection: close\r\n\r\nabc", "HTTP/1.1 200 "},
		{"URL", "GET /" + strings.Repeat("a", 200) + " " + host + "\r\n", "HTTP/1.1 414 "},
		{"header", "GET / " + host + "X-A: " + strings.Repeat("a", 2000) + "\r\n\r\n", "HTTP/1.1 431 "},
		{"body", "POST / " + host + "Content-Length: 102401\r\n\r\n", "HTTP/1.1 413 "},
		{"body in chunks", "POST / " + host + "Transfer-Encoding: chunked\r\n\r\n1ffff\r\n" + strings.Repeat("a", 0x1ffff) + "\r\n0\r\n\r\n", "HTTP/1.1 413 "},
		{"a head that never ends", "GET / " + host + "X-A: ", "HTTP/1.1 408 "},
		{"a small body that never ends", "POST / " + host + "Content-Length: 10\r\n\r\nabc", "HTTP/1.1 408 "},
		{"a large body that never ends", "POST / " + host + "Content-Length: 90000\r\n\r\nabc", "HTTP/1.1 408 "},
		{"a bad chunk", "POST / " + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 400 "},
		{"silence", "", "HTTP/1.1 408 "},
		{"idle", "GET / " + host + "\r\n", "HTTP/1.1 200 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conn := p.dial()
			go func() { _, _ = io.WriteString(conn, c.send) }() // it may be refused before its end
			got, err := io.ReadAll(conn)                        // all of these end with the connection
			if !strings.HasPrefix(string(got), c.want) || err != nil && len(got) == 0 {
				t.Errorf("got %.200q, %v, want %s", got, err, c.want)
			}
		})
	}
}

func TestFrontEndLimitsPerAddress(t *testing.T) {
	p := serve(t, "", "--max-conns-per-ip", "2", "--max-requests-per-ip", "1")
	p.deploy("hello", `export default { fetch() { return new Response("hello") } }`)
	conns := []net.Conn{p.dial(), p.dial(), p.dial()}
	refused := 0
	for _, c := range conns { // whichever of them came last to the server
		if err := c.SetReadDeadline(time.Now().Add(500 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(c); strings.HasPrefix(string(got), "HTTP/1.1 429 ") {
			refused++
		}
		c.Close()
	}
	if refused != 1 {
		t.Errorf("%d of 3 connections were refused, want 1", refused)
	}
	p.until("there is room again", func() bool {
		a, err := p.tryGet("hello", "/")
		return err == nil && a.status == 200
	})
	limited := false
	for range 10 {
		a, err := p.tryGet("hello", "/")
		limited = limited || err == nil && a.status == 429 && strings.Contains(a.body, "1015")
	}
	if !limited {
		t.Error("ten requests at once are not limited to one a second")
	}
}

// TestClientsThatLeave has clients leave in the middle of a body and of an answer, in
// both containments. Nothing of theirs may stay behind.
func TestClientsThatLeave(t *testing.T) {
	for _, containment := range []string{"none", "process"} {
		t.Run(containment, func(t *testing.T) {
			p := serve(t, "", "--containment", containment)
			p.deploy("reads", `export default { async fetch(request) { return new Response((await request.arrayBuffer()).byteLength) } }`)
			p.deploy("waits", `export default { async fetch() { await new Promise(r => setTimeout(r, 1e8)) } }`)
			p.deploy("streams", `const b = new Uint8Array(1000);
				export default { fetch() { return new Response(new ReadableStream({ async pull(c) { await scheduler.wait(1); c.enqueue(b) } })) } }`)
			for range 20 {
				for _, text := range []string{
					"POST / HTTP/1.1\r\nHost: reads.localhost\r\nContent-Length: 1000000\r\n\r\nabc",
					"POST / HTTP/1.1\r\nHost: reads.localhost\r\nContent-Length: 10\r\n\r\nabc",
					"POST / HTTP/1.1\r\nHost: reads.localhost\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\nabc",
					"GET / HTTP/1.1\r\nHost: waits.localhost\r\n\r\n",
				} {
					c := p.dial()
					if _, err := io.WriteString(c, text); err != nil {
						t.Fatal(err)
					}
					c.Close()
				}
				c := p.dial()
				if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: streams.localhost\r\n\r\n"); err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(c, make([]byte, 500)); err != nil {
					t.Fatal(err)
				}
				c.Close()
			}
			p.until("no request is in flight", func() bool { return p.metric("mayfly_requests_in_flight") == 0 })
			if code := p.stop(); code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}
