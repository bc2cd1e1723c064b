package ecma_test

import (
	"testing"

	"github.com/dop251/goja"
)

func TestGuards(t *testing.T) {
	const (
		text   = "RangeError: Invalid string length"
		array  = "RangeError: Invalid array length"
		buffer = "RangeError: Array buffer allocation failed"
		depth  = "RangeError: Maximum call stack size exceeded"
		bigint = "RangeError: Maximum BigInt size exceeded"
	)
	for _, c := range []struct{ js, want string }{
		{`"x".repeat(2 ** 40)`, text},
		{`"x".repeat({valueOf: () => 2 ** 40})`, text},
		{`"x".repeat("1e12")`, text},
		{`"x".repeat(-1)`, "RangeError: Invalid count value"},
		{`"x".padEnd(2 ** 40)`, text},
		{`"x".repeat(1e5).replaceAll("x", "y".repeat(1e5))`, text},
		{`"x".repeat(1e5).replaceAll("z", "y".repeat(1e5)).length`, "100000"},
		{`"x".repeat(2 ** 21).normalize()`, text},
		{`"x".repeat(2 ** 24).split("")`, array},
		{`"x".repeat(2 ** 24).split("", 2).join()`, "x,x"},
		{`String.raw({raw: {length: 2 ** 53 - 1}})`, text},
		{`Array(2 ** 30)`, array},
		{`new Array(2 ** 30)`, array},
		{`new (class extends Array {})(2 ** 30)`, array},
		{`Array(2 ** 32)`, array},
		{`[].indexOf.call({length: 2 ** 53 - 1}, 1)`, array},
		{`[].concat(Object.assign([], {length: 2 ** 30}))`, array},
		{`[1, 2, 3].join("x".repeat(2 ** 26))`, text},
		{`Array.from({length: 2 ** 30})`, array},
		{`new ArrayBuffer(2 ** 40)`, buffer},
		{`new Float64Array(2 ** 40)`, buffer},
		{`new Uint8Array({length: 1e10})`, "RangeError: Invalid typed array length: 10000000000"},
		{`Uint8Array(1)`, "TypeError: Constructor TypedArray requires 'new'"},
		{`Math.max.apply(null, {length: 1e8})`, depth},
		{`Reflect.construct(Array, {length: 1e8})`, depth},
		{`BigInt("9".repeat(1e6))`, bigint},
		{`BigInt.asUintN(2 ** 40, 1n)`, bigint},
		{`({toString: String.prototype.trim}) + ""`, depth},
		{`var o = {}; o.toString = String.bind(null, o); o + ""`, depth},
		{`var o = {}; Object.defineProperty(o, "length", {get: [].pop}); o.length`, depth},
		{`var a = []; for (var i = 0; i < 2000; i++) a = [a]; String(a)`, depth},
		{`JSON.stringify({}, Object.assign([], {length: 2 ** 30}))`, array},
		// What scripts can see of a guarded built-in is as before.
		{`"ab".repeat(3) + "x".padStart(3) + "a-b".replaceAll("-", "+") + "ab".split("")`, "ababab  xa+ba,b"},
		{`[3, 1, 2].sort().map(x => x * 2).join()`, "2,4,6"},
		{`Array(3).length + Array.of(7).length + Array("a")[0] + [...new Array(2)].length`, "4a2"},
		{`[].constructor === Array && [] instanceof Array && Array.isArray(Array(1)) && Array.prototype.constructor === Array`, "true"},
		{`class A extends Array {} var a = new A(1, 2, 3); (a.map(x => x) instanceof A) + String(a.slice(1)) + A.from([1]).constructor.name + A[Symbol.species].name`, "true2,3AA"},
		{`[1].map(x => x).constructor === Array && Array.from([1]).constructor === Array`, "true"},
		{`var u = new Uint8Array([1, 2, 3]); u.constructor === Uint8Array && u instanceof Uint8Array && u.subarray(1).constructor === Uint8Array && u.slice(1) instanceof Uint8Array`, "true"},
		{`class B extends Uint8Array {}; [new ArrayBuffer(1) instanceof ArrayBuffer, new Uint8Array(2) instanceof Uint8Array, new B(1) instanceof Uint8Array, new B(1) instanceof B, new Uint8Array(1) instanceof B, {} instanceof ArrayBuffer, new Uint8Array(3).buffer instanceof ArrayBuffer, new B(2).slice(1) instanceof B, Uint8Array.from([1]) instanceof Uint8Array].join()`, "true,true,true,true,false,false,true,true,true"},
		{`(1n instanceof BigInt) + "" + (Object(1n) instanceof BigInt) + (BigInt(1).constructor === BigInt)`, "falsetruetrue"},
		{`[Uint8Array.from("123"), Uint8Array.from("ab", c => c.charCodeAt(0)), Uint8Array.from(3), Float64Array.from([0.5]), Uint8Array.from({length: 1, 0: 7})].join("|") + Uint8Array.from.name + Uint8Array.from.length`, "1,2,3|97,98||0.5|7from1"},
		{`class B extends Uint8Array {} var b = new B(4); (b instanceof B) + "" + (b.subarray(1) instanceof B) + B.from([1, 2]).length`, "truetrue2"},
		{`[Uint16Array.from("\u00e9\u{1F600}\ud800z", c => c.codePointAt(0)), Float32Array.from("1 2", (c, i) => c * 2 + i), Uint8Array.from("")].join("|")`, "233,62976,55296,122|2,1,6|"},
		{`var a = [1, 2, , 4]; Uint8Array.from(a, (x, i) => { a.length = 0; return (x ?? 9) + i }).join()`, "1,3,11,7"},
		{`var a = [1, 2]; Object.defineProperty(a, 0, {get() { a.push(5); return 7 }}); Uint8Array.from(a).join()`, "7,2,5"},
		{`var out = []; try { Uint8Array.from([1, 2, 3], (x) => { out.push(x); if (x == 2) throw "t" }) } catch (e) { out.push(e) } out.join()`, "1,2,t"},
		{`var out = [], a = [1]; Object.defineProperty(a, 0, {get() { out.push("read") }}); try { Uint8Array.from(a, 5) } catch (e) { out.push(e.name) } out.join()`, "TypeError"},
		{`BigInt64Array.from("12", (c) => BigInt(c)).join() + Uint8Array.from("ab", function (c) { return this.n }, {n: 3}).join()`, "1,23,3"},
		{`class B extends Uint8Array { constructor(n) { super(n + 1) } } var b = B.from("ab", () => 1); [b instanceof B, b.join()].join()`, "true,1,1,0"},
		{`Uint8Array.from([1, 2]).join() + Uint8Array.of(3) + Uint8Array.name + Uint8Array.BYTES_PER_ELEMENT + Uint8Array.length`, "1,23Uint8Array13"},
		{`String(Object.getPrototypeOf(Uint8Array) === Object.getPrototypeOf(Int8Array))`, "true"},
		{`new BigInt64Array([1n]).join() + new Float32Array(new Uint8Array([5])).join() + new ArrayBuffer(8).slice(2).byteLength`, "156"},
		{`typeof BigInt + BigInt(3) + BigInt("0x10") + BigInt.asIntN(8, 255n) + (1n).constructor.name`, "function316-1BigInt"},
		{`new BigInt(1)`, "TypeError: BigInt is not a constructor"},
		{`"".repeat.name + "".repeat.length + [].indexOf.name + [].indexOf.length`, "repeat1indexOf1"},
		{`Object.keys(Object.getOwnPropertyDescriptor(Array.prototype, "map")).join() + Object.getOwnPropertyDescriptor(Array.prototype, "map").enumerable`, "value,writable,enumerable,configurablefalse"},
		{`var f = Math.max.bind(null, 3); f(2) + f.name + f.length + new (Date.bind(null, 0))().getTime()`, "3bound max10"},
		{`(function () { return this.x + arguments.length }).bind({x: 1}, 2)(3)`, "3"},
		{`var a = []; for (var i = 0; i < 1500; i++) a.push(1500 - i); a.push(undefined, "b"); a.sort(); a.slice(0, 3) + "|" + a.slice(-2)`, "1,10,100|b,"},
		{`var a = []; for (var i = 0; i < 1001; i++) a.push("é" + i); a.toSorted()[1]`, "é1"},
	} {
		js := newRealm()
		js.VM.Set("code", c.js)
		v, err := js.VM.RunString(`try { String((0, eval)(code)) } catch (e) { String(e) }`)
		if err != nil {
			t.Errorf("%s: %v", c.js, err)
		} else if v.String() != c.want {
			t.Errorf("%s: got %.100s, want %s", c.js, v, c.want)
		}
	}
}

func BenchmarkGuard(b *testing.B) {
	for _, c := range []struct {
		name     string
		mentions func(string) bool
	}{{"plain", func(string) bool { return false }}, {"guarded", nil}} {
		for _, js := range []string{`"ab".repeat(3)`, `a.indexOf(2)`, `a.join(",")`, `new Uint8Array(8)`, `"ab".slice(1)`, `Math.max.apply(null, a)`, `a.slice(1)`, `new Array(3)`} {
			b.Run(c.name+"/"+js, func(b *testing.B) {
				r := newRealmFor(c.mentions)
				v, err := r.VM.RunString(`(n) => { const a = [1, 2, 3]; let s; for (let i = 0; i < n; i++) s = ` + js + ` }`)
				if err != nil {
					b.Fatal(err)
				}
				f, _ := goja.AssertFunction(v)
				b.ReportAllocs()
				if _, err := f(goja.Undefined(), r.VM.ToValue(b.N)); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}
