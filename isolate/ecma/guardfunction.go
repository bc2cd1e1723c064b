package ecma

import (
	"reflect"
	"runtime"
	"strings"

	"github.com/dop251/goja"
)

var functionMethods = []guard{
	{name: "apply", length: 2, check: func(g *guards, c goja.FunctionCall) goja.FunctionCall { g.checkList(c.Argument(1)); return c }},
	{name: "call", length: 1},
	{name: "bind", length: 1, check: func(g *guards, c goja.FunctionCall) goja.FunctionCall { c.This = g.counted(c.This); return c }},
}

var reflectFunctions = []guard{
	{name: "apply", length: 3, calls: true, check: func(g *guards, c goja.FunctionCall) goja.FunctionCall { g.checkList(c.Argument(2)); return c }},
	{name: "construct", length: 2, calls: true, check: func(g *guards, c goja.FunctionCall) goja.FunctionCall { g.checkList(c.Argument(1)); return c }},
}

// checkList refuses a list of arguments that the engine's stack cannot hold.
func (g *guards) checkList(v goja.Value) {
	if o, ok := v.(*goja.Object); ok && lengthOf(o) > maxArguments {
		g.throw("Maximum call stack size exceeded")
	}
}

// counted returns what to bind in place of the built-in v. A bound built-in can be its
// own toString, getter or iterator, and then calls itself without a frame of the script's.
func (g *guards) counted(v goja.Value) goja.Value {
	o, ok := v.(*goja.Object)
	if !ok {
		return v
	}
	call, ok := o.Export().(func(goja.FunctionCall) goja.Value)
	if !ok || isScript(call) {
		return v
	}
	return g.js.VM.ToValue(g.js.VM.NewProxy(o, &goja.ProxyTrapConfig{
		Apply: func(_ *goja.Object, this goja.Value, args []goja.Value) goja.Value {
			g.step()
			return g.nest(call, goja.FunctionCall{This: this, Arguments: args})
		},
	}))
}

// isScript reports whether an exported function is one of a script's, not the engine's
// or the host's. The engine exports all of them as Go functions; only the names differ.
func isScript(call func(goja.FunctionCall) goja.Value) bool {
	f := runtime.FuncForPC(reflect.ValueOf(call).Pointer())
	return f != nil && strings.HasSuffix(f.Name(), ".Call-fm")
}
