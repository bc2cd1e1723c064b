package json_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/json"
	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
)

func stringify(t testing.TB, vm *goja.Runtime, v goja.Value, o json.Options) (string, bool, error) {
	t.Helper()
	var text []byte
	var ok bool
	var err error
	if ex := vm.Try(func() { text, ok, err = json.Stringify(layout.NewHeap(vm), nil, v, o) }); ex != nil {
		err = ex
	}
	return string(text), ok, err
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"a":1,"b":[true,false,null],"c":{"d":"e"}}`, `{"a":1,"b":[true,false,null],"c":{"d":"e"}}`},
		{" [ ] ", `[]`}, {`{}`, `{}`}, {"\t1\n", `1`}, {`-0`, `0`}, {`1e400`, `null`}, {`-1e400`, `null`}, {`1.5e3`, `1500`},
		{`123456789012345678901234567890`, `1.2345678901234568e+29`}, {`0.1`, `0.1`}, {`1E+2`, `100`}, {`999999999999999`, `999999999999999`},
		{`"\u0041\n\t\"\\\/"`, `"A\n\t\"\\/"`}, {`"\ud83d\ude00"`, `"😀"`}, {`"\ud83d"`, `"\ud83d"`}, {`"\ude00\ud83d"`, `"\ude00\ud83d"`},
		{`"é😀"`, `"é😀"`}, {`{"a":1,"a":2}`, `{"a":2}`}, {`{"__proto__":1}`, `{"__proto__":1}`}, {`{"2":0,"1":0}`, `{"1":0,"2":0}`},
		{`"` + strings.Repeat("x", 100) + `"`, `"` + strings.Repeat("x", 100) + `"`}, {"\"\u2028\"", "\"\u2028\""},
	} {
		vm := goja.New()
		v, err := json.Parse(layout.NewHeap(vm), c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got, _, _ := stringify(t, vm, v, json.Options{}); got != c.want {
			t.Errorf("%s: got %s, want %s", c.text, got, c.want)
		}
	}
}

// TestParseDecimals has numbers that are read as a quotient, and some that cannot be.
func TestParseDecimals(t *testing.T) {
	h, r := layout.NewHeap(goja.New()), rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		text := strconv.FormatUint(r.Uint64N(uint64(math.Pow10(1+r.IntN(17)))), 10)
		if places := r.IntN(18); places > 0 {
			text += fmt.Sprintf(".%0*d", places, r.Uint64N(uint64(math.Pow10(places))))
		}
		if r.IntN(2) == 0 {
			text = "-" + text
		}
		want, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		v, err := json.Parse(h, text)
		if err != nil || v.ToFloat() != want || math.Signbit(v.ToFloat()) != math.Signbit(want) {
			t.Fatalf("%s: %v, %v", text, v, err)
		}
	}
}

// TestParseNames has objects whose names are and are not what came before.
func TestParseNames(t *testing.T) {
	many := strings.Builder{}
	for i := range 5000 {
		fmt.Fprintf(&many, `{"k%d":{"a":%d,"l%d":1}},`, i, i, i)
	}
	for _, text := range []string{
		`[{"a":1,"b":2},{"a":3,"b":4},{"b":5,"a":6},{"a":7,"c":8},{"a":9,"b":10}]`,
		`[{"a":{"x":1,"y":2},"b":{"x":3}},{"a":{"x":4,"y":5},"b":{"x":6}},{"a":[{"x":7},{"y":8}],"b":{}}]`,
		`[{"ab":1,"abc":2},{"ab":1,"ab":3,"abc":4},{"abc":5},{"a":6,"":7},{"":8,"a":9}]`,
		`[{"é":1,"q\"":2,"n\n":3},{"é":1,"q\"":2,"n\n":3},{"\u00e9":4,"q\u0022":5},{"a\u0062":1,"c":2},{"ab":1,"c":2}]`,
		`{"a":{"a":{"a":{"b":1}}},"b":{"a":2}}`,
		`[` + strings.TrimSuffix(strings.Repeat(`{"word":"same","other":"same","long":"`+strings.Repeat("x", 30)+`","e":""},`, 40), ",") + `]`,
		`[` + many.String() + `0]`,
	} {
		vm := goja.New()
		v, err := json.Parse(layout.NewHeap(vm), text)
		if err != nil {
			t.Errorf("%.80s: %v", text, err)
			continue
		}
		engine, _ := goja.AssertFunction(vm.GlobalObject().Get("JSON").(*goja.Object).Get("parse"))
		want, err := engine(goja.Undefined(), vm.ToValue(text))
		if err != nil {
			t.Fatal(err)
		}
		show, _ := goja.AssertFunction(vm.GlobalObject().Get("JSON").(*goja.Object).Get("stringify"))
		got, _ := show(goja.Undefined(), v)
		expected, _ := show(goja.Undefined(), want)
		if got.String() != expected.String() {
			t.Errorf("%.80s\ngot  %.300s\nwant %.300s", text, got, expected)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{``, `Unexpected end of JSON input`}, {`{`, `Expected double-quoted property name in JSON at position 1`}, {`[1,]`, `Unexpected token ']', "[1,]" is not valid JSON`},
		{`{"a":1,}`, `Expected double-quoted property name in JSON at position 7`}, {`{"a" 1}`, `Expected ':' after property name in JSON at position 5`},
		{`{"a":1 "b":2}`, `Expected ',' or '}' after property value in JSON at position 7`}, {`[1 2]`, `Expected ',' or ']' after array element in JSON at position 3`},
		{`nul`, `Unexpected token 'n', "nul" is not valid JSON`}, {`01`, `Unexpected non-whitespace character after JSON at position 1`}, {`-`, `No number after minus sign in JSON at position 1`},
		{`1.`, `Unterminated fractional number in JSON at position 2`}, {`1e`, `Exponent part is missing a number in JSON at position 2`}, {`.5`, `Unexpected token '.', ".5" is not valid JSON`},
		{`"a`, `Unterminated string in JSON at position 2`}, {"\"\x01\"", `Bad control character in string literal in JSON at position 1`}, {`"\x"`, `Bad escaped character in JSON at position 2`},
		{`"\u12"`, `Bad Unicode escape in JSON at position 3`}, {`1 x`, `Unexpected non-whitespace character after JSON at position 2`}, {`<html>`, `Unexpected token '<', "<html>" is not valid JSON`},
		{strings.Repeat("[", json.MaxDepth+1), json.ErrDepth.Error()},
	} {
		if _, err := json.Parse(layout.NewHeap(goja.New()), c.text); err == nil || err.Error() != c.want {
			t.Errorf("%.40s: got %v, want %s", c.text, err, c.want)
		}
	}
}

