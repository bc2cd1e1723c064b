package ecma_test

import (
	"testing"

	"github.com/dop251/goja"
)

// TestArrayFromBytes compares what is faster than the engine's with the engine's.
func TestArrayFromBytes(t *testing.T) {
	for _, js := range []string{
		`Array.from(new Uint8Array([1, 2, 255]))`, `Array.from(new Uint8Array(0))`, `Array.from(new Uint8Array([7, 8, 9]).subarray(1))`, `Array.from(new Uint8ClampedArray([1, 300]))`, `Array.from(new Int8Array([-1]))`,
		`Array.from(new Uint8Array([0, 10, 255]), b => b.toString(16).padStart(2, "0")).join("")`, `Array.from(new Uint8Array([5, 6]), (v, i) => v * 10 + i)`, `Array.from(new Uint8Array([5, 6]), String)`,
		`Array.from(new Uint8Array([5, 6]), function (v) { return this.n + v }, {n: 100})`, `Array.from(new Uint8Array([5, 6]), function () { return arguments.length })`, `Array.from(new Uint8Array([5]), function () {})`,
		`var kept = []; Array.from(new Uint8Array([5, 6]), function () { kept.push(arguments) }); kept.map(a => a[0] + "/" + a[1])`, `Array.from(new Uint8Array([5, 6]), parseInt)`, `Array.from(new Uint8Array([5, 6]), Math.max.bind(null, 6))`,
		`try { Array.from(new Uint8Array([5]), 1) } catch (e) { e.name }`, `try { Array.from(new Uint8Array([5]), null) } catch (e) { e.name }`, `try { Array.from(new Uint8Array([5]), () => { throw "x" }) } catch (e) { e }`,
		`Array.from(new Uint8Array([5]), new Proxy(x => x + 1, {}))`, `try { Array.from(new Uint8Array([5]), class {}) } catch (e) { e.name }`,
		`var u = new Uint8Array([1, 2, 3]); Array.from(u, (v, i) => { u[2] = 9; return v })`, `class A extends Array {} A.from(new Uint8Array([1])) instanceof A`, `Array.from.call(Object, new Uint8Array([1, 2])).length`,
		`var u = new Uint8Array([1, 2]); u[Symbol.iterator] = function* () { yield "own" }; Array.from(u)`, `var a = Array.from(new Uint8Array([1])); a.push(2); a[0] = 3; a.length = 3; a`,
		`var p = Object.getPrototypeOf([][Symbol.iterator]()), next = p.next; p.next = () => ({done: true}); var r = Array.from(new Uint8Array([1])); p.next = next; r`,
		`var p = Object.getPrototypeOf(Uint8Array.prototype), i = p[Symbol.iterator]; p[Symbol.iterator] = function () { return ["other"][Symbol.iterator]() }; var r = Array.from(new Uint8Array([1])); p[Symbol.iterator] = i; r`,
		`class B extends Uint8Array {} Array.from(new B([3, 4]))`,
		`Object.defineProperty(Array.prototype, 0, {set() { throw "set" }, configurable: true}); var r = Array.from(new Uint8Array([1])); delete Array.prototype[0]; r`,
	} {
		asTheEngine(t, "", js)
	}
	// In which the engine is wrong.
	for js, want := range map[string]string{
		`var u = new Uint8Array([1, 2]); try { Array.from(u, v => u.buffer.transfer()) } catch (e) { e.name }`: "TypeError",
		`var u = new Uint8Array([1, 2]); Object.defineProperty(u, "length", {value: 1}); Array.from(u).join()`: "1,2",
	} {
		if v, err := newRealm().VM.RunString(js); err != nil || v.String() != want {
			t.Errorf("%s: %v, %v; want %s", js, v, err, want)
		}
	}
}

func BenchmarkArrayFromBytes(b *testing.B) {
	for name, vm := range map[string]*goja.Runtime{"engine": goja.New(), "native": newRealm().VM} {
		b.Run(name, func(b *testing.B) {
			v, err := vm.RunString(`var u = new Uint8Array(32).fill(10); () => Array.from(u, b => b.toString(16).padStart(2, "0")).join("")`)
			if err != nil {
				b.Fatal(err)
			}
			f, _ := goja.AssertFunction(v)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f(goja.Undefined()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
