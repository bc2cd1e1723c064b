package ecma

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Intrinsic returns the native function or object that a program uses in place of some
// syntax (see compiler.Intrinsic), or nil for a name that there is not. shapes are the
// program's. It must be called before Install and before a script has run: what it relies
// on may not have been replaced yet.
func Intrinsic(js *webidl.Realm, name string, shapes []*layout.Shape) goja.Value {
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
	case "record":
		heap := js.Heap()
		return js.Function("", 1, func(c goja.FunctionCall) goja.Value {
			return heap.Instance(shapes[c.Arguments[0].ToInteger()], c.Arguments[1:])
		})
	case "depth":
		return newDepth(js)
	}
	return nil
}
