package fetch_test

import (
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/encoding"
	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webapi/file"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webapi/url"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

var globals = webidl.NewGlobals(dom.Globals, streams.Globals, encoding.Globals, file.Globals, url.Globals, fetch.Globals)

func newRealm() *webidl.Realm {
	return webidl.NewRealm(goja.New(), webidl.Options{
		Loop:    eventloop.New(eventloop.Options{Clock: &eventloop.VirtualClock{}}),
		Globals: globals,
	})
}

// A script is the body of an async function, and what its result or its exception reads as.
type script struct{ name, js, want string }

// run runs each script in a realm of its own, in which define has defined what it wants.
func run(t *testing.T, scripts []script, define func(js *webidl.Realm)) {
	t.Helper()
	for _, c := range scripts {
		t.Run(c.name, func(t *testing.T) {
			js := newRealm()
			if define != nil {
				define(js)
			}
			got := "never settled"
			js.VM.Set("out", func(s string) { got = s })
			if _, err := js.VM.RunString(`(async () => { ` + c.js + ` })().then(v => out(String(v)), e => out(String(e)))`); err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// loop makes a function of Go that runs a statement n times.
func loop(t testing.TB, prepare, statement string) func(n int) {
	t.Helper()
	js := newRealm()
	v, err := js.VM.RunString(prepare + `; (function (n) { for (var i = 0; i < n; i++) { ` + statement + ` } })`)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := goja.AssertFunction(v)
	return func(n int) {
		if _, err := f(goja.Undefined(), js.VM.ToValue(n)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAllocations bounds what the objects of every request cost.
func TestAllocations(t *testing.T) {
	for _, c := range []struct {
		name, prepare, statement string
		most                     float64
	}{
		{"Response", `Response`, `new Response("hello")`, 7},
		{"Response with headers", `Response; var init = {status: 201, headers: {"content-type": "text/plain"}}`, `new Response("hello", init)`, 18},
		{"Request", `Request`, `new Request("https://example.com/")`, 7},
		{"header", `var h = new Headers({a: "b"})`, `h.get("a")`, 4},
	} {
		f := loop(t, c.prepare, c.statement)
		f(10)
		const times = 100
		if n := testing.AllocsPerRun(10, func() { f(times) }) / times; n > c.most {
			t.Errorf("%s: %.1f allocations, want at most %.0f", c.name, n, c.most)
		}
	}
}

func BenchmarkMessages(b *testing.B) {
	for _, c := range []struct{ name, prepare, statement string }{
		{"Response", `Response`, `new Response("hello")`},
		{"Response with headers", `Response; var init = {status: 201, headers: {"content-type": "text/plain"}}`, `new Response("hello", init)`},
		{"Response json", `Response; var o = {a: 1}`, `Response.json(o)`},
		{"Request", `Request`, `new Request("https://example.com/")`},
		{"text", `Response`, `new Response("hello").text()`},
		{"clone", `var r = new Response("hello")`, `r.clone()`},
		{"new Headers", `Headers; var init = {"content-type": "text/html", "x-a": "1"}`, `new Headers(init)`},
		{"set", `var h = new Headers({"content-type": "text/html"})`, `h.set("Content-Type", "text/css")`},
		{"get", `var h = new Headers({"content-type": "text/html"})`, `h.get("Content-Type")`},
	} {
		b.Run(c.name, func(b *testing.B) {
			f := loop(b, c.prepare, c.statement)
			f(1)
			b.ReportAllocs()
			b.ResetTimer()
			f(b.N)
		})
	}
}
