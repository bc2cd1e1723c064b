package compiler

import (
	"fmt"
	"regexp"
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

// nativeExports replaces esbuild's helper by the function that Register makes, and takes
// away the main module's namespace if only register would see it, leaving everything else
// where it is.
func nativeExports(code string) string {
	code = returnExports(code)
	// esbuild's helpers come before the first module, which begins with its name.
	head, rest, found := strings.Cut(code, "\n// ")
	if !found || !strings.Contains(head, exportHelper) {
		return code
	}
	helper := nativeHelper
	if !strings.Contains(rest, "__export(") {
		helper = "" // there was one namespace
	}
	head = strings.Replace(head, exportHelper, blanked(helper, exportHelper), 1)
	if strings.Count(head, "__defProp") == 1 && !strings.Contains(rest, "__defProp") {
		head = strings.Replace(head, propertyHelper, blanked("", propertyHelper), 1)
	}
	return head + "\n// " + rest
}

// mainNamespace is how the namespace of a main module of the name is made, and registered.
var (
	mainRegistered = regexp.MustCompile(`\n__register\((\w+), __host, __importMeta\);\n`)
	mainNamespace  = "var %[1]s = {};\n__export(%[1]s, {\n"
	mainEnd        = "\n});\n"
)

// returnExports makes the program's function return an object with the exports if they
// are registered and nothing else is done with the namespace. The helper, the function
// for it and those for the bindings are half of the objects that a small worker begins with.
func returnExports(code string) string {
	registered := mainRegistered.FindStringSubmatchIndex(code)
	if registered == nil {
		return code
	}
	name := code[registered[2]:registered[3]]
	if strings.Count(code, name) != 3 {
		return code
	}
	head, rest, found := strings.Cut(code[:registered[0]], fmt.Sprintf(mainNamespace, name))
	list, body, ended := strings.Cut(rest, mainEnd)
	if !found || !ended {
		return code
	}
	var exports strings.Builder
	for line := range strings.SplitSeq(list, "\n") {
		i := strings.LastIndex(line, ": () => ")
		if i < 0 {
			return code
		}
		export, binding := strings.TrimSpace(line[:i]), strings.TrimSuffix(line[i+len(": () => "):], ",")
		if export == "default" && strings.HasSuffix(binding, "_default") {
			fmt.Fprintf(&exports, " default: %s,", binding) // which esbuild sets once
		} else {
			fmt.Fprintf(&exports, " get %s() { return %s },", export, binding)
		}
	}
	lines := strings.Count(mainNamespace, "\n") + strings.Count(list, "\n") + strings.Count(mainEnd, "\n")
	return head + strings.Repeat("\n", lines) + body + "\nreturn {" + exports.String() + " };\n" + code[registered[1]:]
}

// blanked is text followed by blanks, as long as old and with as many lines.
func blanked(text, old string) string {
	lines := strings.Count(old, "\n")
	return text + strings.Repeat(" ", len(old)-len(text)-lines) + strings.Repeat("\n", lines)
}

// Register makes the first argument of a module program that uses it. registered is called
// with the namespace of the main module when that has been evaluated.
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
