package ecma

import (
	"slices"

	"github.com/dop251/goja"
)

// buffers are the constructors that allocate as much as a number says, with the size of
// an element.
var buffers = []struct {
	name string
	size float64
}{
	{"ArrayBuffer", 1},
	{"Int8Array", 1}, {"Uint8Array", 1}, {"Uint8ClampedArray", 1}, {"Int16Array", 2}, {"Uint16Array", 2},
	{"Int32Array", 4}, {"Uint32Array", 4}, {"Float32Array", 4}, {"Float64Array", 8}, {"BigInt64Array", 8}, {"BigUint64Array", 8},
}

// installConstructors guards the constructors that the script mentions.
func (g *guards) installConstructors(global *goja.Object, mentions func(string) bool) {
	if mentions("Array") {
		g.guardArray(global)
	}
	if mentions("BigInt") {
		g.guardBigInt(global)
	}
	var array *goja.Object // one of the typed array constructors
	for _, b := range buffers {
		if mentions(b.name) {
			if b.name != "ArrayBuffer" {
				array = global.Get(b.name).(*goja.Object)
			}
			g.guardBuffer(global, b.name, b.size)
		}
	}
	if array != nil && mentions("from") {
		stepsOf(g.js).prepareUnits(global, mentions) // what it relies on may be replaced later
		g.install(array.Prototype(), &typedArrayFrom)
	}
}

// typedArrayFrom lets TypedArray.from take strings and other primitives, which the engine
// refuses, and iterates natively: https://tc39.es/ecma262/#sec-%typedarray%.from
var typedArrayFrom = guard{name: "from", length: 1, calls: true, faster: func(g *guards, c goja.FunctionCall, engine native) goja.Value {
	source := c.Argument(0)
	if isNullish(source) {
		return engine(c)
	}
	steps := stepsOf(g.js)
	c.Arguments = slices.Clone(c.Arguments)
	if class, ok := c.This.(*goja.Object); ok && slices.Contains(g.typed, class) {
		// The array that it makes is seen by nothing before it is complete.
		if text, ok := source.(goja.String); ok && class == g.bytes && steps.pristineStrings() {
			if method, ok := steps.units.calls(c.Argument(1)); ok {
				return g.bytesOf(text, method)
			}
		}
		if _, callable := goja.AssertFunction(c.Argument(1)); callable || goja.IsUndefined(c.Argument(1)) {
			if list := steps.snapshot(source); list != nil {
				c.Arguments[0] = list
				return engine(c)
			}
		}
	}
	c.Arguments[0] = steps.iterate(goja.FunctionCall{Arguments: c.Arguments[:1]}).ToObject(g.js.VM)
	return engine(c)
}}

// guardBuffer puts a proxy in the place of a constructor: what is read of it stays the
// constructor's own, and calls and constructions are told apart.
func (g *guards) guardBuffer(global *goja.Object, name string, size float64) {
	original := global.Get(name).(*goja.Object)
	construct, _ := goja.AssertConstructor(original)
	var class *goja.Object
	class = g.js.VM.ToValue(g.js.VM.NewProxy(original, &goja.ProxyTrapConfig{
		Construct: func(_ *goja.Object, args []goja.Value, newTarget *goja.Object) *goja.Object {
			if len(args) > 0 {
				g.checkBuffer(name, args[0], size)
			}
			if newTarget == class {
				newTarget = original
			}
			o, err := construct(newTarget, args...)
			if err != nil {
				rethrow(err)
			}
			return o
		},
		GetSym: func(target *goja.Object, symbol *goja.Symbol, receiver goja.Value) goja.Value {
			if symbol == goja.SymSpecies {
				if receiver == class {
					return original // makes the same buffers, faster
				}
				return receiver
			}
			return target.GetSymbol(symbol)
		},
	})).(*goja.Object)
	g.replace(global, name, original, class)
	if name != "ArrayBuffer" {
		g.typed = append(g.typed, class)
		if name == "Uint8Array" {
			g.bytes = class
		}
	}
}

// replace puts class, a proxy of it, in the place of the constructor original.
func (g *guards) replace(global *goja.Object, name string, original, class *goja.Object) {
	must(original.DefineDataPropertySymbol(goja.SymHasInstance, g.js.HasInstance(), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	prototype := original.Get("prototype").(*goja.Object)
	must(prototype.DefineDataProperty("constructor", class, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(global.DefineDataProperty(name, class, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

// checkBuffer looks at the argument of a constructor whose elements have size bytes.
func (g *guards) checkBuffer(name string, arg goja.Value, size float64) {
	n := number(arg)
	if o, ok := arg.(*goja.Object); ok && name != "ArrayBuffer" {
		if iterator := o.GetSymbol(goja.SymIterator); isNullish(iterator) || o.ClassName() == "Object" {
			n = lengthOf(o) // of an array-like, or of another typed array; a buffer has none
		}
		if n > maxElements && isNullish(o.GetSymbol(goja.SymIterator)) {
			throwNew(g.js.VM, "RangeError", "Invalid typed array length: "+o.Get("length").String())
		}
	}
	if n <= 0 {
		return
	}
	bytes := n * size
	switch {
	case g.isolate == nil:
		if bytes > maxBuffer {
			g.throw("Array buffer allocation failed")
		}
	case bytes > float64(g.isolate.Limits().Memory) || !g.isolate.Allocating(int64(bytes)):
		g.throw("Array buffer allocation failed")
	}
}
