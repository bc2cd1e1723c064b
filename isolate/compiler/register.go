package compiler

import (
	"strings"

	"github.com/dop251/goja"
)

// exportHelper is how esbuild makes a module namespace: the engine takes 20 µs for the
// loop, more than for all the rest of a small worker.
const (
	exportHelper = `var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};`
	nativeHelper   = `var __export = __register;`
	propertyHelper = "var __defProp = Object.defineProperty;"
)

// nativeExports replaces esbuild's helper by the function that Register makes, leaving
// everything else where it is.
func nativeExports(code string) string {
	// esbuild's helpers come before the first module, which begins with its name.
	head, rest, found := strings.Cut(code, "\n// ")
	if !found || !strings.Contains(head, exportHelper) {
		return code
	}
	head = strings.Replace(head, exportHelper, blanked(nativeHelper, exportHelper), 1)
	if strings.Count(head, "__defProp") == 1 && !strings.Contains(rest, "__defProp") {
		head = strings.Replace(head, propertyHelper, blanked("", propertyHelper), 1)
	}
	return head + "\n// " + rest
}

// blanked is text followed by blanks, as long as old and with as many lines.
func blanked(text, old string) string {
	lines := strings.Count(old, "\n")
	return text + strings.Repeat(" ", len(old)-len(text)-lines) + strings.Repeat("\n", lines)
}

// Register makes the first argument of a module program. registered is called with the
// namespace of the main module when that has been evaluated.
func Register(vm *goja.Runtime, registered func(namespace *goja.Object)) goja.Value {
	return vm.ToValue(func(call goja.FunctionCall) goja.Value {
		first, _ := call.Argument(0).(*goja.Object)
		if len(call.Arguments) != 2 {
			registered(first)
			return goja.Undefined()
		}
		// A module's namespace is being made: its getters are properties of the second.
		getters := call.Argument(1).(*goja.Object)
		for _, name := range getters.GetOwnPropertyNames() {
			if err := first.DefineAccessorProperty(name, getters.Get(name), nil, goja.FLAG_FALSE, goja.FLAG_TRUE); err != nil {
				panic(err)
			}
		}
		return goja.Undefined()
	})
}
