package ecma

import (
	"slices"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/intl"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Globals are the global names that the engine lacks.
var Globals = append([]webidl.Global{
	{Name: "Iterator", Make: func(js *webidl.Realm) goja.Value { return iteratorsOf(js).constructor() }},
	webidl.Expose(WeakRef),
	webidl.Expose(FinalizationRegistry),
	webidl.Expose(DisposableStack),
	webidl.Expose(AsyncDisposableStack),
	{Name: "SuppressedError", Make: func(js *webidl.Realm) goja.Value { return suppressedErrorOf(js) }},
}, intl.Globals...)

// iterators are a realm's Iterator class and its helpers:
// https://tc39.es/ecma262/#sec-iterator-objects
type iterators struct {
	vm       *goja.Runtime
	proto    *goja.Object // %IteratorPrototype%
	object   *goja.Object // %Object.prototype%
	complete bool
	class    *goja.Object
	helpers  *goja.Object // %IteratorHelperPrototype%
	wraps    *goja.Object // %WrapForValidIteratorPrototype%
}

type iteratorsKey struct{ _ byte }

var iteratorsSlot iteratorsKey

func iteratorsOf(js *webidl.Realm) *iterators {
	return webidl.Slot(js, &iteratorsSlot, func() *iterators {
		vm := js.VM
		list := vm.NewArray()
		// Not its @@iterator: to look that up the engine makes all of an array's symbol properties.
		iterate, _ := goja.AssertFunction(list.Get("keys"))
		it, err := iterate(list)
		must(err)
		return &iterators{vm: vm, proto: it.(*goja.Object).Prototype().Prototype(), object: vm.NewObject().Prototype()}
	})
}

// installIteratorHelpers puts a look-out behind %IteratorPrototype%, which makes the
// methods when one of them is first looked up there, and then goes away.
//
// A script that uses them mentions one of them, and one of the ways to get an iterator.
func installIteratorHelpers(js *webidl.Realm, mentions func(string) bool) {
	if !mentions("Iterator") && !(slices.ContainsFunc(iteratorSources, mentions) &&
		slices.ContainsFunc(helperMethods, func(m helperMethod) bool { return mentions(m.name) })) {
		return
	}
	in := iteratorsOf(js)
	must(in.proto.SetPrototype(js.VM.NewDynamicObject((*lookout)(in))))
}

// iteratorSources are the words without which a script has no iterator in hand.
var iteratorSources = []string{"yield", "values", "keys", "entries", "matchAll", "iterator"}

type lookout iterators

func (l *lookout) Get(name string) goja.Value {
	if !l.Has(name) {
		return nil
	}
	in := (*iterators)(l)
	in.finish()
	return in.proto.Get(name)
}

func (l *lookout) Has(name string) bool {
	if l.complete {
		return false
	}
	if name == "constructor" {
		return true
	}
	for i := range helperMethods {
		if helperMethods[i].name == name {
			return true
		}
	}
	return false
}

func (l *lookout) Set(string, goja.Value) bool { return false }
func (l *lookout) Delete(string) bool          { return true }
func (l *lookout) Keys() []string              { return nil }

// finish completes %IteratorPrototype%.
func (in *iterators) finish() {
	if in.complete {
		return
	}
	in.complete = true
	must(in.proto.SetPrototype(in.object))
	for _, m := range helperMethods {
		f := function(in.vm, m.name, m.length, func(c goja.FunctionCall) goja.Value { return m.call(in, c) })
		must(in.proto.DefineDataProperty(m.name, f, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}
	must(in.proto.DefineDataPropertySymbol(goja.SymToStringTag, in.vm.ToValue("Iterator"), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(in.proto.DefineDataPropertySymbol(SymDispose, function(in.vm, "[Symbol.dispose]", 0, func(c goja.FunctionCall) goja.Value {
		if o, ok := c.This.(*goja.Object); ok {
			if f := o.Get("return"); !isNullish(f) {
				call(callable(in.vm, f), o)
			}
		}
		return goja.Undefined()
	}), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(in.proto.DefineDataProperty("constructor", in.constructor(), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

// constructor is %Iterator%: https://tc39.es/ecma262/#sec-iterator-constructor
func (in *iterators) constructor() *goja.Object {
	if in.class != nil {
		return in.class
	}
	vm := in.vm
	in.class = vm.ToValue(func(c goja.ConstructorCall) *goja.Object {
		if c.NewTarget == nil || c.NewTarget == in.class {
			throwType(vm, "Abstract class Iterator not directly constructable")
		}
		return nil
	}).(*goja.Object)
	must(in.class.DefineDataProperty("name", vm.ToValue("Iterator"), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(in.class.DefineDataProperty("length", vm.ToValue(0), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(in.class.DefineDataProperty("prototype", in.proto, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
	from := function(vm, "from", 1, func(c goja.FunctionCall) goja.Value { return in.from(c.Argument(0)) })
	must(in.class.DefineDataProperty("from", from, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	concat := function(vm, "concat", 0, func(c goja.FunctionCall) goja.Value { return in.concat(c.Arguments) })
	must(in.class.DefineDataProperty("concat", concat, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	in.finish()
	return in.class
}

// concat is https://tc39.es/ecma262/#sec-iterator.concat
func (in *iterators) concat(items []goja.Value) goja.Value {
	type iterable struct {
		object *goja.Object
		open   goja.Callable
	}
	var iterables []iterable
	for _, item := range items {
		o, ok := item.(*goja.Object)
		if !ok {
			throwType(in.vm, "%s is not an object", show(item))
		}
		iterables = append(iterables, iterable{o, callable(in.vm, o.GetSymbol(goja.SymIterator))})
	}
	return in.helper(record{}, func(h *helper) (goja.Value, bool) {
		for {
			if h.inner == nil {
				if len(iterables) == 0 {
					return nil, false
				}
				next := iterables[0]
				iterables = iterables[1:]
				iterator, ok := call(next.open, next.object).(*goja.Object)
				if !ok {
					throwType(in.vm, "Result of the Symbol.iterator method is not an object")
				}
				inner := in.direct(iterator)
				h.inner = &inner
			}
			if v, ok := in.step(*h.inner); ok {
				return v, true
			}
			h.inner = nil
		}
	})
}

// from is https://tc39.es/ecma262/#sec-iterator.from
func (in *iterators) from(v goja.Value) goja.Value {
	r := in.flattenable(v, true)
	for p := r.iterator.Prototype(); p != nil; p = p.Prototype() {
		if p == in.proto {
			return r.iterator
		}
	}
	if in.wraps == nil {
		in.wraps = in.prototype("", func(h *helper) goja.Value {
			return call(h.source.next, h.source.iterator)
		}, func(h *helper) goja.Value {
			if f := h.source.iterator.Get("return"); !isNullish(f) {
				return call(callable(in.vm, f), h.source.iterator)
			}
			return in.result(goja.Undefined(), true)
		})
	}
	return in.make(&helper{in: in, source: r}, in.wraps)
}

// record is an Iterator Record: https://tc39.es/ecma262/#sec-iterator-records
type record struct {
	iterator *goja.Object
	next     goja.Callable
}

// direct is https://tc39.es/ecma262/#sec-getiteratordirect
func (in *iterators) direct(v goja.Value) record {
	o, ok := v.(*goja.Object)
	if !ok {
		throwType(in.vm, "Iterator helper called on non-object")
	}
	next, _ := goja.AssertFunction(o.Get("next"))
	return record{o, next}
}

// flattenable is https://tc39.es/ecma262/#sec-getiteratorflattenable
func (in *iterators) flattenable(v goja.Value, strings bool) record {
	o, ok := v.(*goja.Object)
	if !ok {
		if _, isString := v.(goja.String); !isString || !strings {
			throwType(in.vm, "%s is not an object", show(v))
		}
		o = v.ToObject(in.vm)
	}
	method := o.GetSymbol(goja.SymIterator)
	if isNullish(method) {
		return in.direct(o)
	}
	return in.direct(call(callable(in.vm, method), v))
}

// step is https://tc39.es/ecma262/#sec-iteratorstepvalue
func (in *iterators) step(r record) (v goja.Value, ok bool) {
	if r.next == nil {
		throwType(in.vm, "Iterator's next is not a function")
	}
	result, isObject := call(r.next, r.iterator).(*goja.Object)
	if !isObject {
		throwType(in.vm, "Iterator result is not an object")
	}
	if done := result.Get("done"); done != nil && done.ToBoolean() {
		return nil, false
	}
	return orUndefined(result.Get("value")), true
}

// close is https://tc39.es/ecma262/#sec-iteratorclose after a normal completion.
func (in *iterators) close(r record) {
	if r.iterator == nil { // of concat, which has only inner ones
		return
	}
	f := r.iterator.Get("return")
	if isNullish(f) {
		return
	}
	if _, ok := call(callable(in.vm, f), r.iterator).(*goja.Object); !ok {
		throwType(in.vm, "Iterator's return did not give an object")
	}
}

// guard calls f; if it throws the iterator is closed, and the exception goes on.
func (in *iterators) guard(r record, f func()) {
	if ex := in.vm.Try(f); ex != nil {
		_ = in.vm.Try(func() { in.close(r) })
		panic(ex)
	}
}

func (in *iterators) result(v goja.Value, done bool) goja.Value {
	o := in.vm.NewObject()
	must(o.Set("value", orUndefined(v)))
	must(o.Set("done", done))
	return o
}
