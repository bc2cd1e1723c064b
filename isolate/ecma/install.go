package ecma

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Install adds to js what the engine lacks. It must be called once, before any script
// has run in the realm.
func Install(js *webidl.Realm) {
	global := js.VM.GlobalObject()
	installSymbols(global)
	installJSON(js, global)
	// A class of the engine's own that no other engine has.
	must(global.Delete("GoError"))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// constant defines a property that scripts cannot change.
func constant(o *goja.Object, name string, v goja.Value) {
	must(o.DefineDataProperty(name, v, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
}

// method defines a property as built-in methods are: writable and configurable, not enumerable.
func method(js *webidl.Realm, o *goja.Object, name string, length int, f func(goja.FunctionCall) goja.Value) {
	must(o.DefineDataProperty(name, js.Function(name, length, f), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
}
