package compiler

import (
	"context"
	"strings"
	"testing"

	"github.com/dop251/goja"
)

// TestWrapperIsPlainWithoutAwait looks at what a program's function returns: nothing, or
// the promise of an evaluation that waits.
func TestWrapperIsPlainWithoutAwait(t *testing.T) {
	for _, c := range []struct {
		name, code string
		promise    bool
	}{
		{"none", `export default "x"`, false},
		{"in functions", `export default "x"; async function f() { await 1 } class C { async m() { await 2 } } const g = async () => await 3;`, false},
		{"top level", `await 1; export default "x"`, true},
		{"in a block", `if (true) { try { await 1 } catch {} } export default "x"`, true},
		{"for await", `for await (const x of []) {} export default "x"`, true},
		{"in a template", "export default `${await 1}` && \"x\"", true},
		{"in a class heritage", `class C extends (await Object) {} export default "x"`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			p := compileSource(t, files("index.js", c.code))
			v, err := r.vm.RunProgram(p.Program)
			if err != nil {
				t.Fatal(err)
			}
			fn, _ := goja.AssertFunction(v)
			res, err := fn(goja.Undefined(), append([]goja.Value{Register(r.vm, func(ns *goja.Object) { r.ns = ns }), goja.Undefined(), goja.Undefined()}, r.intrinsics(p)...)...)
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := res.Export().(*goja.Promise); ok != c.promise {
				t.Errorf("the function returned %v", res)
			}
			if err := r.settled(res); err != nil {
				t.Fatal(err)
			}
			if got := r.get(); got != "x" {
				t.Errorf("default is %s", got)
			}
		})
	}
}

func TestNativeExports(t *testing.T) {
	b, err := BuildBundle(context.Background(), files("index.js", `
import * as other from "./other.js";
let count = 0;
export const add = () => ++count;
export { count, other as "the other" };
export default () => other.one + Object.keys(other).join() + JSON.stringify(Object.getOwnPropertyDescriptor(other, "two"))`,
		"other.js", `export const one = 1, two = 2; // __defProp`))
	if err != nil {
		t.Fatal(err)
	}
	code, changed := string(b.Code), nativeExports(string(b.Code))
	modules, _, _ := strings.Cut(code[strings.Index(code, "\n// upload:other.js"):], "__register(")
	if i := strings.Index(changed, modules); i < 0 || strings.Count(changed[:i], "\n") != strings.Count(code[:strings.Index(code, modules)], "\n") {
		t.Errorf("positions moved:\n%s", changed)
	}
	if strings.Contains(changed, "for (var name in all)") || strings.Contains(changed, "Object.defineProperty") {
		t.Errorf("the helpers are still there:\n%s", changed)
	}
	p, err := b.Compile()
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	if err := r.run(p); err != nil {
		t.Fatal(err)
	}
	if got, want := r.get(), `1one,two{"enumerable":true,"configurable":false}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := strings.Join(r.ns.GetOwnPropertyNames(), " "), "add count default the other"; got != want {
		t.Errorf("exports %s, want %s", got, want)
	}
	add, _ := goja.AssertFunction(r.ns.Get("add"))
	if _, err := add(goja.Undefined()); err != nil {
		t.Fatal(err)
	}
	if got := r.ns.Get("count").String(); got != "1" {
		t.Errorf("count is %s after it was counted up: the binding is not live", got)
	}
}

// TestExportsAreReturned looks at which programs return their exports and which register them.
func TestExportsAreReturned(t *testing.T) {
	for _, c := range []struct {
		name, code, want string
		registers        bool
	}{
		{"default", `export default "x"`, "x", false},
		{"variable", `let v = "y"; export { v as default }; v = "x"`, "x", false},
		{"function", `export default function f() { return "x" }`, "x", false},
		{"class", `export default class A { static toJSON() { return 1 } }; export const a = A`, "", false},
		{"top level await", `await 1; export default "x"`, "x", false},
		{"imports itself", `import * as self from "./index.js"; export default () => Object.keys(self).join(); export const a = 1`, "a,default", true},
		{"names its namespace", `export default () => typeof index_exports`, "undefined", false},
		{"a text that looks like one", "export default () => `\nvar index_exports = {};\n__export(index_exports, {\n});\n`.length", "55", true},
		{"no exports", `globalThis.a = 1`, "{}", true},
		{"CommonJS", `module.exports = "x"`, "x", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := compileSource(t, files("index.js", c.code))
			if p.UsesRegister != c.registers {
				t.Errorf("UsesRegister is %v", p.UsesRegister)
			}
			r := newRig(t)
			if err := r.run(p); err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				return
			}
			if got := r.get(); got != c.want {
				t.Errorf("default is %s, want %s", got, c.want)
			}
		})
	}
}
