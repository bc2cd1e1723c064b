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

// installRegExp replaces the RegExp constructor by one that understands the patterns
// and flags that the engine does not. What the compiler finds in literals it rewrites
// likewise, or makes a call of the constructor.
func installRegExp(js *webidl.Realm, global *goja.Object) {
	vm := js.VM
	original := global.Get("RegExp").(*goja.Object)
	construct, _ := goja.AssertConstructor(original)
	prototype := original.Get("prototype").(*goja.Object)
	exec := callable(vm, prototype.Get("exec"))
	sources := writtenOf(js)
	sources.install(prototype)
	for _, name := range []string{"hasIndices", "unicodeSets"} {
		// Expressions that have the flag have a property of their own.
		get := function(vm, "get "+name, 0, func(c goja.FunctionCall) goja.Value {
			o, ok := c.This.(*goja.Object)
			switch {
			case ok && o == prototype:
				return goja.Undefined()
			case !ok || o.ClassName() != "RegExp":
				throwType(vm, "RegExp.prototype.%s getter called on non-RegExp object", name)
			}
			return vm.ToValue(false)
		})
		must(prototype.DefineAccessorProperty(name, get, nil, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}
	var class *goja.Object
	class = vm.ToValue(func(c goja.ConstructorCall) *goja.Object {
		newTarget := c.NewTarget
		if newTarget == nil {
			newTarget = class
		}
		args := c.Arguments
		var x *expression
		source := "" // if it is not what the engine is given
		if pattern, flags, ok := patternAndFlags(c, sources); ok {
			lowered, err := compiler.ExpandUnicodeProperties(pattern, flags)
			if err != nil {
				throwNew(vm, "SyntaxError", "Invalid regular expression: /"+pattern+"/"+flags+": "+err.Error())
			}
			lowered, renamed := renameGroups(lowered)
			inner := flags
			if renamed != nil || inner != lowerFlags(flags) {
				inner = lowerFlags(flags)
				if strings.Count(flags, "d") > 1 || strings.Count(flags, "v") > 1 {
					throwNew(vm, "SyntaxError", "Invalid flags supplied to RegExp constructor '"+flags+"'")
				}
				x = &expression{vm: vm, flags: flags, lowered: lowered, inner: inner, renamed: renamed, exec: exec}
			}
			if lowered != pattern {
				source = pattern
			}
			if _, copied := c.Argument(0).(*goja.Object); copied || lowered != pattern || x != nil {
				args = []goja.Value{vm.ToValue(lowered), vm.ToValue(inner)}
			}
		}
		o, err := construct(newTarget, args...)
		if err != nil {
			rethrow(err)
		}
		if source != "" {
			sources.set(o, vm.ToValue(escapeSlashes(source)))
		}
		if x != nil {
			x.decorate(o)
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

// patternAndFlags returns the arguments of a constructor call if the pattern may have to
// be rewritten. Other values than strings and expressions are left for the engine to convert.
func patternAndFlags(c goja.ConstructorCall, sources *written) (pattern, flags string, ok bool) {
	f, hasFlags := c.Argument(1).(goja.String)
	if !hasFlags && !goja.IsUndefined(c.Argument(1)) {
		return "", "", false
	}
	if hasFlags {
		flags = f.String()
	}
	switch p := c.Argument(0).(type) {
	case goja.String:
		return p.String(), flags, true
	case *goja.Object:
		if p.ClassName() != "RegExp" {
			return "", "", false
		}
		old := p.Get("flags").String()
		if !hasFlags {
			flags = old
		}
		// Only those of our own making differ from what the engine has.
		return p.Get("source").String(), flags, strings.ContainsAny(old+flags, "dv") || sources.differs(p)
	}
	return "", "", false
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
