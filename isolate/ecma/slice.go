package ecma

import "github.com/dop251/goja"

// The engine makes each element of the arrays that slice and concat return as a property
// with a descriptor, and moves those of an array that is shifted one by one, by name.

const (
	// fewCopied elements are copied by the engine as fast.
	fewCopied = 6
	// maxCopied elements are copied at once: a copy takes their memory twice.
	maxCopied = 1 << 20
	// fewShifted elements are moved faster by the engine.
	fewShifted = 32
)

// prepareArrays keeps what these rely on before a script can replace it.
func (g *guards) prepareArrays(class, prototype *goja.Object, mentions func(string) bool) {
	g.arrayClass, g.arrayProto = class, prototype
	if mentions("unshift") {
		g.push, _ = prototype.Get("push").(*goja.Object).Export().(native)
	}
}

// sliceArray is https://tc39.es/ecma262/#sec-array.prototype.slice
func sliceArray(g *guards, c goja.FunctionCall, engine native) goja.Value {
	o, ok := c.This.(*goja.Object)
	if !ok || !index(c.Argument(0)) || !index(c.Argument(1)) {
		return engine(c)
	}
	values, ok := g.heap.Elements(o)
	n := int64(len(values))
	start, end := relative(c.Argument(0), 0, n), relative(c.Argument(1), n, n)
	if !ok || end-start < fewCopied || end-start > maxCopied || !g.plain(o) {
		return engine(c)
	}
	values, ok = g.heap.Elements(o)
	if !ok || int64(len(values)) < n { // an accessor that plain read has changed the array
		return engine(c)
	}
	return g.heap.Array(values[start:end])
}

// index reports whether an argument is a number, or left out.
func index(v goja.Value) bool { return goja.IsUndefined(v) || goja.IsNumber(v) }

// relative is an index counted from the end if it is negative, within n.
func relative(v goja.Value, omitted, n int64) int64 {
	if goja.IsUndefined(v) {
		return omitted
	}
	i := v.ToInteger()
	if i < 0 {
		return max(0, n+i)
	}
	return min(i, n)
}

// concatArray is https://tc39.es/ecma262/#sec-array.prototype.concat
func concatArray(g *guards, c goja.FunctionCall, engine native) goja.Value {
	items := append([]goja.Value{c.This}, c.Arguments...)
	total := 0
	for i, item := range items {
		o, ok := item.(*goja.Object)
		if !ok {
			if i == 0 {
				return engine(c)
			}
			total++
			continue
		}
		values, ok := g.heap.Elements(o)
		if !ok || !g.plain(o) {
			return engine(c)
		}
		total += len(values)
	}
	if total < fewCopied || total > maxCopied {
		return engine(c)
	}
	list := make([]goja.Value, 0, total)
	for _, item := range items {
		o, ok := item.(*goja.Object)
		if !ok {
			list = append(list, item)
			continue
		}
		values, ok := g.heap.Elements(o)
		if !ok {
			return engine(c)
		}
		list = append(list, values...)
	}
	return g.heap.Array(list)
}

// plain reports whether slice and concat make plain arrays of a dense one, and take it
// apart as such: https://tc39.es/ecma262/#sec-arrayspeciescreate
func (g *guards) plain(o *goja.Object) bool {
	if !g.heap.Bare(o) || o.Prototype() != g.arrayProto || g.arrayProto.GetSymbol(goja.SymIsConcatSpreadable) != nil {
		return false
	}
	class, _ := g.arrayProto.Get("constructor").(*goja.Object)
	if class == nil || class != g.arrayClass && class != g.wrapped {
		return false
	}
	species := class.GetSymbol(goja.SymSpecies)
	return species == goja.Value(class) || species == goja.Value(g.arrayClass)
}

// shiftArray is https://tc39.es/ecma262/#sec-array.prototype.shift
func shiftArray(g *guards, c goja.FunctionCall, engine native) goja.Value {
	o, ok := c.This.(*goja.Object)
	if !ok {
		return engine(c)
	}
	values, ok := g.heap.Elements(o)
	if !ok || len(values) < fewShifted {
		return engine(c)
	}
	first, last := values[0], int64(len(values)-1)
	copy(values, values[1:])
	if err := o.Delete(decimal(last)); err != nil {
		rethrow(err)
	}
	if err := o.Set("length", last); err != nil {
		rethrow(err)
	}
	return first
}

// unshiftArray is https://tc39.es/ecma262/#sec-array.prototype.unshift
func unshiftArray(g *guards, c goja.FunctionCall, engine native) goja.Value {
	o, ok := c.This.(*goja.Object)
	if !ok || len(c.Arguments) == 0 {
		return engine(c)
	}
	values, ok := g.heap.Elements(o)
	n := len(values)
	if !ok || n < fewShifted {
		return engine(c)
	}
	length := g.push(c)
	values, ok = g.heap.Elements(o)
	if !ok { // a prototype has indices
		if err := o.Set("length", n); err != nil {
			rethrow(err)
		}
		return engine(c)
	}
	copy(values[len(c.Arguments):], values[:n])
	copy(values, c.Arguments)
	return length
}
