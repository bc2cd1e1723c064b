package ecma

import (
	"math"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Of a stack, as many frames are shown if the script does not say otherwise, and as many at most.
const defaultFrames, maxFrames = 10, 200

func installStackTraceLimit(js *webidl.Realm, global *goja.Object) {
	must(global.Get("Error").(*goja.Object).Set("stackTraceLimit", defaultFrames))
}

// stackTraceLimit is how many frames captureStackTrace shows.
func stackTraceLimit(vm *goja.Runtime) int {
	v := vm.GlobalObject().Get("Error").(*goja.Object).Get("stackTraceLimit")
	if v == nil || !goja.IsNumber(v) {
		return defaultFrames
	}
	n := v.ToFloat()
	if math.IsNaN(n) {
		return 0
	}
	return int(min(max(n, 0), maxFrames))
}

// errorFunctions are V8's (https://v8.dev/docs/stack-trace-api), which much code calls
// where it exists.
var errorFunctions = []addition{
	{"captureStackTrace", 2, func(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
		o, ok := c.Argument(0).(*goja.Object)
		if !ok {
			throwType(vm, "Invalid argument")
		}
		head := "Error"
		if v := o.Get("name"); !isNullish(v) {
			head = v.String()
		}
		if v := o.Get("message"); !isNullish(v) && v.String() != "" {
			head += ": " + v.String()
		}
		// Frames above and including the function given are left out.
		until := ""
		if f, ok := c.Argument(1).(*goja.Object); ok {
			if name := f.Get("name"); name != nil {
				until = name.String()
			}
		}
		var frames []goja.StackFrame
		limit := stackTraceLimit(vm)
		for _, f := range vm.CaptureCallStack(limit+20, nil) {
			if f.Position().Filename == "" {
				continue
			}
			if until != "" && f.FuncName() == until {
				frames, until = nil, ""
				continue
			}
			frames = append(frames, f)
		}
		var stack strings.Builder
		stack.WriteString(head)
		webidl.AppendFrames(&stack, frames[:min(len(frames), limit)])
		must(o.DefineDataProperty("stack", vm.ToValue(stack.String()), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
		return goja.Undefined()
	}},
}