func TestStringify(t *testing.T) {
	for _, c := range []struct {
		js, want string
		o        json.Options
		err      error
	}{
		{js: `undefined`, want: ``}, {js: `() => 1`, want: ``}, {js: `Symbol()`, want: ``}, {js: `null`, want: `null`}, {js: `NaN`, want: `null`},
		{js: `({a: undefined, b: () => 1, c: Symbol(), d: 1})`, want: `{"d":1}`}, {js: `[undefined, () => 1, , 1]`, want: `[null,null,null,1]`},
		{js: `({toJSON(k) { return "k" + k }})`, want: `"k"`}, {js: `({x: {toJSON(k) { return k }}})`, want: `{"x":"x"}`}, {js: `new Date(0)`, want: `"1970-01-01T00:00:00.000Z"`},
		{js: `[new Number(3), new String("s"), new Boolean(false)]`, want: `[3,"s",false]`}, {js: `"\ud800x"`, want: `"\ud800x"`}, {js: `"\u0000\u001f\"\\"`, want: `"\u0000\u001f\"\\"`},
		{js: `1n`, err: json.ErrBigInt}, {js: `var a = {}; a.a = a; a`, err: json.ErrCircular}, {js: `var a = []; a.push(a); a`, err: json.ErrCircular},
		{js: `var a = 1; for (var i = 0; i < 6000; i++) a = [a]; a`, err: json.ErrDepth},
		{js: `({a: [1, {b: 2}], c: {}, d: []})`, o: json.Options{Gap: "  "}, want: "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}"},
		{js: `({a: 1, b: {a: 2, c: 3}})`, o: json.Options{Allow: []string{"b", "a"}}, want: `{"b":{"a":2},"a":1}`},
		{js: `JSON.rawJSON("1e1000")`, want: `1e1000`}, {js: `({b: 1, a: 2, 1: 3})`, want: `{"1":3,"b":1,"a":2}`}, {js: `Object.create({inherited: 1})`, want: `{}`},
		{js: `new Proxy([1, 2], {})`, want: `[1,2]`}, {js: `1.5`, want: `1.5`}, {js: `1e21`, want: `1e+21`}, {js: `-0`, want: `0`}, {js: `2147483648`, want: `2147483648`},
	} {
		vm := goja.New()
		v, err := vm.RunString(c.js)
		if err != nil {
			t.Fatal(err)
		}
		got, ok, err := stringify(t, vm, v, c.o)
		if !errors.Is(err, c.err) || got != c.want || ok != (c.want != "") {
			t.Errorf("%s: got %s, %v, %v; want %s, %v", c.js, got, ok, err, c.want, c.err)
		}
	}
}

