package ecma

import (
	"strings"

	"github.com/dop251/goja"
)

const invalidArrayLength = "Invalid array length"

// arrayMethods walk up to the length that their receiver names, whether or not
// anything is there.
var arrayMethods = []guard{
	{name: "copyWithin", length: 2, check: checkWalk}, {name: "every", length: 1, check: checkWalk}, {name: "fill", length: 1, check: checkWalk}, {name: "filter", length: 1, check: checkWalk},
	{name: "find", length: 1, check: checkWalk}, {name: "findIndex", length: 1, check: checkWalk}, {name: "findLast", length: 1, check: checkWalk}, {name: "findLastIndex", length: 1, check: checkWalk},
	{name: "flatMap", length: 1, check: checkWalk}, {name: "forEach", length: 1, check: checkWalk}, {name: "includes", length: 1, check: checkWalk}, {name: "indexOf", length: 1, check: checkWalk},
	{name: "lastIndexOf", length: 1, check: checkWalk}, {name: "map", length: 1, check: checkWalk}, {name: "pop"}, {name: "push", length: 1},
	{name: "reduce", length: 1, check: checkWalk}, {name: "reduceRight", length: 1, check: checkWalk}, {name: "reverse", check: checkWalk}, {name: "shift", check: checkWalk, faster: shiftArray},
	{name: "slice", length: 2, check: checkWalk, faster: sliceArray}, {name: "some", length: 1, check: checkWalk}, {name: "splice", length: 2, check: checkWalk}, {name: "unshift", length: 1, check: checkWalk, faster: unshiftArray},
	{name: "with", length: 2, check: checkWalk}, {name: "toReversed", check: checkWalk}, {name: "toSpliced", length: 2, check: checkWalk},
	{name: "concat", length: 1, faster: concatArray, check: func(g *guards, c goja.FunctionCall) goja.FunctionCall {
		checkWalk(g, c)
		for _, v := range c.Arguments {
			if o, ok := v.(*goja.Object); ok && lengthOf(o) > maxElements {
				g.throw(invalidArrayLength)
			}
		}
		return c
	}},
	// Joining arrays in arrays takes twice as long with every level. String() and
	// toString call join.
	{name: "join", length: 1, word: "String", check: func(g *guards, c goja.FunctionCall) goja.FunctionCall {
		o, ok := c.This.(*goja.Object)
		if !ok {
			return c
		}
		n := lengthOf(o)
		if n > maxElements {
			g.throw(invalidArrayLength)
		}
		if n*float64(textLength(c.Argument(0))) > maxString {
			g.throw(invalidStringLength)
		}
		return c
	}},
	{name: "flat", check: checkWalk},
	{name: "toLocaleString", check: checkWalk},
	{name: "sort", length: 1, faster: sortArray, calls: true},
	{name: "toSorted", length: 1, faster: sortedArray, calls: true},
}

var arrayMakers = []guard{
	{name: "from", length: 1, faster: fromBytes, check: func(g *guards, c goja.FunctionCall) goja.FunctionCall {
		if c.This == g.wrapped && g.wrapped != nil {
			c.This = g.original // whose copies are faster
		}
		o, ok := c.Argument(0).(*goja.Object)
		if !ok {
			return c
		}
		if iterator := o.GetSymbol(goja.SymIterator); isNullish(iterator) && lengthOf(o) > maxElements {
			g.throw(invalidArrayLength)
		}
		return c
	}},
	{name: "of", check: func(g *guards, c goja.FunctionCall) goja.FunctionCall {
		if c.This == g.wrapped && g.wrapped != nil {
			c.This = g.original
		}
		return c
	}},
}

func checkWalk(g *guards, c goja.FunctionCall) goja.FunctionCall {
	if o, ok := c.This.(*goja.Object); ok && lengthOf(o) > maxElements {
		g.throw(invalidArrayLength)
	}
	return c
}

// guardArray replaces the Array constructor by one that refuses lengths which no
// script could fill.
func (g *guards) guardArray(global *goja.Object) {
	vm := g.js.VM
	original := global.Get("Array").(*goja.Object)
	construct, _ := goja.AssertConstructor(original)
	prototype := original.Get("prototype").(*goja.Object)
	var class *goja.Object
	class = vm.ToValue(func(c goja.ConstructorCall) *goja.Object {
		if len(c.Arguments) == 1 && goja.IsNumber(c.Arguments[0]) && c.Arguments[0].ToFloat() > maxElements {
			g.throw(invalidArrayLength)
		}
		newTarget := c.NewTarget
		if newTarget == class {
			newTarget = nil
		}
		o, err := construct(newTarget, c.Arguments...)
		if err != nil {
			rethrow(err)
		}
		return o
	}).(*goja.Object)
	must(class.DefineDataProperty("name", vm.ToValue("Array"), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(class.DefineDataProperty("length", vm.ToValue(1), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(class.DefineDataProperty("prototype", prototype, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
	for _, name := range original.GetOwnPropertyNames() {
		if strings.Contains(" name length prototype ", " "+name+" ") {
			continue
		}
		must(class.DefineDataProperty(name, original.Get(name), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}
	species := function(vm, "get [Symbol.species]", 0, func(c goja.FunctionCall) goja.Value {
		if c.This == class {
			return original // makes the same arrays, faster
		}
		return c.This
	})
	must(class.DefineAccessorPropertySymbol(goja.SymSpecies, species, nil, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(prototype.DefineDataProperty("constructor", class, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(global.DefineDataProperty("Array", class, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	g.wrapped, g.original = class, original
}
