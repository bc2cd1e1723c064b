package hosttest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/host"
)

// echoSocket is a server's WebSocket: it sends back what it gets, and a close.
type echoSocket struct {
	messages chan outside.Message
	once     sync.Once
	closed   chan outside.CloseError // one, then closed
	end      outside.CloseError
	over     chan struct{}
}

func newEchoSocket() *echoSocket {
	return &echoSocket{messages: make(chan outside.Message, 8), closed: make(chan outside.CloseError, 1), over: make(chan struct{})}
}

func (s *echoSocket) Read(ctx context.Context) (outside.Message, error) {
	select {
	case m := <-s.messages:
		return m, nil
	default:
	}
	select {
	case m := <-s.messages:
		return m, nil
	case <-s.over:
		return outside.Message{}, &s.end
	case <-ctx.Done():
		return outside.Message{}, context.Cause(ctx)
	}
}

func (s *echoSocket) Write(ctx context.Context, m outside.Message) error {
	select {
	case s.messages <- m:
		return nil
	case <-s.over:
		return &s.end
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *echoSocket) Close(code int, reason string) error {
	if code == 0 {
		code = 1005
	}
	s.once.Do(func() {
		s.end = outside.CloseError{Code: code, Reason: reason}
		s.closed <- s.end
		close(s.over)
	})
	return nil
}

// testSockets opens WebSockets to a server.
func testSockets(t *testing.T, h host.Host) {
	for _, c := range []struct {
		name, code, want string
		close            string // what the server is told
	}{
		{"fetch", `const res = await fetch("https://server/", { headers: { Upgrade: "websocket" } });
			const ws = res.webSocket, seen = [res.status, ws.protocol];
			ws.accept();
			await new Promise(done => {
				ws.onmessage = e => { seen.push(typeof e.data === "string" ? e.data : e.data.byteLength); if (seen.length == 4) ws.close(4001, "bye"); };
				ws.onclose = e => { seen.push(e.code, e.reason, e.wasClean); done(); };
				ws.send("grüße"); ws.send(new Uint8Array(1 << 20));
			});
			return new Response(seen.join());`, "101,chat,grüße,1048576,4001,bye,true", "4001 bye"},
		{"constructor", `const ws = new WebSocket("wss://server/", ["chat", "b"]), seen = [ws.url, ws.readyState, ws.binaryType];
			try { ws.send("early") } catch (e) { seen.push(e.name) }
			await new Promise(done => {
				ws.onopen = () => { seen.push("open", ws.readyState, ws.protocol); ws.send(new Blob(["blob"])); };
				ws.onmessage = async e => { seen.push(await e.data.text()); ws.close(); seen.push(ws.readyState); };
				ws.onclose = e => { seen.push(e.code, e.wasClean, ws.readyState); done(); };
			});
			return new Response(seen.join());`, "wss://server/,0,blob,InvalidStateError,open,1,chat,blob,2,1005,true,3", "1005 "},
		{"refused", `const res = await fetch("https://refuses/", { headers: { Upgrade: "websocket" } });
			return new Response([res.status, res.webSocket, await res.text()].join());`, "403,,no", ""},
		{"constructor refused", `const ws = new WebSocket("ws://refuses/"), seen = [];
			await new Promise(done => { ws.onerror = () => seen.push("error", ws.readyState); ws.onclose = e => { seen.push(e.code, e.wasClean); done(); } });
			return new Response(seen.join());`, "error,3,1006,false", ""},
		{"closed while connecting", `const ws = new WebSocket("ws://slow/"), seen = [];
			ws.close(); seen.push(ws.readyState);
			await new Promise(done => { ws.onerror = () => seen.push("error"); ws.onclose = e => { seen.push(e.code); done(); } });
			return new Response(seen.join());`, "2,error,1006", ""},
		{"left open", `const res = await fetch("https://server/", { headers: { Upgrade: "websocket" } });
			res.webSocket.accept();
			return new Response("left");`, "left", "1006 "},
		{"never accepted", `await fetch("https://server/", { headers: { Upgrade: "websocket" } }); return new Response("left");`, "left", "1006 "},
		{"aborted", `const c = new AbortController(), res = await fetch("https://server/", { headers: { Upgrade: "websocket" }, signal: c.signal });
			res.webSocket.accept();
			const closed = new Promise(done => res.webSocket.onclose = e => done(e.code));
			c.abort();
			return new Response(await closed);`, "1006", "1006 "},
		{"too slow", `const ws = (await fetch("https://stuck/", { headers: { Upgrade: "websocket" } })).webSocket;
			ws.accept();
			const closed = new Promise(done => ws.onclose = e => done(e.code)), chunk = new Uint8Array(1 << 20);
			for (let i = 0; i < 17; i++) ws.send(chunk);
			return new Response(await closed);`, "1006", "1006 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := New(t, h, `export default { async fetch() { `+c.code+` } }`, isolate.Limits{CPU: 10 * time.Second})
			socket := newEchoSocket()
			r.World.OnFetch = func(ctx context.Context, req *outside.Request) (*outside.Response, error) {
				res := &outside.Response{Status: 101, Socket: socket, Header: []outside.Field{{Name: "sec-websocket-protocol", Value: "chat"}}}
				switch {
				case strings.Contains(req.URL, "refuses"):
					return &outside.Response{Status: 403, Body: outside.Body{Bytes: []byte("no")}}, nil
				case strings.Contains(req.URL, "slow"):
					<-ctx.Done()
					return nil, context.Cause(ctx)
				case strings.Contains(req.URL, "stuck"):
					socket.messages = nil // takes nothing
				}
				return res, nil
			}
			a := r.Get("/")
			if a.Err != nil || a.Body != c.want {
				t.Errorf("answer %q, %v, want %q", a.Body, a.Err, c.want)
			}
			if c.close == "" {
				return
			}
			select {
			case end := <-socket.closed:
				// A host that gives a socket up may say goodbye, and a worker that has ended why.
				if got := fmt.Sprintf("%d %s", end.Code, end.Reason); got != c.close && !(c.close == "1006 " && (end.Code == 1001 || end.Code == 1011)) {
					t.Errorf("the server is told %q, want %q", got, c.close)
				}
			case <-time.After(patience):
				t.Error("the server's socket stays open")
			}
		})
	}
	t.Run("passed on", func(t *testing.T) {
		r := New(t, h, `export default { fetch(request) { return fetch("https://server/", request); } }`, isolate.Limits{})
		socket := newEchoSocket()
		r.World.OnFetch = func(context.Context, *outside.Request) (*outside.Response, error) {
			return &outside.Response{Status: 101, Socket: socket}, nil
		}
		finished := make(chan *outside.Report, 1)
		res, err := h.Fetch(r.Version, r.Event(t.Context(), finished), &outside.Request{Method: "GET", URL: "https://example.com/", Header: []outside.Field{{Name: "upgrade", Value: "websocket"}}})
		if err != nil || res.Socket == nil {
			t.Fatalf("%+v, %v", res, err)
		}
		if err := res.Socket.Write(t.Context(), outside.Message{Data: []byte("there and back"), Text: true}); err != nil {
			t.Fatal(err)
		}
		if m, err := res.Socket.Read(t.Context()); err != nil || string(m.Data) != "there and back" || !m.Text {
			t.Errorf("got %q, %v", m.Data, err)
		}
		_ = res.Socket.Close(4000, "done")
		if end := <-socket.closed; end.Code != 4000 || end.Reason != "done" {
			t.Errorf("the server is told %v", end)
		}
		var end *outside.CloseError
		if _, err := res.Socket.Read(t.Context()); !errors.As(err, &end) {
			t.Errorf("after the close: %v", err)
		}
		select {
		case <-finished:
		case <-time.After(patience):
			t.Error("the event goes on")
		}
	})
}
