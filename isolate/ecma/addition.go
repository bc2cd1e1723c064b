package ecma

import (
	"slices"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/intl"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// An addition is a method that an object of the engine's lacks. Its name is the word
// by which a script mentions it.
type addition struct {
	name   string
	length int
	call   func(vm *goja.Runtime, call goja.FunctionCall) goja.Value
}

func (a addition) define(vm *goja.Runtime, o *goja.Object) {
	f := function(vm, a.name, a.length, func(call goja.FunctionCall) goja.Value { return a.call(vm, call) })
	must(o.DefineDataProperty(a.name, f, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

// function returns a native function with its name and length.
func function(vm *goja.Runtime, name string, length int, f func(goja.FunctionCall) goja.Value) *goja.Object {
	o := vm.ToValue(f).(*goja.Object)
	must(o.DefineDataProperty("name", vm.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(o.DefineDataProperty("length", vm.ToValue(length), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	return o
}

// completions are what is missing, class by class.
var completions = []struct {
	class     string
	functions []addition // of the constructor, or of a namespace object
	methods   []addition // of the prototype
}{
	{"Object", objectFunctions, legacyObjectMethods},
	{"Array", arrayFunctions, nil},
	{"String", nil, slices.Concat(stringMethods, legacyStringMethods)},
	{"Math", mathFunctions, nil},
	{"Date", nil, legacyDateMethods},
	{"Map", mapFunctions, mapMethods},
	{"WeakMap", nil, weakMapMethods},
	{"Promise", promiseFunctions, nil},
	{"Error", errorFunctions, nil},
}

// installAdditions adds the methods that a script mentions.
func installAdditions(js *webidl.Realm, global *goja.Object, mentions func(string) bool) {
	for i := range intl.Methods {
		if m := &intl.Methods[i]; mentions(m.Name) {
			prototype := global.Get(m.Class).(*goja.Object).Get("prototype").(*goja.Object)
			method(js, prototype, m.Name, m.Length, func(c goja.FunctionCall) goja.Value { return m.Call(js, c) })
		}
	}
	for i := range completions {
		c := &completions[i]
		for _, a := range c.functions {
			if mentions(a.name) {
				a.define(js.VM, global.Get(c.class).(*goja.Object))
			}
		}
		for _, a := range c.methods {
			if mentions(a.name) {
				a.define(js.VM, global.Get(c.class).(*goja.Object).Get("prototype").(*goja.Object))
			}
		}
	}
}
