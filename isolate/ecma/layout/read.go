package layout

import (
	"reflect"
	"unsafe"

	"github.com/dop251/goja"
	"github.com/dop251/goja/unistring"
)

var dynamicType = reflect.TypeFor[goja.DynamicObject]()

// Dynamic returns what is behind a dynamic object, or nil for other objects. To ask the
// engine takes an allocation, each time that a method is called on such an object.
func Dynamic(o *goja.Object) goja.DynamicObject { return known().behind(o) }

func (e *engine) behind(o *goja.Object) goja.DynamicObject {
	if e == nil {
		if o.ExportType().Implements(dynamicType) {
			return o.Export().(goja.DynamicObject)
		}
		return nil
	}
	if of(o).self.methods != e.dynamic {
		return nil
	}
	return (*dynamicObject)(of(o).self.of).d
}

// Properties returns the names of an ordinary object's own properties, in order, and the
// properties, of which Plain tells those that are no more than a value. ok is false for
// other objects. Both belong to the object: they are good until anything else touches it.
func (h *Heap) Properties(o *goja.Object) (names []unistring.String, properties map[unistring.String]goja.Value, ok bool) {
	if h.engine == nil || of(o).self.methods != h.engine.object {
		return nil, nil, false
	}
	base := (*baseObject)(of(o).self.of)
	if base.class != classObject {
		return nil, nil, false
	}
	for _, name := range base.propNames[min(base.lastSortedPropLen, len(base.propNames)):] {
		if name != "" && name[0] >= '0' && name[0] <= '9' {
			o.Keys() // puts indices in order
			break
		}
	}
	return base.propNames, base.values, true
}

// Listed reports whether an ordinary object, or Object.prototype, has enumerable
// properties whose names are strings. ok is false for other objects.
func (h *Heap) Listed(o *goja.Object) (listed, ok bool) {
	if h.engine == nil || of(o).self.methods != h.engine.object && of(o).self.methods != h.engine.prototype {
		return false, false
	}
	for _, v := range (*baseObject)(of(o).self.of).values {
		if h.Enumerable(v) {
			return true, true
		}
	}
	return false, true
}

// Elements returns the elements of an array that has neither holes nor accessors. They
// are the array's own: to be read, or exchanged among each other, before anything else
// touches it. ok is false for other objects.
func (h *Heap) Elements(o *goja.Object) (values []goja.Value, ok bool) {
	if h.engine == nil || of(o).self.methods != h.engine.array {
		return nil, false
	}
	a := (*arrayObject)(of(o).self.of)
	n := len(a.values)
	return a.values, n == int(a.length) && n == a.objCount && a.propValueCount == 0
}

// Bare reports whether an object that has Elements has no other properties than those
// and its length.
func (h *Heap) Bare(o *goja.Object) bool {
	a := (*arrayObject)(of(o).self.of)
	return len(a.propNames) == 1 && a.symValues == nil
}

// Plain reports whether a property is no more than a value: writable, enumerable and
// configurable.
func (h *Heap) Plain(property goja.Value) bool { return typeOf(property) != h.engine.property }

// Enumerable reports whether a property is there and enumerable.
func (h *Heap) Enumerable(property goja.Value) bool {
	return property != nil && (h.Plain(property) || (*valueProperty)((*value)(unsafe.Pointer(&property)).data).enumerable)
}

// Name returns a property name as a string.
func (h *Heap) Name(name unistring.String) goja.Value {
	if units := name.AsUtf16(); units != nil {
		return goja.StringFromUTF16(units[1:])
	}
	return h.Text(string(name))
}

// Prototypes are those of ordinary objects and of arrays.
func (h *Heap) Prototypes() (object, array *goja.Object) {
	if h.object == nil {
		h.object = h.VM.NewObject().Prototype()
	}
	if h.array == nil {
		h.array = h.VM.NewArray().Prototype()
	}
	return h.object, h.array
}

// Inherits reports whether the prototype of an object that has Properties or Elements is
// that.
func (h *Heap) Inherits(o, prototype *goja.Object) bool {
	return (*baseObject)(of(o).self.of).prototype == prototype
}

// A Kind is how the engine keeps a value.
type Kind uint8

const (
	Other Kind = iota
	Text       // a string of ASCII
	Int
	Float
)

// KindOf tells how a value is kept.
func (h *Heap) KindOf(v goja.Value) Kind {
	if h.engine == nil {
		return Other
	}
	switch typeOf(v) {
	case h.engine.text:
		return Text
	case h.engine.integer:
		return Int
	case h.engine.float:
		return Float
	}
	return Other
}

// TextOf returns the value that is kept as Text.
func TextOf(v goja.Value) string { return *(*string)((*value)(unsafe.Pointer(&v)).data) }

// IntOf returns the value that is kept as Int.
func IntOf(v goja.Value) int64 { return *(*int64)((*value)(unsafe.Pointer(&v)).data) }
