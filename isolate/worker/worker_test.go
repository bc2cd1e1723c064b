package worker_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// world is what a test's workers reach: an echo for fetch and service bindings, and a map for KV.
type world struct {
	outside.Outside // nil: anything else is a failure of the test

	mu      sync.Mutex
	kv      map[string]outside.KVPut
	reports []*outside.Report
	logs    []string
	fetched []*outside.Request
}

func (w *world) Fetch(ctx context.Context, call *outside.Call, req *outside.Request) (*outside.Response, error) {
	w.mu.Lock()
	w.fetched = append(w.fetched, req)
	w.mu.Unlock()
	body := req.Body
	if body.None() {
		body = outside.Body{Bytes: []byte("fetched " + req.URL)}
	}
	return &outside.Response{Status: 200, URL: req.URL, Header: []outside.Field{{Name: "x-method", Value: req.Method}}, Body: body}, nil
}

func (w *world) Service(ctx context.Context, call *outside.Call, binding string, req *outside.Request) (*outside.Response, error) {
	return &outside.Response{Status: 200, Body: outside.Body{Bytes: []byte(binding + " " + req.URL)}}, nil
}

func (w *world) KVGet(ctx context.Context, call *outside.Call, binding string, keys []string, bulk bool) ([]outside.KVEntry, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := make([]outside.KVEntry, len(keys))
	for i, k := range keys {
		if p, ok := w.kv[binding+"/"+k]; ok {
			list[i] = outside.KVEntry{Found: true, Value: p.Value, Metadata: p.Metadata}
		}
	}
	return list, nil
}

func (w *world) KVPut(ctx context.Context, call *outside.Call, binding string, p outside.KVPut) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.kv == nil {
		w.kv = map[string]outside.KVPut{}
	}
	w.kv[binding+"/"+p.Key] = p
	return nil
}

func (w *world) Log(call *outside.Call, line *outside.LogLine) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logs = append(w.logs, line.Text)
}

func (w *world) Report(r *outside.Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reports = append(w.reports, r)
}

