package ecma

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// installRegExp replaces the RegExp constructor by one that understands \p{…} in the
// patterns that it is given, as the compiler does for those in the source text.
func installRegExp(js *webidl.Realm, global *goja.Object) {
	vm := js.VM
	original := global.Get("RegExp").(*goja.Object)
	construct, _ := goja.AssertConstructor(original)
	prototype := original.Get("prototype").(*goja.Object)
	var class *goja.Object
	class = vm.ToValue(func(c goja.ConstructorCall) *goja.Object {
		newTarget := c.NewTarget
		if newTarget == nil {
			newTarget = class
		}
		args := c.Arguments
		if pattern, flags, ok := unicodePattern(c); ok {
			expanded, err := compiler.ExpandUnicodeProperties(pattern, flags)
			if err != nil {
				throwNew(vm, "SyntaxError", "Invalid regular expression: /"+pattern+"/: "+err.Error())
			}
			if expanded != pattern {
				args = []goja.Value{vm.ToValue(expanded), args[1]}
			}
		}
		o, err := construct(newTarget, args...)
		if err != nil {
			rethrow(err)
		}
		return o
	}).(*goja.Object)
	must(class.DefineDataProperty("name", vm.ToValue("RegExp"), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(class.DefineDataProperty("length", vm.ToValue(2), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(class.DefineDataProperty("prototype", prototype, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
	species := function(vm, "get [Symbol.species]", 0, func(c goja.FunctionCall) goja.Value { return c.This })
	must(class.DefineAccessorPropertySymbol(goja.SymSpecies, species, nil, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(class.DefineDataProperty("escape", function(vm, "escape", 1, func(c goja.FunctionCall) goja.Value {
		s, ok := c.Argument(0).(goja.String)
		if !ok {
			throwType(vm, "RegExp.escape takes a string")
		}
		return vm.ToValue(escapeRegExp(s))
	}), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(prototype.DefineDataProperty("constructor", class, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(global.DefineDataProperty("RegExp", class, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

// unicodePattern returns the arguments of a constructor call if they may contain \p{…}.
// Other values than strings are left for the engine to convert.
func unicodePattern(c goja.ConstructorCall) (pattern, flags string, ok bool) {
	p, isString := c.Argument(0).(goja.String)
	if !isString {
		return "", "", false
	}
	f, isString := c.Argument(1).(goja.String)
	if !isString {
		return "", "", false
	}
	return p.String(), f.String(), true
}

// escapeRegExp is https://tc39.es/ecma262/#sec-regexp.escape
func escapeRegExp(s goja.String) string {
	var b strings.Builder
	units := make([]uint16, s.Length())
	for i := range units {
		units[i] = s.CharAt(i)
	}
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) {
			if i+1 < len(units) {
				if pair := utf16.DecodeRune(r, rune(units[i+1])); pair != unicode.ReplacementChar {
					b.WriteRune(pair)
					i++
					continue
				}
			}
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		switch {
		case i == 0 && r < 0x80 && (unicode.IsDigit(r) || unicode.IsLetter(r)):
			fmt.Fprintf(&b, `\x%02x`, r)
		case strings.ContainsRune(`^$\.*+?()[]{}|/`, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case strings.ContainsRune("\t\n\v\f\r", r):
			b.WriteByte('\\')
			b.WriteByte("tnvfr"[r-'\t'])
		case r < 0x80 && strings.ContainsRune(",-=<>#&!%:;@~'`\"", r) || r == ' ' || r == 0xA0:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r == 0xFEFF || r == 0x2028 || r == 0x2029 || unicode.Is(unicode.Zs, r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
