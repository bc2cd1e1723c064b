package ecma_test

import (
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

type thing struct{ webidl.Handle }

var thingClass = &webidl.Class[*thing]{
	Name:        "Thing",
	Constructor: webidl.New0(func(*webidl.Realm) (*thing, error) { return &thing{}, nil }),
	Members: []webidl.Member[*thing]{
		webidl.ReadOnly("kind", func(*thing, *webidl.Realm) (string, error) { return "thing", nil }),
	},
}

// TestOwnProperties is of the two kinds of objects whose own properties the engine does
// not know: platform objects and the global object.
func TestOwnProperties(t *testing.T) {
	for _, c := range []struct{ js, want string }{
		{`var o = new Thing(); Object.defineProperty(o, "x", {value: 1}); [o.x, Object.keys(o), JSON.stringify(Object.getOwnPropertyDescriptor(o, "x"))].join()`, `1,,{"value":1,"writable":false,"enumerable":false,"configurable":false}`},
		{`var o = new Thing(); Object.defineProperty(o, "x", {value: 1}); o.x = 2; o.x`, "1"},
		{`"use strict"; var o = new Thing(); Object.defineProperty(o, "x", {value: 1}); try { o.x = 2 } catch (e) { e.name }`, "TypeError"},
		{`"use strict"; var o = new Thing(); Object.defineProperty(o, "x", {value: 1}); try { delete o.x } catch (e) { e.name + o.x }`, "TypeError1"},
		{`var o = new Thing(); Object.defineProperty(o, "x", {value: 1}); try { Object.defineProperty(o, "x", {value: 2}) } catch (e) { e.name + o.x }`, "TypeError1"},
		{`var o = new Thing(); Object.defineProperty(o, "x", {value: 1}); Reflect.defineProperty(o, "x", {value: 2}) + "" + o.x`, "false1"},
		{`var o = new Thing(); Object.defineProperty(o, "x", {value: 1, configurable: true}); Object.defineProperty(o, "x", {enumerable: true}); delete o.x; o.x = 3; [o.x, Object.keys(o)].join()`, "3,x"},
		{`var o = new Thing(); Object.defineProperty(o, "x", {get() { return this.y + this.kind }, set(v) { this.y = v }}); o.x = 5; o.x + Object.keys(o)`, "5thingy"},
		{`var o = new Thing(); Object.defineProperty(o, "x", {get() { throw new RangeError("no") }}); try { o.x } catch (e) { String(e) }`, "RangeError: no"},
		{`var o = new Thing(); Object.defineProperty(o, "kind", {value: "mine"}); o.kind + new Thing().kind`, "minething"},
		{`var o = new Thing(); o.a = 1; o.b = 2; Object.defineProperty(o, "a", {enumerable: false}); o.a + Object.keys(o)`, "1b"},
		{`var o = new Thing(); o.a = 1; Object.defineProperty(o, "b", {value: 2, enumerable: true}); JSON.stringify({...o})`, `{"a":1,"b":2}`},
		{`var o = new Thing(); Object.defineProperties(o, {a: {value: 1, enumerable: true}, b: {get() { return 2 }}}) === o && o.a + "" + o.b + Object.keys(o)`, "12a"},
		{`var o = new Thing(); Object.defineProperty(o, "a", {value: 1, writable: true}); o.a = 2; o.a + Object.getOwnPropertyDescriptor(o, "a").value`, "4"},
		{`var o = new Thing(); try { Object.defineProperty(o, "x", {get() {}, value: 1}) } catch (e) { e.name + ("x" in o) }`, "TypeErrorfalse"},
		{`var o = new (class extends Thing {})(); Object.defineProperty(o, Symbol.iterator, {value: 1}); Object.defineProperty(o, "x", {value: 1}); o.x + o[Symbol.iterator]`, "2"},
		{`var o = Object.defineProperty({}, "x", {value: 1}); o.x + Object.keys(o)`, "1"},

		{`self.hasOwnProperty("late") + "" + Object.hasOwn(globalThis, "Thing") + globalThis.propertyIsEnumerable("late")`, "truetruetrue"},
		{`Object.getOwnPropertyDescriptor(globalThis, "late").value + "" + Object.hasOwn(globalThis, "never")`, "1false"},
		{`Object.getOwnPropertyNames(globalThis).includes("late")`, "true"},
		{`Reflect.ownKeys(globalThis).includes("late")`, "true"},
	} {
		globals := webidl.NewGlobals([]webidl.Global{webidl.Expose(thingClass), webidl.GlobalObject("self", func(js *webidl.Realm) goja.Value { return js.VM.GlobalObject() }),
			webidl.GlobalObject("late", func(js *webidl.Realm) goja.Value { return js.VM.ToValue(1) })})
		js := webidl.NewRealm(goja.New(), webidl.Options{Globals: globals})
		ecma.Install(js, nil)
		v, err := js.VM.RunString(c.js)
		if err != nil {
			t.Errorf("%s: %v", c.js, err)
		} else if v.String() != c.want {
			t.Errorf("%s: got %s, want %s", c.js, v, c.want)
		}
	}
}
