package compiler

import "testing"

// Each case is one module "index.ts" whose default export, or what it returns,
// is printed.
func TestFeatures(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"plain", `export default 1 + 1`, `2`},
		{"typescript", `enum E { A = 1, B } namespace N { export const x: number = 3 } class P { constructor(public readonly y: number) {} } export default [E.B, N.x, new P(4).y] satisfies number[]`, `[2,3,4]`},
		{"async generator", `async function* g() { yield 1; yield* (async function* () { yield 2 })(); } export default async () => { const r = []; for await (const x of g()) r.push(x); return r }`, `[1,2]`},
		{"sync generator delegation", `function* a() { const r = yield* b(); yield r } function* b() { yield 1; return 2 } export default [...a()]`, `[1,2]`},
		{"decorators", `function twice(f: any, c: any) { return function (this: any, x: number) { return f.call(this, x) * 2 } } class A { @twice f(x: number) { return x } } export default new A().f(4)`, `8`},
		{"accessor", `class A { accessor x = 1; static accessor y = 2 } const a = new A(); a.x++; export default [a.x, A.y]`, `[2,2]`},
		{"using", `const log: string[] = []; { using a = { [Symbol.dispose]() { log.push("a") } }; log.push("in") } export default log`, `["in","a"]`},
		{"await using", `export default async () => { const log: string[] = []; { await using a = { async [Symbol.asyncDispose]() { log.push("a") } }; log.push("in") } return log }`, `["in","a"]`},
		{"top-level await", `const x = await Promise.resolve(5); export default x`, `5`},
		{"import.meta", `export default [import.meta.url, typeof import.meta]`, `["file:///worker.js","object"]`},
		{"module this", `export default String(this)`, `undefined`},
		{"module arguments", `export default typeof arguments`, `undefined`},
		{"strict", `export default (() => { try { undeclared = 1 } catch (e) { return e.name } })()`, `ReferenceError`},
		{"wrapper names", `const __register = 1, __host = 2, __importMeta = 3, require = 4, module = 5, exports = 6; export default [__register, __host, __importMeta, require, module, exports]`, `[1,2,3,4,5,6]`},
		{"name kept", `export default (class Foo {}).name + (function bar() {}).name`, `Foobar`},

		{"arguments in arrow", `function f() { const g = () => arguments[0]; return g() } export default f(7)`, `7`},
		{"arguments in nested arrow", `function f(a) { return (() => () => Array.from(arguments).join())()() } export default f(1, 2)`, `1,2`},
		{"arguments in async arrow", `function f() { return (async () => arguments.length)() } export default f(1, 2, 3)`, `3`},
		{"arguments in debounce", `function d(fn) { return function () { const go = () => fn.apply(this, arguments); return go() } } export default d((a, b) => a + b)(2, 3)`, `5`},
		{"arguments in default", `function f(a, b = () => arguments[0]) { return b() } export default f(9)`, `9`},
		{"arguments in pattern default", `function f(a, { b = () => arguments[0] } = {}) { return b() } export default f(8)`, `8`},
		{"arguments in array pattern", `function f(a, [b = () => arguments[0]]) { return b() } export default f(8, [])`, `8`},
		{"arguments shorthand", `function f() { return (() => ({ arguments }))().arguments[0] } export default f("s")`, `s`},
		{"arguments in method", `const o = { m() { return [1].map(() => arguments[0])[0] } }; export default o.m(6)`, `6`},
		{"arguments in constructor", `class A { constructor() { this.v = (() => arguments[0])() } } class B extends A { constructor() { super((() => arguments[1])()) } } export default new B(1, 2).v`, `2`},
		{"arguments with directive", `function f() { "use strict"; const g = () => arguments[0]; return g() } export default f(1)`, `1`},
		{"arguments and class field", `function f() { class A { x = 1; y = () => this.x } return (() => arguments[0] + new A().y())() } export default f(1)`, `2`},
		{"arguments in generator", `function* g() { yield (() => arguments[0])() } export default [...g(3)]`, `[3]`},
		{"arguments in computed key", `function f() { class A { [(() => arguments[0])()] = 1 } return Object.keys(new A()) } export default f("k")`, `["k"]`},

		{"field get", `class A { get = 1; set = 2; async = 3; static get = 4; static set = 5; static async = 6 } const a = new A(); export default [a.get, a.set, a.async, A.get, A.set, A.async]`, `[1,2,3,4,5,6]`},
		{"field arrow", `class A { get = (x) => x; set = async (x) => x; async = (...a) => a.length } export default new A().get(1) + new A().async(1, 2)`, `3`},
		{"field without value", `class A { get; set; async; static; static static } export default Object.keys(new A())`, `["get","set","async","static"]`},
		{"last field", `class A { x() { return 1 } async } export default Object.keys(new A())`, `["async"]`},
		{"method get", `class A { get() { return 1 } set() { return 2 } async() { return 3 } static get() { return 4 } get get2() { return 6 } *gen() { yield 7 } static async *set() { } } const a = new A(); export default [a.get(), a.set(), a.async(), A.get(), a.get2, [...a.gen()]]`, `[1,2,3,4,6,[7]]`},
		{"private get", `class A { #get = 1; #set = 2; #async = 3; get x() { return [this.#get, this.#set, this.#async] } set x(v) { this.#get = v } static has(o) { return #get in o } } const a = new A(); a.x = 9; export default [a.x, A.has(a)]`, `[[9,2,3],true]`},
		{"accessor named get", `class A { get get() { return 1 } set get(v) {} static get set() { return 2 } get async() { return 3 } } export default [new A().get, A.set, new A().async]`, `[1,2,3]`},
		{"literal get", `const get = 1, set = 2, async = 3; export default { get, set, async, o: { get: 1, set: 2, async: 3, get x() { return 1 }, async y() {} } }`, `{"get":1,"set":2,"async":3,"o":{"get":1,"set":2,"async":3,"x":1}}`},
		{"get outside class", `let get, set, async; get = 1; set = 2; async = 3; const s = "class { get = 1 }"; export default get + set + async + s`, `6class { get = 1 }`},
		{"class after regexp", `const r = /[/]{/.test("/{"); class A { get = r } export default new A().get`, `true`},
		{"nested class", `class A { get = class { set = class { async = 1 } } } export default new (new (new A().get)().set)().async`, `1`},
		{"fields after template", "class A { x = `a${{ b: 1 }.b}}`; get = 2; f() { return `${this.x}` } set = 3 } const a = new A(); export default [a.x, a.get, a.set, a.f()]", `["a1}",2,3,"a1}"]`},

		{"high escape", `export default "\u{10FFFF}" === String.fromCodePoint(0x10ffff)`, `true`},
		{"high escape in template", "export default `\\u{10FFFF}${1}\\u{100000}`.length", `5`},
		{"high escape in tagged template", "const f = (s) => [s.raw[0], s[0].codePointAt(1).toString(16), s.raw[1], s[0].length]; export default f`a\\u{10ABCD}\\n${1}\\u{0010FFFF}`", `["a\\u{10ABCD}\\n","10abcd","\\u{0010FFFF}",4]`},
		{"high escape in regexp", `export default /^\u{10FFFF}$/u.test("\u{10FFFF}")`, `true`},
		{"tagged template cached", "const t = (s) => s; const f = () => t`a\\u{10FFFF}`; export default f() === f()", `true`},

		{"regexp modifiers", `export default [/^a(?i:bc)$/.test("aBC"), /^a(?i:b)c$/.test("ABc"), /(?m:^b)/.test("a\nb"), /(?s:a.b)./.test("a\nb\n")]`, `[true,false,true,false]`},

		{"unknown import", `export default async () => { const n = "./nope"; try { await import(n) } catch (e) { return e.constructor.name + ": " + e.message } }`, `Error: No such module "./nope".`},
		{"computed require", `export default () => { try { return require("./" + "x" + Math.floor(0)) } catch (e) { return e.message } }`, `No such module "./x0".`},
		{"computed host import", `export default async () => { const n = "node:" + ["buffer"]; return (await import(n)).default.name }`, `node:buffer`},
		{"async iteration protocol", `const it = { [Symbol.asyncIterator]() { let i = 0; return { next: async () => ({ done: i === 2, value: i++ }) } } }; export default async () => { let n = 0; for await (const x of it) n += x; return n }`, `1`},
		{"jsx pragma not in ts", `const x = <any>1; export default x`, `1`},
		{"private methods", `class A { #m() { return 1 } static #s = 2; static { this.t = this.#s } f() { return this.#m() } } export default [new A().f(), A.t]`, `[1,2]`},
		{"bigint power", `export default String(2n ** 64n)`, `18446744073709551616`},
		{"object spread", `export default { ...{ a: 1 }, b: 2 }`, `{"a":1,"b":2}`},
		{"logical assignment", `let a = null; a ??= 3; a &&= 4; a ||= 5; export default a`, `4`},
		{"regexp flags d v lowered", `export default () => { try { return /a/d.flags } catch (e) { return e.name } }`, `SyntaxError`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := eval(t, files("index.ts", c.src)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
