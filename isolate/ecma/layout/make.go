package layout

import (
	"slices"
	"strings"
	"unsafe"

	"github.com/dop251/goja"
	"github.com/dop251/goja/unistring"
)

// A Heap makes and reads objects of one runtime. It belongs to whoever runs that.
type Heap struct {
	VM      *goja.Runtime
	engine  *engine      // nil for one of another layout
	object  *goja.Object // Object.prototype, once it is needed
	array   *goja.Object // Array.prototype likewise
	promise *goja.Object // Promise.prototype likewise
}

// NewHeap returns the heap of vm.
func NewHeap(vm *goja.Runtime) *Heap { return &Heap{VM: vm, engine: known()} }

// A Shape is the names of an object's properties, in order. Objects of one shape share
// them, in any number of runtimes, until one is changed.
type Shape struct{ names []unistring.String }

// marked makes the engine copy a list of names before it changes it, if it stands at the
// end of the list's capacity.
const marked = " "

// NewShape returns the shape of objects with properties of the given names, which must
// differ.
func NewShape(names []unistring.String) *Shape {
	list := make([]unistring.String, len(names)+1)
	list[copy(list, names)] = marked
	return &Shape{list[:len(names)]}
}

// Names returns the names. They must not be changed.
func (s *Shape) Names() []unistring.String { return s.names }

// record is an object and what it is, which the engine keeps apart.
type record struct {
	object
	base baseObject
}

// Object returns an ordinary object with properties of the given names and values, and
// its shape. Of equal names the last counts. If the shape of another object fits, it is
// shared; nil fits none.
func (h *Heap) Object(names []unistring.String, values []goja.Value, another *Shape) (*goja.Object, *Shape) {
	if h.object == nil {
		h.object = h.VM.NewObject().Prototype()
	}
	if h.engine == nil {
		return h.slowly(names, values), nil
	}
	properties := make(map[unistring.String]goja.Value, len(names))
	for i, name := range names {
		properties[name] = values[i]
	}
	if another == nil || !slices.Equal(another.names, names) {
		if len(properties) < len(names) {
			names = distinct(names)
		}
		another = NewShape(names)
	}
	return h.record(another, properties), another
}

// Instance returns an ordinary object of a shape with the given values.
func (h *Heap) Instance(s *Shape, values []goja.Value) *goja.Object {
	if h.object == nil {
		h.object = h.VM.NewObject().Prototype()
	}
	if h.engine == nil {
		return h.slowly(s.names, values)
	}
	properties := make(map[unistring.String]goja.Value, len(values))
	for i, v := range values {
		properties[s.names[i]] = v
	}
	return h.record(s, properties)
}

func (h *Heap) record(s *Shape, properties map[unistring.String]goja.Value) *goja.Object {
	r := &record{object: object{runtime: h.VM}}
	o := (*goja.Object)(unsafe.Pointer(&r.object))
	r.self = implementation{h.engine.object, unsafe.Pointer(&r.base)}
	r.base = baseObject{class: classObject, val: o, prototype: h.object, extensible: true, values: properties, propNames: s.names}
	return o
}

// slowly makes an object without knowing how the engine keeps it.
func (h *Heap) slowly(names []unistring.String, values []goja.Value) *goja.Object {
	// Without a prototype there is no setter that an assignment could run into.
	o := h.VM.CreateObject(nil)
	for i, name := range names {
		if err := o.Set(name.String(), values[i]); err != nil {
			panic(err)
		}
	}
	if err := o.SetPrototype(h.object); err != nil {
		panic(err)
	}
	return o
}

// distinct returns names without repetitions.
func distinct(names []unistring.String) []unistring.String {
	seen := make(map[unistring.String]bool, len(names))
	var list []unistring.String
	for _, name := range names {
		if !seen[name] {
			seen[name] = true
			list = append(list, name)
		}
	}
	return list
}

// few values stand with the array that they belong to.
const few = 4

// list is an array, what it is, and its values if they are few.
type list struct {
	object
	array  arrayObject
	values [few]goja.Value
}

