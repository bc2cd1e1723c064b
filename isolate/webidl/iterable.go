package webidl

import (
	"github.com/dop251/goja"
)

// A Cursor walks the pairs of an iterable declaration: entry i, or ok false past the
// end. It is asked anew for each step, so that changes during iteration are seen as
// https://webidl.spec.whatwg.org/#js-default-iterator-object says.
type Cursor[T any] func(this T, js *Realm, i int) (key, value goja.Value, ok bool)

// Iterable declares iterable<K, V>: entries, keys, values, forEach and @@iterator.
func Iterable[T any](at Cursor[T]) Member[T] { return Member[T]{kind: kindIterable, at: at} }

// iterableNames are the members of an iterable declaration that can wait, and the pairKind
// of those that make an iterator.
var iterableNames = [...]string{pairEntries: "entries", pairKeys: "keys", pairValues: "values", "forEach"}

// defineIterator defines @@iterator, which is entries.
func (m *Member[T]) defineIterator(c *Class[T], b *binding) {
	b.entries = m.iterate(c, b, pairEntries)
	must(b.prototype.DefineDataPropertySymbol(goja.SymIterator, b.entries, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

// defineNamed defines the member of iterableNames.
func (m *Member[T]) defineNamed(c *Class[T], b *binding, i int) {
	var f goja.Value
	switch kind := pairKind(i); kind {
	case pairEntries:
		f = b.entries
	case pairKeys, pairValues:
		f = m.iterate(c, b, kind)
	default:
		f = m.forEach(c, b)
	}
	must(b.prototype.DefineDataProperty(iterableNames[i], f, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
}

// iterate is the operation that returns an iterator.
func (m *Member[T]) iterate(c *Class[T], b *binding, kind pairKind) *goja.Object {
	js := b.realm
	return js.function(c.titles[len(c.Members)+int(kind)].operation, 0, func(call goja.FunctionCall) goja.Value {
		this, err := c.receiver(call.This)
		if err != nil {
			js.Throw(err)
		}
		it := &pairIterator{class: c.Name, kind: kind, at: func(i int) (goja.Value, goja.Value, bool) { return m.at(this, js, i) }}
		it.carrier.impl = it
		o := js.VM.NewDynamicObject(&it.carrier)
		must(o.SetPrototype(b.iteratorPrototype()))
		return o
	})
}

// Pairs are those of a platform object that a script iterates over by the methods that
// its class has from the start.
type Pairs struct {
	class *binding
	impl  any
}

// PairsOf returns the pairs of o, if it has such.
func PairsOf(o *goja.Object) (p Pairs, ok bool) {
	if o.ExportType() != carrierType {
		return p, false
	}
	c := o.Export().(*carrier)
	b := c.class
	if b == nil || b.entries == nil || o.GetSymbol(goja.SymIterator) != goja.Value(b.entries) ||
		b.iterator != nil && b.iterator.Get("next") != goja.Value(b.next) {
		return p, false
	}
	return Pairs{b, c.impl}, true
}

// At returns pair i as things stand now, or ok false past the end.
func (p *Pairs) At(i int) (key, value goja.Value, ok bool) {
	return p.class.class.pair(p.class.realm, p.impl, i)
}

func (c *Class[T]) pair(js *Realm, impl any, i int) (key, value goja.Value, ok bool) {
	return c.Members[c.iterable].at(impl.(T), js, i)
}

// forEach: https://webidl.spec.whatwg.org/#js-forEach
func (m *Member[T]) forEach(c *Class[T], b *binding) *goja.Object {
	js := b.realm
	return js.Function("forEach", 1, func(call goja.FunctionCall) goja.Value {
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
			k, v, ok := m.at(this, js, i)
			if !ok {
				return goja.Undefined()
			}
			if _, err := f.Call(call.Argument(1), v, k, call.This); err != nil {
				panic(err)
			}
		}
	})
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

// iteratorPrototype returns the iterator prototype object of a class.
func (b *binding) iteratorPrototype() *goja.Object {
	if b.iterator != nil {
		return b.iterator
	}
	js, class, proto := b.realm, b.class.name(), b.realm.VM.NewObject()
	b.iterator = proto
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
	b.next = next
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
