package worker_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// recursions are the bodies of functions that never come back.
var recursions = []struct{ name, code string }{
	{"function", `function f() { f() } f()`},
	{"function of two branches", `function f(n) { if (n === undefined) return f(1); else return f() } f()`},
	{"mutual", `const a = () => b(), b = () => a(); a()`},
	{"condition", `const f = (n) => n < 0 ? n : f(n + 1); f(0)`},
	{"method", `class A { f() { this.g() } g() { this.f() } } new A().f()`},
	{"static method", `class A { static #f() { A.#f() } static f() { A.#f() } } A.f()`},
	{"constructor", `class A { constructor() { new A() } } new A()`},
	{"derived constructor", `class A { constructor() { new B() } } class B extends A {} new B()`},
	{"super method", `class A { f() { this.f() } } class B extends A { f() { super.f() } } new B().f()`},
	{"function as constructor", `function F() { new F() } new F()`},
	{"field", `class A { x = new A() } new A()`},
	{"static block", `function f() { class A { static { f() } } } f()`},
	{"getter", `const o = { get x() { return this.x } }; o.x`},
	{"two getters", `class A { get x() { return this.y } get y() { return this.x } } new A().x`},
	{"setter", `const o = { set x(v) { this.x = v } }; o.x = 1`},
	{"defined getter", `const o = Object.defineProperty({}, "x", { get() { return this.x } }); o.x`},
	{"default value", `const f = (x = f()) => x; f()`},
	{"default value of a pattern", `const f = ({ x = f({}) }) => x; f({})`},
	{"default value and getter", `const o = { get x() { return ((y = o.x) => y)() } }; o.x`},
	{"toString", "const o = { toString() { return `${this}` } }; String(o)"},
	{"valueOf", `const o = { valueOf: () => o + 1 }; +o`},
	{"assigned valueOf", `const o = {}; o.valueOf = function () { return o * 2 }; o > 1`},
	{"toPrimitive", `const o = { [Symbol.toPrimitive]: () => o + "" }; o + ""`},
	{"hasInstance", `class A { static [Symbol.hasInstance](v) { return v instanceof A } } 1 instanceof A`},
	{"iterator", `const o = { [Symbol.iterator]() { return [...o] } }; [...o]`},
	{"next", `const o = { [Symbol.iterator]: () => o, next() { for (const x of o) return x } }; for (const x of o) break`},
	{"spread argument", `const f = (...args) => f(...args, 1); f()`},
	{"tag", "const f = () => f`x`; f()"},
	{"optional call", `const o = { f() { this?.f?.() } }; o.f()`},
	{"generator", `function* g() { for (const x of g()) yield x } g().next()`},
	{"generator that delegates", `function* g() { yield* g() } g().next()`},
	{"chain of generators", `function* g(inner) { yield* inner } let i = []; for (let n = 0; n < 20000; n++) i = g(i); i.next()`},
	{"proxy trap", `const p = new Proxy({}, { get(t, k, r) { return r[k] } }); p.x`},
	{"proxy trap of calls", `const p = new Proxy(() => {}, { apply: (t, self, args) => p() }); p()`},
	{"proxy trap of has", `const p = new Proxy({}, { has: (t, k) => k in p }); "x" in p`},
	{"map", `const f = () => [1].map(f); f()`},
	{"sort", `const f = () => [2, 1].sort(f); f()`},
	{"replace", `const f = () => "x".replace(/x/, f); f()`},
	{"toJSON", `const o = { toJSON() { return JSON.stringify(o) } }; JSON.stringify(o)`},
	{"reviver", `const f = () => JSON.parse("1", f); f()`},
	{"Array.from", `const f = () => Array.from([1], f); f()`},
	{"bind", `const f = function () { f.bind(this)() }; f()`},
	{"call", `const f = () => f.call(); f()`},
	{"Reflect.construct", `const F = function () { Reflect.construct(F, []) }; F()`},
	{"event", `const t = new EventTarget(); t.addEventListener("x", () => { t.dispatchEvent(new Event("x")); n++ }); t.addEventListener("error", () => {}); function f() { f() } f()`},
	{"many arguments", `const f = (...args) => f(...args, ...args.slice(0, 500)); f(...Array(500))`},
	{"try", `function f() { try { f() } finally { n++ } } f()`},
	{"caught and again", `function f() { try { f() } catch { f() } } let n = 0; function g() { if (++n < 3) try { g() } catch {} f2() } function f2() { f2() } g()`},
}

// TestStackOverflowIsAnException runs each recursion twice in an isolate that all share.
func TestStackOverflowIsAnException(t *testing.T) {
	var code strings.Builder
	code.WriteString("let n = 0;\nconst recursions = {\n")
	for _, r := range recursions {
		code.WriteString("\t" + `"` + r.name + `": () => { ` + r.code + " },\n")
	}
	code.WriteString(`};
	const attempt = (f) => { try { f(); return "returned" } catch (e) { return (e instanceof RangeError) + " " + Object.keys(e) + " " + e } };
	export default { fetch(request) {
		const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
		return new Response(attempt(recursions[name]) + ", " + attempt(recursions[name]));
	} }`)
	w := load(t, module(code.String()), worker.Spec{Limits: isolate.Limits{CPU: 10 * time.Second}})
	for _, r := range recursions {
		out := &world{}
		res, err := w.Fetch(worker.Event{Outside: loop{out, w}}, &outside.Request{Method: "GET", URL: "https://h.example/" + r.name})
		if err != nil {
			t.Fatalf("%s: %v", r.name, err)
		}
		const overflow = "true  RangeError: Maximum call stack size exceeded"
		if got := string(res.Body.Bytes); got != overflow+", "+overflow {
			t.Errorf("%s: %s", r.name, got)
		}
	}
}

