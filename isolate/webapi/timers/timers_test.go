package timers_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/timers"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// rig is a realm with a virtual clock and an out function that notes what it is given.
type rig struct {
	*webidl.Realm
	clock   *eventloop.VirtualClock
	out     []string
	ambient func() (context.Context, error)
}

func newRig() *rig {
	r := &rig{clock: eventloop.NewVirtualClock(time.Unix(0, 0))}
	r.ambient = func() (context.Context, error) { return context.Background(), nil }
	r.Realm = webidl.NewRealm(goja.New(), webidl.Options{
		Loop:    eventloop.New(eventloop.Options{Clock: r.clock}),
		Globals: webidl.NewGlobals(dom.Globals, timers.Globals),
		Ambient: func() (context.Context, error) { return r.ambient() },
	})
	r.VM.Set("out", func(s string) { r.out = append(r.out, s) })
	dom.OnUncaught(r.Realm, func(v goja.Value, _ dom.AnyEvent) { r.out = append(r.out, "uncaught "+v.String()) })
	return r
}

func (r *rig) run(t *testing.T, code string) goja.Value {
	t.Helper()
	v, err := r.VM.RunString(code)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTimers(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"order", `setTimeout(() => out("b"), 2); setTimeout(() => out("a"), 1); setTimeout(() => out("c"), 2)`, "a b c"},
		{"arguments", `setTimeout((x, y) => out(x + y), 1, "p", "q")`, "pq"},
		{"this", `setTimeout(function () { out(String(this === globalThis)) })`, "true"},
		{"negative", `setTimeout(() => out("n"), -5); setTimeout(() => out("w"), 2 ** 32)`, "n w"},
		{"cleared", `var id = setTimeout(() => out("no"), 1); clearTimeout(id); clearTimeout(id); clearTimeout(); clearTimeout("x"); out(typeof id)`, "number"},
		{"interval", `var n = 0, id = setInterval(() => { out(String(++n)); if (n == 3) clearInterval(id) }, 10)`, "1 2 3"},
		{"interval cleared by clearTimeout", `var id = setInterval(() => { out("i"); clearTimeout(id) })`, "i"},
		{"string", `try { setTimeout("out(1)") } catch (e) { out(e.message) }`, "Failed to execute 'setTimeout': parameter 1 is not of type 'Function'."},
		{"thrown", `setTimeout(() => { throw 5 }); setTimeout(() => out("next"))`, "uncaught 5 next"},
		{"microtask after the script", `queueMicrotask(() => out("m")); out("s")`, "s m"},
		{"microtasks in order", `Promise.resolve().then(() => out("1")); queueMicrotask(() => out("2")); Promise.resolve().then(() => out("3"))`, "1 2 3"},
		{"microtask thrown", `queueMicrotask(() => { throw 6 }); queueMicrotask(() => out("next"))`, "uncaught 6 next"},
		{"microtask without function", `try { queueMicrotask(1) } catch (e) { out(e.name) }`, "TypeError"},
		{"immediate", `var i = setImmediate((x) => out(x), "i"); out(String(i.hasRef()) + (i.unref() === i) + i.hasRef())`, "truetruefalse i"},
		{"immediate cleared", `clearImmediate(setImmediate(() => out("no"))); out("yes")`, "yes"},
		{"reportError", `reportError(new TypeError("t"))`, "uncaught TypeError: t"},
		{"wait", `scheduler.wait(5).then(() => out("waited")); setTimeout(() => out("4"), 4)`, "4 waited"},
		{"wait aborted", `var c = new AbortController(); scheduler.wait(5, {signal: c.signal}).catch(out); c.abort("why")`, "why"},
		{"wait aborted before", `scheduler.wait(5, {signal: AbortSignal.abort("early")}).catch(out)`, "early"},
		{"signal after the wait", `var c = new AbortController(); scheduler.wait(1, {signal: c.signal}).then(() => { c.abort(); out("done") })`, "done"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig()
			r.run(t, c.js)
			for range 20 {
				r.clock.Next()
			}
			if got := strings.Join(r.out, " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestGlobalScope(t *testing.T) {
	r := newRig()
	r.ambient = func() (context.Context, error) { return nil, errors.New("not here") }
	for _, code := range []string{`setTimeout(() => {})`, `setInterval(() => {})`, `setImmediate(() => {})`, `AbortSignal.timeout(1)`} {
		if got := r.run(t, `try { `+code+` } catch (e) { e.message }`).String(); !strings.Contains(got, "not here") {
			t.Errorf("%s: %s", code, got)
		}
	}
	r.run(t, `scheduler.wait(1).catch(e => out(e.message)); queueMicrotask(() => out("microtasks are fine"))`)
	if got := strings.Join(r.out, "; "); got != "Failed to execute 'wait' on 'Scheduler': not here; microtasks are fine" &&
		got != "not here; microtasks are fine" {
		t.Error(got)
	}
}

func TestLimit(t *testing.T) {
	r := newRig()
	ctx, end := context.WithCancel(context.Background())
	r.ambient = func() (context.Context, error) { return ctx, nil }
	r.VM.Set("limit", timers.Limit)
	if got := r.run(t, `for (var i = 0; i < limit; i++) setTimeout(() => {}, 1000); try { setTimeout(() => {}) } catch (e) { e.name }`).String(); got != "RangeError" {
		t.Errorf("one timer too many: %s", got)
	}
	// The timers of an ended invocation do not count.
	end()
	r.ambient = func() (context.Context, error) { return context.Background(), nil }
	if got := r.run(t, `setTimeout(() => {}) > limit`).String(); got != "true" {
		t.Error(got)
	}
}

func BenchmarkSetTimeout(b *testing.B) {
	r := newRig()
	f, err := r.VM.RunString(`var f = () => {}; (function (n) { for (var i = 0; i < n; i++) clearTimeout(setTimeout(f, 10)) })`)
	if err != nil {
		b.Fatal(err)
	}
	run, _ := goja.AssertFunction(f)
	b.ReportAllocs()
	b.ResetTimer()
	run(goja.Undefined(), r.VM.ToValue(b.N))
}
