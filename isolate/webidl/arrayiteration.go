package webidl

import (
	"reflect"
	"strconv"

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
	values, next, prototype := in.found["%Array%.values"], in.found["%ArrayIterator%.next"], in.found["%ArrayIterator%"]
	if prototype == nil {
		array := js.VM.NewArray()
		values, _ = array.GetSymbol(goja.SymIterator).(*goja.Object)
		call, ok := goja.AssertFunction(values)
		if !ok {
			return false
		}
		iterator, err := call(array)
		if err != nil {
			return false
		}
		i, ok := iterator.(*goja.Object)
		if !ok || i.ClassName() != "Array Iterator" || i.Prototype() == nil { // a script has replaced it
			return false
		}
		prototype = i.Prototype()
		next, _ = prototype.Get("next").(*goja.Object)
		if next == nil || next.Get("name").String() != "next" {
			return false
		}
		if _, native := next.Export().(func(goja.FunctionCall) goja.Value); !native {
			return false
		}
		in.keep("%Array%.values", values)
		in.keep("%ArrayIterator%.next", next)
		in.keep("%ArrayIterator%", prototype)
	}
	return o.GetSymbol(goja.SymIterator) == goja.Value(values) && prototype.Get("next") == goja.Value(next)
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
