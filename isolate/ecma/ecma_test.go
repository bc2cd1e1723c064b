package ecma_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

var globals = webidl.NewGlobals(ecma.Globals)

var cases = []struct{ js, want string }{
	{`Object.groupBy([1, 2, 3], x => x % 2 ? "odd" : "even").odd.join()`, "1,3"},
	{`Object.getPrototypeOf(Object.groupBy([], x => x))`, "null"},
	{`Map.groupBy([1, -0, 0], x => x).get(0).length`, "2"},
	{`var k = {}; Map.groupBy([1, 2], () => k).get(k).join() + Map.groupBy([NaN, NaN], x => x).size`, "1,21"},
	{`try { Object.groupBy(null, x => x) } catch (e) { e.name }`, "TypeError"},
	{`new Map([[1, 2]]).getOrInsert(1, 3) + new Map().getOrInsertComputed(5, k => k + 1)`, "8"},
	{`var k = {}, w = new WeakMap([[k, 2]]); w.getOrInsert(k, 3) + w.getOrInsertComputed({}, () => 5)`, "7"},
	{`var a = new Uint8Array([1, 2, 3]), b = a.buffer.transfer(2), c = b.transferToFixedLength(4); [a.length, a.buffer.detached, b.detached, c.detached, new Uint8Array(c)].join()`, "0,true,true,false,1,2,0,0"},
	{`var b = new ArrayBuffer(1); try { b.transfer(1e15) } catch (e) { e.name + b.detached }`, "RangeErrorfalse"},
	{`var b = new ArrayBuffer(1); b.transfer(); try { b.transfer() } catch (e) { e.name }`, "TypeError"},
	{`var v = new DataView(new ArrayBuffer(2)); [1.337, -0, 65520, 5e-8, -2, NaN, "6e-5"].map(x => { v.setFloat16(0, x, true); return [v.getUint16(0, true).toString(16), v.getFloat16(0, true)] }).join()`, "3d59,1.3369140625,8000,0,7c00,Infinity,1,5.960464477539063e-8,c000,-2,7e00,NaN,3ef,0.00006002187728881836"},
	{`try { new DataView(new ArrayBuffer(1)).getFloat16(0) } catch (e) { e.name }`, "RangeError"},
	{`function f(n) { if (n) return f(n - 1); var o = {}; Error.captureStackTrace(o); return o.stack.split("\n").length } var before = Error.stackTraceLimit; Error.stackTraceLimit = 3; before + "," + f(20)`, "10,4"},
	{`function f(n) { if (n) return 1 + f(n - 1); var o = {}; Error.captureStackTrace(o); return o.stack.split("\n").length > 15 } Error.stackTraceLimit = Infinity; f(20)`, "21"},
	{`var {promise, resolve} = Promise.withResolvers(); resolve(1); promise instanceof Promise`, "true"},
	{`class P extends Promise {}; P.withResolvers().promise instanceof P`, "true"},
	{`"a\ud800".isWellFormed() + "" + "💩".isWellFormed() + "a\ud800b\udc00".toWellFormed()`, "falsetruea\ufffdb\ufffd"},
	{`[Math.f16round(1.337), Math.f16round(65519), Math.f16round(65520), Math.f16round(5e-8), Object.is(Math.f16round(-0), -0)].join()`, "1.3369140625,65504,Infinity,5.960464477539063e-8,true"},
	{`[Math.sumPrecise([1e20, 0.1, -1e20]), Math.sumPrecise([Infinity, -Infinity]), Object.is(Math.sumPrecise([]), -0)].join()`, "0.1,NaN,true"},
	{`var o = {}; o.__defineGetter__("x", () => 5); o.x + typeof o.__lookupGetter__("x") + o.__lookupSetter__("x")`, "5functionundefined"},
	{`new Date(2020, 1).getYear()`, "120"},
	{`function F() { Error.captureStackTrace(this, F) }; var f = new F(); typeof f.stack + f.stack.includes("at F")`, "stringfalse"},
	{`[1, 2, 3].values().map(x => x * 2).filter(x => x > 2).toArray().join()`, "4,6"},
	{`function* g() { yield 1; yield 2; yield 3 } g().take(2).toArray().join() + g().drop(2).toArray() + g().reduce((a, b) => a + b)`, "1,236"},
	{`[[1, 2], [3]].values().flatMap(x => x).toArray().join()`, "1,2,3"},
	{`new Set([1, 2]).values().some(x => x == 2) + "" + new Map([[1, 2]]).keys().every(x => x == 1) + [5, 6].values().find(x => x > 5)`, "truetrue6"},
	{`var closed = 0; var it = {next() { return {value: 1, done: false} }, return() { closed++; return {} }}; Iterator.from(it).take(1).toArray(); Iterator.from(it).find(() => true); try { Iterator.from(it).map(() => { throw 1 }).next() } catch (e) {} closed`, "3"},
	{`Iterator.prototype === Object.getPrototypeOf(Object.getPrototypeOf([].values()))`, "true"},
	{`try { new Iterator() } catch (e) { e.name }`, "TypeError"},
	{`class I extends Iterator { next() { return {done: true} } }; new I().toArray().length + String(new I() instanceof Iterator)`, "0true"},
	{`Object.prototype.toString.call([].values().map(x => x))`, "[object Iterator Helper]"},
	{`Object.getPrototypeOf(Object.getPrototypeOf(Object.getPrototypeOf([].values().map.call([].values(), x => x)))) === Object.prototype`, "true"},
	{`var n = 0, c = Iterator.concat([1, 2], new Set([3]), {[Symbol.iterator]() { n++; return [4][Symbol.iterator]() }}); n + c.toArray().join() + n`, "01,2,3,41"},
	{`try { Iterator.concat([1], 2) } catch (e) { e.name + Iterator.concat().next().done }`, "TypeErrortrue"},
	{`Iterator.from("ab").toArray().join()`, "a,b"},
	{`typeof [].values().nope`, "undefined"},
	{`var o = {}; new WeakRef(o).deref() === o`, "true"},
	{`try { new WeakRef(1) } catch (e) { e.name }`, "TypeError"},
	{`var r = new FinalizationRegistry(() => {}), t = {}; r.register({}, 1, t); r.unregister(t) + "" + r.unregister(t)`, "truefalse"},
	{`JSON.stringify(Object.getOwnPropertyDescriptor(Object, "groupBy"), (k, v) => typeof v == "function" ? v.name + v.length : v)`, `{"value":"groupBy2","writable":true,"enumerable":false,"configurable":true}`},
	{`Object.getOwnPropertyNames(String.prototype).includes("isWellFormed") && Object.keys(Math).length == 0`, "true"},
	{`Object.getOwnPropertyNames(globalThis).includes("GoError")`, "false"},
	{`new RegExp("^\\p{Lu}+$", "u").test("ÀÉ") + "" + RegExp("\\p{L}", "u").test("1")`, "truefalse"},
	{`/x/ instanceof RegExp && new RegExp("a", "g") instanceof RegExp && /x/.constructor === RegExp && RegExp[Symbol.species] === RegExp`, "true"},
	{`class R extends RegExp {}; new R("a") instanceof R && "a1b".split(new R("[0-9]")).join()`, "a,b"},
	{`try { new RegExp("\\p{Nope}", "u") } catch (e) { e.name }`, "SyntaxError"},
	{`try { new RegExp("(") } catch (e) { e.name }`, "SyntaxError"},
	{`new RegExp(/a/g, "i").flags + RegExp("b").source + new RegExp(/c/y).flags`, "iby"},
	{`RegExp.escape("1a.b c-\n\u2028")`, `\x31a\.b\x20c\x2d\n\u2028`},
	{`try { JSON.parse(undefined) } catch (e) { e.name + JSON.parse(null) + JSON.parse(5) }`, "SyntaxErrornull5"},
	{`try { JSON.parse(Symbol()) } catch (e) { e.name + "".isWellFormed.call(true) }`, "TypeErrortrue"},
	{`JSON.parse({toString() { return "[1]" }}).length`, "1"},
	{`JSON.stringify([new RegExp("a(?<Z>b)?(c)", "d").exec("xabcac").indices, new RegExp("a(?<Z>b)?(c)", "d").exec("ac").indices.groups.Z])`, `[[[1,4],[2,3],[3,4]],null]`},
	{`var r = new RegExp("(?<n>.)", "dgu"), m = [..."a💩b".matchAll(r)]; r.flags + r.hasIndices + m.map(x => x.indices.groups.n)`, "dgutrue0,1,1,3,3,4"},
	{`var r = new RegExp("b", "gd"); r.exec("abb"); r.lastIndex + "abb".replace(r, "x") + /a/.hasIndices`, "2axxfalse"},
	{`var r = new RegExp("^[\\p{L}--[a-z]]+$", "v"); r.test("ÄB") + "" + r.test("a") + r.flags + r.unicodeSets + r.unicode + r.source`, "truefalsevtruefalse^[\\p{L}--[a-z]]+$"},
	{`new RegExp("^[\\w&&\\d]+$", "v").test("12") + "" + new RegExp("^[\\w&&\\d]$", "v").test("a") + new RegExp("^[\\q{abc|d|}x]$", "v").exec("abc")`, "truefalseabc"},
	{`"a1é2".replace(new RegExp("[[a-z][é]]", "gv"), "_") + "AbC".match(new RegExp("[^\\p{Lu}]", "v"))[0] + new RegExp("^\\p{Emoji_Keycap_Sequence}$", "v").test("1\ufe0f\u20e3")`, "_1_2btrue"},
	{`["[a&&&b]", "[(]", "[a--b&&c]", "[^\\q{ab}]", "[", "[a-]", "[z-a]", "[!!]"].map(p => { try { new RegExp(p, "v"); return p } catch (e) { return e.name[0] } }).join("")`, "SSSSSSSS"},
	{`try { new RegExp("a", "uv") } catch (e) { e.name }`, "SyntaxError"},
	{`try { new RegExp("a", "dd") } catch (e) { e.name }`, "SyntaxError"},
	{`var r = new RegExp("(?<y>\\d{4})-(?<m>\\d\\d)|(?<m>\\d\\d)/(?<y>\\d{4})"); r.exec("02/2024").groups.y + r.exec("2024-02").groups.m + Object.keys(r.exec("02/2024").groups)`, "202402y,m"},
	{`"a=b".replace(new RegExp("(?:(?<q>=)|(?<q>:))"), "[$<q>]") + [..."1:2=3".matchAll(new RegExp("(?<q>=)|(?<q>:)", "g"))].map(m => m.groups.q).join()`, "a[=]b:,="},
	{`new RegExp("^(?:(?<a>x)|(?<a>y))\\k<a>$").test("yy") + "" + new RegExp("^(?:(?<a>x)|(?<a>y))\\k<a>$").test("xy")`, "truefalse"},
	{`new RegExp("^a(?i:b[c-d])e$").test("aBDe") + "" + new RegExp("^a(?i:b)e$").test("ABe") + new RegExp("^(?s:.)(?m:^)b", "").test("\nb") + new RegExp("^(?-s:.)$", "s").test("\n")`, "truefalsetruefalse"},
	{`["(?ii:a)", "(?-:a)", "(?i-i:a)", "(?x:a)"].map(p => { try { new RegExp(p); return p } catch (e) { return e.name[0] } }).join("")`, "SSSS"},
	{`var r = new RegExp(new RegExp("[a&&a]", "v"), "gv"); r.flags + r.source + r.test("a")`, "gv[a&&a]true"},
	{`var r = new RegExp("[/]/\\p{L}", "u"); r.source + r + RegExp.prototype.toString.call({source: 1, flags: "é"}) + new RegExp(r).source + new RegExp(r, "gu").test("//é") + new RegExp(new RegExp("\\p{L}", "u"), "") + Object.getOwnPropertyNames(r)`, `[/]\/\p{L}/[/]\/\p{L}/u/1/é[/]\/\p{L}true/\p{L}/lastIndex`},
	{`["source", "toString"].map(n => { try { var d = Object.getOwnPropertyDescriptor(RegExp.prototype, n); (d.get ?? d.value).call(1) } catch (e) { return e.name } }).join() + RegExp.prototype.source + RegExp.prototype`, `TypeError,TypeError(?:)/(?:)/`},
	{`new RegExp("", "v").source + new RegExp("", "d") + new RegExp("", "u")`, "(?:)/(?:)/d/(?:)/u"},
	{`var r = new RegExp("(?i:a)b"); r.source + r.test("Ab") + new RegExp(r, "g").test("AB")`, "(?i:a)btruefalse"},
	{`"x".anchor('"') + "x".bold() + "x".sub.length + String.prototype.link.name`, `<a name="&quot;">x</a><b>x</b>0link`},
	{`var s = new DisposableStack, log = []; s.defer(() => log.push(1)); s.use({[Symbol.dispose]() { log.push(2) }}); s.adopt(5, x => log.push(x)); var t = s.move(); log.push(s.disposed); t.dispose(); log.join() + t.disposed`, "true,5,2,1true"},
	{`var s = new DisposableStack; s.defer(() => { throw 1 }); s.defer(() => { throw 2 }); try { s.dispose() } catch (e) { e.name + e.error + e.suppressed + (e instanceof SuppressedError && e instanceof Error) }`, "SuppressedError12true"},
	{`try { var s = new DisposableStack; s.dispose(); s.defer(() => {}) } catch (e) { e.name }`, "ReferenceError"},
	{`var e = new SuppressedError(1, 2, "m"); e.message + e.error + e.suppressed + Object.keys(e).length + SuppressedError.length`, "m1203"},
	{`delete Object.groupBy; typeof Object.groupBy`, "undefined"},
	{`Object.groupBy = 5; Object.groupBy`, "5"},
}

