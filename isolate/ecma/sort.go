package ecma

import (
	"slices"

	"github.com/dop251/goja"
)

// The engine sorts in place, comparing n log² n times, and calls the comparator or
// converts to strings each time. These compare n log n times.

// sortArray is https://tc39.es/ecma262/#sec-array.prototype.sort
func sortArray(g *guards, c goja.FunctionCall, engine native) goja.Value {
	o, compare := g.sorting(&c)
	if o == nil {
		return engine(c)
	}
	n := length(o)
	values := make([]goja.Value, 0, n)
	for i := range n {
		if v := o.Get(decimal(i)); v != nil { // no hole
			values = append(values, v)
		}
	}
	g.sort(values, compare)
	for i, v := range values {
		if err := o.Set(decimal(int64(i)), v); err != nil {
			rethrow(err)
		}
	}
	for i := int64(len(values)); i < n; i++ {
		if err := o.Delete(decimal(i)); err != nil {
			rethrow(err)
		}
	}
	return o
}

// sortedArray is https://tc39.es/ecma262/#sec-array.prototype.tosorted
func sortedArray(g *guards, c goja.FunctionCall, engine native) goja.Value {
	o, compare := g.sorting(&c)
	if o == nil {
		return engine(c)
	}
	values := make([]goja.Value, length(o))
	for i := range values {
		values[i] = orUndefined(o.Get(decimal(int64(i))))
	}
	g.sort(values, compare)
	return g.heap.Array(values)
}

// sorting returns what to sort and the comparator, nil for the default order. The
// engine sorts proxies, whose traps see more than is asked here, and throws for what
// cannot be sorted; of it limits are looked at only in a comparator.
func (g *guards) sorting(c *goja.FunctionCall) (*goja.Object, native) {
	o, ok := c.This.(*goja.Object)
	if !ok {
		return nil, nil
	}
	var compare native
	if v := c.Argument(0); !goja.IsUndefined(v) {
		f, ok := v.(*goja.Object)
		if !ok {
			return nil, nil
		}
		if compare, ok = f.Export().(native); !ok {
			return nil, nil
		}
	}
	if lengthOf(o) > maxElements {
		g.throw(invalidArrayLength)
	}
	if !trueArray(o) {
		if compare == nil {
			c.Arguments = []goja.Value{g.js.Function("", 2, g.textOrder())}
		}
		return nil, nil
	}
	return o, compare
}

type native = func(goja.FunctionCall) goja.Value

// trueArray reports whether o is an array that is no proxy for one.
func trueArray(o *goja.Object) bool { return o.ExportType() == arrayType && o.ClassName() == "Array" }

// sort sorts stably by https://tc39.es/ecma262/#sec-comparearrayelements
func (g *guards) sort(values []goja.Value, compare native) {
	// undefined comes last, whatever the comparator says.
	defined := values[:0:0]
	for _, v := range values {
		if !goja.IsUndefined(v) {
			defined = append(defined, v)
		}
	}
	if compare == nil && !g.sortTexts(defined) {
		compare = g.textOrder()
	}
	if compare != nil {
		args := make([]goja.Value, 2)
		mergeSort(defined, make([]goja.Value, len(defined)/2), func(a, b goja.Value) bool {
			args[0], args[1] = a, b
			r := orUndefined(compare(goja.FunctionCall{This: goja.Undefined(), Arguments: args}))
			if !goja.IsNumber(r) {
				r = r.ToNumber()
			}
			return r.ToFloat() > 0
		})
	}
	for i := copy(values, defined); i < len(values); i++ {
		values[i] = goja.Undefined()
	}
}

// textOrder is the default order as a comparator.
func (g *guards) textOrder() native {
	return func(c goja.FunctionCall) goja.Value {
		g.step()
		return g.js.VM.ToValue(toString(g.js.VM, c.Argument(0)).CompareTo(toString(g.js.VM, c.Argument(1))))
	}
}

// sortTexts sorts values by what they are as strings, each converted once. It does
// nothing if there is one whose conversion a script can see.
func (g *guards) sortTexts(values []goja.Value) bool {
	type entry struct {
		text  goja.String
		value goja.Value
	}
	entries := make([]entry, len(values))
	for i, v := range values {
		switch v.(type) {
		case *goja.Object, *goja.Symbol:
			return false
		}
		entries[i] = entry{toString(g.js.VM, v), v}
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		g.step()
		return a.text.CompareTo(b.text)
	})
	for i, e := range entries {
		values[i] = e.value
	}
	return true
}

// mergeSort sorts stably; after reports whether a comes after b. buffer has room for half
// of the values.
func mergeSort(values, buffer []goja.Value, after func(a, b goja.Value) bool) {
	const few = 6
	if len(values) <= few {
		for i := 1; i < len(values); i++ {
			v, j := values[i], i
			for ; j > 0 && after(values[j-1], v); j-- {
				values[j] = values[j-1]
			}
			values[j] = v
		}
		return
	}
	middle := len(values) / 2
	mergeSort(values[:middle], buffer, after)
	mergeSort(values[middle:], buffer, after)
	if !after(values[middle-1], values[middle]) {
		return // in order, as lists often are
	}
	left := buffer[:copy(buffer, values[:middle])]
	i, right, to := 0, middle, 0
	for i < len(left) && right < len(values) {
		if after(left[i], values[right]) {
			values[to] = values[right]
			right++
		} else {
			values[to] = left[i]
			i++
		}
		to++
	}
	copy(values[to:], left[i:])
}
