package webidl_test

import (
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// TestInterfaceObjectFillsItself makes each kind of operation the first that an
// interface object meets: it must have its properties by then.
func TestInterfaceObjectFillsItself(t *testing.T) {
	globals := webidl.NewGlobals([]webidl.Global{webidl.Expose(bagClass)})
	for _, c := range []struct{ js, want string }{
		{`Bag.name`, "Bag"},
		{`Bag.length`, "0"},
		{`Bag.OPEN`, "1"},
		{`typeof Bag.prototype.append`, "function"},
		{`String(Bag.nothing)`, "undefined"},
		{`"OPEN" in Bag`, "true"},
		{`Symbol.hasInstance in Bag`, "true"},
		{`"nothing" in Bag`, "false"},
		{`Object.prototype.hasOwnProperty.call(Bag, "prototype")`, "true"},
		{`JSON.stringify(Object.getOwnPropertyDescriptor(Bag, "name"))`, `{"value":"Bag","writable":false,"enumerable":false,"configurable":true}`},
		{`typeof Object.getOwnPropertyDescriptor(Bag, Symbol.hasInstance).value`, "function"},
		{`String(Object.getOwnPropertyDescriptor(Bag, "nothing"))`, "undefined"},
		{`Object.getOwnPropertyNames(Bag).sort().join()`, "OPEN,length,name,of,prototype"},
		{`Reflect.ownKeys(Bag).length > 4`, "true"},
		{`Object.getPrototypeOf(Bag) === Function.prototype`, "true"},
		{`Object.setPrototypeOf(Bag, null); String(Object.getPrototypeOf(Bag))`, "null"},
		{`Object.preventExtensions(Bag); Bag.name + Object.isExtensible(Bag)`, "Bagfalse"},
		{`Bag.extra = 1; Object.keys(Bag).join()`, "OPEN,of,extra"},
		{`var s = Symbol(); Bag[s] = 2; Bag[s] + Bag.name`, "2Bag"},
		{`try { "use strict"; Bag.name = "Sack" } catch {} Bag.name`, "Bag"},
		{`delete Bag.name; Bag.hasOwnProperty("name")`, "false"},
		{`delete Bag[Symbol.hasInstance]; Bag.name`, "Bag"},
		{`Object.defineProperty(Bag, "name", {value: "Sack"}); JSON.stringify(Object.getOwnPropertyDescriptor(Bag, "name"))`, `{"value":"Sack","writable":false,"enumerable":false,"configurable":true}`},
		{`Object.defineProperty(Bag, "size", {get() { return 3 }, enumerable: true}); Bag.size`, "3"},
		{`Object.defineProperty(Bag, Symbol.species, {value: 4}); Bag[Symbol.species]`, "4"},
		{`new Bag() instanceof Bag`, "true"},
		{`({}) instanceof Bag`, "false"},
		{`new Bag().constructor === Bag`, "true"},
		{`class Sack extends Bag {}; Sack.OPEN + Sack.name + (new Sack() instanceof Bag)`, "1Sacktrue"},
		{`Reflect.construct(Bag, [], Object) instanceof Bag`, "false"},
		{`try { Bag() } catch (e) { e.message }`, "Class constructor Bag cannot be invoked without 'new'"},
		{`Bag.name; try { Bag() } catch (e) { e.message }`, "Class constructor Bag cannot be invoked without 'new'"},
	} {
		js := webidl.NewRealm(goja.New(), webidl.Options{Globals: globals})
		js.TagsWait()
		v, err := js.VM.RunString(c.js)
		if err != nil {
			t.Errorf("%s: %v", c.js, err)
		} else if got := v.String(); got != c.want {
			t.Errorf("%s = %s, want %s", c.js, got, c.want)
		}
	}
}

// TestTags reads what an object is called as a string, tags waiting or not.
func TestTags(t *testing.T) {
	globals := webidl.NewGlobals([]webidl.Global{webidl.Expose(bagClass)})
	for _, c := range []struct {
		js   string
		wait bool
		want string
	}{
		{`"" + new Bag()`, true, "[object Bag]"},
		{"`${new Bag()}`", true, "[object Bag]"},
		{`new Bag().toString()`, true, "[object Bag]"},
		{`[new Bag()].join()`, true, "[object Bag]"},
		{`Bag.prototype[Symbol.toStringTag]`, true, "Bag"},
		{`Object.prototype.toString.call(new Bag())`, false, "[object Bag]"},
		{`new Bag()[Symbol.toStringTag]`, false, "Bag"},
	} {
		js := webidl.NewRealm(goja.New(), webidl.Options{Globals: globals})
		if c.wait {
			js.TagsWait()
		}
		v, err := js.VM.RunString(c.js)
		if err != nil {
			t.Errorf("%s: %v", c.js, err)
		} else if got := v.String(); got != c.want {
			t.Errorf("%s = %s, want %s", c.js, got, c.want)
		}
	}
}
