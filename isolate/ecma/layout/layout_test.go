package layout

import (
	"fmt"
	"slices"
	"testing"

	"github.com/dop251/goja"
	"github.com/dop251/goja/unistring"
)

// The engine that the module requires is the one that is known: a new one must not
// make all slow unnoticed.
func TestKnown(t *testing.T) {
	if known() == nil {
		t.Fatal("the engine keeps its objects otherwise than package layout thinks: compare the structures in layout.go with the engine's")
	}
}

// heaps are a heap as it should be and one of an engine that is not known.
func heaps(t *testing.T, test func(t *testing.T, h *Heap)) {
	t.Run("known", func(t *testing.T) { test(t, NewHeap(goja.New())) })
	t.Run("unknown", func(t *testing.T) { test(t, &Heap{VM: goja.New()}) })
}

// scripts are given make, which returns {a: 1, 3: "x", b: [], 1: 2.5} whenever it is
// called, and list, which returns an array of its arguments.
var scripts = []string{
	`Object.keys(make())`, `let o = make(); o.c = 4; [o, make()]`, `let o = make(); delete o.a; [o, make()]`, `let o = make(); delete o.b; o.b = 1; [o, make()]`,
	`let o = make(), seen = []; for (const k in o) { seen.push(k); delete o.b; o.z = 1 } [seen, o, make()]`,
	`let o = make(), seen = []; for (const k in o) for (const l in o) seen.push(k + l); seen`,
	`let o = make(); o.a = 5; [o, make()]`, `let o = Object.freeze(make()); o.a = 5; o.c = 1; [o, Object.isFrozen(o), Object.isFrozen(make())]`,
	`let o = Object.defineProperty(make(), "a", {get() { return 7 }}); [o, o.a, make()]`, `Object.getOwnPropertyDescriptors(make())`,
	`let o = make(); Object.setPrototypeOf(o, {z: 1}); [o.z, make().z, String(make())]`, `({...make(), q: 1})`, `let {a, ...rest} = make(); [a, rest]`,
	`Object.entries(make())`, `Object.assign(make(), make())`, `make() instanceof Object`, `let o = make(); o[Symbol.iterator] = 1; Object.getOwnPropertySymbols(o).length`,
	`let o = make(); for (let i = 0; i < 50; i++) o["k" + i] = i; for (let i = 0; i < 49; i++) delete o["k" + i]; [o, make()]`,
	`let o = make(); o.__proto__ = {y: 1}; [Object.keys(o), o.y]`, `class A { #x = 1; constructor(o) { return o } } class B extends A { #y = 2; static y(o) { return o.#y } }; B.y(new B(make()))`,
	`list()`, `list(1, 2, 3).length`, `let l = list(1, 2); l.push(3, 4, 5, 6); [l, l.length]`, `let l = list(1, 2, 3, 4, 5, 6); [l.pop(), l.shift(), l.splice(1, 2), l]`,
	`let l = list(1, 2); l.length = 1; [l, l.length]`, `let l = list(1); l[3] = 2; [l, l.length, 2 in l]`, `let l = list(1, 2); delete l[0]; [0 in l, l.length]`,
	`let l = list(1); l.x = 2; [Object.keys(l), Object.keys(list(1))]`, `Object.getOwnPropertyDescriptors(list(1))`, `Object.getOwnPropertyNames(list(1, 2))`,
	`let l = list(1); Object.defineProperty(l, "length", {writable: false}); try { "use strict"; l.push(1) } catch (e) { e.name } [l.length, list(1).push(2)]`,
	`Array.isArray(list(1)) && list(1) instanceof Array`, `list(3, 1, 2).sort()`, `list(1, 2, 3).map(x => x * 2).filter(x => x > 2)`, `[...list(1, 2), ...list()]`,
	`let l = list(1, 2, 3, 4, 5); l.reverse(); l.unshift(0); l.concat(list(9))`, `Object.isFrozen(Object.freeze(list(1)))`, `let l = list(1); l[1e9] = 1; [l.length, Object.keys(l)]`,
	`let l = list(1, 2); Object.defineProperty(l, 0, {get() { return 8 }}); [l, l.join()]`, `list(1, 2).hasOwnProperty("length")`, `let l = list(1, 2, 3); l.length = 0; l.push(4); l`,
}

