package dom_test

import (
	"context"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func newRealm(clock eventloop.Clock) *webidl.Realm {
	return webidl.NewRealm(goja.New(), webidl.Options{
		Loop:    eventloop.New(eventloop.Options{Clock: clock}),
		Globals: webidl.NewGlobals(dom.Globals),
	})
}

func TestEvents(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"dispatch", `var t = new EventTarget(), s = ""; t.addEventListener("x", function (e) { s += (this === t) + e.type + e.eventPhase + (e.target === t) }); t.dispatchEvent(new Event("x")); s`, "truex2true"},
		{"handleEvent", `var t = new EventTarget(), s = "", o = {handleEvent() { s += this === o }}; t.addEventListener("x", o); t.dispatchEvent(new Event("x")); s`, "true"},
		{"capture first", `var t = new EventTarget(), s = ""; t.addEventListener("x", () => s += 1); t.addEventListener("x", () => s += 2, true); t.dispatchEvent(new Event("x")); s`, "21"},
		{"once", `var t = new EventTarget(), s = 0; t.addEventListener("x", () => s++, {once: true}); t.dispatchEvent(new Event("x")); t.dispatchEvent(new Event("x")); s`, "1"},
		{"same listener twice", `var t = new EventTarget(), s = 0, f = () => s++; t.addEventListener("x", f); t.addEventListener("x", f, {passive: true}); t.dispatchEvent(new Event("x")); s`, "1"},
		{"passive", `var t = new EventTarget(); t.addEventListener("x", e => e.preventDefault(), {passive: true}); t.dispatchEvent(new Event("x", {cancelable: true}))`, "true"},
		{"canceled", `var t = new EventTarget(); t.addEventListener("x", e => e.preventDefault()); t.dispatchEvent(new Event("x", {cancelable: true}))`, "false"},
		{"signal", `var t = new EventTarget(), c = new AbortController(), s = 0; t.addEventListener("x", () => s++, {signal: c.signal}); t.dispatchEvent(new Event("x")); c.abort(); t.dispatchEvent(new Event("x")); s`, "1"},
		{"stop at once", `var t = new EventTarget(), s = 0; t.addEventListener("x", e => { s++; e.stopImmediatePropagation() }); t.addEventListener("x", () => s++); t.dispatchEvent(new Event("x")); s`, "1"},
		{"added during dispatch", `var t = new EventTarget(), s = 0; t.addEventListener("x", () => t.addEventListener("x", () => s++)); t.dispatchEvent(new Event("x")); s`, "0"},
		{"removed during dispatch", `var t = new EventTarget(), s = 0, f = () => s++; t.addEventListener("x", () => t.removeEventListener("x", f)); t.addEventListener("x", f); t.dispatchEvent(new Event("x")); s`, "0"},
		{"dispatched already", `var t = new EventTarget(), s; t.addEventListener("x", e => { try { t.dispatchEvent(e) } catch (x) { s = x.name } }); t.dispatchEvent(new Event("x")); s`, "InvalidStateError"},
		{"not an event", `try { new EventTarget().dispatchEvent({}) } catch (e) { e.message }`, "Failed to execute 'dispatchEvent' on 'EventTarget': parameter 1 is not of type 'Event'."},
		{"bad callback", `try { new EventTarget().addEventListener("x", 5) } catch (e) { e.message }`, "Failed to execute 'addEventListener' on 'EventTarget': parameter 2 is not of type 'Object'."},
		{"thrown in a listener", `var t = new EventTarget(), s = ""; addEventListener("error", e => { s += e.message; e.preventDefault() }); t.addEventListener("x", () => { throw new TypeError("no") }); t.addEventListener("x", () => s += "|next"); t.dispatchEvent(new Event("x")); s`, "Uncaught TypeError: no|next"},
		{"global", `var s = ""; addEventListener("x", function (e) { s += (this === globalThis) + "" + (e.target === globalThis) }); dispatchEvent(new Event("x")); s`, "truetrue"},
		{"global onerror", `var s = ""; onerror = function (m, f, l, c, e) { s = m + l + e.x; return true }; addEventListener("y", () => { throw {x: 7, toString() { return "T" }} }); dispatchEvent(new Event("y")); s`, "Uncaught T17"},
		{"subclass", `class T extends EventTarget { constructor() { super(); this.n = 1 } } var t = new T(), s = ""; t.addEventListener("x", e => s += e.target === t); t.dispatchEvent(new CustomEvent("x", {detail: 1})); s + (t instanceof EventTarget)`, "truetrue"},
		{"custom", `new CustomEvent("x", {detail: {a: 1}}).detail.a + String(new CustomEvent("x").detail)`, "1null"},
		{"inheritance", `[new CustomEvent("x") instanceof Event, Object.getPrototypeOf(CustomEvent) === Event, Object.prototype.toString.call(new ErrorEvent("x"))].join()`, "true,true,[object ErrorEvent]"},
		{"error event", `var e = new ErrorEvent("error", {message: "m", lineno: 3, error: 5}); e.message + e.lineno + e.colno + e.error`, "m305"},
		{"message event", `var e = new MessageEvent("message", {data: 1, origin: "o"}); [e.data, e.origin, e.lastEventId, e.source, e.ports.length, e.ports === e.ports, Object.isFrozen(e.ports)].join()`, "1,o,,,0,true,true"},
		{"close event", `var e = new CloseEvent("close", {code: 1000, reason: "r", wasClean: true}); [e.code, e.reason, e.wasClean].join()`, "1000,r,true"},
		{"rejection event", `var e = new PromiseRejectionEvent("x", {promise: Promise.resolve(), reason: 4}); [e.promise instanceof Promise, e.reason].join()`, "true,4"},
		{"rejection event needs a promise", `try { new PromiseRejectionEvent("x", {}) } catch (e) { e.name }`, "TypeError"},
		{"time", `new Event("x").timeStamp > 0`, "true"},
		{"cancelBubble", `var e = new Event("x"); e.cancelBubble = true; e.cancelBubble = false; e.cancelBubble`, "true"},
		{"composedPath", `var t = new EventTarget(), s; t.addEventListener("x", e => s = e.composedPath()[0] === t); var e = new Event("x"); t.dispatchEvent(e); s + "" + e.composedPath().length + e.currentTarget + (e.target === t)`, "true0nulltrue"},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, newRealm(nil), c.js, c.want) })
	}
}

