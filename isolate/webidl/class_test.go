package webidl_test

import (
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

type bag struct {
	webidl.Handle
	names, values []string
	label         string
}

func (b *bag) append(js *webidl.Realm, name, value string) error {
	if name == "" {
		return webidl.TypeError("Invalid name")
	}
	b.names, b.values = append(b.names, name), append(b.values, value)
	return nil
}

func (b *bag) get(js *webidl.Realm, name string) (webidl.Opt[string], error) {
	for i, n := range b.names {
		if n == name {
			return webidl.Some(b.values[i]), nil
		}
	}
	return webidl.Opt[string]{}, nil
}

func (b *bag) later(js *webidl.Realm, name string) (*webidl.Promise, error) {
	v, _ := b.get(js, name)
	return webidl.Resolved(js, js.String(v.Value)), nil
}

func (b *bag) at(js *webidl.Realm, i int) (k, v goja.Value, ok bool) {
	if i >= len(b.names) {
		return nil, nil, false
	}
	return js.String(b.names[i]), js.String(b.values[i]), true
}

type bagOptions struct {
	fatal bool
	label string
}

var bagClass = &webidl.Class[*bag]{
	Name: "Bag",
	Constructor: webidl.New1(func(js *webidl.Realm, o bagOptions) (*bag, error) { return &bag{label: o.label}, nil },
		webidl.Dict("BagInit", bagOptions{label: "none"},
			webidl.Has("label", webidl.DOMString, func(o *bagOptions) *string { return &o.label }),
			webidl.Has("fatal", webidl.Boolean, func(o *bagOptions) *bool { return &o.fatal }))),
	Members: []webidl.Member[*bag]{
		webidl.Const[*bag]("OPEN", 1),
		webidl.Proc2("append", (*bag).append, webidl.ByteString, webidl.ByteString),
		webidl.Op1("get", (*bag).get, webidl.ByteString),
		webidl.Op1("later", (*bag).later, webidl.ByteString),
		webidl.Attr("label", webidl.DOMString,
			func(b *bag, _ *webidl.Realm) (string, error) { return b.label, nil },
			func(b *bag, _ *webidl.Realm, s string) error { b.label = s; return nil }),
		webidl.Static1[*bag]("of", func(js *webidl.Realm, label string) (*goja.Object, error) {
			return wrapBag(js, &bag{label: label}), nil
		}, webidl.DOMString),
		webidl.Iterable(func(b *bag, js *webidl.Realm, i int) (goja.Value, goja.Value, bool) { return b.at(js, i) }),
	},
}

var wrapBag func(*webidl.Realm, *bag) *goja.Object

func newRealm() *webidl.Realm {
	wrapBag = bagClass.Wrap
	return webidl.NewRealm(goja.New(), webidl.Options{
		Globals: webidl.NewGlobals([]webidl.Global{webidl.Expose(bagClass), webidl.Expose(webidl.DOMException)}),
	})
}

func TestClass(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"type", `typeof Bag`, "function"},
		{"call", `var h = new Bag(); h.append("a","1"); h.get("a")`, "1"},
		{"missing key", `new Bag().get("x") === null`, "true"},
		{"expando", `var h = new Bag(); h.extra = 5; h.extra + Object.keys(h).join()`, "5extra"},
		{"attribute", `var h = new Bag({label: "x"}); h.label += "y"; h.label`, "xy"},
		{"default", `new Bag().label`, "none"},
		{"tag", `Object.prototype.toString.call(new Bag())`, "[object Bag]"},
		{"function properties", `[Bag.name, Bag.length, Bag.prototype.append.name, Bag.prototype.append.length].join()`, "Bag,0,append,2"},
		{"call without new", `try { Bag() } catch (e) { String(e) }`, "TypeError: Class constructor Bag cannot be invoked without 'new'"},
		{"wrong receiver", `try { Bag.prototype.get.call({}, "a") } catch (e) { String(e) }`, "TypeError: Failed to execute 'get' on 'Bag': Illegal invocation"},
		{"inherited receiver", `try { Object.create(new Bag()).get("a") } catch (e) { e.constructor.name }`, "TypeError"},
		{"proxy receiver", `try { new Proxy(new Bag(), {}).get("a") } catch (e) { e.constructor.name }`, "TypeError"},
		{"too few arguments", `try { new Bag().append("a") } catch (e) { e.message }`, "Failed to execute 'append' on 'Bag': 2 arguments required, but only 1 present."},
		{"thrown", `try { new Bag().append("", "") } catch (e) { String(e) }`, "TypeError: Failed to execute 'append' on 'Bag': Invalid name"},
		{"byte string", `try { new Bag().append("ł", "") } catch (e) { e instanceof TypeError }`, "true"},
		{"subclass", `class H extends Bag { #p = 1; y = 2; constructor() { super(); this.z = 3 } get(n) { return "sub" + super.get(n) + this.#p + this.y + this.z } }
			var h = new H(); h.append("a", "2"); h.get("a") + (h instanceof Bag) + (h instanceof H)`, "sub2123truetrue"},
		{"forged subclass", `class H extends Bag {}; var h = new H(), s = Object.getOwnPropertySymbols(h)[0], f = Object.create(H.prototype);
			Object.defineProperty(f, s, Object.getOwnPropertyDescriptor(h, s)); try { f.get("a") } catch (e) { e.constructor.name }`, "TypeError"},
		{"iteration", `var h = new Bag(); h.append("a","1"); h.append("b","2"); [...h].join("|") + [...h.keys()] + [...h.values()]`, "a,1|b,2a,b1,2"},
		{"forEach", `var h = new Bag(), s = ""; h.append("a","1"); h.forEach(function (v, k, o) { s += k + v + (o === h) + this.q }, {q: 9}); s`, "a1true9"},
		{"iterator", `var it = new Bag().entries(); Object.prototype.toString.call(it) + (it[Symbol.iterator]() === it)`, "[object Bag Iterator]true"},
		{"entries is @@iterator", `Bag.prototype.entries === Bag.prototype[Symbol.iterator]`, "true"},
		{"static", `Bag.of("q").label`, "q"},
		{"constant", `Bag.OPEN + new Bag().OPEN`, "2"},
		{"not enumerable", `Bag; Object.keys(globalThis).includes("Bag") + "" + Object.getOwnPropertyDescriptor(globalThis, "Bag").writable`, "falsetrue"},
		{"typeof unknown", `typeof Nope`, "undefined"},
		{"unknown", `try { Nope } catch (e) { String(e) }`, "ReferenceError: Nope is not defined"},
		{"replaced", `Bag = 5; Bag`, "5"},
		{"deleted", `Bag; delete globalThis.Bag; typeof Bag`, "undefined"},
		{"dom exception", `var e = new DOMException("m", "AbortError"); [e, e.code, e.name, e instanceof Error, DOMException.ABORT_ERR].join()`, "AbortError: m,20,AbortError,true,20"},
		{"dictionary order", `var s = ""; new Bag({get label() { s += "l"; return "" }, get fatal() { s += "f" }}); s`, "fl"},
		{"bad dictionary", `try { new Bag(1) } catch (e) { e.message }`, "Failed to construct 'Bag': The provided value is not of type 'BagInit'."},
	} {
		t.Run(c.name, func(t *testing.T) {
			js := newRealm()
			v, err := js.VM.RunString(c.js)
			if err != nil {
				t.Fatal(err)
			}
			if got := v.String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestPromiseOperation(t *testing.T) {
	js := newRealm()
	var out []string
	js.VM.Set("out", func(s string) { out = append(out, s) })
	_, err := js.VM.RunString(`
		var h = new Bag(); h.append("k", "v");
		h.later("k").then(out);
		Bag.prototype.later.call({}, "k").catch(e => out(e.message));
		(async () => { out("awaited " + await h.later("k")) })();`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(out, "; "), "v; Failed to execute 'later' on 'Bag': Illegal invocation; awaited v"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkOperation(b *testing.B) {
	js := newRealm()
	f, err := js.VM.RunString(`var h = new Bag(); h.append("a","1"); (function (n) { for (var i = 0; i < n; i++) h.get("a") })`)
	if err != nil {
		b.Fatal(err)
	}
	run, _ := goja.AssertFunction(f)
	b.ReportAllocs()
	b.ResetTimer()
	run(goja.Undefined(), js.VM.ToValue(b.N))
}

func BenchmarkAttribute(b *testing.B) {
	js := newRealm()
	f, _ := js.VM.RunString(`var h = new Bag(); (function (n) { for (var i = 0; i < n; i++) h.label })`)
	run, _ := goja.AssertFunction(f)
	b.ReportAllocs()
	b.ResetTimer()
	run(goja.Undefined(), js.VM.ToValue(b.N))
}

func BenchmarkConstruct(b *testing.B) {
	js := newRealm()
	f, _ := js.VM.RunString(`Bag; (function (n) { for (var i = 0; i < n; i++) new Bag() })`)
	run, _ := goja.AssertFunction(f)
	b.ReportAllocs()
	b.ResetTimer()
	run(goja.Undefined(), js.VM.ToValue(b.N))
}

func BenchmarkRealm(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newRealm()
	}
}

func BenchmarkBuildClass(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		bagClass.Bind(newRealm())
	}
}
