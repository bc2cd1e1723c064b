package compiler

import (
	"strings"
	"testing"

	"github.com/dop251/goja"
)

// looks runs a module that exports a function, and returns how often the function looks at
// the depth when it is called, and its result.
func looks(t *testing.T, code string) (count int, result string) {
	t.Helper()
	r := newRig(t)
	depth := r.vm.NewObject()
	depth.DefineAccessorProperty("length", r.vm.ToValue(func(goja.FunctionCall) goja.Value {
		count++
		return r.vm.ToValue(0)
	}), nil, goja.FLAG_FALSE, goja.FLAG_FALSE)
	r.depth = depth
	if err := r.run(compileSource(t, files("index.js", code))); err != nil {
		t.Fatal(err)
	}
	count = 0
	f, ok := goja.AssertFunction(r.ns.Get("default"))
	if !ok {
		t.Fatal("the default export is no function")
	}
	v, err := f(goja.Undefined())
	if err != nil {
		t.Fatal(err)
	}
	return count, v.String()
}

func TestFunctionsLookAtTheDepth(t *testing.T) {
	const leaf = `const leaf = (x) => x; `
	for _, c := range []struct {
		name, code string
		count      int
		result     string
	}{
		{"a leaf", `export default function f() { return 1 + this }`, 0, "NaN"},
		{"a call", leaf + `export default function f() { return leaf(2) }`, 1, "2"},
		{"two calls", leaf + `export default function f() { leaf(1); return leaf(2) }`, 1, "2"},
		{"a return before the call", leaf + `export default function f(n) { if (!n) return 3; return leaf(n) }`, 0, "3"},
		{"a branch without calls", leaf + `export default function f(n) { let x = 4; if (n) x = leaf(n); else x++; return x }`, 0, "5"},
		{"a branch with a call", leaf + `export default function f(n) { let x = 4; if (n) x = 1; else x = leaf(6); return x }`, 1, "6"},
		{"a chain of branches", leaf + `export default function f(n) { if (n) leaf(); else if (n === null) leaf(); else if (n === undefined) leaf(); return 1 }`, 1, "1"},
		{"a test of a chain", leaf + `export default function f(n) { if (n) leaf(); else if (leaf(n)) leaf(); else if (n === undefined) leaf(); return 1 }`, 1, "1"},
		{"a block in a branch", leaf + `export default function f(n) { if (!n) { const m = 7; if (n === null) return m; leaf(1); leaf(2); return m } }`, 1, "7"},
		{"branches and more", leaf + `export default function f(n) { if (n) leaf(); return leaf(8) }`, 1, "8"},
		{"a condition", leaf + `export default function f(n) { return n ? leaf(n) : n === undefined ? "no" : leaf(n) }`, 0, "no"},
		{"a condition that calls", leaf + `export default function f(n) { return leaf(n) ? leaf(n) : "no" }`, 1, "no"},
		{"and", leaf + `export default function f(n) { return n && leaf(n) }`, 0, "undefined"},
		{"or", leaf + `export default function f(n) { return n || leaf(9) }`, 1, "9"},
		{"an arrow function", leaf + `export default (n) => n ? leaf(n) : 1`, 0, "1"},
		{"an arrow function that calls", leaf + `export default (n) => n ? 1 : leaf(2)`, 1, "2"},
		{"an arrow function with a pattern", leaf + `export default () => (([a, b]) => leaf(a + b))([1, 2])`, 2, "3"},
		{"an object", leaf + `export default () => ({ a: 1, b: 2, c: leaf(3), d: 4 }).c`, 1, "3"},
		{"an object that is returned", leaf + `export default function f() { return { a: 1, b: 2, c: leaf(3), toString: leaf(() => "o") } }`, 1, "o"},
		{"an object without calls", leaf + `export default function f(n) { if (n) leaf(); return { a: 1, b: 2, c: 3, d: 4 } }`, 0, "[object Object]"},
		{"an object in a default value", leaf + `export default function f(o = { a: 1, b: 2, c: leaf(3), d: 4 }) { return o.c }`, 1, "3"},
		{"new", `class A {} export default function f() { return new A() instanceof A }`, 1, "true"},
		{"a tag", "const tag = (s) => s.raw[0]; export default function f() { return tag`x` }", 1, "x"},
		{"a call that is not made", `export default function f(n) { return n?.() }`, 1, "undefined"},
		{"within another function", leaf + `export default function f() { const g = () => leaf(1); return 1 }`, 0, "1"},
		{"a default value", leaf + `export default function f(a = leaf(1), b = leaf(2)) { return a + b }`, 1, "3"},
		{"a default value of a pattern", leaf + `export default () => (({ a = leaf(1) }) => a)({})`, 2, "1"},
		{"a default value that is not used", leaf + `export default () => ((a = leaf(1)) => a)(2)`, 1, "2"},
		{"a default value and a body", leaf + `export default function f(a = leaf(1)) { return leaf(a) }`, 2, "1"},
		{"fields", leaf + `class A { x = leaf(1); y = 2; z = () => leaf(1) } export default function f() { return new A().x }`, 2, "1"},
		{"a static block", leaf + `export default function f() { class A { static x = leaf(1); static { leaf(2) } } return A.x }`, 1, "1"},
		{"a constructor", leaf + `class A { constructor() { this.x = leaf(1) } } export default function f() { return new A().x }`, 2, "1"},
		{"a derived constructor", `class A {} class B extends A { constructor() { super() } } export default function f() { return new B() instanceof A }`, 2, "true"},
		{"eval", `function g(x = eval("1")) { return eval("x") } export default function f() { return g() }`, 1, "1"},
		{"a getter", `const o = { get x() { return this.y } }; export default function f() { return o.x }`, 1, "undefined"},
		{"a getter of nothing", `const o = { get x() { return 1 } }; export default function f() { return o.x }`, 0, "1"},
		{"a private setter", `class A { set #x(v) { this.y = v } static f() { const a = new A(); a.#x = 1; return a.y } } export default A.f`, 2, "1"},
		{"a conversion", "const o = { toString() { return `${this.x}` } }; export default function f() { return `${o}` }", 1, "undefined"},
		{"a symbol's method", "const o = { [Symbol.toPrimitive]: (hint) => hint + hint }; export default function f() { return +o }", 1, "NaN"},
		{"a conversion assigned", "const o = {}; o.valueOf = () => o.x; export default function f() { return +o }", 1, "NaN"},
		{"a trap", `const p = new Proxy({}, { get(t, k) { return t[k] } }); export default function f() { return p.x }`, 1, "undefined"},
		{"a method", `const o = { x() { return this.y } }; export default function f() { return o.x() }`, 1, "undefined"},
		{"a generator", `function* g() { for (const x of [1]) yield x } export default function f() { for (const x of g()) return x }`, 2, "1"},
		{"an async function", `async function g() { await Promise.resolve() } export default function f() { g(); return 1 }`, 2, "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			count, result := looks(t, c.code)
			if count != c.count || result != c.result {
				t.Errorf("looks %d times and returns %s, want %d and %s", count, result, c.count, c.result)
			}
		})
	}
}

