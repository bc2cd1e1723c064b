package ecma

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// installGetPrototypeOf makes Object.getPrototypeOf and Reflect.getPrototypeOf define
// the members that a platform object's class has not needed so far, before a script
// looks at its prototype.
func installGetPrototypeOf(js *webidl.Realm, global *goja.Object) {
	for _, name := range []string{"Object", "Reflect"} {
		holder := global.Get(name).(*goja.Object)
		original := holder.Get("getPrototypeOf").Export().(func(goja.FunctionCall) goja.Value)
		method(js, holder, "getPrototypeOf", 1, func(call goja.FunctionCall) goja.Value {
			webidl.Complete(call.Argument(0))
			return original(call)
		})
	}
}
