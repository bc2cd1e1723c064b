package webidl

import (
	"github.com/dop251/goja"
)

// A Cursor walks the pairs of an iterable declaration: entry i, or ok false past the
// end. It is asked anew for each step, so that changes during iteration are seen as
// https://webidl.spec.whatwg.org/#js-default-iterator-object says.
type Cursor[T any] func(this T, js *Realm, i int) (key, value goja.Value, ok bool)

// Iterable declares iterable<K, V>: entries, keys, values, forEach and @@iterator.
func Iterable[T any](at Cursor[T]) Member[T] {
	return Member[T]{kind: kindCustom, more: func(js *Realm, c *Class[T], b *binding) {
		proto := js.iteratorPrototype(c.Name)
		method := func(name string, kind pairKind) *goja.Object {
			return js.Function(name, 0, func(call goja.FunctionCall) goja.Value {
				this, err := c.receiver(call.This)
				if err != nil {
					js.Throw(err)
				}
				it := &pairIterator{class: c.Name, kind: kind, at: func(i int) (goja.Value, goja.Value, bool) { return at(this, js, i) }}
				it.carrier.impl = it
				o := js.VM.NewDynamicObject(&it.carrier)
				must(o.SetPrototype(proto))
				return o
			})
		}
		entries := method("entries", pairEntries)
		visible := func(name string, f *goja.Object) {
			must(b.prototype.DefineDataProperty(name, f, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
		}
		visible("entries", entries)
		visible("keys", method("keys", pairKeys))
		visible("values", method("values", pairValues))
		visible("forEach", js.Function("forEach", 1, func(call goja.FunctionCall) goja.Value {
			this, err := c.receiver(call.This)
			if err == nil && len(call.Arguments) == 0 {
				err = TypeError("Failed to execute 'forEach' on '%s': %s", c.Name, missing(1, 0))
			}
			if err != nil {
				js.Throw(err)
			}
			f, err := CallbackFunction.Convert(js, call.Argument(0))
			if err != nil {
				js.Throw(explain(err, "Failed to execute 'forEach' on '"+c.Name+"': "))
			}
			for i := 0; ; i++ {
				k, v, ok := at(this, js, i)
				if !ok {
					return goja.Undefined()
				}
				if _, err := f.Call(call.Argument(1), v, k, call.This); err != nil {
					panic(err)
				}
			}
		}))
		must(b.prototype.DefineDataPropertySymbol(goja.SymIterator, entries, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}}
}

type pairKind uint8

const (
	pairEntries pairKind = iota
	pairKeys
	pairValues
)

// pairIterator is a default iterator object.
type pairIterator struct {
	carrier carrier
	class   string
	kind    pairKind
	next    int
	at      func(i int) (key, value goja.Value, ok bool)
}

// iteratorPrototype makes the iterator prototype object of a class.
func (js *Realm) iteratorPrototype(class string) *goja.Object {
	proto := js.VM.NewObject()
	must(proto.SetPrototype(js.intrinsics.iteratorPrototype()))
	next := js.Function("next", 0, func(call goja.FunctionCall) goja.Value {
		it, ok := As[*pairIterator](call.This)
		if !ok || it.class != class {
			js.Throw(TypeError("Illegal invocation"))
		}
		var v goja.Value = goja.Undefined()
		key, value, ok := it.at(it.next)
		if ok {
			it.next++
			switch it.kind {
			case pairKeys:
				v = key
			case pairValues:
				v = value
			default:
				v = js.VM.NewArray(key, value)
			}
		}
		return js.IteratorResult(v, !ok)
	})
	must(proto.DefineDataProperty("next", next, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
	must(proto.DefineDataPropertySymbol(goja.SymToStringTag, js.String(class+" Iterator"), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	return proto
}

// IteratorResult returns the object {value, done}.
func (js *Realm) IteratorResult(v goja.Value, done bool) *goja.Object {
	o := js.VM.NewObject()
	must(o.Set("value", v))
	must(o.Set("done", done))
	return o
}

// iteratorPrototype is %IteratorPrototype%.
func (in *intrinsics) iteratorPrototype() *goja.Object {
	if o := in.found["%IteratorPrototype%"]; o != nil {
		return o
	}
	iterate, _ := goja.AssertFunction(in.vm.NewArray().GetSymbol(goja.SymIterator))
	it, err := iterate(in.vm.NewArray())
	must(err)
	return in.keep("%IteratorPrototype%", it.(*goja.Object).Prototype().Prototype())
}
