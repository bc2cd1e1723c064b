package console_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/webapi/console"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

type sink struct {
	lines, levels []string
	messages      []string
}

func (s *sink) Log(level, text string, message []byte) {
	s.lines, s.levels, s.messages = append(s.lines, text), append(s.levels, level), append(s.messages, string(message))
}

func newRealm() (*webidl.Realm, *sink, *eventloop.VirtualClock) {
	clock := eventloop.NewVirtualClock(time.Unix(0, 0))
	js := webidl.NewRealm(goja.New(), webidl.Options{
		Loop:    eventloop.New(eventloop.Options{Clock: clock}),
		Globals: webidl.NewGlobals(console.Globals, dom.Globals),
	})
	s := &sink{}
	console.SetSink(js, s)
	return js, s, clock
}

// What Node.js 20 prints, unless a comment says otherwise.
func TestInspect(t *testing.T) {
	for _, c := range []struct{ js, want string }{
		{`1`, `1`}, {`-0`, `-0`}, {`10n`, `10n`}, {`"it's"`, `"it's"`}, {`"a\n"`, `'a\n'`}, {`null`, `null`}, {`undefined`, `undefined`}, {`Symbol("s")`, `Symbol(s)`},
		{`({})`, `{}`}, {`[]`, `[]`}, {`({a: 1, "b-c": "x", [Symbol("s")]: 2})`, `{ a: 1, 'b-c': 'x', [Symbol(s)]: 2 }`},
		{`[1, , 3, "x"]`, `[ 1, <1 empty item>, 3, 'x' ]`}, {`Object.assign([1], {k: 2})`, `[ 1, k: 2 ]`},
		{`({a: {b: {c: {d: 1}}}})`, `{ a: { b: { c: [Object] } } }`}, {`[[[[1]]]]`, `[ [ [ [Array] ] ] ]`},
		{`var o = {x: 1}; o.self = o; o`, `<ref *1> { x: 1, self: [Circular *1] }`},
		{`new Map([["a", {b: 1}], [2, new Set([3])]])`, `Map(2) { 'a' => { b: 1 }, 2 => Set(1) { 3 } }`},
		{`new WeakMap()`, `WeakMap {}`}, // Node: <items unknown>
		{`new Uint8Array([1, 2, 3])`, `Uint8Array(3) [ 1, 2, 3 ]`},
		{`new Uint8Array([1, 255]).buffer`, `ArrayBuffer { [Uint8Contents]: <01 ff>, byteLength: 2 }`},
		{`new Date(0)`, `1970-01-01T00:00:00.000Z`}, {`new Date(NaN)`, `Invalid Date`}, {`/a\/b/gi`, `/a\/b/gi`},
		{`(function f() {})`, `[Function: f]`}, {`(() => {})`, `[Function (anonymous)]`}, {`(class A {})`, `[class A]`},
		{`class A {}; class B extends A {}; B`, `[class B extends A]`}, {`Object.assign(function f() {}, {a: 1})`, `[Function: f] { a: 1 }`},
		{`(async () => {})`, `[AsyncFunction (anonymous)]`},
		{`class P { x = 1; #y = 2; get z() { return 3 } }; new P()`, `P { x: 1 }`}, {`new (class L extends Array {})(1, 2)`, `L(2) [ 1, 2 ]`},
		{`({get a() { throw 1 }, set b(v) {}, get c() { return 1 }, set c(v) {}})`, `{ a: [Getter], b: [Setter], c: [Getter/Setter] }`},
		{`Object.create(null)`, `[Object: null prototype] {}`}, {`({[Symbol.toStringTag]: "T"})`, `Object [T] { [Symbol(Symbol.toStringTag)]: 'T' }`},
		{`Promise.resolve(4)`, `Promise { 4 }`}, {`new Promise(() => {})`, `Promise { <pending> }`}, {`var p = Promise.reject(5); p.catch(() => {}); p`, `Promise { <rejected> 5 }`},
		{`Object(1)`, `[Number: 1]`}, {`Object("ab")`, `[String: 'ab']`}, {`Object(Symbol("q"))`, `[Symbol: Symbol(q)]`},
		{`new Proxy({a: 1}, {get() { throw 1 }, ownKeys() { throw 2 }})`, `{ a: 1 }`},
		{`(function () { return arguments })(1, 2)`, `[Arguments] [ 1, 2 ]`},
		{`[undefined, null]`, `[ undefined, null ]`},
		{`new Array(200).fill(0).length`, `200`},
		{`({aaaaaaaaaaaaaaaaaaaaaaaaa: "bbbbbbbbbbbbbbbbbbbbbbbbbbbb", c: "dddddddddddddddddddddddddddd"})`, "{\n  aaaaaaaaaaaaaaaaaaaaaaaaa: 'bbbbbbbbbbbbbbbbbbbbbbbbbbbb',\n  c: 'dddddddddddddddddddddddddddd'\n}"},
		{`({a: {b: {c: {}}}})`, `{ a: { b: { c: {} } } }`},
		{`Array.from({length: 10}, (_, i) => i * 100)`, "[\n    0, 100, 200, 300,\n  400, 500, 600, 700,\n  800, 900\n]"},
		{`Array.from({length: 30}, (_, i) => "item" + i).slice(0, 9)`, "[\n  'item0', 'item1',\n  'item2', 'item3',\n  'item4', 'item5',\n  'item6', 'item7',\n  'item8'\n]"},
		{`[1.5, 2, 3, -4, 5, 6, 7000]`, "[\n   1.5, 2, 3,\n    -4, 5, 6,\n  7000\n]"},
		{`[[[new Map([[1, 2]])]]]`, `[ [ [ [Map] ] ] ]`},
		{`var e = new Error("m"); e.code = "E"; e.stack = "Error: m"; ({e})`, `{ e: [Error: m] { code: 'E' } }`},
		{`new AbortController()`, "AbortController {\n  signal: AbortSignal { aborted: false, reason: undefined, onabort: null }\n}"},
		{`new Event("x").constructor.name`, `'Event'`},
	} {
		js, _, _ := newRealm()
		v, err := js.VM.RunString(c.js)
		if err != nil {
			t.Errorf("%s: %v", c.js, err)
			continue
		}
		if got := console.Inspect(js, v, console.InspectOptions{Depth: 2}); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.js, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	js, _, _ := newRealm()
	v, err := js.VM.RunString(`new TypeError("outer", {cause: new RangeError("inner")})`)
	if err != nil {
		t.Fatal(err)
	}
	got := console.Inspect(js, v, console.InspectOptions{Depth: 2})
	for _, want := range []string{"TypeError: outer\n    at ", "[cause]: RangeError: inner\n      "} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestLog(t *testing.T) {
	for _, c := range []struct{ js, want string }{
		{`console.log("a", 1, {b: 2})`, `a 1 { b: 2 }`},
		{`console.log()`, ``},
		{`console.log("%s is %d years and %i, %f", "Bob", 42.5, 42.9, "1.5x", "more")`, `Bob is 42.5 years and 42, 1.5 more`},
		{`console.log("%j|%o|%O|%c|%%", {a: 1}, [1], {b: 2}, "css")`, `{"a":1}|[ 1, [length]: 1 ]|{ b: 2 }||%`},
		{`console.log("100%", 1)`, `100% 1`},
		{`console.log("%s")`, `%s`},
		{`console.log("%d", {})`, `NaN`},
		{`console.log({s: "x"}, "y")`, `{ s: 'x' } y`},
		{`console.assert(true, "no"); console.assert(false); console.assert(0, "why %s", 1); console.assert(0, {a: 1})`, "Assertion failed\nAssertion failed: why 1\nAssertion failed { a: 1 }"},
		{`console.count(); console.count(); console.count("x"); console.countReset(); console.count(); console.countReset("nope")`, "default: 1\ndefault: 2\nx: 1\ndefault: 1\nCount for 'nope' does not exist"},
		{`console.group("G"); console.log("in\nside"); console.groupEnd(); console.groupEnd(); console.log("out")`, "G\n  in\n  side\nout"},
		{`console.time("t"); console.timeLog("t", 1); console.timeEnd("t"); console.timeEnd("t")`, "t: 0ms 1\nt: 0ms\nNo such label 't' for console.timeEnd()"},
		{`console.dir({a: {b: {c: {d: {}}}}}, {depth: 0})`, `{ a: [Object] }`},
		{`console.table([{a: 1, b: "x"}, {a: 2}])`, "┌─────────┬───┬─────┐\n│ (index) │ a │ b   │\n├─────────┼───┼─────┤\n│ 0       │ 1 │ 'x' │\n│ 1       │ 2 │     │\n└─────────┴───┴─────┘"},
		{`console.table(5)`, "5"},
		{`console.clear(); console.timeStamp(); console.log(Object.prototype.toString.call(console))`, "[object console]"},
		{`const {log} = console; log("detached")`, "detached"},
		{`console.log = 5; console.info(String(console.log) + Object.keys(console).length)`, "522"},
		{`delete console.log; console.info(typeof console.log + ("log" in console))`, "undefinedfalse"},
	} {
		js, s, _ := newRealm()
		if _, err := js.VM.RunString(c.js); err != nil {
			t.Errorf("%s: %v", c.js, err)
			continue
		}
		if got := strings.Join(s.lines, "\n"); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.js, got, c.want)
		}
		for _, m := range s.messages {
			if !json.Valid([]byte(m)) {
				t.Errorf("%s: message %s is no JSON", c.js, m)
			}
		}
	}
}

