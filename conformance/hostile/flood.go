package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// floods are bodies and requests without measure.
func floods() []*assault {
	return []*assault{
		{group: "body floods", name: "200 MB that say so", short: true, run: upload("echoes nothing", 200<<20, `return new Response("done")`, "413")},
		{group: "body floods", name: "90 MB that nobody reads", run: upload("", 90<<20, `return new Response("done")`, "200")},
		{group: "body floods", name: "90 MB read as text", run: upload("", 90<<20, `return new Response((await request.text()).length)`, "503 500 200")},
		{group: "body floods", name: "120 MB in chunks, passed on", run: func(ctx context.Context, a *arena) finding {
			name := a.name()
			if err := a.deploy(ctx, remote.Worker{Name: name, Code: `export default { async fetch(request) { try { await request.body.pipeTo(new WritableStream()) } catch (e) { return new Response("cut " + e.name, { status: 413 }) } return new Response("done") } }`}); err != nil {
				return wrongf("deployment: %v", err)
			}
			got, err := a.do(ctx, "POST", host(name), "/", io.LimitReader(&zeros{left: 120 << 20}, 120<<20))
			if err != nil && !strings.Contains(err.Error(), "reset") && !strings.Contains(err.Error(), "broken pipe") {
				return wrongf("%v", err)
			}
			if got.status == 200 {
				return wrongf("more than 100 MB got in: %.200q", got.body)
			}
			return finding{ended: fmt.Sprintf("refused %d", got.status), took: got.took}
		}},
		{group: "body floods", name: "50 uploads of 10 MB at once", once: true, shared: "all clients share the network and the server's CPU", run: func(ctx context.Context, a *arena) finding {
			name := a.name()
			if err := a.deploy(ctx, remote.Worker{Name: name, Code: `export default { async fetch(request) { return new Response((await request.arrayBuffer()).byteLength) } }`}); err != nil {
				return wrongf("deployment: %v", err)
			}
			var busy sync.WaitGroup
			for range 50 {
				busy.Go(func() { _, _ = a.do(ctx, "POST", host(name), "/", &zeros{left: 10 << 20}) })
			}
			busy.Wait()
			return finding{ended: "answered"}
		}},
		{group: "body floods", name: "answer of 1 GB", run: func(ctx context.Context, a *arena) finding {
			name := a.name()
			if err := a.deploy(ctx, remote.Worker{Name: name, Code: `const b = new Uint8Array(1 << 20);
				export default { fetch() { let n = 0; return new Response(new ReadableStream({ pull(c) { if (n++ > 1024) c.close(); else c.enqueue(b) } })) } }`}); err != nil {
				return wrongf("deployment: %v", err)
			}
			got, err := a.get(ctx, host(name), "/")
			if err != nil {
				return wrongf("%v", err)
			}
			return finding{ended: fmt.Sprint("streamed ", got.status), took: got.took}
		}},
		{group: "request floods", name: "300 at once to one worker", once: true, run: func(ctx context.Context, a *arena) finding {
			name := a.name()
			if err := a.deploy(ctx, remote.Worker{Name: name, Code: `export default { async fetch() { await scheduler.wait(200); return new Response("done") } }`}); err != nil {
				return wrongf("deployment: %v", err)
			}
			var busy sync.WaitGroup
			var mu sync.Mutex
			seen := map[int]int{}
			for range 300 {
				busy.Go(func() {
					got, err := a.get(ctx, host(name), "/")
					if err != nil {
						got.status = 0
					}
					mu.Lock()
					seen[got.status]++
					mu.Unlock()
				})
			}
			busy.Wait()
			if seen[200]+seen[429]+seen[503] != 300 {
				return wrongf("answers by status: %v", seen)
			}
			return finding{ended: fmt.Sprintf("%d answered, %d shed", seen[200], 300-seen[200])}
		}},
	}
}

// upload sends zeros of a stated length to a worker; any of the statuses is right.
func upload(_ string, size int64, code, statuses string) func(context.Context, *arena) finding {
	return func(ctx context.Context, a *arena) finding {
		name := a.name()
		if err := a.deploy(ctx, remote.Worker{Name: name, Code: `export default { async fetch(request) { ` + code + ` } }`}); err != nil {
			return wrongf("deployment: %v", err)
		}
		c, err := a.dial(ctx)
		if err != nil {
			return wrongf("%v", err)
		}
		defer c.Close()
		start := time.Now()
		fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n", host(name), size)
		go func() { _, _ = io.Copy(c, &zeros{left: size}) }() // it need not be read to its end
		head := make([]byte, 12)
		if _, err := io.ReadFull(c, head); err != nil {
			return wrongf("%v", err)
		}
		status := string(head[9:])
		if !strings.Contains(statuses, status) {
			return wrongf("answered %s, want %s", status, statuses)
		}
		return finding{ended: "answered " + status, took: time.Since(start)}
	}
}

