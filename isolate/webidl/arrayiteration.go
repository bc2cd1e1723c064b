package webidl

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// arrayType is what the engine exports an array as.
var arrayType = reflect.TypeFor[[]any]()

// plainArray reports whether iterating over o visits its elements and nothing else can
// be seen: an array iterated by the engine's own methods. Making an iterator and a
// result object for each step is most of the cost of reading a short sequence.
func (js *Realm) plainArray(o *goja.Object) bool {
	if o.ExportType() != arrayType {
		return false
	}
	in := &js.intrinsics
	prototype := in.found["%ArrayIterator%"]
	if prototype == nil {
		prototype = js.captureArrayIterator()
	}
	values := in.found["%Array%.values"]
	return values != nil && o.GetSymbol(goja.SymIterator) == goja.Value(values) && prototype.Get("next") == goja.Value(in.found["%ArrayIterator%.next"])
}

// captureArrayIterator keeps %Array.prototype.values%, %ArrayIteratorPrototype% and its
// next. If a script has replaced one of them, only some object in place of the second.
func (js *Realm) captureArrayIterator() *goja.Object {
	in, array := &js.intrinsics, js.VM.NewArray()
	values, _ := array.GetSymbol(goja.SymIterator).(*goja.Object)
	if isNative(values) {
		iterate, _ := goja.AssertFunction(values)
		if iterator, err := iterate(array); err == nil {
			prototype := iterator.(*goja.Object).Prototype()
			next, _ := prototype.Get("next").(*goja.Object)
			if tag := prototype.GetSymbol(goja.SymToStringTag); isNative(next) && tag != nil && tag.String() == "Array Iterator" {
				in.keep("%Array%.values", values)
				in.keep("%ArrayIterator%.next", next)
				return in.keep("%ArrayIterator%", prototype)
			}
		}
	}
	return in.keep("%ArrayIterator%", array)
}

// isNative reports whether f is not a script's function. A script that makes its own
// look otherwise harms only itself.
func isNative(f *goja.Object) bool {
	return f != nil && strings.HasSuffix(f.String(), "{ [native code] }")
}

// eachElement calls step for the elements of an array, as its iterator would: the
// length is looked at before each step.
func eachElement(o *goja.Object, step func(goja.Value) error) error {
	for i := 0; int64(i) < o.Get("length").ToInteger(); i++ {
		v := o.Get(strconv.Itoa(i))
		if v == nil {
			v = goja.Undefined()
		}
		if err := step(v); err != nil {
			return err
		}
	}
	return nil
}
