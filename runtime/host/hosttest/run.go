package hosttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// Run tests a host. start makes one that is closed with the test.
func Run(t *testing.T, start func(t *testing.T) host.Host) {
	h := start(t)
	t.Run("Fetch", func(t *testing.T) { testFetch(t, h) })
	t.Run("Scripts", func(t *testing.T) { testScripts(t, h) })
	t.Run("Failures", func(t *testing.T) { testFailures(t, h) })
	t.Run("NotRun", func(t *testing.T) { testNotRun(t, h) })
	t.Run("Bodies", func(t *testing.T) { testBodies(t, h) })
	t.Run("ResponseStream", func(t *testing.T) { testResponseStream(t, h) })
	t.Run("RequestStream", func(t *testing.T) { testRequestStream(t, h) })
	t.Run("ResponseClosed", func(t *testing.T) { testResponseClosed(t, h) })
	t.Run("FetchStream", func(t *testing.T) { testFetchStream(t, h) })
	t.Run("Sockets", func(t *testing.T) { testSockets(t, h) })
	t.Run("WaitUntil", func(t *testing.T) { testWaitUntil(t, h) })
	t.Run("Scheduled", func(t *testing.T) { testScheduled(t, h) })
	t.Run("RPC", func(t *testing.T) { testRPC(t, h) })
	t.Run("Invoke", func(t *testing.T) { testInvoke(t, h) })
	t.Run("Cancel", func(t *testing.T) { testCancel(t, h) })
	t.Run("CancelBeforeRun", func(t *testing.T) { testCancelBeforeRun(t, h) })
	t.Run("Concurrent", func(t *testing.T) { testConcurrent(t, h) })
	t.Run("Validate", func(t *testing.T) { testValidate(t, h) })
	t.Run("Retire", func(t *testing.T) { testRetire(t, h) })
}

func testFetch(t *testing.T, h host.Host) {
	r := New(t, h, `export default { async fetch(request, env) {
		console.log("seen", request.url);
		return new Response(request.method + " " + request.headers.get("x-test") + " " + env.WORD, { status: 201, statusText: "Made", headers: { "x-one": "1" } });
	} }`, isolate.Limits{})
	a := r.Get("/path?q")
	if a.Err != nil {
		t.Fatal(a.Err)
	}
	if a.Status != 201 || a.StatusText != "Made" || a.Body != "GET 1 grüße" {
		t.Errorf("answer %d %q %q", a.Status, a.StatusText, a.Body)
	}
	if !slices.Contains(a.Header, outside.Field{Name: "x-one", Value: "1"}) {
		t.Errorf("headers %v", a.Header)
	}
	p := a.Report
	if p.Outcome != outside.OutcomeOK || p.Status != 201 || p.URL != "https://example.com/path?q" || p.Method != "GET" || p.Event != outside.EventFetch ||
		p.Account != "account" || p.Script != r.Version.Script || p.Version != r.Version.Version || p.Entrypoint != "default" ||
		!strings.HasPrefix(p.Invocation, "id-") || p.BytesOut != int64(len(a.Body)) || p.Start.IsZero() || p.ColdStart == 0 || len(p.Header) != 1 {
		t.Errorf("report %+v", p)
	}
	if len(p.Logs) != 1 || p.Logs[0].Text != "seen https://example.com/path?q" || p.Logs[0].Level != "log" || string(p.Logs[0].Message) != `["seen","https://example.com/path?q"]` {
		t.Errorf("logs %+v", p.Logs)
	}
	slow := New(t, h, `export default { fetch() { for (let i = 0; i < 3e5; i++); return new Response("slow"); } }`, isolate.Limits{CPU: time.Nanosecond})
	e := slow.Event(t.Context(), make(chan *outside.Report, 1))
	e.CPU = 10 * time.Second
	if _, err := h.Fetch(slow.Version, e, &outside.Request{Method: "GET", URL: "https://example.com/"}); err != nil {
		t.Errorf("with CPU time of its own: %v", err)
	}
	if !slices.Equal(r.World.Lines(), []string{"log seen https://example.com/path?q"}) {
		t.Errorf("lines %q", r.World.Lines())
	}
	if again := r.Get("/"); again.Err != nil || len(r.World.Reports) != 2 {
		t.Errorf("again: %v, %d reports", again.Err, len(r.World.Reports))
	}
}