// webSockets abuse one.
func webSockets() (all []*assault) {
	masked := func(head byte, payload []byte) []byte { return frame(head, payload, true) }
	for _, s := range []struct {
		name  string
		send  func() []byte
		short bool
	}{
		{"frame without a mask", func() []byte { return frame(0x81, []byte("x"), false) }, false},
		{"reserved bits", func() []byte { return masked(0xf1, []byte("x")) }, false},
		{"reserved opcode", func() []byte { return masked(0x83, []byte("x")) }, false},
		{"control frame in fragments", func() []byte { return masked(0x09, []byte("x")) }, false},
		{"control frame of 126 bytes", func() []byte { return masked(0x89, make([]byte, 126)) }, false},
		{"length of 2^63", func() []byte {
			return append([]byte{0x82, 0xff}, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4)
		}, true},
		{"message of 64 MB", func() []byte { return masked(0x82, make([]byte, 64<<20)) }, false},
		{"fragments without end", func() []byte {
			return append(masked(0x02, []byte("x")), []byte(strings.Repeat(string(masked(0x00, make([]byte, 1000))), 5000))...)
		}, false},
		{"continuation of nothing", func() []byte { return masked(0x80, []byte("x")) }, false},
		{"text that is not UTF-8", func() []byte { return masked(0x81, []byte{0xff, 0xfe}) }, false},
		{"close code 1", func() []byte { return masked(0x88, []byte{0, 1}) }, false},
		{"100,000 pings", func() []byte { return []byte(strings.Repeat(string(masked(0x89, []byte("p"))), 100_000)) }, false},
		{"20,000 messages, nothing read", func() []byte { return []byte(strings.Repeat(string(masked(0x81, make([]byte, 100))), 20_000)) }, false},
	} {
		all = append(all, &assault{group: "websocket", name: s.name, short: s.short, run: func(ctx context.Context, a *arena) finding {
			return a.socket(ctx, s.send())
		}})
	}
	return all
}

const socketCode = `export default { fetch() {
	const [client, server] = Object.values(new WebSocketPair());
	server.accept();
	server.addEventListener("message", e => server.send(e.data));
	return new Response(null, { status: 101, webSocket: client });
} }`

// socket opens a WebSocket, sends bytes, and wants the server to end it or to go on.
func (a *arena) socket(ctx context.Context, bytes []byte) finding {
	name := a.name()
	if err := a.deploy(ctx, remote.Worker{Name: name, Code: socketCode}); err != nil {
		return wrongf("deployment: %v", err)
	}
	c, err := a.dial(ctx)
	if err != nil {
		return wrongf("%v", err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", host(name))
	head := make([]byte, 12)
	if _, err := io.ReadFull(c, head); err != nil || string(head[9:]) != "101" {
		return wrongf("not upgraded: %q %v", head, err)
	}
	if err := c.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return wrongf("%v", err)
	}
	_, failed := c.Write(bytes)
	if failed == nil {
		_ = c.(*net.TCPConn).CloseWrite()
	}
	got, _ := io.ReadAll(io.LimitReader(c, 1<<20))
	if at := strings.LastIndex(string(got), "\x88"); at >= 0 && len(got) >= at+4 {
		return finding{ended: fmt.Sprintf("closed %d", binary.BigEndian.Uint16(got[at+2:]))}
	}
	return finding{ended: "cut off"}
}

// frame is a WebSocket frame: https://www.rfc-editor.org/rfc/rfc6455#section-5.2
func frame(head byte, payload []byte, mask bool) []byte {
	b := []byte{head}
	bit := byte(0)
	if mask {
		bit = 0x80
	}
	switch n := len(payload); {
	case n < 126:
		b = append(b, bit|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, bit|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, bit|127), uint64(n))
	}
	if !mask {
		return append(b, payload...)
	}
	var key [4]byte
	rand.Read(key[:])
	b = append(b, key[:]...)
	for i, p := range payload {
		b = append(b, p^key[i%4])
	}
	return b
}