func TestMadeBehavesAsTheEngines(t *testing.T) {
	heaps(t, func(t *testing.T, h *Heap) {
		var shape *Shape
		ours := map[string]any{
			"make": func(goja.FunctionCall) goja.Value {
				var o *goja.Object
				o, shape = h.Object([]unistring.String{"a", "3", "b", "1"}, []goja.Value{h.Int(1), h.CopyText("x"), h.Array(nil), h.Float(2.5)}, shape)
				return o
			},
			"list": func(c goja.FunctionCall) goja.Value { return h.Array(c.Arguments) },
		}
		for name, f := range ours {
			if err := h.VM.Set(name, f); err != nil {
				t.Fatal(err)
			}
		}
		engine := goja.New()
		if _, err := engine.RunString(`make = () => ({a: 1, 3: "x", b: [], 1: 2.5}); list = (...items) => items`); err != nil {
			t.Fatal(err)
		}
		for _, script := range scripts {
			code := "JSON.stringify(eval(" + fmt.Sprintf("%q", script) + "))"
			want, err := engine.RunString(code)
			if err != nil {
				t.Fatalf("%s: %v", script, err)
			}
			got, err := h.VM.RunString(code)
			if err != nil {
				t.Errorf("%s: %v", script, err)
			} else if got.String() != want.String() {
				t.Errorf("%s\ngot  %s\nwant %s", script, got, want)
			}
		}
	})
}

func TestObjectOfEqualNames(t *testing.T) {
	heaps(t, func(t *testing.T, h *Heap) {
		names := []unistring.String{"a", "b", "a"}
		o, shape := h.Object(names, []goja.Value{h.Int(1), h.Int(2), h.Int(3)}, nil)
		if again, _ := h.Object(names, []goja.Value{h.Int(1), h.Int(2), h.Int(3)}, shape); !slices.Equal(again.Keys(), o.Keys()) {
			t.Error(again.Keys())
		}
		if !slices.Equal(o.Keys(), []string{"a", "b"}) || o.Get("a").ToInteger() != 3 {
			t.Error(o.Keys(), o.Get("a"))
		}
	})
}

func TestValues(t *testing.T) {
	heaps(t, func(t *testing.T, h *Heap) {
		for _, n := range []int64{-1 << 53, -257, -256, -1, 0, 1, 255, 256, 1 << 53} {
			if v := h.Int(n); !v.StrictEquals(h.VM.ToValue(n)) || v.Export() != n {
				t.Errorf("%d: %v", n, v)
			}
		}
		if v := h.Float(0.1); v.Export() != 0.1 || v.String() != "0.1" {
			t.Error(v)
		}
		long := []byte("0123456789012345678901234567890123456789012345678901234567890123456789")
		for n := range len(long) {
			source := slices.Clone(long[:n])
			v := h.CopyText(string(source))
			if n > 0 {
				source[0] = 'x'
			}
			if s, ok := v.(goja.String); !ok || s.Length() != n || v.String() != string(long[:n]) || !v.StrictEquals(h.VM.ToValue(string(long[:n]))) {
				t.Errorf("%d: %v", n, v)
			}
		}
		for _, name := range []string{"", "abc", "é", "a😀b"} {
			if v := h.Name(unistring.NewFromString(name)); v.String() != name {
				t.Errorf("%q: %v", name, v)
			}
		}
	})
}