func TestStackOverflow(t *testing.T) {
	for _, c := range []struct{ name, code, want string }{
		{"depth", `let n = 0; function f() { n++; f() } try { f() } catch {} return n > 9000`, "true"},
		{"depth after a deeper one", `let n; function f() { n++; f() } for (let i = 0; i < 3; i++) { n = 0; try { f() } catch {} } return n > 9000`, "true"},
		{"depth of tries", `let n = 0; function f() { n++; try { f() } finally {} } try { f() } catch {} return n > 9000`, "true"},
		{"depth of callbacks", `let n = 0; const f = () => { n++; [1].map(f) }; try { f() } catch {} return n > 700`, "true"},
		{"depth that comes back", `const f = (n) => n ? 1 + f(n - 1) : 0; return f(9000)`, "9000"},
		{"every finally", `let n = 0, m = 0; function f() { n++; try { f() } finally { m++ } } try { f() } catch {} return n - m`, "1"},
		{"caught midway", `function f(n) { try { return f(n + 1) } catch (e) { if (n > 100) throw e; return n } } return f(0)`, "100"},
		{"stack", `function overflow() { overflow() } try { overflow() } catch (e) { return e.stack.split("\n").map((s) => s.replace(/\d+\)/, "")).slice(0, 2).join() + e.stack.split("\n").length }`,
			"RangeError: Maximum call stack size exceeded,    at overflow (index.js:1:11"},
		{"async function", `async function f() { await f() } return f().catch((e) => e instanceof RangeError)`, "true"},
		{"async arrow function", `const f = async () => { await f() }; try { await f() } catch (e) { return e.message }`, "Maximum call stack size exceeded"},
		{"async generator", `async function* g() { for await (const x of g()) yield x } try { for await (const x of g()); } catch (e) { return e.message }`, "Maximum call stack size exceeded"},
		{"async recursion that waits", `const f = async (n) => { await null; return n ? 1 + await f(n - 1) : 0 }; return f(3000)`, "3000"},
		{"in then", `function f() { f() } return Promise.resolve().then(f).catch((e) => e.message)`, "Maximum call stack size exceeded"},
		{"in a timer", `function f() { f() } return new Promise((done) => setTimeout(() => { try { f() } catch (e) { done(e.name) } }, 1))`, "RangeError"},
		{"thenable", `const o = { then(ok) { ok(o) } }; const f = () => f(); try { f() } catch (e) { return e.name }`, "RangeError"},
		{"a replaced class", `RangeError = null; function f() { f() } try { f() } catch (e) { return e.name }`, "RangeError"},
	} {
		w := load(t, module(`export default { async fetch() { return new Response(await (async () => { `+c.code+` })()) } }`), worker.Spec{Limits: isolate.Limits{CPU: 10 * time.Second}})
		out := &world{}
		res, err := w.Fetch(worker.Event{Outside: loop{out, w}}, &outside.Request{Method: "GET", URL: "https://h.example/"})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := string(res.Body.Bytes); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// An overflow that nobody catches is an exception like any other.
func TestUncaughtStackOverflow(t *testing.T) {
	w := load(t, module(`function overflow() {
	overflow();
}
export default { fetch(request) { if (request.url.endsWith("/overflow")) overflow(); return new Response("fine") } }`), worker.Spec{Limits: isolate.Limits{CPU: 10 * time.Second}})
	for range 2 {
		out := &world{}
		_, err := w.Fetch(worker.Event{Outside: loop{out, w}}, &outside.Request{Method: "GET", URL: "https://h.example/overflow"})
		if err == nil || err.Error() != "RangeError: Maximum call stack size exceeded" {
			t.Fatalf("error %v", err)
		}
		if len(out.reports) != 1 || out.reports[0].Outcome != outside.OutcomeException || len(out.reports[0].Exceptions) != 1 {
			t.Fatalf("reports %+v", out.reports)
		}
		if stack := out.reports[0].Exceptions[0].Stack; !strings.HasPrefix(stack, "RangeError: Maximum call stack size exceeded\n    at overflow (index.js:1:") || !strings.Contains(stack, "\n    at overflow (index.js:2:2)") {
			t.Errorf("stack %q", stack)
		}
		res, err := w.Fetch(worker.Event{Outside: loop{out, w}}, &outside.Request{Method: "GET", URL: "https://h.example/"})
		if err != nil || string(res.Body.Bytes) != "fine" {
			t.Errorf("afterwards: %v", err)
		}
	}
}

// What is not seen to be called implicitly ends the invocation.
func TestUncountedStackOverflow(t *testing.T) {
	for _, code := range []string{
		`const get = function () { return o.x }, o = Object.defineProperty({}, "x", { get }); o.x`,
		`const convert = () => o + 1, o = { valueOf: convert }; o + 1`,
		`const get = (t, k, r) => r[k], p = new Proxy({}, { get }); p.x`,
		`const o = { valueOf: ((g) => g)(() => o + 1) }; o + 1`,
	} {
		w := load(t, module(`export default { fetch() { try { `+code+` } catch (e) { return new Response(e.name) } } }`), worker.Spec{Limits: isolate.Limits{CPU: 10 * time.Second}})
		out := &world{}
		_, err := w.Fetch(worker.Event{Outside: loop{out, w}}, &outside.Request{Method: "GET", URL: "https://h.example/"})
		if err == nil || err.Error() != "RangeError: Maximum call stack size exceeded" {
			t.Errorf("%s: error %v", code, err)
		}
	}
}
