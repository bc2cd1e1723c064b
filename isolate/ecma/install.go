package ecma

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A feature is what Install adds for a script that mentions a word.
type feature struct {
	word    string
	install func(js *webidl.Realm, global *goja.Object)
}

// features are in the order of the standard.
var features = []feature{
	{"getPrototypeOf", installGetPrototypeOf},
	{"Symbol", func(_ *webidl.Realm, global *goja.Object) { installSymbols(global) }},
	{"RegExp", installRegExp},
	{"detached", installDetached},
	{"transfer", installTransfer("transfer")},
	{"transferToFixedLength", installTransfer("transferToFixedLength")},
	{"getFloat16", installGetFloat16},
	{"setFloat16", installSetFloat16},
	{"JSON", installJSON},
	{"stackTraceLimit", installStackTraceLimit},
	{"RangeError", keepRangeError},
	// A class of the engine's own that no other engine has.
	{"GoError", func(_ *webidl.Realm, global *goja.Object) { must(global.Delete("GoError")) }},
}

// Install adds to js what the engine lacks. It must be called once, before any script
// has run in the realm. Making a built-in object only to change it costs more than
// most scripts take to start, so only what mentions says the script names is added;
// nil adds everything.
func Install(js *webidl.Realm, mentions func(word string) bool) {
	global := js.VM.GlobalObject()
	for _, f := range features {
		if mentions == nil || mentions(f.word) {
			f.install(js, global)
		}
	}
	if mentions == nil {
		mentions = func(string) bool { return true }
	}
	installOwnProperties(js, global, mentions)
	installAdditions(js, global, mentions)
	installGuards(js, global, mentions)
	installIteratorHelpers(js, mentions)
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