func TestRead(t *testing.T) {
	h := NewHeap(goja.New())
	for _, c := range []struct {
		js     string
		names  []unistring.String // nil: not read
		listed bool
	}{
		{`({a: 1, b: 2})`, []unistring.String{"a", "b"}, true}, {`({b: 1, 2: 1, 1: 1})`, []unistring.String{"1", "2", "b"}, true}, {`Object.create(null)`, []unistring.String{}, false},
		{`Object.defineProperty({}, "a", {value: 1})`, []unistring.String{"a"}, false}, {`new (class { x = 1 })()`, []unistring.String{"x"}, true},
		{`new Proxy({}, {})`, nil, false}, {`[]`, nil, false}, {`() => 1`, nil, false}, {`new Date()`, nil, false}, {`new Error()`, nil, false}, {`new Map()`, nil, false}, {`JSON.rawJSON("1")`, nil, false},
		{`(function () { return arguments })(1)`, nil, false}, {`new Number(1)`, nil, false},
	} {
		v, err := h.VM.RunString(c.js)
		if err != nil {
			t.Fatal(err)
		}
		names, properties, ok := h.Properties(v.(*goja.Object))
		if ok != (c.names != nil) || !slices.Equal(names, c.names) || len(properties) != len(names) {
			t.Errorf("%s: %v, %v", c.js, names, ok)
		}
		if listed, known := h.Listed(v.(*goja.Object)); ok && (!known || listed != c.listed) {
			t.Errorf("%s: listed %v, %v", c.js, listed, known)
		}
	}
	for js, want := range map[string]int{`[]`: 0, `[1, 2, 3]`: 3, `[1, , 3]`: -1, `Array(3)`: -1, `({})`: -1, `Object.defineProperty([1], 0, {get() {}})`: -1, `new Proxy([1], {})`: -1, `new Uint8Array(3)`: -1} {
		v, err := h.VM.RunString(js)
		if err != nil {
			t.Fatal(err)
		}
		values, ok := h.Elements(v.(*goja.Object))
		if ok != (want >= 0) || ok && len(values) != want {
			t.Errorf("%s: %v, %v", js, values, ok)
		}
	}
	for js, want := range map[string]Kind{`"abc"`: Text, `"é"`: Other, `1`: Int, `1.5`: Float, `NaN`: Float, `true`: Other, `null`: Other, `undefined`: Other, `({})`: Other, `1n`: Other, `Symbol()`: Other} {
		v, err := h.VM.RunString(js)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.KindOf(v); got != want {
			t.Errorf("%s: %d", js, got)
		}
	}
	if listed, ok := h.Listed(h.VM.NewObject().Prototype()); listed || !ok {
		t.Error("Object.prototype", listed, ok)
	}
	if _, err := h.VM.RunString(`Object.prototype.polluted = 1`); err != nil {
		t.Fatal(err)
	}
	if listed, ok := h.Listed(h.VM.NewObject().Prototype()); !listed || !ok {
		t.Error("Object.prototype with a property", listed, ok)
	}
}

func record7(h *Heap) ([]unistring.String, []goja.Value) {
	var values []goja.Value
	for i := range 7 {
		values = append(values, h.Int(int64(i)))
	}
	return []unistring.String{"id", "name", "price", "stock", "tags", "store", "note"}, values
}

func TestAllocations(t *testing.T) {
	h := NewHeap(goja.New())
	names, values := record7(h)
	_, shape := h.Object(names, values, nil)
	if n := testing.AllocsPerRun(100, func() { h.Object(names, values, shape) }); n > 3 {
		t.Errorf("an object takes %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { h.Array(values[:2]) }); n > 3 {
		t.Errorf("a short array takes %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { h.CopyText("some text") }); n > 1 {
		t.Errorf("a text takes %v allocations", n)
	}
}

func BenchmarkObject(b *testing.B) {
	h := NewHeap(goja.New())
	names, values := record7(h)
	_, shape := h.Object(names, values, nil)
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h.Object(names, values, shape)
		}
	})
	b.Run("engine", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h.slowly(names, values)
		}
	})
}

