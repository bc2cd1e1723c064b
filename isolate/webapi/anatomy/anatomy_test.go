package anatomy_test

import (
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/anatomy"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func TestKindOf(t *testing.T) {
	js := webidl.NewRealm(goja.New(), webidl.Options{Globals: webidl.NewGlobals([]webidl.Global{webidl.Expose(webidl.DOMException)})})
	for code, want := range map[string]anatomy.Kind{
		`({})`: anatomy.Ordinary, `Object.create(null)`: anatomy.Ordinary, `new WeakMap()`: anatomy.Ordinary, `[].values()`: anatomy.Ordinary,
		`[]`: anatomy.Array, `Object.assign([], {length: 1e9})`: anatomy.Array, `(function () { return arguments })()`: anatomy.Arguments,
		`new (class extends Array {})()`: anatomy.Array,
		`(() => {})`:                     anatomy.Function, `(async () => {})`: anatomy.Function, `(class {})`: anatomy.Function, `(function* () {})`: anatomy.Function,
		`new TypeError()`: anatomy.Error, `new (class E extends Error {})()`: anatomy.Error,
		`Object(true)`: anatomy.Boolean, `Object(1)`: anatomy.Number, `Object("")`: anatomy.String, `Object(Symbol())`: anatomy.Symbol, `Object(1n)`: anatomy.BigInt,
		`new Date()`: anatomy.Date, `new Date(NaN)`: anatomy.Date, `/x/`: anatomy.RegExp, `new Map()`: anatomy.Map, `new Set()`: anatomy.Set,
		`Object.setPrototypeOf(new Map(), null)`: anatomy.Map,
		`Promise.resolve()`:                      anatomy.Promise, `new Proxy([], {})`: anatomy.Proxy, `new Proxy(() => {}, {})`: anatomy.Proxy,
		`new ArrayBuffer(1)`: anatomy.ArrayBuffer, `new Uint8Array(1)`: anatomy.TypedArray, `new BigInt64Array(1)`: anatomy.TypedArray,
		`new DataView(new ArrayBuffer(1))`: anatomy.DataView, `new DOMException()`: anatomy.Platform, `new (class extends DOMException {})()`: anatomy.Platform,
	} {
		v, err := js.VM.RunString(code)
		if err != nil {
			t.Fatalf("%s: %v", code, err)
		}
		if got := anatomy.KindOf(js, v.(*goja.Object)); got != want {
			t.Errorf("%s: got %d, want %d", code, got, want)
		}
	}
}

func TestNoScriptRuns(t *testing.T) {
	js := webidl.NewRealm(goja.New(), webidl.Options{})
	v, err := js.VM.RunString(`var ran = 0; ({get a() { ran++ }, b: 1, __proto__: {get c() { ran++ }, d: 2}})`)
	if err != nil {
		t.Fatal(err)
	}
	o := v.(*goja.Object)
	if p, ok := anatomy.OwnName(js, o, "a"); !ok || !p.Getter || p.Setter || p.Value != nil {
		t.Errorf("a: %+v", p)
	}
	if p, _ := anatomy.OwnName(js, o, "b"); p.Value.ToInteger() != 1 || !p.Enumerable {
		t.Errorf("b: %+v", p)
	}
	if v := anatomy.Data(js, o, "c"); v != nil {
		t.Errorf("c: %v", v)
	}
	if v := anatomy.Data(js, o, "d"); v.ToInteger() != 2 {
		t.Errorf("d: %v", v)
	}
	if ran := js.VM.Get("ran").ToInteger(); ran != 0 {
		t.Errorf("%d getters ran", ran)
	}
}
