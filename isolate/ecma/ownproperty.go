package ecma

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// An ownFunction is a built-in that looks at or makes properties of an object's own. Two
// kinds of objects need help with that: the global object, whose properties are not made
// before they are touched, and platform objects, of which the engine takes only plain
// properties.
type ownFunction struct {
	class     string
	prototype bool
	name      string
	length    int
	// global is set for one that looks at the global object: it is wrapped only for
	// scripts that name it.
	global bool
	wrap   func(js *webidl.Realm, original native) native
}

var ownFunctions = []ownFunction{
	{"Object", false, "hasOwn", 2, true, showOne},
	{"Object", false, "getOwnPropertyDescriptor", 2, false, getOwnPropertyDescriptor},
	{"Object", false, "getOwnPropertyDescriptors", 1, true, showAll},
	{"Object", false, "getOwnPropertyNames", 1, true, showAll},
	{"Object", false, "defineProperty", 3, false, defineProperty},
	{"Object", false, "defineProperties", 2, false, defineProperties},
	{"Object", true, "hasOwnProperty", 1, true, showOneOfThis},
	{"Object", true, "propertyIsEnumerable", 1, true, showOneOfThis},
	{"Reflect", false, "getOwnPropertyDescriptor", 2, false, getOwnPropertyDescriptor},
	{"Reflect", false, "defineProperty", 3, false, reflectDefineProperty},
	{"Reflect", false, "ownKeys", 1, true, showAll},
}

// globalNames are the names of the global object.
var globalNames = []string{"globalThis", "self"}

func installOwnProperties(js *webidl.Realm, global *goja.Object, mentions func(string) bool) {
	names, reflect := anyOf(mentions, globalNames), mentions("Reflect")
	for i := range ownFunctions {
		f := &ownFunctions[i]
		if !mentions(f.name) || f.global && !names || f.class == "Reflect" && !reflect {
			continue
		}
		holder := global.Get(f.class).(*goja.Object)
		if f.prototype {
			holder = holder.Get("prototype").(*goja.Object)
		}
		original, ok := holder.Get(f.name).Export().(native)
		if !ok {
			continue
		}
		method(js, holder, f.name, f.length, f.wrap(js, original))
	}
}

func showOne(js *webidl.Realm, original native) native {
	return func(c goja.FunctionCall) goja.Value {
		js.ShowGlobal(c.Argument(0), c.Argument(1))
		return original(c)
	}
}

func showOneOfThis(js *webidl.Realm, original native) native {
	return func(c goja.FunctionCall) goja.Value {
		js.ShowGlobal(c.This, c.Argument(0))
		return original(c)
	}
}

func showAll(js *webidl.Realm, original native) native {
	return func(c goja.FunctionCall) goja.Value {
		js.ShowGlobals(c.Argument(0))
		return original(c)
	}
}

func getOwnPropertyDescriptor(js *webidl.Realm, original native) native {
	return func(c goja.FunctionCall) goja.Value {
		js.ShowGlobal(c.Argument(0), c.Argument(1))
		if d, ok := js.OwnDescriptor(c.Argument(0), c.Argument(1)); ok {
			return d
		}
		return original(c)
	}
}

// https://tc39.es/ecma262/#sec-object.defineproperty
func defineProperty(js *webidl.Realm, original native) native {
	return func(c goja.FunctionCall) goja.Value {
		o, key, descriptor := c.Argument(0), c.Argument(1), c.Argument(2)
		if js.DefineOwn(o, key, func(holder *goja.Object) {
			original(goja.FunctionCall{This: c.This, Arguments: []goja.Value{holder, key, descriptor}})
		}) {
			return o
		}
		return original(c)
	}
}

// https://tc39.es/ecma262/#sec-reflect.defineproperty
func reflectDefineProperty(js *webidl.Realm, original native) native {
	return func(c goja.FunctionCall) goja.Value {
		o, key, descriptor := c.Argument(0), c.Argument(1), c.Argument(2)
		var result goja.Value
		if js.DefineOwn(o, key, func(holder *goja.Object) {
			result = original(goja.FunctionCall{This: c.This, Arguments: []goja.Value{holder, key, descriptor}})
		}) {
			return result
		}
		return original(c)
	}
}

// https://tc39.es/ecma262/#sec-object.defineproperties
func defineProperties(js *webidl.Realm, original native) native {
	return func(c goja.FunctionCall) goja.Value {
		o, properties := c.Argument(0), c.Argument(1)
		if webidl.Unwrap(o) == nil || isNullish(properties) {
			return original(c)
		}
		if o := properties.ToObject(js.VM); len(o.Symbols()) > 0 {
			return original(c) // throws
		}
		// One after the other: a later descriptor that is none leaves the earlier ones defined.
		list := properties.ToObject(js.VM)
		for _, name := range list.Keys() {
			key, one := js.VM.ToValue(name), js.VM.NewObject()
			must(one.Set(name, list.Get(name)))
			if !js.DefineOwn(o, key, func(holder *goja.Object) {
				original(goja.FunctionCall{This: c.This, Arguments: []goja.Value{holder, one}})
			}) {
				original(goja.FunctionCall{This: c.This, Arguments: []goja.Value{o, one}})
			}
		}
		return o
	}
}
