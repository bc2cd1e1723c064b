package ecma

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

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
		for _, f := range vm.CaptureCallStack(30, nil) {
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
		webidl.AppendFrames(&stack, frames[:min(len(frames), 10)])
		must(o.DefineDataProperty("stack", vm.ToValue(stack.String()), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
		return goja.Undefined()
	}},
}