func TestBuiltins(t *testing.T) {
	for _, c := range cases {
		js := webidl.NewRealm(goja.New(), webidl.Options{Globals: globals})
		ecma.Install(js, nil)
		v, err := js.VM.RunScript("case.js", c.js)
		if err != nil {
			t.Errorf("%s: %v", c.js, err)
		} else if v.String() != c.want {
			t.Errorf("%s: got %s, want %s", c.js, v, c.want)
		}
	}
}

func TestAsynchronous(t *testing.T) {
	js := webidl.NewRealm(goja.New(), webidl.Options{Globals: globals})
	ecma.Install(js, nil)
	var out []string
	js.VM.Set("out", func(s string) { out = append(out, s) })
	if _, err := js.VM.RunString(`
		Promise.try(x => x + 1, 1).then(v => out("try " + v));
		Promise.try(() => { throw 2 }).catch(e => out("caught " + e));
		Array.fromAsync([1, Promise.resolve(2)], x => x * 2).then(a => out("list " + a));
		Array.fromAsync({length: 2, 0: "a", 1: Promise.resolve("b")}).then(a => out("like " + a));
		var n = 0; Array.fromAsync({[Symbol.asyncIterator]() { return {next: async () => ({value: n, done: n++ == 2})} }}).then(a => out("async " + a));
		Array.fromAsync(null).catch(e => out(e.name));
		var stack = new AsyncDisposableStack, order = ""; stack.defer(async () => { order += "a" }); stack.use({async [Symbol.asyncDispose]() { order += "b" }}); stack.use({[Symbol.dispose]() { order += "c" }});
		stack.disposeAsync().then(() => out("disposed " + order + stack.disposed));
		var bad = new AsyncDisposableStack; bad.defer(async () => { throw 1 }); bad.defer(() => { throw 2 }); bad.disposeAsync().catch(e => out("suppressed " + e.error + e.suppressed));
	`); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(out, "; ")
	for _, want := range []string{"try 2", "caught 2", "list 2,4", "like a,b", "async 0,1", "TypeError", "disposed cbatrue", "suppressed 12"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

func TestWeakness(t *testing.T) {
	js := webidl.NewRealm(goja.New(), webidl.Options{Globals: globals})
	ecma.Install(js, nil)
	if _, err := js.VM.RunString(`var gone = [], registry = new FinalizationRegistry(x => gone.push(x)), kept = {}, weak;
		(function () { registry.register({a: 1}, "held"); registry.register(kept, "kept"); weak = new WeakRef({b: 1}) })()`); err != nil {
		t.Fatal(err)
	}
	// The engine's stack may hold the objects for a while: other values must take their place.
	for i := 0; i < 1000; i++ {
		if _, err := js.VM.RunString(`(function () { var a = [1, 2, 3], b = {}; return [a, b, new FinalizationRegistry(() => {})] })(); registry.unregister({})`); err != nil {
			t.Fatal(err)
		}
		runtime.GC()
		v, err := js.VM.RunString(`gone.join() + (weak.deref() === undefined)`)
		if err != nil {
			t.Fatal(err)
		}
		if v.String() == "heldtrue" {
			return
		}
		runtime.Gosched()
	}
	t.Error("an unreachable object was never collected")
}
