package ecma

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Intrinsic returns the native function or object that programs use in place of some syntax (see
// compiler.Intrinsic), or nil for a name that there is not. It must be called before
// Install and before a script has run: what it relies on may not have been replaced yet.
func Intrinsic(js *webidl.Realm, name string) goja.Value {
	switch name {
	case "iterate":
		return js.Function("", 1, stepsOf(js).iterate)
	case "elements":
		return js.Function("", 2, stepsOf(js).elements)
	case "append":
		return js.Function("", 2, (&appender{js: js}).call)
	case "enumerate":
		s := stepsOf(js)
		s.prepareNames()
		return js.Function("", 1, s.enumerate)
	case "unit":
		return js.Function("", 2, stepsOf(js).unit)
	case "depth":
		return newDepth(js)
	}
	return nil
}
