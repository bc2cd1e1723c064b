package worker_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// quickened are function bodies whose syntax runs on intrinsics in a worker. log keeps
// what happens; traced(values) is an iterable that logs its steps and its end.
var quickened = []string{
	// Object literals with many properties
	`const f = (a, b) => ({ a, b, c: log("c"), d: a + b }); const o = f(1, 2), p = f(3, 4); o.e = 1; delete p.a; p.a = 5; log(JSON.stringify([o, p, f(6, 7)]))`,
	`const f = (x) => ({ b: 1, a: x, "c d": 2, é: 3, constructor: undefined }); const o = f(0); for (const k in o) { log(k); delete o.b; o.z = 1 } log(Object.keys(f(1)).join(), f(1).constructor)`,
	`const f = () => ({ a: () => 1, b: function () {}, c: class {}, d: async () => {} }); log(Object.values(f()).map((g) => g.name).join())`,
	`const g = function named() {}, f = () => ({ a: g, b: g, c: g, d: (() => {}, () => {}) }); log(Object.values(f()).map((h) => h.name).join())`,
	`const f = () => ({ __proto__: { inherited: 1 }, a: 1, b: 2, c: 3 }); log(f().inherited, Object.keys(f()).join()); const __proto__ = 4, g = () => ({ __proto__, a: 1, b: 2, c: 3 }); log(Object.keys(g()).join())`,
	`const f = () => ({ a: 1, b: 2, a: 3, c: 4 }); log(JSON.stringify(f()))`, `const f = () => ({ b: 1, 2: 1, 1: 1, a: 1, "0": 2, "-1": 3 }); log(JSON.stringify(f()))`,
	`const f = () => ({ a: 1, get b() { return this.a }, set b(v) {}, c() { return super.toString }, ["d" + 1]: 2, ...{ e: 1 } }); log(f().b, typeof f().c(), Object.keys(f()).join())`,
	`const f = () => ({ a: log(1), b: log(2), c: (() => { throw new RangeError() })(), d: log(4) }); f()`,
	`const f = (o) => ({ a: { b: 1, c: 2, d: { e: o, f: 1, g: [{ h: 1, i: 2, j: 3, k: 4 }], l: 1 }, m: 1 }, n: 1, o, p: 2 }); log(JSON.stringify(f(7)))`,
	`function* g() { const o = { a: yield 1, b: yield 2, c: 3, d: 4 }; log(JSON.stringify(o)) } const i = g(); i.next(); i.next("x"); i.next("y")`,
	`const f = ({ a = { w: 1, x: 2, y: 3, z: 4 } } = {}, b = { w: 5, x: 6, y: 7, z: 8 }) => JSON.stringify([a, b]); log(f())`,
	`Object.defineProperty(Object.prototype, "q", { set() { log("set") }, configurable: true }); const f = () => ({ q: 1, r: 2, s: 3, t: 4 }); log(JSON.stringify(f())); delete Object.prototype.q`,
	`class A { x = { a: 1, b: 2, c: 3, d: this }; static y = { a: 1, b: 2, c: 3, d: 4 } } log(new A().x.d instanceof A, JSON.stringify(A.y))`,
	`const deep = (n) => n === 0 ? { a: 1, b: 2, c: 3, d: 4 } : { a: deep(n - 1), b: 2, c: 3, d: 4 }; let n = 0; for (let o = deep(50); o.a !== 1; o = o.a) n++; log(n)`,
	`const o = { a: 1, b: 2, c: 3, d: 4 }; Object.freeze(o); const p = { a: 1, b: 2, c: 3, d: 4 }; log(Object.isFrozen(o), Object.isFrozen(p), Object.getPrototypeOf(o) === Object.prototype, o instanceof Object)`,
	// Appending to what starts as another variable
	`const empty = "", join = (list) => { let s = empty; for (const x of list) s += x; return s }; log(join(["a", "é", 1, null, "x".repeat(300), "y"])); const one = 1, sum = (list) => { let s = one; for (const x of list) s += x; return s }; log(sum([1, 2]), sum(["a"]))`,
	`const empty = ""; { const empty = 1; const add = () => { let s = empty; for (let i = 0; i < 3; i++) s += i; return s }; log(add(), typeof add()) } const g = (empty) => { let s = empty; for (const x of [1, 2]) s += x; return s }; log(g(1), g([]), g({ valueOf: () => 5 }))`,
	// for-of
	`for (const x of [1, , 3]) log(x)`,
	`const a = [1, 2, 3]; for (const x of a) { log(x); if (x === 1) a.push(9); if (x === 3) a.length = 1 }`,
	`const a = [1, 2]; for (const x of a) { log(x); if (a.length < 6) a.push(x * 2) }`,
	`const a = [1, 2, 3]; a.length = 5; for (const x of a) log(x)`,
	`const a = [0, 1]; Object.defineProperty(a, 1, { get() { log("get"); return 7 } }); for (const x of a) log(x)`,
	`const a = [0, 1]; Object.defineProperty(a, 1, { get() { throw new RangeError("r") } }); for (const x of a) log(x)`,
	`for (const x of "aé𝒳\ud800z\udc00") log(x.length + ":" + x.codePointAt(0))`,
	`for (const x of "plain") { if (x === "i") break; log(x) }`,
	`for (const x of new String("ab")) log(x)`,
	`for (const x of traced([1, 2, 3])) { log(x); if (x === 2) break }`,
	`for (const x of traced([1, 2, 3])) { log(x); if (x === 2) throw new TypeError("t") }`,
	`return (() => { for (const x of traced([1, 2, 3])) { if (x === 2) return x } })()`,
	`outer: for (const x of [1, 2]) for (const y of traced([1, 2])) { log(x, y); if (y === 1) continue outer }`,
	`for (const x of new Set([1, 2, 1])) log(x)`,
	`for (const [k, v] of new Map([[1, "a"], [2, "b"]])) log(k, v)`,
	`for (const [k, v] of Object.entries({ x: 1, y: 2 })) log(k, v)`,
	`const f = []; for (const [k, v] of [[1, 2], [3, 4]]) f.push(() => k * v); log(f.map((g) => g()).join())`,
	`const f = []; for (let [k] of [[1], [2]]) { f.push(() => k); k += 10 } log(f.map((g) => g()).join())`,
	`for (const [k = 5, v = "d"] of [[1], [undefined, 2], []]) log(k, v)`,
	`for (const [k, { v }] of [[1, { v: 2 }]]) log(k, v)`,
	`for (const [k, ...r] of [[1, 2, 3], "xyz"]) log(k, r.join())`,
	`for (const [k, v] of [traced([1, 2, 3]), "ab", [9]]) { const k2 = k; { const k = 1; log(k2, k, v) } }`,
	`for (const [k] of [1]) log(k)`,
	`for (const [k] of [null]) log(k)`,
	`const x = [1]; for (const [x] of x) log(x)`,
	`const x = [[1]]; for (const [x] of (() => x)()) log(x)`,
	`const x = [[1]]; for (const [y] of x.map(([x]) => [x + 1])) log(y)`,
	`var k; for ([k] of [[1], [2]]) log(k); for (var [m, n] of [[3, 4]]) log(m, n); log(n)`,
	`var o = {}; for (o.k of [1, 2]) log(o.k); for ([o.k] of [[7]]) log(o.k)`,
	`for (const x of 5) log(x)`, `for (const x of undefined) log(x)`, `for (const x of {}) log(x)`,
	`for (const x of { [Symbol.iterator]() { return 1 } }) log(x)`,
	`for (const x of { [Symbol.iterator]: 1 }) log(x)`,
	`class A extends Array {} for (const x of A.of(1, 2)) log(x)`,
	`class A extends Array { *[Symbol.iterator]() { yield "own" } } for (const x of A.of(1, 2)) log(x); log([...A.of(1)].join()); const [y] = A.of(1); log(y)`,
	`const a = [1]; a[Symbol.iterator] = function* () { yield 7 }; for (const x of a) log(x); log([...a].join()); const [y] = a; log(y)`,
	`for (const x of new Proxy([1, 2], { get(t, k, r) { log("get " + String(k)); return Reflect.get(t, k, r) } })) log(x)`,
	`for (const x of new Uint8Array([1, 2])) log(x)`,
	`(function () { for (const x of arguments) log(x); log([...arguments].length); const [a, b] = arguments; log(a, b) })(1, 2, 3)`,
	`for (const x of [1, 2].entries()) log(x.join()); for (const [i, x] of ["a", "b"].entries()) log(i, x)`,
	`function* g() { for (const x of [1, 2, 3]) yield x } for (const x of g()) { for (const y of g()) log(x, y) }`,
	`function* g(a) { for (const x of a) yield x } const a = [1, 2], i = g(a), j = g(a); log(i.next().value, j.next().value, i.next().value, j.next().value, i.next().done, j.next().done)`,
	`function* g() { yield* [1, 2] } const r = g(), first = r.next(), second = r.next(); log(first.value, second.value, first === second)`,
	`function f(n) { let s = 0; for (const x of [1, 2]) s += n ? f(n - 1) : x; return s } log(f(5))`,
	`for (let x of [1, 2]) { x += 5; log(x) }`,
	`let n = 0; for (const x of [1, 2, 3]) { try { if (x === 2) continue; n += x } finally { log("f" + x) } } log(n)`,
	// spread
	`log([..."añ𝒳"].length, [...[1, , 3]].length, 1 in [...[1, , 3]], [...new Set([1, 2])].join())`,
	`log(Math.max(...[1, 5, 3], ...traced([9, 2])), [0, ...[1, 2], 3, ...[]].join())`,
	`class P { constructor(...a) { this.a = a } } log(new P(...[1, 2], 3).a.join()); class Q extends P { constructor(...a) { super(...a, 4) } } log(new Q(...[1]).a.join())`,
	`log([...5])`, `log(Math.max(...null))`, `log([...{}])`,
	`const o = { ...[1, 2], ...{ a: 1 } }; log(JSON.stringify(o))`,
	`const f = (...a) => a.length; log(f(...[1, 2, 3]), f(...[]), f?.(...[1]), [1].concat(...[[2], [3]]).join())`,
	`const a = [1, 2]; a.push(...a); log(a.join())`,
	"const tag = (s, ...v) => s.raw.join() + v.join(); log(tag`a${1}b${[...[2]]}c`)",
	// destructuring
	`const [a, b] = [1, 2]; log(a, b)`, `const [a, , c] = [1, 2, 3]; log(a, c)`, `const [a, b] = [1]; log(a, b)`,
	`const [a = 1, b = "x", c = null] = [undefined, null]; log(a, b, c)`,
	`const [a, b] = traced([1, 2, 3]); log(a, b)`, `const [a, b, c] = traced([1]); log(a, b, c)`, `const [, a] = traced([1, 2, 3]); log(a)`,
	`const [a, ,] = traced([1, 2, 3]); log(a)`, `const [] = traced([1]); const [,] = traced([1])`,
	`const [a, [b, c]] = [1, [2, 3]]; log(a, b, c)`, `const [a, ...b] = "xyz"; log(a, b.join())`,
	`const [a, b = log("default")] = traced([1]); log(a, b)`, `const [a = (() => { throw new RangeError("d") })()] = traced([undefined]); log(a)`,
	`const [a] = null`, `const [a] = undefined`, `const [a] = 5`, `const [a] = {}`, `const [a] = { [Symbol.iterator]() { return 5 } }`,
	`const [a] = { [Symbol.iterator]() { return { next() { return 5 } } } }`,
	`const [a] = { [Symbol.iterator]() { return { next() { throw new RangeError("n") }, return() { log("closed") } } } }`,
	`const [a] = { [Symbol.iterator]() { return { next() { return { done: false, value: 1 } }, return() { return 5 } } } }; log(a)`,
	`const [a] = { [Symbol.iterator]() { return { next() { return { done: false, value: 1 } }, get return() { log("return"); return null } } } }; log(a)`,
	`let a = 1, b = 2; [a, b] = [b, a]; log(a, b)`, `let a, b; const v = ([a, b] = [1, 2, 3]); log(a, b, v.length)`,
	`let o = {}; [o.a, o["b"]] = [1, 2]; log(o.a, o.b)`, `let a; ({ a: [a] } = { a: [4] }); log(a)`,
	`let a, b; [a, b] = traced([1, 2, 3]); log(a, b)`, `let a; [a] = 5`,
	`const [f = function () {}] = []; log(f.name)`,
	`const [a, b] = "é𝒳"; log(a, b)`, `const [a, b] = new Map([[1, 2], [3, 4]]); log(a.join(), b.join())`,
	`for (let [i, n] = [0, 3]; i < n; i++) log(i)`,
	`const a = [1, 2]; Object.defineProperty(a, 0, { get() { a.length = 1; return 0 } }); const [x, y] = a; log(x, y)`,
	// parameters
	`log([[1, 2], [3, 4]].map(([a, b]) => a * b).join())`, `log(((a, [b, c = 3], d) => a + b + c + d)(1, [2], 4))`,
	`log((([a, b]) => { { let a = 5; log(a) } return a + b })([1, 2]))`, `log((([a]) => { for (var b of [1]); return a + b })([1]))`,
	`log((([a]) => { return f(); function f() { return a } })([1]))`,
	`log((([a, b] = [1, 2]) => a + b)())`, `log((([a], b = a) => a + b)([1]))`, `log((([a], ...r) => a + r.length)([1], 2))`,
	`(([a]) => a)(5)`, `(([a]) => a)()`, `log((([a, b]) => a).length, (([a]) => a).name)`,
	`const f = ([k, v]) => () => k + v; log(f([1, 2])())`, `const f = ([k]) => { k++; return k }; log(f([1]))`,
	`log((([a, [b]]) => a + b)([1, [2]]), (([a, ...b]) => b.length)([1, 2, 3]))`,
	`log((([a]) => ({ a }))([1]).a)`, `log((function ([a, b]) { return a + b + arguments.length })([1, 2]))`,
	// for-in
	`for (const k in { a: 1, b: 2, 1: 3, 0: 4 }) log(k)`, `for (const k in null) log(k); for (const k in undefined) log(k); for (const k in 5) log(k)`,
	`for (const k in "ab") log(k)`, `for (const k in [5, , 6]) log(k)`, `for (const k in Object.assign([1], { x: 1 })) log(k)`,
	`const o = { a: 1, b: 2, c: 3 }; for (const k in o) { log(k); delete o.b; o.d = 1 }`,
	`const o = { a: 1, b: 2 }; for (const k in o) { log(k); Object.defineProperty(o, "b", { enumerable: false }) }`,
	`const o = { a: 1, b: 2 }; for (const k in o) { delete o.b; o.b = 3; log(k) }`,
	`for (const k in Object.create({ a: 1, b: 2 }, { b: { value: 1, enumerable: false }, c: { value: 2, enumerable: true } })) log(k)`,
	`function A() { this.own = 1 } A.prototype.shared = 2; for (const k in new A) log(k)`,
	`class A { x = 1; m() {} get g() { return 1 } static s = 2 } class B extends A { y = 2 } for (const k in new B) log(k); for (const k in B) log(k)`,
	`for (const k in Object.create(null)) log(k); for (const k in Object.assign(Object.create(null), { z: 1 })) log(k)`,
	`for (const k in { get a() { log("getter"); return 1 }, [Symbol("s")]: 1 }) log(k)`,
	`for (const k in new Proxy({ a: 1 }, { ownKeys(t) { log("ownKeys"); return Reflect.ownKeys(t) }, getOwnPropertyDescriptor(t, k) { log("desc " + String(k)); return Reflect.getOwnPropertyDescriptor(t, k) } })) log(k)`,
	`let k; for (k in { a: 1, b: 1 }); log(k); var o = {}; for (o.x in { q: 1 }); log(o.x); for (var v in { r: 1 }); log(v)`,
	`const f = []; for (const k in { a: 1, b: 2 }) f.push(() => k); log(f.map((g) => g()).join())`,
	`l: for (const k in { a: 1, b: 2 }) { for (const m in { c: 1, d: 1 }) { log(k, m); if (m === "c") continue l } }`,
	`for (const k in { a: 1, b: 2 }) { log(k); break }`, `log((() => { for (const k in { a: 1, b: 2 }) return k })())`,
	`function* g(o) { for (const k in o) yield k } const i = g({ a: 1, b: 2 }); log(i.next().value, i.return(9).value, i.next().done)`,
	`for (const [a, b] in { xy: 1 }) log(a, b)`, `for (const k in new Error("e")) log(k); for (const k in Object.freeze({ f: 1 })) log(k)`,
	`for (const k in (function () { return arguments })(7, 8)) log(k); for (const k in new Uint8Array(2)) log(k)`,
	`const o = JSON.parse('{"__proto__": 1, "b": 2}'); for (const k in o) log(k)`,
	`Object.prototype.zzz = 1; try { for (const k in { a: 1 }) log(k); for (const k in [1]) log(k) } finally { delete Object.prototype.zzz } for (const k in { a: 1 }) log(k)`,
	// what a script changes
	`const p = Object.getPrototypeOf([][Symbol.iterator]()), next = p.next; p.next = function () { log("next"); return next.call(this) }; try { for (const x of [1]) log(x); log([...[1]].length); const [y] = [3]; log(y) } finally { p.next = next }`,
	`const old = Array.prototype[Symbol.iterator]; Array.prototype[Symbol.iterator] = function* () { yield "patched" }; try { for (const x of [1]) log(x); log([...[1]].join()); const [y] = [3]; log(y) } finally { Array.prototype[Symbol.iterator] = old }`,
	`const old = String.prototype[Symbol.iterator]; String.prototype[Symbol.iterator] = function* () { yield "patched" }; try { for (const x of "a") log(x) } finally { String.prototype[Symbol.iterator] = old } for (const x of "a") log(x)`,
	`Array.prototype[1] = "proto"; try { for (const x of [1, , 3]) log(x); const [a, b] = [1]; log(a, b); const [c, d] = [1, ,]; log(c, d) } finally { delete Array.prototype[1] }`,
	// appending
	`let s = ""; for (let i = 0; i < 500; i++) s += i; log(s.length, s.slice(-7))`,
	`let s = "", t = ""; for (let i = 0; i < 500; i++) { t = s; s += "é"; t += "x" } log(s.length, t.length, t.slice(-2))`,
	`let s = "a"; for (const x of [1, null, undefined, true, [2, 3], { toString: () => "o" }, { valueOf: () => 5, toString: () => "no" }]) s += x; log(s)`,
	`let s = ""; for (const x of ["a"]) { s += (s = "b", "c"); s += s += s } log(s)`, `let s = ""; for (const x of [Symbol()]) s += x`,
	`let s = ""; s = 5; for (const x of [1, "1", 2]) s += x; log(s, typeof s)`, `let s = ""; [1, 2].forEach((x) => { s += x }); log(s)`,
	"let s = `t${1}`; while (s.length < 1000) s += s; log(s.length); const v = (s += 1); log(v === s, v.length)",
	`(async () => { let s = ""; for (const x of [1, 2]) s += await x; log(s) })()`, `function* g() { let s = "a"; for (;;) s += yield s } const i = g(); i.next(); log(i.next(1).value, i.next("z").value)`,
	`for (const x of [1]) { late += x; let late = "" }`, `let s = ""; for (let i = 0; i < 3; i++) { let s = 1; s += i; log(s) } log(s)`,
	// asynchronous
	`(async () => { for (const x of [1, 2]) log(await x); const [a, b] = await Promise.all([3, 4]); log(a, b); for (const k in { k: 1 }) log(await k) })()`,
	`(async ([a, b]) => { log(a); await 0; log(b) })([1, 2]); (async ([a]) => a)(5).catch((e) => log(e.name))`,
}