func compile(t testing.TB, src compiler.Source) *compiler.Program {
	t.Helper()
	b, err := compiler.BuildBundle(context.Background(), src)
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func module(js string) compiler.Source {
	return compiler.Source{Main: "index.js", Modules: []compiler.Module{{Name: "index.js", Kind: compiler.ESModule, Contents: []byte(js)}}}
}

func classic(js string) compiler.Source {
	s := module(js)
	s.Classic = true
	return s
}

func load(t testing.TB, src compiler.Source, spec worker.Spec) *worker.Worker {
	t.Helper()
	dog := isolate.NewWatchdog()
	t.Cleanup(dog.Close)
	w, err := worker.Load(compile(t, src), &spec, worker.Options{Watchdog: dog})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

var bindings = []worker.Binding{
	{Name: "NAME", Kind: worker.Text, Value: []byte("value")},
	{Name: "CONFIG", Kind: worker.JSON, Value: []byte(`{"a":[1,2]}`)},
	{Name: "KV", Kind: worker.KVNamespace},
	{Name: "OTHER", Kind: worker.Service},
	{Name: "VERSION", Kind: worker.VersionMetadata},
}

func TestFetch(t *testing.T) {
	for _, c := range []struct {
		name string
		src  compiler.Source
		want string // "status body"
		err  string
	}{
		{name: "hello", src: module(`export default { fetch() { return new Response("Hello") } }`), want: "200 Hello"},
		{name: "async", src: module(`export default { async fetch() { await 1; return new Response("Hello", {status: 201}) } }`), want: "201 Hello"},
		{name: "class instance", src: module(`class A { #n = 7; fetch() { return new Response("n" + this.#n) } } export default new A()`), want: "200 n7"},
		{name: "bound", src: module(`const app = { n: 3, fetch(r) { return new Response(r.method + this.n) } }; export default { fetch: app.fetch.bind(app) }`), want: "200 POST3"},
		{name: "entrypoint class", src: module(`import { WorkerEntrypoint } from "cloudflare:workers";
			export default class extends WorkerEntrypoint { fetch(r) { return new Response(this.env.NAME + typeof this.ctx.waitUntil) } }`), want: "200 valuefunction"},
		{name: "imported env", src: module(`import { env } from "cloudflare:workers"; export default { fetch() { return new Response(env.NAME) } }`), want: "200 value"},
		{name: "request", src: module(`export default { async fetch(r) { return new Response([r.method, r.url, r.headers.get("X-Test"), await r.text()].join(" ")) } }`),
			want: "200 POST https://h.example/p?q=1 yes body"},
		{name: "request json", src: module(`export default { async fetch(r) { try { await r.json() } catch (e) { return Response.json({error: e.name}) } } }`), want: `200 {"error":"SyntaxError"}`},
		{name: "env", src: module(`export default { fetch(r, env) { return Response.json([env.NAME, env.CONFIG, env.VERSION.id]) } }`), want: `200 ["value",{"a":[1,2]},"v1"]`},
		{name: "kv", src: module(`export default { async fetch(r, {KV}) {
			await KV.put("k", "text", {metadata: {m: 1}}); await KV.put("j", JSON.stringify({x: 1})); await KV.put("b", new Uint8Array([65, 66]));
			const m = await KV.getWithMetadata("k"), bulk = await KV.get(["k", "none"]);
			return Response.json([await KV.get("k"), await KV.get("none"), await KV.get("j", "json"), m.metadata, await KV.get("b", {type: "text"}), [...bulk]]) } }`),
			want: `200 ["text",null,{"x":1},{"m":1},"AB",[["k","text"],["none",null]]]`},
		{name: "fetch", src: module(`export default { async fetch() { const r = await fetch("https://up.example/x#f", {method: "put", body: "data"}); return new Response(r.headers.get("x-method") + r.ok + await r.text()) } }`),
			want: "200 PUTtruedata"},
		{name: "proxy", src: module(`export default { fetch(r) { return fetch(r) } }`), want: "200 body"},
		{name: "fetched response changed", src: module(`export default { async fetch() { const r = await fetch("https://up.example/"); const n = new Response(r.body, r); n.headers.set("x", "1"); return new Response(n.headers.get("x") + await n.text()) } }`),
			want: "200 1fetched https://up.example/"},
		{name: "service", src: module(`export default { fetch(r, env) { return env.OTHER.fetch("https://o.example/a") } }`), want: "200 OTHER https://o.example/a"},
		{name: "stream", src: module(`export default { fetch() { let n = 0; return new Response(new ReadableStream({ pull(c) { if (n++ < 3) c.enqueue(new TextEncoder().encode("c" + n)); else c.close() } })) } }`), want: "200 c1c2c3"},
		{name: "console and timers", src: module(`export default { async fetch() { console.log("a", {b: [1]}); await scheduler.wait(1); await new Promise(r => setTimeout(r, 1)); return new Response(structuredClone("ok")) } }`), want: "200 ok"},
		{name: "compression", src: module(`export default { async fetch() { const z = new Response("zipped").body.pipeThrough(new CompressionStream("gzip")).pipeThrough(new DecompressionStream("gzip")); return new Response(z) } }`), want: "200 zipped"},
		{name: "crypto", src: module(`export default { async fetch() { return new Response("" + crypto.randomUUID().length) } }`), want: "200 36"},
		{name: "data url", src: module(`export default { async fetch() { const r = await fetch("data:text/x;base64,SGk="); return new Response(r.headers.get("content-type") + await r.text()) } }`), want: "200 text/xHi"},
		{name: "service worker", src: classic(`var greeting = "hi"; addEventListener("fetch", e => e.respondWith(new Response(greeting + NAME + new URL(e.request.url).pathname)))`), want: "200 hivalue/p"},
		{name: "service worker async", src: classic(`addEventListener("fetch", e => { e.respondWith((async () => { await 0; return new Response("later") })()) })`), want: "200 later"},
		{name: "service worker throws", src: classic(`addEventListener("fetch", e => { throw new TypeError("bad") })`), err: "TypeError: bad"},
		{name: "service worker throws in a microtask", src: classic(`var seen; addEventListener("error", e => seen = e.error.message); addEventListener("fetch", e => { queueMicrotask(() => { throw new Error("late") }); e.respondWith((async () => { await 0; await 0; return new Response(seen) })()) })`), want: "200 late"},
		{name: "global scope", src: module(`export default { fetch() { return new Response([self instanceof ServiceWorkerGlobalScope, self instanceof WorkerGlobalScope, self instanceof EventTarget, Object.hasOwn(self, "Request")].join()) } }`), want: "200 true,true,true,true"},
		{name: "properties of a request", src: module(`export default { fetch(r) { Object.defineProperty(r, "ip", { get() { return this.headers.get("x-test") } }); return new Response(r.ip + Object.keys(r)) } }`), want: "200 yes"},
		{name: "redirect", src: module(`export default { fetch() { return Response.redirect("https://a.example/b", 301) } }`), want: "301 "},
		{name: "throws", src: module(`export default { fetch() { throw new TypeError("bad") } }`), err: "TypeError: bad"},
		{name: "rejects", src: module(`export default { async fetch() { await 0; nope() } }`), err: "ReferenceError: nope is not defined"},
		{name: "no response", src: module(`export default { fetch() { return "text" } }`), err: "did not resolve to 'Response'"},
		{name: "never", src: module(`export default { fetch() { return new Promise(() => {}) } }`), err: "will never generate a response"},
		{name: "used body", src: module(`export default { async fetch(r) { await r.text(); return new Response(await r.text()) } }`), err: "TypeError: Failed to execute 'text' on 'Request': Body has already been used"},
		{name: "eval", src: module(`export default { fetch() { return eval("1") } }`), err: "EvalError: Code generation from strings disallowed for this context"},
		{name: "new Function", src: module(`export default { fetch() { return new (fetch.constructor)("return 1")() } }`), err: "EvalError: Code generation from strings disallowed for this context"},
		{name: "cpu", src: module(`export default { fetch() { for (;;); } }`), err: "CPU time limit exceeded: the limit is 50ms"},
		{name: "immutable", src: module(`export default { fetch(r) { r.headers.set("a", "b") } }`), err: "Can't modify immutable headers."},
		{name: "too many subrequests", src: module(`export default { async fetch() { for (let i = 0; i < 60; i++) await fetch("https://a.example/") } }`), err: "Too many subrequests"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := &world{}
			w := load(t, c.src, worker.Spec{Script: "s", Version: "v1", Bindings: bindings})
			ended := make(chan struct{})
			e := worker.Event{Outside: out, Call: outside.Call{Invocation: "id"}, Finished: func(*outside.Report) { close(ended) }}
			res, err := w.Fetch(e, &outside.Request{
				Method: "POST", URL: "https://h.example/p?q=1", Header: []outside.Field{{Name: "x-test", Value: "yes"}},
				Body: outside.Body{Stream: io.NopCloser(strings.NewReader("body")), Length: -1},
			})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, want %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := res.Body.Bytes
			if res.Body.Stream != nil {
				if got, err = io.ReadAll(res.Body.Stream); err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
			}
			if s := strings.TrimSuffix(itoa(res.Status)+" "+string(got), "\n"); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
			<-ended
			if len(out.reports) != 1 || out.reports[0].Outcome != outside.OutcomeOK || out.reports[0].BytesOut != int64(len(got)) {
				t.Errorf("reports %+v", out.reports)
			}
		})
	}
}

func itoa(n int) string {
	return string([]byte{byte('0' + n/100), byte('0' + n/10%10), byte('0' + n%10)})
}

func TestLoadErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		src    compiler.Source
		reason worker.Reason
		text   string
	}{
		{"throws", module("\n\nthrow new Error('boom')"), worker.Threw, "index.js:3:"},
		{"loops", module(`for (;;); export default {}`), worker.ExceededCPU, "Script startup exceeded CPU time limit: the limit is 100ms"},
		{"no handlers", module(`export const x = 1; export default {}`), worker.NoHandlers, ""},
		{"nothing", module(`1`), worker.NoHandlers, "No event handlers were registered"},
		{"never evaluated", module(`await new Promise(() => {}); export default { fetch() {} }`), worker.NeverEvaluated, "Top-level await"},
		{"service worker without listener", classic(`1`), worker.NoHandlers, "No event handlers were registered"},
		{"fetch at top level", module(`await fetch("https://a.example/"); export default { fetch() {} }`), worker.Threw, "Disallowed operation called within global scope"},
		{"unknown module", module(`import x from "cloudflare:nope"; export default { fetch() {} }`), worker.Threw, `No such module "cloudflare:nope"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dog := isolate.NewWatchdog()
			defer dog.Close()
			_, err := worker.Load(compile(t, c.src), &worker.Spec{Limits: isolate.Limits{Startup: 100 * time.Millisecond}}, worker.Options{Watchdog: dog})
			var e *worker.LoadError
			if c.name == "no handlers" && err == nil {
				return // a named export may be an entrypoint
			}
			if !errors.As(err, &e) || e.Reason != c.reason || !strings.Contains(err.Error(), c.text) {
				t.Errorf("error %v, want reason %d and %q", err, c.reason, c.text)
			}
		})
	}
}

// loop is a world whose service binding leads back to the worker itself.
type loop struct {
	*world
	worker *worker.Worker
}

func (l loop) RPC(ctx context.Context, call *outside.Call, binding, method string, args []byte) ([]byte, error) {
	return l.worker.RPC(worker.Event{Outside: l, Entrypoint: "Math"}, method, args)
}

func TestRPC(t *testing.T) {
	w := load(t, module(`import { WorkerEntrypoint } from "cloudflare:workers";
		export class Math extends WorkerEntrypoint {
			#secret = 1;
			add(a, b) { return a + b }
			async later(o) { await 1; return new Map([["o", o], ["n", this.env.NAME]]) }
			fail() { throw new RangeError("no") }
			own = () => 1;
		}
		export default { async fetch(r, env) {
			const out = [await env.OTHER.add(2, 3)], m = await env.OTHER.later({d: new Date(5)});
			out.push(m.get("o").d.getTime(), m.get("n"), typeof env.OTHER.then, typeof env.OTHER.toString, env.OTHER.add === env.OTHER.add);
			for (const name of ["fail", "nope", "own", "constructor", "toString"]) {
				try { out.push(typeof await env.OTHER[name]()) } catch (e) { out.push(e.name + ": " + e.message) }
			}
			try { await env.OTHER.add(() => 1) } catch (e) { out.push(e.name) }
			return Response.json(out);
		} }`), worker.Spec{Bindings: bindings})
	out := loop{&world{}, w}
	res, err := w.Fetch(worker.Event{Outside: out}, &outside.Request{Method: "GET", URL: "https://h.example/"})
	if err != nil {
		t.Fatal(err)
	}
	want := `[5,5,"value","undefined","function",true,"RangeError: no","TypeError: The RPC receiver does not implement the method \"nope\".",` +
		`"TypeError: The RPC receiver does not implement the method \"own\".","TypeError: Illegal constructor","string","DataCloneError"]`
	if got := string(res.Body.Bytes); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestScheduled(t *testing.T) {
	for _, src := range []compiler.Source{
		module(`export default { async scheduled(c, env, ctx) { await env.KV.put("ran", c.cron + c.scheduledTime) } }`),
		classic(`addEventListener("scheduled", e => e.waitUntil(KV.put("ran", e.cron + e.scheduledTime)))`),
	} {
		out := &world{}
		w := load(t, src, worker.Spec{Bindings: bindings})
		ended := make(chan struct{})
		e := worker.Event{Outside: out, Finished: func(*outside.Report) { close(ended) }}
		if err := w.Scheduled(e, "* * * * *", time.UnixMilli(1000)); err != nil {
			t.Fatal(err)
		}
		<-ended
		if got := string(out.kv["KV/ran"].Value); got != "* * * * *1000" {
			t.Errorf("wrote %q", got)
		}
	}
}

// silent is an Outside that only takes reports.
type silent struct{ outside.Outside }

func (silent) Report(*outside.Report) {}

func benchmark(b *testing.B, src string) {
	w := load(b, module(src), worker.Spec{})
	header := []outside.Field{{Name: "host", Value: "h.example"}, {Name: "user-agent", Value: "bench"}}
	e := worker.Event{Outside: silent{}, Call: outside.Call{Invocation: "id"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Fetch(e, &outside.Request{Method: "GET", URL: "https://h.example/", Header: header}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHello(b *testing.B) {
	benchmark(b, `export default { fetch() { return new Response("Hello World") } }`)
}

func BenchmarkHelloAsync(b *testing.B) {
	benchmark(b, `export default { async fetch(request, env, ctx) { return new Response("Hello World", {headers: {"content-type": "text/plain"}}) } }`)
}

func BenchmarkRequestFields(b *testing.B) {
	benchmark(b, `export default { fetch(r) { return new Response(r.method + r.url + r.headers.get("host")) } }`)
}

func BenchmarkLoad(b *testing.B) {
	p := compile(b, module(`export default { fetch() { return new Response("Hello World") } }`))
	e := worker.Event{Outside: silent{}, Call: outside.Call{Invocation: "id"}}
	b.ReportAllocs()
	for b.Loop() {
		w, err := worker.Load(p, &worker.Spec{}, worker.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.Fetch(e, &outside.Request{Method: "GET", URL: "https://h.example/"}); err != nil {
			b.Fatal(err)
		}
		w.Close()
	}
}

// TestHelloAllocations keeps a request to the smallest worker from costing more objects
// than it did: most are the engine's and the Response's.
func TestHelloAllocations(t *testing.T) {
	const most = 24
	w := load(t, module(`export default { fetch() { return new Response("Hello World") } }`), worker.Spec{})
	header := []outside.Field{{Name: "host", Value: "h.example"}, {Name: "user-agent", Value: "bench"}}
	e := worker.Event{Outside: silent{}, Call: outside.Call{Invocation: "id"}}
	n := testing.AllocsPerRun(1000, func() {
		if _, err := w.Fetch(e, &outside.Request{Method: "GET", URL: "https://h.example/", Header: header}); err != nil {
			t.Fatal(err)
		}
	})
	if n > most {
		t.Errorf("%g allocations, want at most %d", n, most)
	}
}
