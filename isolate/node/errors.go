package node

import (
	"math"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/anatomy"
	"github.com/mayfly-edge/mayfly/isolate/webapi/console"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// errorFunctions are the natives of internal/errors.
var errorFunctions = []function{
	{"received", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		return n.js.String(received(n.js, arg(args, 0))), nil
	}},
	{"outOfRange", 3, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		return nil, outOfRange(n.js, arg(args, 0).String(), arg(args, 1).String(), arg(args, 2))
	}},
}

// argType is ERR_INVALID_ARG_TYPE: https://nodejs.org/api/errors.html#err_invalid_arg_type
func argType(js *webidl.Realm, name, expected string, v goja.Value) error {
	return fail(js, "TypeError", "ERR_INVALID_ARG_TYPE", "The \""+name+"\" argument must be "+expected+"."+received(js, v))
}

// outOfRange is ERR_OUT_OF_RANGE: https://nodejs.org/api/errors.html#err_out_of_range
func outOfRange(js *webidl.Realm, name, must string, v goja.Value) error {
	text := ""
	switch {
	case goja.IsBigInt(v):
		text = v.String()
		if len(strings.TrimPrefix(text, "-")) > 10 || text > "4294967296" && len(text) == 10 {
			text = grouped(text)
		}
		text += "n"
	case goja.IsNumber(v):
		text = console.Inspect(js, v, console.InspectOptions{})
		if f := v.ToFloat(); f == math.Trunc(f) && math.Abs(f) > 1<<32 && !strings.ContainsAny(text, "eI") {
			text = grouped(text)
		}
	default:
		text = console.Inspect(js, v, console.InspectOptions{})
	}
	return fail(js, "RangeError", "ERR_OUT_OF_RANGE", "The value of \""+name+"\" is out of range. It must be "+must+". Received "+text)
}

// grouped writes an integer with its digits in groups of three.
func grouped(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	return sign + strings.Join(append([]string{s}, parts...), "_")
}

// received says what a value is that is not of the type asked for.
func received(js *webidl.Realm, v goja.Value) string {
	switch v := v.(type) {
	case nil:
		return " Received undefined"
	case *goja.Object:
		if kind := anatomy.KindOf(js, v); kind == anatomy.Function {
			return " Received function " + anatomy.FunctionName(js, v)
		}
		if name, ok := anatomy.ClassName(js, v); ok && name != "" {
			return " Received an instance of " + name
		}
		return " Received " + console.Inspect(js, v, console.InspectOptions{Depth: 0})
	}
	if goja.IsUndefined(v) || goja.IsNull(v) {
		return " Received " + v.String()
	}
	text := console.Inspect(js, v, console.InspectOptions{})
	if r := []rune(text); len(r) > 28 {
		text = string(r[:25]) + "..."
	}
	return " Received type " + typeOf(v) + " (" + text + ")"
}

// typeOf is the typeof of a primitive.
func typeOf(v goja.Value) string {
	switch v.(type) {
	case goja.String:
		return "string"
	case *goja.Symbol:
		return "symbol"
	case *goja.Object:
		return "object"
	}
	switch {
	case goja.IsBigInt(v):
		return "bigint"
	case goja.IsNumber(v):
		return "number"
	case goja.IsUndefined(v):
		return "undefined"
	case goja.IsNull(v):
		return "object"
	}
	return "boolean"
}

// isString reports whether v is a string, and gives it.
func isString(v goja.Value) (goja.String, bool) {
	s, ok := v.(goja.String)
	return s, ok
}
