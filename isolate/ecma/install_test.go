package ecma_test

import (
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func newRealm() *webidl.Realm { return newRealmFor(nil) }

func newRealmFor(mentions func(string) bool) *webidl.Realm {
	js := webidl.NewRealm(goja.New(), webidl.Options{})
	ecma.Install(js, mentions)
	return js
}

func TestSymbols(t *testing.T) {
	js := newRealm()
	js.VM.Set("proto", ecma.AsyncIteratorPrototype(js))
	for _, c := range []struct{ js, want string }{
		{`String(Symbol.asyncIterator)`, "Symbol(Symbol.asyncIterator)"},
		{`String(Symbol.dispose) + String(Symbol.asyncDispose)`, "Symbol(Symbol.dispose)Symbol(Symbol.asyncDispose)"},
		{`JSON.stringify(Object.getOwnPropertyDescriptor(Symbol, "asyncIterator"))`, `{"writable":false,"enumerable":false,"configurable":false}`},
		{`typeof GoError`, "undefined"},
		{`proto[Symbol.asyncIterator]() === proto`, "true"},
		{`var s = ""; proto[Symbol.asyncDispose].call({return() { s += "returned" }}); s`, "returned"},
	} {
		v, err := js.VM.RunString(c.js)
		if err != nil {
			t.Errorf("%s: %v", c.js, err)
		} else if v.String() != c.want {
			t.Errorf("%s: got %s, want %s", c.js, v, c.want)
		}
	}
}

func TestForbidCodeGeneration(t *testing.T) {
	const refused = "EvalError: Code generation from strings disallowed for this context"
	for _, c := range []struct{ js, want string }{
		{`eval("1")`, refused},
		{`(0, eval)("1")`, refused},
		{`Function("return 1")`, refused},
		{`new Function("a", "return a")`, refused},
		{`new (class extends Function {})("return 1")`, refused},
		{`(() => {}).constructor("return 1")`, refused},
		{`(async () => {}).constructor("return 1")`, refused},
		{`(function* () {}).constructor("yield 1")`, refused},
		{`Reflect.construct(Function, ["return 1"])`, refused},
		{`String((() => {}) instanceof Function) + eval(5)`, "true5"},
	} {
		js := newRealm()
		p := goja.MustCompile("t.js", `try { String(`+c.js+`) } catch (e) { String(e) }`, false)
		ecma.ForbidCodeGeneration(js)
		v, err := js.VM.RunProgram(p)
		if err != nil {
			t.Errorf("%s: %v", c.js, err)
		} else if v.String() != c.want {
			t.Errorf("%s: got %s, want %s", c.js, v, c.want)
		}
		// The realm goes on working.
		if v, err := js.VM.RunProgram(goja.MustCompile("t.js", `1 + 1`, false)); err != nil || v.ToInteger() != 2 {
			t.Errorf("after %s: %v, %v", c.js, v, err)
		}
	}
}

func BenchmarkInstall(b *testing.B) {
	for _, c := range []struct {
		name     string
		mentions func(string) bool
	}{
		{"hello", func(string) bool { return false }},
		{"iterators", func(word string) bool { return word == "map" || word == "entries" }},
		{"groupBy", func(word string) bool { return word == "groupBy" }},
		{"everything", nil},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ecma.Install(webidl.NewRealm(goja.New(), webidl.Options{}), c.mentions)
			}
		})
	}
	b.Run("nothing", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			webidl.NewRealm(goja.New(), webidl.Options{})
		}
	})
}