func TestMessage(t *testing.T) {
	js, s, _ := newRealm()
	if _, err := js.VM.RunString(`var o = {a: [1, "x", null, undefined, NaN], n: 5n, d: new Date(0), m: new Map([[1, 2]]), u: undefined, f() {}, get g() { throw 1 }, toJSON() { throw 2 }}; o.o = o;
		console.warn("hi", o)`); err != nil {
		t.Fatal(err)
	}
	const want = `["hi",{"a":[1,"x",null,null,null],"n":"5","d":"1970-01-01T00:00:00.000Z","m":"Map(1) { 1 =\u003e 2 }","o":"[Circular]"}]`
	if s.messages[0] != want {
		t.Errorf("got %s\nwant %s", s.messages[0], want)
	}
	if s.levels[0] != "warn" {
		t.Errorf("level %s", s.levels[0])
	}
}

// However large a value is, what is logged is not.
func TestBounds(t *testing.T) {
	for _, code := range []string{
		`console.log("x".repeat(5e6))`,
		`console.log("%s", "x".repeat(5e6))`,
		`var a = []; for (var i = 0; i < 3000; i++) a = [a]; console.dir(a, {depth: Infinity})`,
		`var a = [1]; for (var i = 0; i < 40; i++) a = [a, a]; console.dir(a, {depth: Infinity}); console.log(a)`,
		`var o = {}; for (var i = 0; i < 5000; i++) o["k" + i] = "v".repeat(1000); console.log(o)`,
		`var a = []; a.length = 4294967295; console.log(a); console.table(a)`,
		`console.log(new Uint8Array(1e6), new Map(Array.from({length: 5000}, (_, i) => [i, "y".repeat(1000)])))`,
		`console.table(Array.from({length: 5000}, () => ({a: "z".repeat(2000), b: 1})))`,
	} {
		js, s, _ := newRealm()
		if _, err := js.VM.RunString(code); err != nil {
			t.Errorf("%s: %v", code, err)
			continue
		}
		for i, line := range s.lines {
			if limit := console.MaxText*3/2 + 1000; len(line) > limit || len(s.messages[i]) > 2*limit {
				t.Errorf("%s: %d bytes of text, %d of JSON", code, len(line), len(s.messages[i]))
			}
			if !json.Valid([]byte(s.messages[i])) {
				t.Errorf("%s: message is no JSON", code)
			}
		}
	}
}

func BenchmarkLog(b *testing.B) {
	js, s, _ := newRealm()
	f, err := js.VM.RunString(`(function (n) { for (var i = 0; i < n; i++) console.log("request", {method: "GET", url: "/x", n: i}) })`)
	if err != nil {
		b.Fatal(err)
	}
	run, _ := goja.AssertFunction(f)
	b.ReportAllocs()
	b.ResetTimer()
	run(goja.Undefined(), js.VM.ToValue(b.N))
	s.lines = nil
}