const quickenedPrelude = `
	const print = (x) => typeof x === "symbol" ? x.toString() : x === undefined ? "undefined" : Object.is(x, -0) ? "-0" : String(x);
	const run = (f) => {
		const out = [];
		const log = (...a) => void out.push(a.map(print).join(" "));
		const traced = (values) => ({ [Symbol.iterator]() { let i = 0; log("open"); return {
			next() { log("next"); return i < values.length ? { done: false, value: values[i++] } : { done: true } },
			return() { log("close"); return {} } } } });
		try { const v = f(log, traced); if (v !== undefined) log("returned", v) } catch (e) { log(e.name) }
		return out;
	};`

// TestIntrinsics compares workers with the engine left to itself.
func TestIntrinsics(t *testing.T) {
	var functions strings.Builder
	for _, body := range quickened {
		fmt.Fprintf(&functions, "\t(log, traced) => { %s },\n", body)
	}
	vm := goja.New()
	v, err := vm.RunString(`"use strict";` + quickenedPrelude + "const results = [\n" + functions.String() + "].map(run); () => JSON.stringify(results)")
	if err != nil {
		t.Fatal(err)
	}
	show, _ := goja.AssertFunction(v)
	want, err := show(goja.Undefined())
	if err != nil {
		t.Fatal(err)
	}
	out := &world{}
	w := load(t, module(quickenedPrelude+"const results = [\n"+functions.String()+"].map(run); export default { fetch() { return new Response(JSON.stringify(results)) } }"), worker.Spec{})
	res, err := w.Fetch(worker.Event{Outside: loop{out, w}}, &outside.Request{Method: "GET", URL: "https://h.example/"})
	if err != nil {
		t.Fatal(err)
	}
	got, expected := results(t, string(res.Body.Bytes)), results(t, want.String())
	if len(got) != len(quickened) || len(expected) != len(quickened) {
		t.Fatalf("%d and %d results of %d: %s", len(got), len(expected), len(quickened), res.Body.Bytes)
	}
	for i, body := range quickened {
		if g, e := strings.Join(got[i], "|"), strings.Join(expected[i], "|"); g != e {
			t.Errorf("%s\ngot  %s\nwant %s", body, g, e)
		}
	}
}