// TestFulfilledBehavesAsTheEngines compares promises with those of Promise.resolve. What
// scripts do with them is in out when all microtasks have run.
func TestFulfilledBehavesAsTheEngines(t *testing.T) {
	for _, script := range []string{
		`const p = fulfilled(1); p.then(x => out.push(x)); out.push(p instanceof Promise, p.constructor === Promise, String(p), Object.keys(p), Object.getOwnPropertyNames(p))`,
		`(async () => { out.push(await fulfilled("a")); out.push(await fulfilled(undefined)); try { await fulfilled(2); throw 3 } catch (e) { out.push(e) } })(); out.push("first")`,
		`const p = fulfilled({x: 1}); p.then(v => { v.x = 2; out.push("1") }); p.then(v => out.push(v)); Promise.resolve().then(() => out.push("between")); p.finally(() => out.push("last"))`,
		`const p = fulfilled(1); p.extra = 2; p.catch(() => out.push("never")).then(x => out.push(x, p.extra, Object.keys(p)))`,
		`out.push(Promise.resolve(fulfilled(1)) instanceof Promise); const p = fulfilled(1); out.push(Promise.resolve(p) === p)`,
		`Promise.all([fulfilled(1), fulfilled(2), 3]).then(l => out.push(l)); Promise.race([fulfilled("r"), fulfilled("s")]).then(x => out.push(x))`,
		`class P extends Promise {} P.resolve(fulfilled(4)).then(x => out.push(x)); const p = Object.freeze(fulfilled(5)); p.z = 1; p.then(x => out.push(x, p.z))`,
		`const p = fulfilled(1); p[Symbol.toStringTag] = "T"; p.then = (f) => f(9); (async () => out.push(String(p), await p))(); fulfilled(6).then(null, null).then(x => out.push(x))`,
		`const p = Object.setPrototypeOf(fulfilled(7), null); try { p.then } catch (e) { out.push(e.name) } Promise.prototype.then.call(p, x => out.push(x)); fulfilled(1).then(() => fulfilled(2)).then(x => out.push(x))`,
	} {
		results := [2]string{}
		for i := range results {
			vm := goja.New()
			if i == 0 {
				if _, err := vm.RunString(`fulfilled = (v) => Promise.resolve(v)`); err != nil {
					t.Fatal(err)
				}
			} else if err := vm.Set("fulfilled", func(c goja.FunctionCall) goja.Value { return NewHeap(vm).Fulfilled(c.Argument(0)) }); err != nil {
				t.Fatal(err)
			}
			if _, err := vm.RunString("const out = []; {" + script + "}"); err != nil {
				t.Fatalf("%s: %v", script, err)
			}
			v, err := vm.RunString("JSON.stringify(out)")
			if err != nil {
				t.Fatal(err)
			}
			results[i] = v.String()
		}
		if results[0] != results[1] || results[0] == "[]" {
			t.Errorf("%s\ngot  %s\nwant %s", script, results[1], results[0])
		}
	}
	if (&Heap{VM: goja.New()}).Fulfilled(goja.Undefined()) != nil {
		t.Error("a heap of an engine that is not known makes promises")
	}
}

type nothing struct{}

func (*nothing) Get(string) goja.Value       { return nil }
func (*nothing) Set(string, goja.Value) bool { return false }
func (*nothing) Has(string) bool             { return false }
func (*nothing) Delete(string) bool          { return true }
func (*nothing) Keys() []string              { return nil }

func TestDynamic(t *testing.T) {
	vm := goja.New()
	behind := &nothing{}
	o := vm.NewDynamicObject(behind)
	for name, e := range map[string]*engine{"known": known(), "unknown": nil} {
		if got := e.behind(o); got != behind {
			t.Errorf("%s: %v is behind the object", name, got)
		}
		if err := o.SetPrototype(nil); err != nil || e.behind(o) != behind {
			t.Errorf("%s: %v is behind the object without a prototype (%v)", name, e.behind(o), err)
		}
		for _, other := range []goja.Value{
			vm.NewObject(), vm.NewArray(), vm.ToValue(vm.NewProxy(o, &goja.ProxyTrapConfig{})), vm.CreateObject(o),
			vm.ToValue(func() {}), vm.GlobalObject(), vm.GlobalObject().Get("Object"), vm.GlobalObject().Get("Map"),
		} {
			if got := e.behind(other.(*goja.Object)); got != nil {
				t.Errorf("%s: %v is behind %v", name, got, other)
			}
		}
	}
}
