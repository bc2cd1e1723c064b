package compiler

import (
	"slices"
	"testing"

	"github.com/dop251/goja/unistring"
)

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		code  string
		names []unistring.String // of the first shape
	}{
		{`export const f = (c) => ({ a: 1, "b b": 2, c, é: 4 })`, []unistring.String{"a", "b b", "c", unistring.NewFromString("é")}},
		{`export const f = () => ({ a: 1, b: 2, c: 3 })`, nil}, {`export const o = { a: 1, b: 2, c: 3, d: 4 }`, nil},
		{`for (let i = 0; i < 2; i++) globalThis.o = { a: 1, b: 2, c: 3, d: i }`, []unistring.String{"a", "b", "c", "d"}},
		{`export const f = () => ({ a: 1, b: 2, c: 3, d() {} })`, nil}, {`export const f = () => ({ a: 1, b: 2, c: 3, d: () => 1 })`, nil},
		{`export const f = () => ({ a: 1, b: 2, c: 3, get d() {} })`, nil}, {`export const f = (k) => ({ a: 1, b: 2, c: 3, [k]: 4 })`, nil},
		{`export const f = (o) => ({ a: 1, b: 2, c: 3, ...o })`, nil}, {`export const f = () => ({ a: 1, b: 2, c: 3, __proto__: null })`, nil},
		{`export const f = () => ({ a: 1, b: 2, c: 3, 1: 4 })`, nil}, {`export const f = (o) => { ({ a: o.a, b: o.b, c: o.c, d: o.d } = o) }`, nil},
	} {
		p := compileSource(t, files("index.js", c.code))
		var names []unistring.String
		if len(p.Shapes) > 0 {
			names = p.Shapes[0].Names()
		}
		if !slices.Equal(names, c.names) || slices.Contains(p.Intrinsics, Record) != (c.names != nil) {
			t.Errorf("%s: %q, %v", c.code, names, p.Intrinsics)
		}
	}
}
