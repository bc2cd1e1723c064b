package ecma

import (
	"math"

	"github.com/dop251/goja"
)

// A helper is an Iterator Helper object: https://tc39.es/ecma262/#sec-iterator-helper-objects
type helper struct {
	in      *iterators
	source  record
	inner   *record // of flatMap
	pull    func(h *helper) (goja.Value, bool)
	done    bool
	running bool
}

// A helper as the engine sees it has no properties of its own.

func (*helper) Get(string) goja.Value       { return nil }
func (*helper) Set(string, goja.Value) bool { return false }
func (*helper) Has(string) bool             { return false }
func (*helper) Delete(string) bool          { return true }
func (*helper) Keys() []string              { return nil }

func (in *iterators) make(h *helper, prototype *goja.Object) *goja.Object {
	o := in.vm.NewDynamicObject(h)
	must(o.SetPrototype(prototype))
	return o
}

// prototype makes a prototype of helpers with the methods next and return.
func (in *iterators) prototype(tag string, next, end func(*helper) goja.Value) *goja.Object {
	proto := in.vm.CreateObject(in.proto)
	for name, f := range map[string]func(*helper) goja.Value{"next": next, "return": end} {
		m := function(in.vm, name, 0, func(c goja.FunctionCall) goja.Value {
			o, ok := c.This.(*goja.Object)
			if !ok {
				throwType(in.vm, "Illegal invocation")
			}
			h, ok := o.Export().(*helper)
			if !ok || o.Prototype() != proto {
				throwType(in.vm, "Illegal invocation")
			}
			return f(h)
		})
		must(proto.DefineDataProperty(name, m, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}
	if tag != "" {
		must(proto.DefineDataPropertySymbol(goja.SymToStringTag, in.vm.ToValue(tag), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}
	return proto
}

func (in *iterators) helper(source record, pull func(h *helper) (goja.Value, bool)) goja.Value {
	if in.helpers == nil {
		in.helpers = in.prototype("Iterator Helper", (*helper).next, (*helper).end)
	}
	return in.make(&helper{in: in, source: source, pull: pull}, in.helpers)
}

// next is https://tc39.es/ecma262/#sec-%iteratorhelperprototype%.next
func (h *helper) next() goja.Value {
	if h.running {
		throwType(h.in.vm, "Generator is already running")
	}
	if h.done {
		return h.in.result(nil, true)
	}
	h.running = true
	defer func() { h.running = false }()
	finished := true
	defer func() { h.done = h.done || finished }() // an exception ends it
	v, ok := h.pull(h)
	finished = !ok
	return h.in.result(v, !ok)
}

// end is https://tc39.es/ecma262/#sec-%iteratorhelperprototype%.return
func (h *helper) end() goja.Value {
	if h.running {
		throwType(h.in.vm, "Generator is already running")
	}
	if !h.done {
		h.done = true
		if h.inner != nil {
			h.in.guard(h.source, func() { h.in.close(*h.inner) })
		}
		h.in.close(h.source)
	}
	return h.in.result(nil, true)
}

type helperMethod struct {
	name   string
	length int
	call   func(in *iterators, c goja.FunctionCall) goja.Value
}

// helperMethods are the methods of Iterator.prototype: https://tc39.es/ecma262/#sec-iterator.prototype
var helperMethods = []helperMethod{
	{"drop", 1, iteratorDrop},
	{"every", 1, func(in *iterators, c goja.FunctionCall) goja.Value {
		return in.search(c, in.vm.ToValue(true), func(v goja.Value, r goja.Value) (goja.Value, bool) { return in.vm.ToValue(false), !r.ToBoolean() })
	}},
	{"filter", 1, iteratorFilter},
	{"find", 1, func(in *iterators, c goja.FunctionCall) goja.Value {
		return in.search(c, goja.Undefined(), func(v goja.Value, r goja.Value) (goja.Value, bool) { return v, r.ToBoolean() })
	}},
	{"flatMap", 1, iteratorFlatMap},
	{"forEach", 1, func(in *iterators, c goja.FunctionCall) goja.Value {
		return in.search(c, goja.Undefined(), func(goja.Value, goja.Value) (goja.Value, bool) { return nil, false })
	}},
	{"map", 1, iteratorMap},
	{"reduce", 1, iteratorReduce},
	{"some", 1, func(in *iterators, c goja.FunctionCall) goja.Value {
		return in.search(c, in.vm.ToValue(false), func(v goja.Value, r goja.Value) (goja.Value, bool) { return in.vm.ToValue(true), r.ToBoolean() })
	}},
	{"take", 1, iteratorTake},
	{"toArray", 0, func(in *iterators, c goja.FunctionCall) goja.Value {
		in.this(c)
		r := in.direct(c.This)
		var list []any
		for v, ok := in.step(r); ok; v, ok = in.step(r) {
			list = append(list, v)
		}
		return in.vm.NewArray(list...)
	}},
}

// this checks that the receiver is an object.
func (in *iterators) this(c goja.FunctionCall) record {
	o, ok := c.This.(*goja.Object)
	if !ok {
		throwType(in.vm, "Iterator helper called on non-object")
	}
	return record{iterator: o}
}

// function is the callback argument; without one the iterator is closed.
func (in *iterators) function(c goja.FunctionCall) (f goja.Callable, source record) {
	in.guard(in.this(c), func() { f = callable(in.vm, c.Argument(0)) })
	return f, in.direct(c.This)
}

// search calls the callback for each value until stop says so.
func (in *iterators) search(c goja.FunctionCall, otherwise goja.Value, stop func(v, result goja.Value) (goja.Value, bool)) goja.Value {
	f, r := in.function(c)
	for k := 0; ; k++ {
		v, ok := in.step(r)
		if !ok {
			return otherwise
		}
		var answer goja.Value
		var found bool
		in.guard(r, func() { answer, found = stop(v, call(f, goja.Undefined(), v, in.vm.ToValue(k))) })
		if found {
			in.close(r)
			return answer
		}
	}
}

func iteratorMap(in *iterators, c goja.FunctionCall) goja.Value {
	f, r := in.function(c)
	k := 0
	return in.helper(r, func(*helper) (goja.Value, bool) {
		v, ok := in.step(r)
		if ok {
			in.guard(r, func() { v = call(f, goja.Undefined(), v, in.vm.ToValue(k)) })
			k++
		}
		return v, ok
	})
}

func iteratorFilter(in *iterators, c goja.FunctionCall) goja.Value {
	f, r := in.function(c)
	k := 0
	return in.helper(r, func(*helper) (goja.Value, bool) {
		for {
			v, ok := in.step(r)
			if !ok {
				return nil, false
			}
			keep := false
			in.guard(r, func() { keep = call(f, goja.Undefined(), v, in.vm.ToValue(k)).ToBoolean() })
			k++
			if keep {
				return v, true
			}
		}
	})
}

func iteratorFlatMap(in *iterators, c goja.FunctionCall) goja.Value {
	f, r := in.function(c)
	k := 0
	return in.helper(r, func(h *helper) (goja.Value, bool) {
		for {
			if h.inner == nil {
				v, ok := in.step(r)
				if !ok {
					return nil, false
				}
				in.guard(r, func() {
					inner := in.flattenable(call(f, goja.Undefined(), v, in.vm.ToValue(k)), false)
					h.inner = &inner
				})
				k++
			}
			var v goja.Value
			var ok bool
			in.guard(r, func() { v, ok = in.step(*h.inner) })
			if ok {
				return v, true
			}
			h.inner = nil
		}
	})
}

// count is the argument of take and drop.
func (in *iterators) count(c goja.FunctionCall) (n float64, source record) {
	in.guard(in.this(c), func() {
		n = math.Trunc(c.Argument(0).ToNumber().ToFloat())
		if math.IsNaN(n) || n < 0 {
			throwNew(in.vm, "RangeError", show(c.Argument(0))+" must be positive")
		}
	})
	return n, in.direct(c.This)
}

func iteratorTake(in *iterators, c goja.FunctionCall) goja.Value {
	left, r := in.count(c)
	return in.helper(r, func(*helper) (goja.Value, bool) {
		if left == 0 {
			in.close(r)
			return nil, false
		}
		left--
		return in.step(r)
	})
}

func iteratorDrop(in *iterators, c goja.FunctionCall) goja.Value {
	left, r := in.count(c)
	return in.helper(r, func(*helper) (goja.Value, bool) {
		for ; left > 0; left-- {
			if _, ok := in.step(r); !ok {
				return nil, false
			}
		}
		return in.step(r)
	})
}

func iteratorReduce(in *iterators, c goja.FunctionCall) goja.Value {
	f, r := in.function(c)
	var sum goja.Value
	k := 0
	if len(c.Arguments) > 1 {
		sum = c.Argument(1)
	} else {
		first, ok := in.step(r)
		if !ok {
			throwType(in.vm, "Reduce of a done iterator with no initial value")
		}
		sum, k = first, 1
	}
	for ; ; k++ {
		v, ok := in.step(r)
		if !ok {
			return sum
		}
		in.guard(r, func() { sum = call(f, goja.Undefined(), sum, v, in.vm.ToValue(k)) })
	}
}
