package websocket_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webapi/websocket"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// open runs src, which puts the client's end into give(end) and may log(text). It
// returns the client's end as the front end sees it.
func open(t *testing.T, src string) (socket outside.Socket, log func() string, ended <-chan struct{}) {
	t.Helper()
	iso := isolate.New(isolate.Options{Globals: webidl.NewGlobals(dom.Globals, websocket.Globals)})
	t.Cleanup(iso.Close)
	js := iso.Realm
	var lines []string
	done := make(chan struct{})
	inv := iso.NewInvocation(isolate.InvocationOptions{Finished: func(*outside.Report) { close(done) }})
	err := inv.Enter(func() {
		js.VM.Set("waitUntil", func(v goja.Value) { inv.WaitUntil(v) })
		js.VM.Set("log", func(s string) { lines = append(lines, s) })
		js.VM.Set("give", func(v goja.Value) {
			s, ok := webidl.Unwrap(v).(fetch.Socket)
			if !ok {
				js.Throw(webidl.TypeError("no WebSocket"))
			}
			var err error
			if socket, err = s.TakeSocket(js); err != nil {
				js.Throw(err)
			}
		})
		if _, err := js.VM.RunString(src); err != nil {
			t.Error(err)
		}
		inv.Answer()
	})
	if err == nil {
		err = inv.Wait()
	}
	if err != nil || t.Failed() {
		t.Fatal(err)
	}
	return socket, func() string {
		text := ""
		iso.Start(func() { text = strings.Join(lines, " ") })
		return text
	}, done
}

func read(t *testing.T, s outside.Socket) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	m, err := s.Read(ctx)
	var end *outside.CloseError
	if errors.As(err, &end) {
		return end.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
	if m.Text {
		return "text " + string(m.Data)
	}
	return "binary " + string(m.Data)
}

const echo = `var p = new WebSocketPair(), [client, server] = Object.values(p);
	server.accept();
	server.addEventListener("message", e => server.send(typeof e.data === "string" ? e.data + "!" : e.data));
	server.onclose = e => log("closed " + e.code + e.reason + e.wasClean);
	server.send("hello");
	give(client);`

func TestEcho(t *testing.T) {
	s, log, ended := open(t, echo)
	ctx := context.Background()
	if got := read(t, s); got != "text hello" {
		t.Errorf("got %q", got)
	}
	for _, m := range []outside.Message{{Data: []byte("a"), Text: true}, {Data: []byte{'b'}}} {
		if err := s.Write(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := read(t, s), read(t, s); a != "text a!" || b != "binary b" {
		t.Errorf("got %q and %q", a, b)
	}
	s.Close(1000, "bye")
	<-ended
	if got := log(); got != "closed 1000byetrue" {
		t.Errorf("log %q", got)
	}
	if got := read(t, s); got != "WebSocket closed: 1000 bye" {
		t.Errorf("answer to the close: %q", got)
	}
}

func TestWorkerCloses(t *testing.T) {
	s, _, ended := open(t, `var p = new WebSocketPair(); p[1].accept(); give(p[0]); p[1].send("last"); p[1].close(4000, "done");
		try { p[1].send("x") } catch (e) { log(e.message) }`)
	if a, b := read(t, s), read(t, s); a != "text last" || b != "WebSocket closed: 4000 done" {
		t.Errorf("got %q and %q", a, b)
	}
	s.Close(4000, "done")
	<-ended
}

func TestClientLeaves(t *testing.T) {
	s, log, ended := open(t, echo)
	s.Close(1006, "")
	<-ended
	if got := log(); got != "closed 1006false" {
		t.Errorf("log %q", got)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{`new WebSocketPair()[0].send("x")`, "You must call accept() on this WebSocket before sending messages."},
		{`var w = new WebSocketPair()[0]; w.accept(); w.accept()`, "Can't accept() WebSocket more than once."},
		{`var w = new WebSocketPair()[0]; w.accept(); w.close(999)`, "Invalid WebSocket close code: 999."},
		{`var w = new WebSocketPair()[0]; w.accept(); w.close(1000, "x".repeat(124))`, "reason must not be longer"},
		{`var w = new WebSocketPair()[0]; w.accept(); w.send("x".repeat(1048577))`, "over the limit of 1048576"},
		{`var w = new WebSocketPair()[0]; w.accept(); give(w)`, "Can't return WebSocket in a Response after calling accept()."},
		{`new WebSocket()`, "1 argument required"},
		{`new WebSocket("/relative")`, "the url is invalid"},
		{`new WebSocket("ftp://example.com")`, "scheme must be ws"},
		{`new WebSocket("ws://example.com/#a")`, "fragment must be empty"},
		{`new WebSocket("ws://example.com/", "a b")`, "header token is invalid"},
		{`new WebSocket("ws://example.com/", ["a", "A"])`, "given twice"},
	} {
		_, log, _ := open(t, `try { `+c.src+` } catch (e) { log(e.message) }`)
		if got := log(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.src, got, c.want)
		}
	}
}

// Two ends in one worker reach each other.
func TestBothEnds(t *testing.T) {
	_, log, ended := open(t, `var p = new WebSocketPair(); p[0].accept(); p[1].accept();
		p[1].onmessage = e => { log("got " + e.data); p[1].close(1000, "ok") };
		waitUntil(new Promise(r => p[0].onclose = e => { log("closed " + e.code); r() }));
		p[0].send("x");`)
	<-ended
	if got := log(); got != "got x closed 1000" {
		t.Errorf("log %q", got)
	}
}