func testScripts(t *testing.T, h host.Host) {
	tests := []struct{ name, script, want string }{
		{"KV", `await env.KV.put("a", "1", { metadata: { m: 1 } });
			const v = await env.KV.get("a"), w = await env.KV.getWithMetadata("a"), none = await env.KV.get("b");
			const l = await env.KV.list({ limit: 5 });
			await env.KV.delete("a");
			return new Response(JSON.stringify([v, w.metadata, none, l.keys[0].name, l.list_complete, await env.KV.get("a")]));`,
			`["1",{"m":1},null,"a",true,null]`},
		{"KVError", `try { await env.KV.put("refused", "1"); return new Response("put"); } catch (e) { return new Response(e.message); }`,
			`KV PUT failed: 429 Too Many Requests`},
		{"KVBinary", `await env.KV.put("bin", new Uint8Array([0, 255, 1])); return new Response(await env.KV.get("bin", "arrayBuffer"));`,
			"\x00\xff\x01"},
		{"Fetch", `const r = await fetch("https://other.example/", { method: "POST", body: "ping", headers: { "x-ask": "why" } });
			return new Response([r.status, r.statusText, r.url, r.redirected, r.headers.get("x-asked"), r.headers.get("x-method"), await r.text()].join());`,
			"203,Echoed,https://other.example/,true,why,POST,ping"},
		{"FetchThrough", `return fetch("https://other.example/", { method: "POST", body: "through" });`, "through"},
		{"Service", `const r = await env.ECHO.fetch("https://s/", { method: "PUT", body: "svc" });
			return new Response(r.headers.get("x-call").slice(0, 3) + " " + await r.text());`, "id- svc"},
		{"Parallel", `const list = await Promise.all([..."abcdefgh"].map(async c => (await fetch("https://o/", { method: "POST", body: c })).text()));
			return new Response(list.join(""));`, "abcdefgh"},
		{"Empty", `return new Response(null);`, ""},
		{"Timer", `await new Promise(r => setTimeout(r, 1)); return new Response("later");`, "later"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := New(t, h, "export default { async fetch(request, env, ctx) {"+test.script+"} }", isolate.Limits{})
			a := r.Get("/")
			if a.Err != nil || a.Body != test.want {
				t.Errorf("got %q, %v; want %q", a.Body, a.Err, test.want)
			}
			if a.Report != nil && a.Report.Outcome != outside.OutcomeOK {
				t.Errorf("outcome %s: %v", a.Report.Outcome, a.Report.Exceptions)
			}
		})
	}
	r := New(t, h, `export default { async fetch(request, env) {
		await env.KV.put("k", "v"); await env.KV.get("k"); await env.KV.list(); await fetch("https://o/"); await env.KV.delete("k");
		return new Response("counted");
	} }`, isolate.Limits{})
	if p := r.Get("/").Report; p.KVWrites != 1 || p.KVReads != 1 || p.KVLists != 1 || p.KVDeletes != 1 || p.Subrequests != 1 || p.Wall == 0 || p.CPU == 0 {
		t.Errorf("counted %+v", p)
	}
}

func testFailures(t *testing.T, h host.Host) {
	tests := []struct {
		name, script string
		outcome      outside.Outcome
		check        func(error) bool
	}{
		{"Throws", `throw new RangeError("no such luck");`, outside.OutcomeException, func(err error) bool {
			var thrown *isolate.Thrown
			return errors.As(err, &thrown) && thrown.Name == "RangeError" && thrown.Message == "no such luck" && thrown.Stack != ""
		}},
		{"Rejects", `await fetch("https://o/"); throw new Error("late");`, outside.OutcomeException, func(err error) bool {
			var thrown *isolate.Thrown
			return errors.As(err, &thrown) && thrown.Message == "late"
		}},
		{"CPU", `for (;;);`, outside.OutcomeExceededCPU, host.ExceededCPU},
		{"CPULater", `await fetch("https://o/"); for (;;);`, outside.OutcomeExceededCPU, host.ExceededCPU},
		{"Hangs", `await new Promise(() => {});`, outside.OutcomeException, func(err error) bool { return strings.Contains(err.Error(), "never generate a response") }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := New(t, h, "export default { async fetch(request, env, ctx) {"+test.script+"} }", isolate.Limits{})
			a := r.Get("/")
			if a.Err == nil || !test.check(a.Err) {
				t.Errorf("error %v", a.Err)
			}
			if a.Report.Outcome != test.outcome || len(a.Report.Exceptions) == 0 {
				t.Errorf("outcome %s, exceptions %v", a.Report.Outcome, a.Report.Exceptions)
			}
		})
	}
}