func results(t *testing.T, text string) (list [][]string) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return list
}

// TestPairs looks at loops over platform objects of pairs, which the engine does not have.
func TestPairs(t *testing.T) {
	const source = `new Headers({ b: "2", A: "1", "x-c": "é" })`
	for _, c := range []struct{ body, want string }{
		{`for (const [k, v] of h) log(k, v)`, "a 1|b 2|x-c é"},
		{`for (const x of h) log(Array.isArray(x), x.join())`, "true a,1|true b,2|true x-c,é"},
		{`for (const [k] of h) log(k)`, "a|b|x-c"},
		{`for (const [k, v, w] of h) log(k, v, w)`, "a 1 undefined|b 2 undefined|x-c é undefined"},
		{`for (const [, v = "d"] of h) log(v)`, "1|2|é"},
		{`for (const [k, ...r] of h) log(k, r.join())`, "a 1|b 2|x-c é"},
		{`const f = []; for (const [k, v] of h) f.push(() => k + v); log(f.map((g) => g()).join())`, "a1,b2,x-cé"},
		{`for (const [k, v] of h) for (const [l, w] of h) { if (l === "b") break; log(k, v, l, w) }`, "a 1 a 1|b 2 a 1|x-c é a 1"},
		{`for (const [k, v] of h) { log(k, v); if (k === "b") { h.delete("b"); h.set("bb", "3") } }`, "a 1|b 2|x-c é"},
		{`for (const [k, v] of h) { log(k, v); if (k === "a") h.set("z", "9") }`, "a 1|b 2|x-c é|z 9"},
		{`function* g() { for (const [k, v] of h) yield k + v } const i = g(), j = g(); log(i.next().value, j.next().value, i.next().value, j.next().value)`, "a1 a1 b2 b2"},
		{`log([...h].join("/"), Math.max(...h).toString(), [...h][0] === [...h][0])`, "a,1/b,2/x-c,é NaN false"},
		{`const [[k, v], second] = h; log(k, v, second.join())`, "a 1 b,2"},
		{`for (const [k, v] of h.entries()) log(k, v); for (const k of h.keys()) log(k); for (const v of h.values()) log(v)`, "a 1|b 2|x-c é|a|b|x-c|1|2|é"},
		{`class H extends Headers {} for (const [k, v] of new H(h)) log(k, v)`, "a 1|b 2|x-c é"},
		{`class H extends Headers { *[Symbol.iterator]() { yield ["own", 1] } } for (const [k, v] of new H(h)) log(k, v)`, "own 1"},
		{`for (const [k, v] of new URLSearchParams("a=1&b=2&a=3")) log(k, v)`, "a 1|b 2|a 3"},
		{`const p = new URLSearchParams("a=1&b=2&c=3"); for (const [k] of p) { log(k); p.delete(k) }`, "a|c"},
		{`const f = new FormData(); f.append("a", "1"); f.append("b", new Blob(["xyz"])); for (const [k, v] of f) log(k, v.size ?? v)`, "a 1|b 3"},
		{`const i = h.entries(); for (const [k, v] of i) { log(k, v); break } log(i.next().value.join(), i[Symbol.iterator]() === i); for (const x of i) log(x.join()); log(i.next().done, i.next().value)`, "a 1|b,2 true|x-c,é|true undefined"},
		{`const i = h.keys(); for (const [k] of i) log(k); for (const k of i) log("never"); log([...h.values()].join())`, "a|b|x|1,2,é"},
		{`for (const k of h.keys()) { log(k); h.delete(k) }`, "a|x-c"},
		{`try { h.keys().next.call(new URLSearchParams("a").keys()) } catch (e) { log(e.name) } const p = Object.getPrototypeOf(h.keys()); for (const k of { [Symbol.iterator]: () => h.keys() }) log(k)`, "TypeError|a|b|x-c"},
		{`const i = h.keys(); i.next = () => ({ done: true }); for (const k of i) log("never"); const j = h.keys(); j.return = () => (log("closed"), {}); for (const k of j) break; log([...h.keys()])`, "closed|a,b,x-c"},
		// What a script changes. Each has an isolate of its own.
		{`const p = Object.getPrototypeOf(Object.getPrototypeOf(h.keys())); p[Symbol.iterator] = function* () { yield "patched" }; for (const k of h.keys()) log(k); for (const [k] of h) log(k)`, "patched|a|b|x-c"},
		{`Headers.prototype[Symbol.iterator] = function* () { yield ["patched", 1] }; for (const [k, v] of h) log(k, v)`, "patched 1"},
		{`const p = Object.getPrototypeOf(h.entries()), next = p.next; p.next = function () { log("next"); return next.call(this) }; for (const [k] of h) log(k)`, "next|a|next|b|next|x-c|next"},
		{`Array.prototype[Symbol.iterator] = function* () { yield "patched" }; for (const [k, v] of h) log(k, v)`, "patched undefined|patched undefined|patched undefined"},
		{`const p = Object.getPrototypeOf([][Symbol.iterator]()), next = p.next; for (const [k, v] of h) { log(k, v); p.next = function () { log("next"); return next.call(this) } }`, "a 1|next|next|b 2|next|next|x-c é"},
	} {
		checkBody(t, "const h = "+source+"; "+c.body, c.want)
	}
}

