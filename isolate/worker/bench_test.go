//go:build unix

package worker_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// stage is a world that costs nothing: it forgets reports and answers KV from memory.
type stage struct {
	outside.Outside // nil: anything else is a failure of the test
	value           []byte
}

func (s *stage) Report(*outside.Report) {}

func (s *stage) KVGet(ctx context.Context, call *outside.Call, binding string, keys []string, bulk bool) ([]outside.KVEntry, error) {
	return []outside.KVEntry{{Found: true, Value: s.value}}, nil
}

// reportCPU adds the process's CPU time to a benchmark's figures, collections included:
// on a machine that does other things it says more than the clock on the wall.
func reportCPU(b *testing.B) (done func()) {
	start := cpuTime()
	return func() { b.ReportMetric(float64(cpuTime()-start)/float64(b.N), "cpu-ns/op") }
}

func cpuTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// memory is a stage that has everything at hand.
type memory struct{ stage }

func (m *memory) KVCached(call *outside.Call, binding, key string) (outside.KVEntry, bool) {
	return outside.KVEntry{Found: true, Value: m.value}, true
}

const helloWorker = `export default { fetch() { return new Response("Hello World") } }`

const asyncWorker = `export default { async fetch(request, env, ctx) { return new Response("Hello World") } }`

const headersWorker = `export default {
	fetch(request) {
		const url = new URL(request.url);
		url.pathname = url.pathname.replace("/old/", "/new/");
		url.searchParams.set("from", "edge");
		const cookies = Object.fromEntries((request.headers.get("cookie") ?? "").split(/; */).map((c) => c.split("=")));
		const headers = new Headers(request.headers);
		headers.set("x-user", cookies.user ?? "nobody");
		headers.delete("cookie");
		headers.append("set-cookie", "seen=1; Path=/; HttpOnly");
		headers.set("location", url.href);
		return new Response(null, { status: 302, headers });
	},
}`

const jwtWorker = `
const encoder = new TextEncoder();
const decode = (s) => Uint8Array.from([...atob(s.replace(/-/g, "+").replace(/_/g, "/"))], (c) => c.charCodeAt(0));
let key;
export default {
	async fetch(request) {
		const token = request.headers.get("authorization").slice("Bearer ".length);
		const [head, body, signature] = token.split(".");
		key ??= await crypto.subtle.importKey("raw", encoder.encode("secret"), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
		const ok = await crypto.subtle.verify("HMAC", key, decode(signature), encoder.encode(head + "." + body));
		if (!ok) return new Response("no", { status: 401 });
		const claims = JSON.parse(new TextDecoder().decode(decode(body)));
		return Response.json({ sub: claims.sub });
	},
}`

const kvWorker = `export default { async fetch(request, env) { return new Response(await env.KV.get("kilobyte")) } }`

const token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.XbPfbIHMI6arZ3Y922BhjWgQzWXcXNrz0ogtVhfEd2o"

func benchmarkRequest() *outside.Request {
	return &outside.Request{Method: "GET", URL: "http://hello.localhost/old/path?a=1&b=2", Redirect: outside.RedirectManual, Header: []outside.Field{
		{Name: "host", Value: "hello.localhost"},
		{Name: "user-agent", Value: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"},
		{Name: "accept", Value: "text/html,application/xhtml+xml"},
		{Name: "accept-language", Value: "en-GB,en;q=0.9"},
		{Name: "cookie", Value: "session=0123456789abcdef; user=ada; theme=dark"},
		{Name: "authorization", Value: "Bearer " + token},
		{Name: "cf-connecting-ip", Value: "127.0.0.1"},
	}}
}

// BenchmarkFetch is one request to a warm isolate, from Request to Response.
func BenchmarkFetch(b *testing.B) {
	for _, c := range []struct {
		name, code string
		status     int
		world      outside.Outside
	}{
		{"hello", helloWorker, 200, &stage{}},
		{"async", asyncWorker, 200, &stage{}},
		{"headers", headersWorker, 302, &stage{}},
		{"jwt", jwtWorker, 200, &stage{}},
		{"kv", kvWorker, 200, &stage{value: make([]byte, 1024)}},
		{"kvcached", kvWorker, 200, &memory{stage{value: make([]byte, 1024)}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			spec := worker.Spec{Bindings: []worker.Binding{{Name: "KV", Kind: worker.KVNamespace}}}
			w := load(b, module(c.code), spec)
			b.ReportAllocs()
			defer reportCPU(b)()
			for b.Loop() {
				res, err := w.Fetch(worker.Event{Outside: c.world}, benchmarkRequest())
				if err != nil {
					b.Fatal(err)
				}
				if res.Status != c.status {
					b.Fatalf("status %d: %s", res.Status, res.Body.Bytes)
				}
			}
		})
	}
}

// BenchmarkPristine is one request to an isolate made for it.
func BenchmarkPristine(b *testing.B) {
	for _, c := range []struct{ name, code string }{
		{"hello", helloWorker}, {"async", asyncWorker}, {"headers", headersWorker},
	} {
		b.Run(c.name, func(b *testing.B) {
			dog := isolate.NewWatchdog()
			defer dog.Close()
			program := compile(b, module(c.code))
			spec := &worker.Spec{}
			s := &stage{}
			b.ReportAllocs()
			defer reportCPU(b)()
			for b.Loop() {
				w, err := worker.Load(program, spec, worker.Options{Watchdog: dog})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := w.Fetch(worker.Event{Outside: s}, benchmarkRequest()); err != nil {
					b.Fatal(err)
				}
				w.Close()
			}
		})
	}
}