func testNotRun(t *testing.T, h host.Host) {
	r := New(t, h, `throw new TypeError("at the top"); export default {}`, isolate.Limits{})
	a := r.Get("/")
	var none *pool.NotRun
	var load *worker.LoadError
	if !errors.As(a.Err, &none) || !errors.As(a.Err, &load) || load.Reason != worker.Threw || load.Message != "at the top" {
		t.Errorf("error %v", a.Err)
	}
	if len(r.World.Reports) != 0 {
		t.Errorf("reports %v", r.World.Reports)
	}
	r.Version.Spec.Version += "-b"
	r.Version.Hash[0]++
	r.Version.Bundle = func(context.Context) (*compiler.Bundle, error) {
		return nil, &compiler.Error{Diagnostics: []compiler.Diagnostic{{File: "a.js", Line: 3, Text: "bad"}}}
	}
	a = r.Get("/")
	var code *compiler.Error
	if !errors.As(a.Err, &none) || !errors.As(a.Err, &code) || len(code.Diagnostics) != 1 || code.Diagnostics[0].Line != 3 {
		t.Errorf("error %v", a.Err)
	}
}

func testBodies(t *testing.T, h host.Host) {
	r := New(t, h, `export default { async fetch(request) { return new Response(await request.arrayBuffer()); } }`, isolate.Limits{CPU: 10 * time.Second})
	for _, size := range []int{0, 1, 100 << 10, 1 << 20, 5 << 20} {
		body := bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size]
		for _, streamed := range []bool{false, true} {
			b := outside.Body{Bytes: body}
			if streamed {
				b = outside.Body{Stream: io.NopCloser(bytes.NewReader(body)), Length: -1}
			}
			a := r.Do(t.Context(), &outside.Request{Method: "POST", URL: "https://example.com/", Body: b})
			if a.Err != nil || a.Body != string(body) {
				t.Errorf("%d bytes, streamed %v: %d came back, %v", size, streamed, len(a.Body), a.Err)
			}
		}
	}
	none := New(t, h, `export default { fetch(request) { return new Response(String(request.body)); } }`, isolate.Limits{})
	if a := none.Get("/"); a.Body != "null" {
		t.Errorf("no body: %q, %v", a.Body, a.Err)
	}
}

