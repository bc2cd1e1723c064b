package webidl

import (
	"github.com/dop251/goja"
	"github.com/dop251/goja/unistring"
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
		it := &pairIterator{Pairs: Pairs{class: b, impl: this, kind: kind}}
		it.carrier.impl = it
		o := js.VM.NewDynamicObject(&it.carrier)
		must(o.SetPrototype(b.iteratorPrototype()))
		return o
	})
}

// Pairs is an iteration over the pairs of a platform object.
type Pairs struct {
	class *binding
	impl  any
	kind  pairKind
	next  int
}

// PairsOf returns the iteration over o that a loop makes, if o is a platform object of
// pairs or one of its iterators, as its class made them. self is what %IteratorPrototype%
// had as @@iterator before a script ran.
func PairsOf(o *goja.Object, self goja.Value) *Pairs {
	c := carrierOf(o)
	if c == nil {
		return nil
	}
	if it, ok := c.impl.(*pairIterator); ok {
		if o.Get("next") == goja.Value(it.class.step) && o.Get("return") == nil && o.GetSymbol(goja.SymIterator) == self {
			return &it.Pairs
		}
		return nil
	}
	if b := c.class; b != nil && b.entries != nil && (b.iterator == nil || b.iterator.Get("next") == goja.Value(b.step)) && o.GetSymbol(goja.SymIterator) == goja.Value(b.entries) {
		return &Pairs{class: b, impl: c.impl}
	}
	return nil
}

// Next returns a pair, or the key or the value of one alone, the other being nil; ok is
// false past the end.
func (p *Pairs) Next() (key, value goja.Value, ok bool) {
	key, value, ok = p.class.class.pair(p.class.realm, p.impl, p.next)
	if ok {
		p.next++
	}
	switch p.kind {
	case pairKeys:
		value = nil
	case pairValues:
		key = nil
	}
	return key, value, ok
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
	Pairs
}

// iteratorPrototype returns the iterator prototype object of a class.
func (b *binding) iteratorPrototype() *goja.Object {
	if b.iterator != nil {
		return b.iterator
	}
	js, proto := b.realm, b.realm.VM.NewObject()
	b.iterator = proto
	must(proto.SetPrototype(js.intrinsics.iteratorPrototype()))
	b.step = js.Function("next", 0, func(call goja.FunctionCall) goja.Value {
		it, ok := As[*pairIterator](call.This)
		if !ok || it.class != b {
			js.Throw(TypeError("Illegal invocation"))
		}
		key, value, ok := it.Next()
		switch {
		case !ok:
			return js.IteratorResult(goja.Undefined(), true)
		case value == nil:
			return js.IteratorResult(key, false)
		case key == nil:
			return js.IteratorResult(value, false)
		}
		return js.IteratorResult(js.Heap().Array([]goja.Value{key, value}), false)
	})
	must(proto.DefineDataProperty("next", b.step, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
	must(proto.DefineDataPropertySymbol(goja.SymToStringTag, js.String(b.class.name()+" Iterator"), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	return proto
}

// resultNames are the properties of an iterator's result.
var resultNames = []unistring.String{"value", "done"}

// IteratorResult returns the object {value, done}.
func (js *Realm) IteratorResult(v goja.Value, done bool) *goja.Object {
	var o *goja.Object
	o, js.results = js.Heap().Object(resultNames, []goja.Value{v, js.VM.ToValue(done)}, js.results)
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