// TestDepthIsNotSeen compares what functions show of themselves with what they show
// where nothing was inserted.
func TestDepthIsNotSeen(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{`function f(a, b = g()) { "use strict"; return g(this) }`, ""}, // an error, as it was
		{`function f(a) { "use strict"; return g(this) } const g = (x) => x; return f.call(undefined) === undefined`, "true"},
		{`const f = (a, b) => g(a); const g = (x) => x; return f.toString() + f.length + f.name`, "(a, b) => g(a)2f"},
		{`function f(a, b = g(), c) { return g() } function g() {} return f.toString() + f.length`, "function f(a, b = g(), c) {\n    return g();\n  }1"},
		{`class A { x = (() => class {})(); static y = class { static z = new A() } } return A.y.name + new A().x.name`, "y"},
		{`const { f = () => g() } = {}; const g = () => 1; return f.name + f()`, "f1"},
		{`const o = { f: () => g(), get: function () { return g() } }; const g = () => 1; return o.f.name + o.get.name`, "fget"},
		{`return (function (x) { return x(); function x() { return g() } function g() { return 2 } })(1)`, "2"},
		{`const g = () => 1; return ((a, b) => { arguments; return g(a) }).length`, "2"},
		{`return (function () { const f = () => arguments.length + g(); const g = () => 1; return f() })(1, 2)`, "3"},
		{`const g = (x) => x; return eval === eval && typeof g(typeof depth + typeof length)`, "string"},
	} {
		b := files("index.js", `export default function test() { `+c.code+` }`)
		if c.want == "" {
			if _, err := BuildBundle(t.Context(), b); err == nil || !strings.Contains(err.Error(), "use strict") {
				t.Errorf("%s: error %v", c.code, err)
			}
			continue
		}
		r := newRig(t)
		if err := r.run(compileSource(t, b)); err != nil {
			t.Errorf("%s: %v", c.code, err)
			continue
		}
		if got := r.get(); got != c.want {
			t.Errorf("%s gives %q, want %q", c.code, got, c.want)
		}
	}
}

// A with statement would ask its object for the names inserted.
func TestDepthIsNotAskedOfWith(t *testing.T) {
	s := files("index.js", `const asked = [];
with (new Proxy({}, { has: (o, name) => { asked.push(name); return false } })) { (function () { parseInt("1"); class A { x = parseInt("2") } new A() })() }
globalThis.result = asked.join()`)
	s.Classic = true
	r := newRig(t)
	if err := r.run(compileSource(t, s)); err != nil {
		t.Fatal(err)
	}
	if got := r.vm.Get("result").String(); strings.Contains(got, "%") || !strings.Contains(got, "parseInt") {
		t.Errorf("asked for %s", got)
	}
}
