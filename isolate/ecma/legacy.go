package ecma

import (
	"strings"

	"github.com/dop251/goja"
)

// legacyObjectMethods are https://tc39.es/ecma262/#sec-object.prototype-legacy-accessor-methods
var legacyObjectMethods = []addition{
	{"__defineGetter__", 2, func(vm *goja.Runtime, c goja.FunctionCall) goja.Value { return defineAccessor(vm, c, "get") }},
	{"__defineSetter__", 2, func(vm *goja.Runtime, c goja.FunctionCall) goja.Value { return defineAccessor(vm, c, "set") }},
	{"__lookupGetter__", 1, func(vm *goja.Runtime, c goja.FunctionCall) goja.Value { return lookupAccessor(vm, c, "get") }},
	{"__lookupSetter__", 1, func(vm *goja.Runtime, c goja.FunctionCall) goja.Value { return lookupAccessor(vm, c, "set") }},
}

func objectFunction(vm *goja.Runtime, name string) goja.Callable {
	f, _ := goja.AssertFunction(vm.GlobalObject().Get("Object").(*goja.Object).Get(name))
	return f
}

func defineAccessor(vm *goja.Runtime, c goja.FunctionCall, half string) goja.Value {
	o := c.This.ToObject(vm)
	if _, ok := goja.AssertFunction(c.Argument(1)); !ok {
		throwType(vm, "Object.prototype.__define%ster__: Expecting function", map[string]string{"get": "Get", "set": "Set"}[half])
	}
	d := vm.NewObject()
	must(d.Set(half, c.Argument(1)))
	must(d.Set("enumerable", true))
	must(d.Set("configurable", true))
	call(objectFunction(vm, "defineProperty"), goja.Undefined(), o, c.Argument(0), d)
	return goja.Undefined()
}

func lookupAccessor(vm *goja.Runtime, c goja.FunctionCall, half string) goja.Value {
	describe := objectFunction(vm, "getOwnPropertyDescriptor")
	for o := c.This.ToObject(vm); o != nil; o = o.Prototype() {
		if d, ok := call(describe, goja.Undefined(), o, c.Argument(0)).(*goja.Object); ok {
			return orUndefined(d.Get(half))
		}
	}
	return goja.Undefined()
}

// legacyStringMethods are https://tc39.es/ecma262/#sec-additional-properties-of-the-string.prototype-object
var legacyStringMethods = []addition{
	html("anchor", "a", "name"), html("big", "big", ""), html("blink", "blink", ""), html("bold", "b", ""), html("fixed", "tt", ""),
	html("fontcolor", "font", "color"), html("fontsize", "font", "size"), html("italics", "i", ""), html("link", "a", "href"),
	html("small", "small", ""), html("strike", "strike", ""), html("sub", "sub", ""), html("sup", "sup", ""),
}

// html is https://tc39.es/ecma262/#sec-createhtml
func html(name, tag, attribute string) addition {
	length := 0
	if attribute != "" {
		length = 1
	}
	return addition{name, length, func(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
		if isNullish(c.This) {
			throwType(vm, "String.prototype.%s called on null or undefined", name)
		}
		body, open := toString(vm, c.This), "<"+tag
		if attribute != "" {
			open += " " + attribute + `="` + strings.ReplaceAll(toString(vm, c.Argument(0)).String(), `"`, "&quot;") + `"`
		}
		return vm.ToValue(open + ">" + body.String() + "</" + tag + ">")
	}}
}

// legacyDateMethods are https://tc39.es/ecma262/#sec-additional-properties-of-the-date.prototype-object
var legacyDateMethods = []addition{
	{"getYear", 0, func(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
		year := dateMethod(vm, c, "getFullYear")
		if goja.IsNaN(year) {
			return year
		}
		return vm.ToValue(year.ToInteger() - 1900)
	}},
	{"setYear", 1, func(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
		year := c.Argument(0).ToNumber()
		if n := year.ToInteger(); !goja.IsNaN(year) && n >= 0 && n <= 99 {
			year = vm.ToValue(n + 1900)
		}
		return dateMethod(vm, c, "setFullYear", year)
	}},
}

func dateMethod(vm *goja.Runtime, c goja.FunctionCall, name string, args ...goja.Value) goja.Value {
	f := callable(vm, vm.GlobalObject().Get("Date").(*goja.Object).Get("prototype").(*goja.Object).Get(name))
	return call(f, c.This, args...)
}