// checkBody runs a function body in an isolate of its own. log keeps what happens.
func checkBody(t *testing.T, body, want string) {
	t.Helper()
	w := load(t, module(`export default { fetch() {
		const out = [], log = (...a) => void out.push(a.map(String).join(" "));
		{ `+body+` }
		return new Response(out.reduce((a, b) => a + "|" + b)); } }`), worker.Spec{})
	res, err := w.Fetch(worker.Event{Outside: &world{}}, &outside.Request{Method: "GET", URL: "https://h.example/"})
	if err != nil {
		t.Errorf("%s\n%v", body, err)
	} else if got := string(res.Body.Bytes); got != want {
		t.Errorf("%s\ngot  %s\nwant %s", body, got, want)
	}
}

// TestUnits looks at typed arrays of what a method returns for the characters of a string,
// which bytes of Base64 are made by, and at calls that look alike.
func TestUnits(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`const b = Uint8Array.from(atob("AAECf4D//w=="), (c) => c.charCodeAt(0)); log(b, b.length, b.buffer.byteLength, b.constructor === Uint8Array, b instanceof Uint8Array)`, "0,1,2,127,128,255,255 7 7 true true"},
		{`log(Uint8Array.from("aé\u0141\u{1F600}\ud800", (c) => c.charCodeAt(0)))`, "97,233,65,61,0"},
		{`log(Uint8Array.from("aé\u0141\u{1F642}\ud801", (c) => c.codePointAt(0)))`, "97,233,65,66,1"},
		{`log(Uint8Array.from("", (m) => m.charCodeAt()).length, Uint8Array.from("ab", (m) => m.charCodeAt()))`, "0 97,98"},
		{`log(Uint8Array.from("ab", (c) => c.charCodeAt(1)), Uint8Array.from("12", (c) => c.at(0)), Uint8Array.from("ab", (c, i) => c.charCodeAt(0) + i))`, "0,0 1,2 97,99"},
		{`const d = "z"; log(Uint8Array.from("ab", (c) => d.charCodeAt(0)))`, "122,122"},
		{`log(Uint16Array.from("\u{1F600}", (c) => c.codePointAt(0)), Float64Array.from("\u{1F600}", (c) => c.codePointAt(0)), Uint8ClampedArray.from("\u0141", (c) => c.charCodeAt(0)))`, "62976 128512 255"},
		{`log(Array.from("ab", (c) => c.charCodeAt(0)).join())`, "97,98"},
		{`log(Uint8Array.from(["ab", "c"], (c) => c.charCodeAt(0)), Uint8Array.from([{ charCodeAt: () => 7 }], (c) => c.charCodeAt(0)))`, "97,99 7"},
		{`try { Uint8Array.from([1], (c) => c.charCodeAt(0)) } catch (e) { log(e.name) }`, "TypeError"},
		{`try { Uint8Array.from(null, (c) => c.charCodeAt(0)) } catch (e) { log(e.name) }`, "TypeError"},
		{`class B extends Uint8Array { get [Symbol.toStringTag]() { return "B" } } const b = B.from("ab", (c) => c.charCodeAt(0)); log(b instanceof B, b)`, "true 97,98"},
		{`const X = { from(a, f) { return f.toString() + f.name + f.length + f({ charCodeAt: () => "x" }) } }; log(X.from("ab", (c) => c.charCodeAt(0)))`, "(c) => c.charCodeAt(0)1x"},
		{`let kept; const X = { from(a, f) { kept = f } }; X.from("", (c) => c.charCodeAt(0)); log(Uint8Array.from("ab", kept), Uint8Array.from("ab", kept))`, "97,98 97,98"},
		{`const old = String.prototype.charCodeAt; String.prototype.charCodeAt = () => 9; log(Uint8Array.from("ab", (c) => c.charCodeAt(0))); String.prototype.charCodeAt = old; log(Uint8Array.from("ab", (c) => c.charCodeAt(0)))`, "9,9|97,98"},
		{`String.prototype[Symbol.iterator] = function* () { yield "z" }; log(Uint8Array.from("ab", (c) => c.charCodeAt(0)))`, "122"},
		{`Uint8Array.from = () => "mine"; log(Uint8Array.from("ab", (c) => c.charCodeAt(0)))`, "mine"},
	} {
		checkBody(t, c.body, c.want)
	}
}
