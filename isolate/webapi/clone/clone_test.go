package clone_test

import (
	"errors"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/clone"
	"github.com/mayfly-edge/mayfly/isolate/webapi/console"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// token is a platform object that can be cloned and transferred.
type token struct {
	webidl.Handle
	name  string
	spent bool
}

var tokenClass = &webidl.Class[*token]{
	Name:        "Token",
	Constructor: webidl.New1(func(_ *webidl.Realm, name string) (*token, error) { return &token{name: name}, nil }, webidl.DOMString),
	Members: []webidl.Member[*token]{
		webidl.ReadOnly("name", func(t *token, _ *webidl.Realm) (string, error) { return t.name, nil }),
	},
}

func (t *token) restore() func(*webidl.Realm) (*goja.Object, error) {
	name := t.name
	return func(js *webidl.Realm) (*goja.Object, error) { return wrapToken(js, &token{name: name}), nil }
}

func (t *token) Clone() (func(*webidl.Realm) (*goja.Object, error), error) { return t.restore(), nil }

func (t *token) Transferable() error {
	if t.spent {
		return errors.New("Token is spent.")
	}
	return nil
}

func (t *token) Transfer(*webidl.Realm) (func(*webidl.Realm) (*goja.Object, error), error) {
	t.spent = true
	return t.restore(), nil
}

func wrapToken(js *webidl.Realm, t *token) *goja.Object {
	o, err := js.VM.New(js.Global("Token"), js.String(t.name))
	if err != nil {
		panic(err)
	}
	return o
}

func newRealm() *webidl.Realm {
	return webidl.NewRealm(goja.New(), webidl.Options{
		Globals: webidl.NewGlobals(clone.Globals, []webidl.Global{webidl.Expose(tokenClass), webidl.Expose(webidl.DOMException)}),
	})
}

// Values whose clone looks as they do.
var same = []string{
	`undefined`, `null`, `true`, `false`, `0`, `-0`, `1.5`, `-123456789`, `2 ** 60`, `NaN`, `-Infinity`, `123456789012345678901234567890n`, `-5n`,
	`""`, `"plain"`, `"é💩"`, `"\ud800x"`, `"\ufffd"`,
	`Object(1)`, `Object("s")`, `Object(false)`, `Object(7n)`, `new Date(86400000)`, `new Date(NaN)`, `/a\/[b]/gi`,
	`({})`, `({a: 1, b: {c: [1, "x", null]}, 2: 3})`, `({["__proto__"]: 1})`, `[]`, `[1, , 3, ,]`, `Object.assign([1, 2], {x: 3})`, `var a = []; a[50000] = 1; a`,
	`new Map([[{k: 1}, new Set([1, "2"])]])`, `new Set([[], {}])`, `var o = {}; o.o = o; o.list = [o]; o`, `var d = new Date(5); [d, d]`, `var m = new Map(); m.set(m, m); m`,
	`new Uint8Array([1, 2, 3])`, `new Float64Array([1.5, -0])`, `new BigInt64Array([5n])`, `new DataView(new ArrayBuffer(4), 1, 2)`, `new Uint8Array([1, 2, 3]).buffer`,
	`var b = new ArrayBuffer(8), v = [new Uint8Array(b, 2, 3), b, new Uint16Array(b, 4)]; v`, `[new Uint8Array(2), {}, {}].map((x, i, a) => a[i])`,
	`var x = {}, v = new Uint8Array(1); [v, x, x, v, v.buffer]`,
}

func TestSame(t *testing.T) {
	for _, code := range same {
		js := newRealm()
		v, err := js.VM.RunString(code)
		if err != nil {
			t.Fatalf("%s: %v", code, err)
		}
		want := show(js, v)
		m, err := clone.Write(js, v, nil)
		if err != nil {
			t.Errorf("%s: %v", code, err)
			continue
		}
		other := newRealm()
		for range 2 { // a message can be read again
			got, _, err := m.Read(other)
			if err != nil {
				t.Errorf("%s: %v", code, err)
			} else if s := show(other, got); s != want {
				t.Errorf("%s: got %s, want %s", code, s, want)
			}
		}
		b, err := clone.Serialize(js, v)
		if err != nil {
			t.Errorf("%s: %v", code, err)
			continue
		}
		got, err := clone.Deserialize(other, b)
		if err != nil {
			t.Errorf("%s: %v", code, err)
		} else if s := show(other, got); s != want {
			t.Errorf("%s: from bytes: got %s, want %s", code, s, want)
		}
	}
}

func show(js *webidl.Realm, v goja.Value) string {
	return console.Inspect(js, v, console.InspectOptions{Depth: -1})
}

func TestScripts(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"identity", `var o = {a: {}}; o.b = o.a; var c = structuredClone(o); (c.a === c.b) + "" + (c !== o) + (c.a !== o.a)`, "truetruetrue"},
		{"class", `class A { x = 1; get y() { return 2 } }; var c = structuredClone(new A()); c.x + "" + c.y + (c instanceof A)`, "1undefinedfalse"},
		{"getter", `structuredClone({get a() { return 5 }}).a`, "5"},
		{"getter throws", `try { structuredClone({get a() { throw 6 }}) } catch (e) { e }`, "6"},
		{"symbols are left out", `Object.getOwnPropertySymbols(structuredClone({[Symbol("s")]: 1})).length`, "0"},
		{"error", `var e = new RangeError("m", {cause: [1]}), c = structuredClone(e); [c instanceof RangeError, c.message, c.cause[0], c.stack === e.stack, Object.keys(c).length].join()`, "true,m,1,true,0"},
		{"error of a subclass", `class E extends TypeError {}; var c = structuredClone(new E("x")); c.constructor === TypeError`, "true"},
		{"dom exception", `var c = structuredClone(new DOMException("m", "AbortError")); [c instanceof DOMException, c.name, c.message, c.code].join()`, "true,AbortError,m,20"},
		{"lastIndex", `var r = /x/g; r.lastIndex = 5; structuredClone(r).lastIndex`, "0"},
		{"function", `try { structuredClone(() => 1) } catch (e) { e.name + e.message }`, "DataCloneErrorFailed to execute 'structuredClone': () => 1 could not be cloned."},
		{"symbol", `try { structuredClone(Symbol("q")) } catch (e) { e.message }`, "Failed to execute 'structuredClone': Symbol(q) could not be cloned."},
		{"promise", `try { structuredClone({p: Promise.resolve()}) } catch (e) { e.message }`, "Failed to execute 'structuredClone': #<Promise> could not be cloned."},
		{"weak map", `try { structuredClone(new WeakMap()) } catch (e) { e.name }`, "DataCloneError"},
		{"proxy", `try { structuredClone(new Proxy({}, {})) } catch (e) { e.name }`, "DataCloneError"},
		{"no argument", `try { structuredClone() } catch (e) { e.name }`, "TypeError"},
		{"transfer", `var b = new ArrayBuffer(3); new Uint8Array(b)[1] = 7; var c = structuredClone({b, v: new Uint8Array(b, 1)}, {transfer: [b]}); [b.byteLength, c.b.byteLength, c.v[0], c.v.buffer === c.b].join()`, "0,3,7,true"},
		{"transferred alone", `var b = new ArrayBuffer(3); structuredClone(1, {transfer: [b]}); b.byteLength`, "0"},
		{"transferred twice", `var b = new ArrayBuffer(3); try { structuredClone(1, {transfer: [b, b]}) } catch (e) { e.name + b.byteLength }`, "DataCloneError3"},
		{"not transferred after failure", `var b = new ArrayBuffer(3); try { structuredClone(() => {}, {transfer: [b]}) } catch (e) { b.byteLength }`, "3"},
		{"transfer of a plain object", `try { structuredClone(1, {transfer: [{}]}) } catch (e) { e.message }`, "Failed to execute 'structuredClone': Value at index 0 does not have a transferable type."},
		{"detached", `var b = new ArrayBuffer(3); structuredClone(b, {transfer: [b]}); try { structuredClone(b) } catch (e) { e.name }`, "DataCloneError"},
		{"cloneable", `structuredClone([new Token("k")])[0].name`, "k"},
		{"transferable", `var t = new Token("k"), c = structuredClone({t}, {transfer: [t]}); try { structuredClone(t, {transfer: [t]}) } catch (e) { c.t.name + e.message }`, "kFailed to execute 'structuredClone': Token is spent."},
		{"deep", `var a = []; for (var i = 0; i < 5000; i++) a = [a]; try { structuredClone(a) } catch (e) { e.name }`, "RangeError"},
		{"map changed meanwhile", `var m = new Map([[1, {get a() { m.set(2, 2); return 1 }}]]); structuredClone(m).size`, "1"},
		{"deleted meanwhile", `var o = {get a() { delete o.b; return 1 }, b: 2}; Object.keys(structuredClone(o)).join()`, "a"},
		{"setters are not called", `var hit = 0; Object.defineProperty(Object.prototype, "zz", {set() { hit++ }, configurable: true}); structuredClone({a: 1, ["zz" + ""]: 1}); hit`, "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := newRealm().VM.RunString(c.js)
			if err != nil {
				t.Fatal(err)
			}
			if got := v.String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestSerializeRefusesPlatformObjects(t *testing.T) {
	js := newRealm()
	v, err := js.VM.RunString(`({t: new Token("k")})`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := clone.Serialize(js, v); err == nil || err.Error() != "DataCloneError: #<Token> could not be cloned." {
		t.Error(err)
	}
}

// Whatever the bytes are, the answer is a value or an error, and a value can be
// written again.
func FuzzDeserialize(f *testing.F) {
	for _, code := range same {
		js := newRealm()
		v, err := js.VM.RunString(code)
		if err != nil {
			f.Fatal(err)
		}
		b, err := clone.Serialize(js, v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	js := newRealm()
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := clone.Deserialize(js, b)
		if err != nil {
			return
		}
		if _, err := clone.Serialize(js, v); err != nil {
			t.Errorf("%q: %v", b, err)
		}
	})
}

func BenchmarkClone(b *testing.B) {
	js := newRealm()
	f, err := js.VM.RunString(`var o = {a: 1, b: "text", c: [1, 2, 3], d: {e: true}}; (function (n) { for (var i = 0; i < n; i++) structuredClone(o) })`)
	if err != nil {
		b.Fatal(err)
	}
	run, _ := goja.AssertFunction(f)
	b.ReportAllocs()
	b.ResetTimer()
	run(goja.Undefined(), js.VM.ToValue(b.N))
}
