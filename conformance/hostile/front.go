package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// smuggling are requests whose end is seen differently by different servers. Each must
// be refused, with the connection closed, so that what follows is never taken for a
// request of its own.
var smuggling = []struct{ name, head, body string }{
	{"CL and TE", "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"TE and CL", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5c\r\nGET /smuggled HTTP/1.1\r\n"},
	{"two lengths", "Content-Length: 0\r\nContent-Length: 44\r\n", "GET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"list of lengths", "Content-Length: 0, 44\r\n", "GET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"length with a sign", "Content-Length: +0\r\n", "GET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"length in hexadecimal", "Content-Length: 0x0\r\n", "GET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"length that overflows", "Content-Length: 18446744073709551616\r\n", "GET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"space before the colon", "Content-Length : 44\r\n", "GET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"folded header", "X-A: b\r\n Content-Length: 44\r\n", "GET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"TE of another name", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"TE twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"TE with a tab", "Transfer-Encoding:\x0bchunked\r\n", "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"TE after a bare LF", "X-A: b\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n", "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"TE behind a NUL", "X-A: b\x00\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n", "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"bad chunk size", "Transfer-Encoding: chunked\r\n", "zz\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"chunk size that overflows", "Transfer-Encoding: chunked\r\n", "fffffffffffffffff1\r\nx\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"chunk without an end", "Transfer-Encoding: chunked\r\n", "1\r\nxGET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	{"bare LF in chunks", "Transfer-Encoding: chunked\r\n", "0\n\nGET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"},
}

const tellCode = `export default { async fetch(request) { let n; try { n = (await request.arrayBuffer()).byteLength } catch (e) { n = e.name } return new Response("told " + new URL(request.url).pathname + " " + n) } }`

// frontEnd attacks the server's HTTP by raw bytes.
func frontEnd() (all []*assault) {
	for i, s := range smuggling {
		all = append(all, &assault{group: "request smuggling", name: "in: " + s.name, short: i == 0, run: func(ctx context.Context, a *arena) finding {
			name := a.name()
			if err := a.deploy(ctx, remote.Worker{Name: name, Code: tellCode}); err != nil {
				return wrongf("deployment: %v", err)
			}
			got, err := a.raw(ctx, "POST / HTTP/1.1\r\nHost: "+host(name)+"\r\n"+s.head+"\r\n"+strings.ReplaceAll(s.body, "HOST", host(name)))
			switch {
			case err != nil:
				return wrongf("%v", err)
			case strings.Contains(got, "smuggled"):
				return wrongf("the request inside was answered: %q", got)
			case strings.Count(got, "HTTP/1.1 ") != 1:
				return wrongf("%d answers: %q", strings.Count(got, "HTTP/1.1 "), got)
			}
			return finding{ended: "one answer, " + got[9:12]}
		}})
	}
	for _, s := range []struct{ name, send string }{
		{"nothing but a method", "GET\r\n\r\n"},
		{"HTTP/0.9", "GET /\r\n"},
		{"HTTP/9.9", "GET / HTTP/9.9\r\nHost: HOST\r\n\r\n"},
		{"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
		{"TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"},
		{"no host", "GET / HTTP/1.1\r\n\r\n"},
		{"two hosts", "GET / HTTP/1.1\r\nHost: HOST\r\nHost: hello.localhost\r\n\r\n"},
		{"host with a path", "GET / HTTP/1.1\r\nHost: HOST/../hello\r\n\r\n"},
		{"control characters", "GET /\x01\x02 HTTP/1.1\r\nHost: HOST\r\nX-\x7f: a\r\n\r\n"},
		{"long target", "GET /" + strings.Repeat("a", 100_000) + " HTTP/1.1\r\nHost: HOST\r\n\r\n"},
		{"long header", "GET / HTTP/1.1\r\nHost: HOST\r\nX-A: " + strings.Repeat("a", 500_000) + "\r\n\r\n"},
		{"many headers", "GET / HTTP/1.1\r\nHost: HOST\r\n" + strings.Repeat("X-A: b\r\n", 50_000) + "\r\n"},
		{"only line ends", strings.Repeat("\r\n", 100_000)},
		{"absolute target of another host", "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: HOST\r\n\r\n"},
	} {
		all = append(all, &assault{group: "malformed requests", name: s.name, run: func(ctx context.Context, a *arena) finding {
			got, err := a.raw(ctx, strings.ReplaceAll(s.send, "HOST", "nobody.localhost"))
			if err != nil && !strings.Contains(err.Error(), "reset") {
				return wrongf("%v", err)
			}
			if got == "" {
				return finding{ended: "closed"}
			}
			if !strings.HasPrefix(got, "HTTP/1.1 4") && !strings.HasPrefix(got, "HTTP/1.1 505") {
				return wrongf("answered %.300q", got)
			}
			return finding{ended: "refused " + got[9:12]}
		}})
	}
	return append(all,
		&assault{group: "slow clients", name: "200 heads, a byte at a time", short: true, once: true, run: trickle(200, "GET / HTTP/1.1\r\nHost: hello.localhost\r\nX-Slow: "+strings.Repeat("a", 1000))},
		&assault{group: "slow clients", name: "200 bodies, a byte at a time", once: true, run: trickle(200, "POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: 100000\r\n\r\n"+strings.Repeat("a", 1000))},
		&assault{group: "slow clients", name: "200 bodies in chunks of a byte", once: true, run: trickle(200, "POST / HTTP/1.1\r\nHost: hello.localhost\r\nTransfer-Encoding: chunked\r\n\r\n"+strings.Repeat("1\r\na\r\n", 200))},
		&assault{group: "slow clients", name: "100 that read nothing of 8 MB", once: true, shared: "all clients share the network and the server's CPU", run: slowReaders},
		&assault{group: "slow clients", name: "10,000 connections that say nothing", once: true, run: idleConnections(10_000)},
		&assault{group: "slow clients", name: "1000 connections opened and reset", once: true, run: resets(1000)},
		&assault{group: "slow clients", name: "pipeline of 2000 requests, unread", once: true, run: pipeline(2000)},
	)
}

// trickle sends the text over n connections a byte at a time for a while.
func trickle(n int, text string) func(context.Context, *arena) finding {
	return func(ctx context.Context, a *arena) finding {
		conns, err := a.dialMany(ctx, n)
		defer closeAll(conns)
		if err != nil {
			return wrongf("%v", err)
		}
		// The beginning at once, so that each is in the middle of its request.
		head, rest := text[:60], text[60:]
		for _, c := range conns {
			if _, err := io.WriteString(c, head); err != nil {
				return wrongf("%v", err)
			}
		}
		for i := range min(20, len(rest)) {
			for _, c := range conns {
				_, _ = io.WriteString(c, rest[i:i+1])
			}
			time.Sleep(20 * time.Millisecond)
		}
		return finding{ended: "waited for"}
	}
}

// slowReaders ask for a lot and do not read it.
func slowReaders(ctx context.Context, a *arena) finding {
	name := a.name()
	if err := a.deploy(ctx, remote.Worker{Name: name, Code: `const b = new Uint8Array(65536);
		export default { fetch() { let n = 0; return new Response(new ReadableStream({ pull(c) { if (n++ > 128) c.close(); else c.enqueue(b) } })) } }`}); err != nil {
		return wrongf("deployment: %v", err)
	}
	conns, err := a.dialMany(ctx, 100)
	defer closeAll(conns)
	if err != nil {
		return wrongf("%v", err)
	}
	for _, c := range conns {
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+host(name)+"\r\n\r\n"); err != nil {
			return wrongf("%v", err)
		}
	}
	time.Sleep(attackFor)
	return finding{ended: "held back"}
}

func idleConnections(n int) func(context.Context, *arena) finding {
	return func(ctx context.Context, a *arena) finding {
		before, err := process.Read(a.PID())
		if err != nil {
			return wrongf("%v", err)
		}
		conns, err := a.dialMany(ctx, n)
		defer closeAll(conns)
		if err != nil {
			return wrongf("%v", err)
		}
		time.Sleep(attackFor)
		after, err := process.Read(a.PID())
		if err != nil {
			return wrongf("%v", err)
		}
		return finding{ended: fmt.Sprintf("%.1f KB each", float64(after.RootMemory-before.RootMemory)/float64(n)/1024)}
	}
}

const resetRequest = "POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: 100\r\n\r\nabc"

func resets(n int) func(context.Context, *arena) finding {
	return func(ctx context.Context, a *arena) finding {
		for i := range n {
			c, err := a.dial(ctx)
			if err != nil {
				return wrongf("connection %d: %v", i, err)
			}
			_, _ = io.WriteString(c, resetRequest[:1+i%len(resetRequest)])
			_ = c.(*net.TCPConn).SetLinger(0)
			c.Close()
		}
		return finding{ended: "forgotten"}
	}
}

func pipeline(n int) func(context.Context, *arena) finding {
	return func(ctx context.Context, a *arena) finding {
		c, err := a.dial(ctx)
		if err != nil {
			return wrongf("%v", err)
		}
		defer c.Close()
		if err := c.SetWriteDeadline(time.Now().Add(attackFor)); err != nil {
			return wrongf("%v", err)
		}
		_, _ = io.WriteString(c, strings.Repeat("GET / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n", n)) // the server may stop reading
		return finding{ended: "one by one"}
	}
}

// dialMany opens connections, a few at a time.
func (a *arena) dialMany(ctx context.Context, n int) (conns []net.Conn, err error) {
	var mu sync.Mutex
	var busy sync.WaitGroup
	for range 8 {
		busy.Go(func() {
			for {
				mu.Lock()
				stop := len(conns) >= n || err != nil
				mu.Unlock()
				if stop {
					return
				}
				c, failure := a.dial(ctx)
				mu.Lock()
				if failure != nil {
					err = fmt.Errorf("connection %d: %w", len(conns), failure)
				} else {
					conns = append(conns, c)
				}
				mu.Unlock()
			}
		})
	}
	busy.Wait()
	return conns, err
}

func closeAll(conns []net.Conn) {
	for _, c := range conns {
		c.Close()
	}
}
