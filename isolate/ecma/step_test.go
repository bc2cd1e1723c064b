package ecma

import (
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// TestIteratesNatively looks at which values have a native iterator, which differs from
// the engine's in nothing but speed.
func TestIteratesNatively(t *testing.T) {
	for _, c := range []struct {
		name, before, value string
		want                bool
	}{
		{"array", ``, `[1]`, true},
		{"string", ``, `"ab"`, true},
		{"string that is not ASCII", ``, `"\u{1F600}"`, true},
		{"object", ``, `({})`, false},
		{"string object", ``, `new String("ab")`, false},
		{"replaced iterator of strings", `String.prototype[Symbol.iterator] = function* () {}`, `"ab"`, false},
		{"replaced next of strings", `Object.getPrototypeOf(""[Symbol.iterator]()).next = () => ({done: true})`, `"ab"`, false},
		{"replaced iterator of arrays", `Array.prototype[Symbol.iterator] = function* () {}`, `[1]`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			vm := goja.New()
			s := stepsOf(webidl.NewRealm(vm, webidl.Options{}))
			s.iterate(goja.FunctionCall{Arguments: []goja.Value{vm.ToValue("")}}) // as a program does first
			v, err := vm.RunString(c.before + ";" + c.value)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.iterate(goja.FunctionCall{Arguments: []goja.Value{v}}) != v; got != c.want {
				t.Errorf("it is %v that there is one", got)
			}
		})
	}
}