// testResponseStream has the worker wait, between two chunks, for the first to be read.
func testResponseStream(t *testing.T, h host.Host) {
	r := New(t, h, `export default { fetch() {
		const { readable, writable } = new TransformStream();
		const w = writable.getWriter(), e = new TextEncoder();
		(async () => { await w.write(e.encode("first")); await fetch("https://gate/"); await w.write(e.encode("second")); await w.close(); })();
		return new Response(readable);
	} }`, isolate.Limits{})
	gate := make(chan struct{})
	r.World.OnFetch = func(ctx context.Context, _ *outside.Request) (*outside.Response, error) {
		select {
		case <-gate:
			return &outside.Response{Status: 200}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	finished := make(chan *outside.Report, 1)
	res, err := r.Host.Fetch(r.Version, r.Event(t.Context(), finished), &outside.Request{Method: "GET", URL: "https://example.com/"})
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 64)
	n, err := res.Body.Stream.Read(buf)
	if string(buf[:n]) != "first" || err != nil {
		t.Fatalf("read %q, %v", buf[:n], err)
	}
	close(gate)
	rest, err := io.ReadAll(res.Body.Stream)
	if string(rest) != "second" || err != nil {
		t.Fatalf("read %q, %v", rest, err)
	}
	res.Body.Stream.Close()
	if p := r.Finished(finished); p.BytesOut != 11 || p.Outcome != outside.OutcomeOK {
		t.Errorf("report %+v", p)
	}
}

// testRequestStream has the client wait, between two chunks, for the echo of the first.
func testRequestStream(t *testing.T, h host.Host) {
	r := New(t, h, `export default { fetch(request) { return new Response(request.body.pipeThrough(new TransformStream())); } }`, isolate.Limits{})
	in, out := io.Pipe()
	finished := make(chan *outside.Report, 1)
	res, err := r.Host.Fetch(r.Version, r.Event(t.Context(), finished), &outside.Request{
		Method: "POST", URL: "https://example.com/", Body: outside.Body{Stream: in, Length: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 64)
	for _, word := range []string{"one", "two", "three"} {
		if _, err := out.Write([]byte(word)); err != nil {
			t.Fatal(err)
		}
		n, err := io.ReadFull(res.Body.Stream, buf[:len(word)])
		if string(buf[:n]) != word || err != nil {
			t.Fatalf("read %q, %v", buf[:n], err)
		}
	}
	out.Close()
	if rest, err := io.ReadAll(res.Body.Stream); len(rest) > 0 || err != nil {
		t.Fatalf("after the end: %q, %v", rest, err)
	}
	res.Body.Stream.Close()
	if p := r.Finished(finished); p.BytesOut != 11 {
		t.Errorf("report %+v", p)
	}
}

// testResponseClosed leaves before the end of an endless response.
func testResponseClosed(t *testing.T, h host.Host) {
	r := New(t, h, `export default { fetch() {
		return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1000)); } }));
	} }`, isolate.Limits{CPU: 10 * time.Second})
	finished := make(chan *outside.Report, 1)
	res, err := r.Host.Fetch(r.Version, r.Event(t.Context(), finished), &outside.Request{Method: "GET", URL: "https://example.com/"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(res.Body.Stream, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	res.Body.Stream.Close()
	if p := r.Finished(finished); p.Outcome != outside.OutcomeStreamDisconnected {
		t.Errorf("outcome %s", p.Outcome)
	}
}

// endless is a stream that counts what is taken of it and notices being closed.
type endless struct {
	once   sync.Once
	closed chan struct{}
}

func (e *endless) Read(p []byte) (int, error) {
	select {
	case <-e.closed:
		return 0, errors.New("read after close")
	default:
		return len(p), nil
	}
}

func (e *endless) Close() error {
	e.once.Do(func() { close(e.closed) })
	return nil
}

// testFetchStream reads a part of an endless answer.
func testFetchStream(t *testing.T, h host.Host) {
	r := New(t, h, `export default { async fetch() {
		const reader = (await fetch("https://o/")).body.getReader();
		let n = 0;
		while (n < 700000) n += (await reader.read()).value.length;
		await reader.cancel();
		return new Response("enough");
	} }`, isolate.Limits{CPU: 10 * time.Second})
	e := &endless{closed: make(chan struct{})}
	r.World.OnFetch = func(context.Context, *outside.Request) (*outside.Response, error) {
		return &outside.Response{Status: 200, Body: outside.Body{Stream: e, Length: -1}}, nil
	}
	if a := r.Get("/"); a.Body != "enough" {
		t.Fatalf("%q, %v", a.Body, a.Err)
	}
	select {
	case <-e.closed:
	case <-time.After(patience):
		t.Error("the answer was not closed")
	}
}

func testWaitUntil(t *testing.T, h host.Host) {
	r := New(t, h, `export default { fetch(request, env, ctx) {
		ctx.waitUntil((async () => { await fetch("https://gate/"); await env.KV.put("after", "1"); console.warn("done"); })());
		return new Response("early");
	} }`, isolate.Limits{})
	gate := make(chan struct{})
	r.World.OnFetch = func(context.Context, *outside.Request) (*outside.Response, error) {
		<-gate
		return &outside.Response{Status: 200}, nil
	}
	finished := make(chan *outside.Report, 1)
	res, err := r.Host.Fetch(r.Version, r.Event(t.Context(), finished), &outside.Request{Method: "GET", URL: "https://example.com/"})
	if err != nil || string(res.Body.Bytes) != "early" {
		t.Fatalf("%v %v", res, err)
	}
	select {
	case <-finished:
		t.Fatal("ended before its work was done")
	default:
	}
	close(gate)
	if p := r.Finished(finished); p.KVWrites != 1 || p.Outcome != outside.OutcomeOK || len(p.Logs) != 1 {
		t.Errorf("report %+v", p)
	}
}

func testScheduled(t *testing.T, h host.Host) {
	r := New(t, h, `export default { async scheduled(controller, env) {
		console.log(controller.cron, controller.scheduledTime);
		await env.KV.put("ran", "1");
		if (controller.cron === "bad") throw new Error("bad cron");
	} }`, isolate.Limits{})
	for _, cron := range []string{"*/5 * * * *", "bad"} {
		finished := make(chan *outside.Report, 1)
		at := time.UnixMilli(1700000000123)
		err := h.Scheduled(r.Version, r.Event(t.Context(), finished), cron, at)
		p := r.Finished(finished)
		if (err != nil) != (cron == "bad") || p.Cron != cron || !p.Time.Equal(at) || p.Event != outside.EventScheduled || p.KVWrites != 1 {
			t.Errorf("%s: %v, report %+v", cron, err, p)
		}
		if want := cron + " 1700000000123"; len(p.Logs) == 0 || p.Logs[0].Text != want {
			t.Errorf("logs %v, want %q", p.Logs, want)
		}
	}
}

// testRPC passes what the serialised form of no arguments is given back as: the text of
// an error shows that the method was reached.
func testRPC(t *testing.T, h host.Host) {
	r := New(t, h, `import { WorkerEntrypoint } from "cloudflare:workers";
		export class Math extends WorkerEntrypoint { fail() { throw new RangeError("reached"); } }
		export default { fetch() {} }`, isolate.Limits{})
	args, err := h.RPC(r.Version, worker.Event{Outside: r.World, Entrypoint: "Math"}, "fail", nil)
	var seen *outside.Error
	if args != nil || !errors.As(err, &seen) {
		t.Errorf("%q, %v", args, err)
	}
	p := r.World.Reports
	if len(p) != 1 || p[0].Event != outside.EventRPC || p[0].RPCMethod != "fail" || p[0].Entrypoint != "Math" {
		t.Errorf("reports %+v", p)
	}
}

func testInvoke(t *testing.T, h host.Host) {
	r := New(t, h, `export const handler = async (event) => { if (event.bad) throw new TypeError("bad event"); return { twice: event.n * 2 }; }`, isolate.Limits{})
	finished := make(chan *outside.Report, 1)
	answer, err := h.Invoke(r.Version, r.Event(t.Context(), finished), []byte(`{"n":21}`))
	if string(answer) != `{"twice":42}` || err != nil {
		t.Errorf("%q, %v", answer, err)
	}
	if p := r.Finished(finished); p.Event != outside.EventLambda || p.BytesIn != 8 || p.Outcome != outside.OutcomeOK {
		t.Errorf("report %+v", p)
	}
	_, err = h.Invoke(r.Version, r.Event(t.Context(), finished), []byte(`{"bad":true}`))
	var thrown *isolate.Thrown
	if !errors.As(err, &thrown) || thrown.Name != "TypeError" {
		t.Errorf("error %v", err)
	}
}

func testConcurrent(t *testing.T, h host.Host) {
	r := New(t, h, `export default { async fetch(request, env) {
		const id = new URL(request.url).pathname;
		await env.KV.put(id, id);
		const r = await fetch("https://o/", { method: "POST", body: id });
		return new Response(await r.text() + await env.KV.get(id));
	} }`, isolate.Limits{CPU: 10 * time.Second})
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			for j := range 10 {
				path := fmt.Sprintf("/%d-%d", i, j)
				if a := r.Get(path); a.Err != nil || a.Body != path+path {
					t.Errorf("%s: %q, %v", path, a.Body, a.Err)
				}
			}
		})
	}
	all.Wait()
	if n := len(r.World.Reports); n != 1000 {
		t.Errorf("%d reports", n)
	}
}

func testValidate(t *testing.T, h host.Host) {
	r := New(t, h, `export default { fetch() {}, scheduled() {} }`, isolate.Limits{})
	found, err := h.Validate(t.Context(), r.Version)
	if err != nil || !slices.Equal(found.Handlers, []string{"fetch", "scheduled"}) || found.Startup == 0 {
		t.Errorf("%+v, %v", found, err)
	}
	_, err = h.Build(t.Context(), Source("let x = ;"))
	var code *compiler.Error
	if !errors.As(err, &code) || code.Diagnostics[0].Line != 1 || code.Diagnostics[0].File != "index.js" {
		t.Errorf("build: %v", err)
	}
	bad := New(t, h, `export const x = 1`, isolate.Limits{})
	_, err = h.Validate(t.Context(), bad.Version)
	var load *worker.LoadError
	if err != nil && !errors.As(err, &load) {
		t.Errorf("validate: %v", err)
	}
}

func testRetire(t *testing.T, h host.Host) {
	r := New(t, h, `let n = 0; export default { fetch() { return new Response(String(++n)); } }`, isolate.Limits{})
	if err := h.Prewarm(t.Context(), r.Version, 1); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1", "2"} {
		if a := r.Get("/"); a.Body != want || a.Report.ColdStart != 0 {
			t.Errorf("%q, %v, cold %v; want %q", a.Body, a.Err, a.Report.ColdStart, want)
		}
	}
	h.Keep(r.Version, 2)
	h.Keep(r.Version, 0)
	h.Retire(r.Version.Version)
	if a := r.Get("/"); a.Body != "1" {
		t.Errorf("after retirement %q, %v", a.Body, a.Err)
	}
}
