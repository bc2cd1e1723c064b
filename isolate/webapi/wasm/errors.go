package wasm

import (
	"errors"
	"strings"

	"github.com/dop251/goja"
	"github.com/tetratelabs/wazero/sys"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// The error classes: https://webassembly.github.io/spec/js-api/#error-objects
const (
	compileError = "CompileError"
	linkError    = "LinkError"
	runtimeError = "RuntimeError"
)

type errorClassKey struct{ name string }

// errorClass returns the constructor of an error class, a native error as ECMAScript
// defines them (https://tc39.es/ecma262/#sec-nativeerror-object-structure).
func errorClass(js *webidl.Realm, name string) *goja.Object {
	return webidl.Slot(js, errorClassKey{name}, func() *goja.Object {
		vm := js.VM
		base := js.Global("Error").(*goja.Object)
		prototype := vm.NewObject()
		set(prototype.SetPrototype(base.Get("prototype").(*goja.Object)))
		class := vm.ToValue(func(call goja.ConstructorCall) *goja.Object {
			o, err := vm.New(base, call.Arguments...)
			if err != nil {
				panic(err)
			}
			p := prototype
			if call.NewTarget != nil {
				if own, ok := call.NewTarget.Get("prototype").(*goja.Object); ok {
					p = own
				}
			}
			set(o.SetPrototype(p))
			return o
		}).(*goja.Object)
		set(class.SetPrototype(base))
		set(class.DefineDataProperty("name", js.String(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
		set(class.DefineDataProperty("length", vm.ToValue(1), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
		set(class.DefineDataProperty("prototype", prototype, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
		for property, v := range map[string]goja.Value{"constructor": class, "name": js.String(name), "message": js.String("")} {
			set(prototype.DefineDataProperty(property, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
		}
		return class
	})
}

// set takes the result of an operation on an object of ours, which cannot fail.
func set(err error) {
	if err != nil {
		panic(err)
	}
}

// failure returns an error that is thrown as one of the error classes.
func failure(js *webidl.Realm, class, message string) error {
	v, err := js.VM.New(errorClass(js, class), js.String(message))
	if err != nil {
		return err
	}
	return webidl.Throw(v)
}

// trapMessages are V8's words for the engine's.
var trapMessages = map[string]string{
	"invalid conversion to integer": "float unrepresentable in integer range",
	"integer overflow":              "divide result unrepresentable",
	"integer divide by zero":        "divide by zero",
	"unreachable":                   "unreachable",
	"out of bounds memory access":   "memory access out of bounds",
	"invalid table access":          "table index is out of bounds",
	"indirect call type mismatch":   "null function or function signature mismatch",
	"null reference":                "dereferencing a null pointer",
	"uncaught exception":            "uncaught exception",
	"unaligned atomic":              "operation does not support unaligned accesses",
}

// trap returns the exception for the failure of a call.
func (m *machine) trap(err error) goja.Value {
	if exit := (*sys.ExitError)(nil); errors.As(err, &exit) {
		return m.js.ErrorValue(failure(m.js, runtimeError, "the instance is closed"))
	}
	text, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "wasm error: "), "\n")
	if text == "stack overflow" {
		return m.js.ErrorValue(webidl.RangeError("Maximum call stack size exceeded"))
	}
	if known, ok := trapMessages[text]; ok {
		text = known
	}
	return m.js.ErrorValue(failure(m.js, runtimeError, text))
}