func TestAbort(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"abort", `var c = new AbortController(), s = ""; c.signal.onabort = function (e) { s += e.type + e.isTrusted + (this === c.signal) }; c.abort(); c.abort(); s + c.signal.aborted + c.signal.reason.name`, "aborttruetruetrueAbortError"},
		{"reason", `var c = new AbortController(); c.abort("why"); c.signal.reason`, "why"},
		{"no reason yet", `String(new AbortController().signal.reason)`, "undefined"},
		{"same signal", `var c = new AbortController(); c.signal === c.signal`, "true"},
		{"throwIfAborted", `try { AbortSignal.abort(5).throwIfAborted() } catch (e) { e }`, "5"},
		{"illegal constructor", `try { new AbortSignal() } catch (e) { String(e) }`, "TypeError: Illegal constructor"},
		{"any", `var a = new AbortController(), b = new AbortController(), s = AbortSignal.any([a.signal, b.signal]), n = ""; s.onabort = () => n += "fired"; b.abort("r"); n + s.reason + a.signal.aborted`, "firedrfalse"},
		{"any of any", `var a = new AbortController(), s = AbortSignal.any([AbortSignal.any([a.signal])]); a.abort(1); s.aborted`, "true"},
		{"any of an aborted one", `AbortSignal.any([new AbortController().signal, AbortSignal.abort(7)]).reason`, "7"},
		{"any of none", `AbortSignal.any([]).aborted`, "false"},
		{"dependents agree before events", `var a = new AbortController(), d = AbortSignal.any([a.signal]), s; a.signal.onabort = () => s = d.aborted; a.abort(); s`, "true"},
		{"handler replaced", `var c = new AbortController(), s = ""; c.signal.onabort = () => s += 1; c.signal.addEventListener("abort", () => s += 2); c.signal.onabort = () => s += 3; c.abort(); s`, "32"},
		{"handler removed", `var c = new AbortController(), s = "none"; c.signal.onabort = () => s = 1; c.signal.onabort = 5; c.abort(); s + c.signal.onabort`, "nonenull"},
		{"negative timeout", `try { AbortSignal.timeout(-1) } catch (e) { e.name }`, "TypeError"},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, newRealm(nil), c.js, c.want) })
	}
}

