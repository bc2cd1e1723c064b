package webidl_test

import (
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func TestIterate(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"array", `["a", 1, null]`, "a,1,null"},
		{"holes", `[1,,2]`, "1,undefined,2"},
		{"hole filled by the prototype", `Array.prototype[1] = 9; [1,,2]`, "1,9,2"},
		{"getter", `var a = [1, 2, 3]; Object.defineProperty(a, 0, {get() { a.length = 2; return "g" }}); a`, "g,2"},
		{"growing", `var a = [1]; Object.defineProperty(a, 0, {get() { if (a.length < 3) a.push(a.length); return 0 }}); a`, "0,1"},
		{"frozen", `Object.freeze([1, 2])`, "1,2"},
		{"subclass", `class A extends Array {}; A.of(1, 2)`, "1,2"},
		{"own iterator", `var a = [1]; a[Symbol.iterator] = function* () { yield 7 }; a`, "7"},
		{"subclass with an iterator", `class A extends Array { *[Symbol.iterator]() { yield 8 } }; A.of(1, 2)`, "8"},
		{"replaced iterator", `Array.prototype[Symbol.iterator] = function* () { yield 7 }; [1]`, "7"},
		{"replaced next", `var p = Object.getPrototypeOf([][Symbol.iterator]()), n = 0; p.next = () => ({done: n > 1, value: n++}); [5]`, "0,1"},
		{"set", `new Set([1, 2, 1])`, "1,2"},
		{"string object", `new String("ab")`, "a,b"},
		{"proxy", `new Proxy([1, 2], {})`, "1,2"},
		{"typed array", `new Uint8Array([3, 4])`, "3,4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			js := webidl.NewRealm(goja.New(), webidl.Options{})
			iterate := func(o *goja.Object) string {
				var got []string
				if err := js.Iterate(o, func(v goja.Value) error { got = append(got, v.String()); return nil }); err != nil {
					t.Fatal(err)
				}
				return strings.Join(got, ",")
			}
			iterate(js.VM.NewArray("x")) // what is kept of the intrinsics must not hide a change
			v, err := js.VM.RunString(c.js)
			if err != nil {
				t.Fatal(err)
			}
			if got := iterate(v.(*goja.Object)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	for _, change := range []string{`Array.prototype[Symbol.iterator] = function* () { yield 7 }`, `Object.getPrototypeOf([][Symbol.iterator]()).next = (n => () => ({done: n++ > 0, value: 7}))(0)`} {
		js := webidl.NewRealm(goja.New(), webidl.Options{})
		v, err := js.VM.RunString(change + `; [1]`)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		if err := js.Iterate(v.(*goja.Object), func(v goja.Value) error { got = append(got, v.String()); return nil }); err != nil || strings.Join(got, ",") != "7" {
			t.Errorf("changed before the first use: got %v, %v", got, err)
		}
	}
}
