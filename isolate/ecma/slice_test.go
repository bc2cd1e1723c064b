package ecma_test

import (
	"testing"

	"github.com/dop251/goja"
)

// TestArrayCopies compares what is faster than the engine's with the engine's.
func TestArrayCopies(t *testing.T) {
	for _, js := range []string{
		`[1, 2, 3].slice()`, `[1, 2, 3].slice(1)`, `[1, 2, 3].slice(-2, -1)`, `[1, 2, 3].slice(2, 1)`, `[1, 2, 3].slice(NaN, Infinity)`, `[1, 2, 3].slice(-Infinity, 2.9)`, `[1, 2, 3].slice(5)`, `[1, 2, 3].slice(-1e300, 1e300)`,
		`[1, 2, 3].slice(undefined, undefined)`, `[1, 2, 3].slice("1", null)`, `[1, 2, 3].slice({valueOf() { return 1 }})`, `[1, , 3, ,].slice(0, 3)`, `[, ,].slice()`, `[undefined, null].slice()`,
		`var a = [1, 2, 3]; a.slice({valueOf() { a.length = 1; return 0 }})`, `class A extends Array {} A.of(1, 2).slice(1) instanceof A`,
		`var a = [1, 2]; a.constructor = undefined; a.slice()`, `var a = [1, 2]; a.constructor = {[Symbol.species]: function (n) { this.n = n }}; JSON.stringify(a.slice())`,
		`var a = [1, 2]; a.constructor = 5; try { a.slice() } catch (e) { e.name }`, `var a = [1, 2]; var b = a.slice(); b.push(3); b[0] = 9; a + "|" + b`, `var a = [1, 2, 3]; a.pop(); a.slice()`, `var a = [1, 2, 3]; a.length = 1; a.slice()`,
		`var a = [1, 2]; Object.defineProperty(a, 0, {get() { return "g" }}); a.slice()`, `Object.isFrozen(Object.freeze([1]).slice())`, `[].slice.call("abc", 1)`, `[].slice.call({length: 2, 0: 1, 1: 2})`, `"abc".match(/b/).slice()`,
		`Array.prototype[1] = "p"; var r = [1, , 3].slice(); delete Array.prototype[1]; [r, 1 in r, r.hasOwnProperty(1)].join("|")`,
		`[].slice.call(new Proxy([1, 2], {}), 1)`, `[1].slice.length + [1].slice.name + [1].concat.length + [1].concat.name`, `var a = []; a[1e6] = 1; a.slice(-1)`,
		`Object.defineProperty(Array, Symbol.species, {value: function () { return {made: 1} }, configurable: true}); var r = [1].slice(); delete Array[Symbol.species]; JSON.stringify(r)`,
		`Array.prototype.constructor = Object; var r = [1].slice(); Array.prototype.constructor = Array; Array.isArray(r)`, `Object.setPrototypeOf([1, 2], null).constructor + [].slice.call(Object.setPrototypeOf([1, 2], null))`,
		`[1].concat([2, 3], 4, [[5]])`, `[1].concat()`, `[, 1].concat([, 2])`, `[1].concat("ab", null, undefined, {}, new String("x"))`, `[1].concat({length: 2, 0: "a", [Symbol.isConcatSpreadable]: true})`,
		`var b = [2]; b[Symbol.isConcatSpreadable] = false; [1].concat(b).length`, `var a = [1]; a[Symbol.isConcatSpreadable] = false; a.concat(2).length`, `var a = [1]; a.concat(a, a)`,
		`[1].concat(new Proxy([2, 3], {}))`, `class A extends Array {} (A.of(1).concat([2]) instanceof A) + "" + [1].concat(A.of(2))`, `[].concat.call(5, 6).length`,
		`Array.prototype[Symbol.isConcatSpreadable] = false; var r = [1].concat([2]).length; delete Array.prototype[Symbol.isConcatSpreadable]; r`, `[1].concat(new Uint8Array(2)).length`,
		`var a = many(); [a.shift(), a.shift(), a, a.length, 38 in a, 39 in a].join("|")`, `var a = many(); a[3] = undefined; delete a[5]; a.shift(); [a, 4 in a].join()`, `var a = many(), l = []; while (a.length) l.push(a.shift()); l`,
		`var a = many(); for (var i = 0; i < 100; i++) { a.push(i); a.shift() } a`, `var a = Object.freeze(many()); try { a.shift() } catch (e) { e.name }`, `var a = Object.preventExtensions(many()); a.shift() + "|" + a`,
		`var a = many(); Object.defineProperty(a, "length", {writable: false}); try { a.shift() } catch (e) { e.name + a.length + a[1] + (39 in a) }`, `var a = many(); a.x = 1; a.shift() + a + a.x`, `class A extends Array {} var a = A.from(many()); a.shift() + "|" + a`,
		`var a = many(); [a.unshift(), a.unshift("x"), a.unshift("y", "z"), a, a.length].join("|")`, `var a = many(); a.unshift(...many()); a`, `var a = Object.preventExtensions(many()); try { a.unshift(1) } catch (e) { e.name + a.length }`,
		`var a = many(), n = 0; Object.defineProperty(Array.prototype, 40, {get() { return n }, set(v) { n = v }, configurable: true}); try { a.unshift("x") } catch (e) { e } delete Array.prototype[40]; [a, n].join("|")`,
		`var a = many(); a.shift(); a.unshift("x"); a.sort().length + [a.indexOf("x"), a.slice(2, 4), a.concat(1).length, a.reverse()].join("|")`,
	} {
		asTheEngine(t, `var many = () => Array.from({length: 40}, (v, i) => i);`, js)
	}
}

// asTheEngine evaluates js, after a prelude, in a realm and in the bare engine, and
// compares what comes of it.
func asTheEngine(t *testing.T, prelude, js string) {
	t.Helper()
	run := func(vm *goja.Runtime) string {
		vm.Set("code", js)
		v, err := vm.RunString(prelude + `(r => Array.isArray(r) ? JSON.stringify([r.length, Object.keys(r), r]) : String(r))((0, eval)(code))`)
		if err != nil {
			return err.Error()
		}
		return v.String()
	}
	if got, want := run(newRealm().VM), run(goja.New()); got != want {
		t.Errorf("%s: got %s, want %s", js, got, want)
	}
}