func TestTimeout(t *testing.T) {
	clock := eventloop.NewVirtualClock(time.Unix(0, 0))
	js := newRealm(clock)
	expect(t, js, `var s = AbortSignal.timeout(50), fired = 0; s.onabort = () => fired++; s.aborted`, "false")
	clock.Advance(49 * time.Millisecond)
	expect(t, js, `s.aborted`, "false")
	clock.Advance(time.Millisecond)
	expect(t, js, `s.reason.name + fired`, "TimeoutError1")
}

func TestContext(t *testing.T) {
	js := newRealm(nil)
	c := dom.NewAbortController(js)
	js.VM.Set("signal", c.Signal().Wrap(js))
	ctx, cancel := c.Signal().Context(context.Background())
	defer cancel()
	if ctx.Err() != nil {
		t.Fatal("canceled before the abort")
	}
	c.Abort(js, nil)
	if ctx.Err() == nil {
		t.Error("not canceled by the abort")
	}
	expect(t, js, `signal.reason.name`, "AbortError")
	if ctx, _ := c.Signal().Context(context.Background()); ctx.Err() == nil {
		t.Error("a context of an aborted signal is not canceled")
	}
}

func TestReport(t *testing.T) {
	js := newRealm(nil)
	var got []string
	dom.OnUncaught(js, func(v goja.Value, _ dom.AnyEvent) { got = append(got, v.String()) })
	target := &dom.EventTarget{}
	js.VM.Set("t", target.Wrap(js))
	expect(t, js, `t.addEventListener("x", () => { throw 1 }); t.addEventListener("x", {handleEvent: 2}); 0`, "0")
	if !dom.Fire(js, target, "x") {
		t.Error("the event was canceled")
	}
	if len(got) != 2 || got[0] != "1" || got[1] != "TypeError: EventListener's handleEvent is not a function" {
		t.Errorf("reported %q", got)
	}
	if !dom.FireRejection(js, goja.Undefined(), goja.Undefined(), false) {
		t.Error("a rejection without listener was canceled")
	}
	expect(t, js, `addEventListener("unhandledrejection", e => e.preventDefault()); 0`, "0")
	if dom.FireRejection(js, js.NewPromise().Value(), goja.Undefined(), false) {
		t.Error("a canceled rejection was not")
	}
}

func TestGoListener(t *testing.T) {
	js := newRealm(nil)
	target, seen := &dom.EventTarget{}, ""
	remove := target.Listen("x", func(e dom.AnyEvent) { seen += e.(*dom.Event).Type() })
	dom.Fire(js, target, "x")
	remove()
	dom.Fire(js, target, "x")
	if seen != "x" {
		t.Errorf("seen %q", seen)
	}
}

// An event that nobody listens to costs nothing.
func TestFireAllocations(t *testing.T) {
	js := newRealm(nil)
	target := &dom.EventTarget{}
	if n := testing.AllocsPerRun(100, func() { dom.Fire(js, target, "x") }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestManyDependents(t *testing.T) {
	js := newRealm(nil)
	expect(t, js, `var long = new AbortController(), live;
		for (var i = 0; i < 1000; i++) { var c = new AbortController(), d = AbortSignal.any([long.signal, c.signal]); if (i == 500) live = d; else c.abort() }
		long.abort("end"); live.reason + d.reason.name`, "endAbortError")
}

func expect(t *testing.T, js *webidl.Realm, code, want string) {
	t.Helper()
	v, err := js.VM.RunString(code)
	if err != nil {
		t.Fatal(err)
	}
	if got := v.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func BenchmarkDispatch(b *testing.B) {
	js := newRealm(nil)
	f, err := js.VM.RunString(`var t = new EventTarget(); t.addEventListener("x", () => {}); (function (n) { for (var i = 0; i < n; i++) t.dispatchEvent(new Event("x")) })`)
	if err != nil {
		b.Fatal(err)
	}
	run, _ := goja.AssertFunction(f)
	b.ReportAllocs()
	b.ResetTimer()
	run(goja.Undefined(), js.VM.ToValue(b.N))
}

func BenchmarkAbortController(b *testing.B) {
	js := newRealm(nil)
	f, _ := js.VM.RunString(`(function (n) { for (var i = 0; i < n; i++) new AbortController().signal.aborted })`)
	run, _ := goja.AssertFunction(f)
	b.ReportAllocs()
	b.ResetTimer()
	run(goja.Undefined(), js.VM.ToValue(b.N))
}
