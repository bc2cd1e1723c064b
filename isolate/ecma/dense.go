package ecma

import (
	"reflect"
	"sync"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// dense gives the elements of arrays all at once, which the engine otherwise gives one
// by one, by their names. Its own apply passes those of an array without holes and
// accessors to a native function in the slice that it keeps them in.
type dense struct {
	vm     *goja.Runtime
	apply  native // the engine's, once it is needed or a guard has taken its place
	taker  *goja.Object
	passed []goja.Value
}

type denseKey struct{ _ byte }

var denseSlot denseKey

func denseOf(js *webidl.Realm) *dense {
	return webidl.Slot(js, &denseSlot, func() *dense { return &dense{vm: js.VM} })
}

// prepare reports whether pass can be called. Where a script mentions apply, and so may
// have replaced it, the guard has handed over the engine's.
func (d *dense) prepare() bool {
	if d.taker == nil {
		d.taker = d.vm.ToValue(func(c goja.FunctionCall) goja.Value {
			d.passed = c.Arguments
			return nil
		}).(*goja.Object)
		if d.apply == nil {
			if o, ok := d.taker.Get("apply").(*goja.Object); ok {
				d.apply, _ = o.Export().(native)
			}
		}
	}
	return d.apply != nil
}

// pass returns what apply makes of a list.
func (d *dense) pass(list goja.Value) []goja.Value {
	d.apply(goja.FunctionCall{This: d.taker, Arguments: []goja.Value{goja.Undefined(), list}})
	passed := d.passed
	d.passed = nil
	return passed
}

// engineArray is where the engine has what tells which arrays it passes so; nil for an
// engine that has not.
var engineArray = sync.OnceValue(func() *arrayFields {
	self, ok := reflect.TypeFor[goja.Object]().FieldByName("self")
	if !ok || len(self.Index) != 1 || self.Type.Kind() != reflect.Interface {
		return nil
	}
	at := &arrayFields{self: self.Index[0]}
	at.kind = reflect.ValueOf(goja.New().NewArray()).Elem().Field(at.self).Elem().Type()
	for _, field := range []struct {
		name  string
		kind  reflect.Kind
		index *[]int
	}{
		{"values", reflect.Slice, &at.values}, {"length", reflect.Uint32, &at.length}, {"objCount", reflect.Int, &at.count},
		{"propValueCount", reflect.Int, &at.accessors}, {"propNames", reflect.Slice, &at.names}, {"symValues", reflect.Pointer, &at.symbols},
	} {
		f, ok := at.kind.Elem().FieldByName(field.name)
		if !ok || f.Type.Kind() != field.kind {
			return nil
		}
		*field.index = f.Index
	}
	return at
})

type arrayFields struct {
	self                             int          // in an object
	kind                             reflect.Type // of all arrays but very sparse ones
	values, length, count, accessors []int
	names, symbols                   []int // of other properties
}

// array returns the engine's own of an array that is passed so.
func (at *arrayFields) array(o *goja.Object) (a reflect.Value, ok bool) {
	self := reflect.ValueOf(o).Elem().Field(at.self).Elem()
	if self.Type() != at.kind {
		return a, false
	}
	a = self.Elem()
	n := a.FieldByIndex(at.values).Len()
	return a, uint64(n) == a.FieldByIndex(at.length).Uint() && int64(n) == a.FieldByIndex(at.count).Int() && a.FieldByIndex(at.accessors).Int() == 0
}

// size returns the number of elements of an array that is passed so.
func (d *dense) size(o *goja.Object) (n int, ok bool) {
	at := engineArray()
	if at == nil {
		return 0, false
	}
	a, ok := at.array(o)
	if !ok {
		return 0, false
	}
	return a.FieldByIndex(at.values).Len(), true
}

// of returns the elements of an array that is passed so. They are the array's own: to be
// read, or exchanged among each other, before anything else changes the array.
func (d *dense) of(o *goja.Object) (values []goja.Value, ok bool) {
	n, ok := d.size(o)
	if !ok || !d.prepare() {
		return nil, false
	}
	values = d.pass(o)
	return values, len(values) == n
}

// bare reports whether an array that is passed so has no property but its length.
func (d *dense) bare(o *goja.Object) bool {
	a, _ := engineArray().array(o)
	return a.FieldByIndex(engineArray().names).Len() == 1 && a.FieldByIndex(engineArray().symbols).IsNil()
}