// TestStringifyOfChanges has values that change, or whose prototypes do, while they are
// written, and properties that are no mere values.
func TestStringifyOfChanges(t *testing.T) {
	for _, js := range []string{
		`var o = {a: {toJSON() { delete o.b; o.d = 1; return 0 }}, b: 1, c: 2}; o`, `var o = {a: {toJSON() { o.b = 5; delete o.a; return 0 }}, b: 1, c: 2}; [o, o]`,
		`var l = [{toJSON() { l.length = 2; return 0 }}, 1, 2, 3]; l`, `var l = [{toJSON() { l.push(4); l[1] = "x"; return 0 }}, 1, 2, 3]; [l, l]`,
		`[{}, {x: {toJSON() { Object.prototype.toJSON = () => "o" }}}, {}, []]`, `[[1], {x: {toJSON() { Array.prototype.toJSON = () => "l" }}}, [2]]`,
		`Object.prototype.toJSON = function () { return Object.keys(this).length }; [{a: 1}, [1, 2]]`, `Array.prototype.toJSON = () => 3; ({a: [1], b: {}})`,
		`Object.setPrototypeOf(Array.prototype, {toJSON() { return "p" }}); ({a: [1], b: {}})`,
		`({get a() { return {x: 1} }, b: 2})`, `var o = {a: 1}; Object.defineProperty(o, "b", {value: 2}); Object.defineProperty(o, "c", {value: {y: 3}, enumerable: true}); o`,
		`({a: {get b() { delete this.c; return 1 }, c: 2}})`, `Object.create({toJSON() { return "t" }})`, `Object.create(null)`, `({toJSON: 1, a: 2})`,
		`({toJSON() { return {a: [1, {toJSON() { return "in" }}]} }})`, `Object.assign([1, 2], {toJSON() { return "l" }})`, `Object.assign([1], {x: 2})`,
		`new (class { a = 1; #b = 2; get c() { return 3 } })()`, `new (class { a = 1; toJSON() { return {...this, b: 2} } })()`, `new (class extends Array {})(1, 2)`,
		`({2: "b", 1: "a", x: {10: 1, 9: 2}})`, `var o = {b: 1, a: 2}; delete o.b; o.b = 3; o`, `({"\u00e9": "\u00e9", "\ud800": "\udfff", "a\"b": 1, "\n": 2})`,
		`[, 1]`, `Array.prototype[0] = "proto"; [, 1]`, `new Proxy({a: new Proxy([1], {})}, {})`, `[1, -1, 0.1, -0, 1e-7, 123456789012345680000, 1e21, 5e-324, 1 / 3, 4294967296, true, null]`,
		`var a = {}; [a, a, {a}, [[]], [{}]]`, `[new Date(0), /x/, new Map([[1, 2]]), Symbol.iterator, () => 1, new Error("e")]`, `JSON.parse('{"__proto__": {"a": 1}, "b": [{"c": 2}, {"c": 3}]}')`,
	} {
		results := [2]string{}
		for i := range results {
			vm := goja.New()
			engine, _ := goja.AssertFunction(vm.GlobalObject().Get("JSON").(*goja.Object).Get("stringify"))
			v, err := vm.RunString(js)
			if err != nil {
				t.Fatalf("%s: %v", js, err)
			}
			if i == 0 {
				r, err := engine(goja.Undefined(), v)
				results[i] = fmt.Sprint(r.String(), err)
			} else {
				text, _, err := stringify(t, vm, v, json.Options{})
				results[i] = fmt.Sprint(text, err)
			}
		}
		if results[0] != results[1] {
			t.Errorf("%s\ngot  %s\nwant %s", js, results[1], results[0])
		}
	}
}

// Both directions agree with the engine's own on whatever it accepts.
func FuzzRoundTrip(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x\u00e9\ud800",null,true,{}]}`, `"\ud83d\ude00"`, `[]`, `-1e-7`, `{"__proto__":{"x":1}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		vm := goja.New()
		v, err := json.Parse(layout.NewHeap(vm), text)
		if err != nil {
			return
		}
		first, ok, err := stringify(t, vm, v, json.Options{})
		if err != nil || !ok {
			t.Fatalf("%q: %v", text, err)
		}
		again, err := json.Parse(layout.NewHeap(vm), first)
		if err != nil {
			t.Fatalf("%q gave %q: %v", text, first, err)
		}
		if second, _, _ := stringify(t, vm, again, json.Options{}); second != first {
			t.Fatalf("%q gave %q and then %q", text, first, second)
		}
	})
}

func sample() string {
	var b strings.Builder
	b.WriteString(`[`)
	for i := range 200 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"id":12345,"name":"A name of some length","tags":["one","two","three"],"active":true,"score":98.6,"nested":{"x":1,"y":null}}`)
	}
	return b.String() + `]`
}

func BenchmarkParse(b *testing.B) {
	vm, text := goja.New(), sample()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Parse(layout.NewHeap(vm), text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStringify(b *testing.B) {
	vm, text := goja.New(), sample()
	v, _ := json.Parse(layout.NewHeap(vm), text)
	var buf []byte
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		vm.Try(func() { buf, _, _ = json.Stringify(layout.NewHeap(vm), buf[:0], v, json.Options{}) })
	}
}

func BenchmarkEngine(b *testing.B) {
	vm, text := goja.New(), sample()
	vm.Set("text", text)
	for _, c := range []struct{ name, js string }{{"parse", `(() => JSON.parse(text))`}, {"stringify", `var v = JSON.parse(text); (() => JSON.stringify(v))`}} {
		b.Run(c.name, func(b *testing.B) {
			v, _ := vm.RunString(c.js)
			f, _ := goja.AssertFunction(v)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				f(goja.Undefined())
			}
		})
	}
}
