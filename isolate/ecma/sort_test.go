package ecma_test

import (
	"testing"

	"github.com/dop251/goja"
)

func TestSort(t *testing.T) {
	for _, c := range []struct{ js, want string }{
		{`[3, 1, 2].sort().join()`, "1,2,3"},
		{`[3, 1, 2].sort((a, b) => b - a).join()`, "3,2,1"},
		{`[10, 9, 1, -1, "b", null, true, 1.5].sort().join()`, "-1,1,1.5,10,9,b,,true"},
		{`[undefined, 3, , undefined, 1].sort().map(String).join() + [undefined, 3, , 1].sort().length + (3 in [undefined, 3, , 1].sort())`, "1,3,undefined,undefined,4false"},
		{`var seen = 0; [undefined, 1, undefined].sort((a, b) => { if (a === undefined || b === undefined) seen++; return 0 }); seen`, "0"},
		{`var a = []; for (var i = 0; i < 100; i++) a.push({k: i % 3, i}); a.sort((x, y) => x.k - y.k).every((x, n) => !n || a[n - 1].k < x.k || a[n - 1].i < x.i)`, "true"},
		{`var a = []; for (var i = 0; i < 500; i++) a.push(i * 7919 % 1009); a.sort((x, y) => x - y).every((x, n) => !n || a[n - 1] <= x)`, "true"},
		{`var n = 0, a = []; for (var i = 0; i < 256; i++) a.push(i * 7919 % 1009); a.sort((x, y) => { n++; return x - y }); n < 256 * 8`, "true"},
		{`[1, 2, 3].sort(() => -0).join() + [1, 2, 3].sort(() => NaN).join() + [1, 2, 3].sort(() => undefined).join() + [2, 1].sort((a, b) => String(a - b)).join() + [2, 1].sort((a, b) => ({valueOf: () => a - b})).join()`, "1,2,31,2,31,2,31,21,2"},
		{`var a = [3, 2, 1]; try { a.sort((x, y) => { if (x == 2 || y == 2) throw new RangeError("r"); return x - y }) } catch (e) { e.name + a }`, "RangeError3,2,1"},
		{`try { [2, 1].sort((a, b) => 1n) } catch (e) { e.name }`, "TypeError"},
		{`try { [2, 1].sort(5) } catch (e) { e.name }`, "TypeError"}, {`try { [2, 1].sort(null) } catch (e) { e.name }`, "TypeError"},
		{`try { Object.freeze([2, 1]).sort() } catch (e) { e.name }`, "TypeError"},
		{`var a = [2, 1]; (a.sort() === a) + "" + (a.toSorted() === a)`, "truefalse"},
		{`var n = 0, o = s => ({toString() { n++; return s }}); var a = [o("b"), o("a")]; a.sort(); n + "" + a`, "2a,b"},
		{`try { [Symbol("a"), 1].sort() } catch (e) { e.name }`, "TypeError"},
		{`["\u{10000}", "\uffff", "é", "a"].sort().map(c => c.codePointAt(0).toString(16)).join()`, "61,e9,10000,ffff"},
		{`var o = {length: 3, 0: "b", 2: "a"}; Array.prototype.sort.call(o); JSON.stringify(o)`, `{"0":"a","1":"b","length":3}`},
		{`var log = []; var p = new Proxy([2, 1], {set(t, k, v) { log.push(k); t[k] = v; return true }}); p.sort(); log.join() + p`, "0,11,2"},
		{`class A extends Array {} var a = A.of(2, 1).sort(), b = A.of(2, 1).toSorted(); a.constructor.name + b.constructor.name + a + b`, "AArray1,21,2"},
		{`[3, , 1].toSorted().map(String).join() + Object.keys([3, , 1].toSorted())`, "1,3,undefined0,1,2"},
		{`var a = [3, 2, 1]; a.sort((x, y) => { a.length = 0; return x - y }); a.join()`, "1,2,3"},
		{`var a = [2, 1]; Object.defineProperty(a, 0, {get() { return 5 }, set(v) { this.put = v }, configurable: true}); a.sort(); a.put + ":" + a[1]`, "1:5"},
		{`[].sort.name + [].sort.length + [].toSorted.name + [].toSorted.length`, "sort1toSorted1"},
		{`[2, 1].sort(Function.prototype.call.bind((a, b) => 0)).join() + [2, 10, 1].sort(new Proxy((a, b) => a - b, {})).join()`, "2,11,2,10"},
	} {
		js := newRealm()
		v, err := js.VM.RunString(c.js)
		if err != nil {
			t.Errorf("%s: %v", c.js, err)
		} else if v.String() != c.want {
			t.Errorf("%s: got %.100s, want %s", c.js, v, c.want)
		}
	}
}

func BenchmarkSort(b *testing.B) {
	for _, c := range []struct{ name, js string }{
		{"numbers", `(n) => { const a = []; for (let i = 0; i < 250; i++) a.push(i * 7919 % 1009); for (let i = 0; i < n; i++) a.slice().sort((x, y) => x - y) }`},
		{"sorted", `(n) => { const a = []; for (let i = 0; i < 250; i++) a.push(i); for (let i = 0; i < n; i++) a.slice().sort((x, y) => x - y) }`},
		{"texts", `(n) => { const a = []; for (let i = 0; i < 250; i++) a.push("k" + i * 7919 % 1009); for (let i = 0; i < n; i++) a.slice().sort() }`},
	} {
		b.Run(c.name, func(b *testing.B) {
			js := newRealm()
			v, err := js.VM.RunString(c.js)
			if err != nil {
				b.Fatal(err)
			}
			f, _ := goja.AssertFunction(v)
			b.ReportAllocs()
			if _, err := f(goja.Undefined(), js.VM.ToValue(b.N)); err != nil {
				b.Fatal(err)
			}
		})
	}
}