// Array returns an array of values, which it copies.
func (h *Heap) Array(values []goja.Value) *goja.Object {
	if h.engine == nil {
		items := make([]any, len(values))
		for i, v := range values {
			items[i] = v
		}
		return h.VM.NewArray(items...)
	}
	if h.array == nil {
		h.array = h.VM.NewArray().Prototype()
	}
	var (
		o *object
		a *arrayObject
	)
	if n := len(values); n <= few {
		l := new(list)
		o, a = &l.object, &l.array
		a.values = l.values[:copy(l.values[:], values)]
	} else {
		l := new(struct {
			object
			array arrayObject
		})
		o, a = &l.object, &l.array
		a.values = slices.Clone(values)
	}
	a.class, a.val, a.prototype, a.extensible = classArray, (*goja.Object)(unsafe.Pointer(o)), h.array, true
	a.length, a.objCount, a.lengthProp.writable = uint32(len(values)), len(values), true
	a.propNames = h.engine.length
	a.baseObject.values = map[unistring.String]goja.Value{nameLength: valueOf(h.engine.property, unsafe.Pointer(&a.lengthProp))}
	o.self, o.runtime = implementation{h.engine.array, unsafe.Pointer(a)}, h.VM
	return a.val
}

// settled is a promise and what it is.
type settled struct {
	object
	promise promise
}

// Fulfilled returns a promise that is fulfilled with v, which is not thenable, or nil if
// that cannot be had for less than by the engine's own interface.
func (h *Heap) Fulfilled(v goja.Value) *goja.Object {
	if h.engine == nil {
		return nil
	}
	if h.promise == nil {
		h.promise = newPromise(h.VM).Prototype()
	}
	p := &settled{object: object{runtime: h.VM}}
	o := (*goja.Object)(unsafe.Pointer(&p.object))
	p.self = implementation{h.engine.promise, unsafe.Pointer(&p.promise)}
	p.promise = promise{
		baseObject: baseObject{class: classObject, val: o, prototype: h.promise, extensible: true, values: map[unistring.String]goja.Value{}},
		state:      goja.PromiseStateFulfilled, result: v,
	}
	return o
}

// Text returns a string of ASCII, whose memory it shares.
func (h *Heap) Text(s string) goja.Value {
	if h.engine == nil {
		return h.VM.ToValue(s)
	}
	return valueOf(h.engine.text, unsafe.Pointer(&s))
}

// CopyText returns a string of ASCII that shares no memory.
func (h *Heap) CopyText(s string) goja.Value {
	if h.engine == nil {
		return h.VM.ToValue(strings.Clone(s))
	}
	// A string and its bytes in one piece of memory.
	switch n := len(s); {
	case n <= 16:
		var t struct {
			text  string
			bytes [16]byte
		}
		t.text = unsafe.String(&t.bytes[0], copy(t.bytes[:], s))
		return valueOf(h.engine.text, unsafe.Pointer(&t.text))
	case n <= 32:
		var t struct {
			text  string
			bytes [32]byte
		}
		t.text = unsafe.String(&t.bytes[0], copy(t.bytes[:], s))
		return valueOf(h.engine.text, unsafe.Pointer(&t.text))
	case n <= 64:
		var t struct {
			text  string
			bytes [64]byte
		}
		t.text = unsafe.String(&t.bytes[0], copy(t.bytes[:], s))
		return valueOf(h.engine.text, unsafe.Pointer(&t.text))
	}
	return h.Text(strings.Clone(s))
}

// Int returns a number, no greater than 2^53.
func (h *Heap) Int(n int64) goja.Value {
	if h.engine == nil || n < 256 {
		return h.VM.ToValue(n)
	}
	return valueOf(h.engine.integer, unsafe.Pointer(&n))
}

// Float returns a number that is no integer.
func (h *Heap) Float(f float64) goja.Value {
	if h.engine == nil {
		return h.VM.ToValue(f)
	}
	return valueOf(h.engine.float, unsafe.Pointer(&f))
}
