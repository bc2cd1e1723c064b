package layout

import (
	"reflect"
	"slices"
	"sync"
	"unsafe"

	"github.com/dop251/goja"
	"github.com/dop251/goja/unistring"
)

// These are the engine's own, field by field; known compares them. A pointer to what
// cannot be named from here is a bare one.
type (
	object struct { // goja.Object
		self    implementation
		runtime *goja.Runtime
	}

	// implementation is an interface: what an object does, and with what.
	implementation struct {
		methods unsafe.Pointer
		of      unsafe.Pointer
	}

	baseObject struct {
		class      string
		val        *goja.Object
		prototype  *goja.Object
		extensible bool

		values    map[unistring.String]goja.Value
		propNames []unistring.String

		lastSortedPropLen, idxPropCount int

		symValues       unsafe.Pointer
		privateElements unsafe.Pointer
	}

	arrayObject struct {
		baseObject
		values         []goja.Value
		length         uint32
		objCount       int
		propValueCount int
		lengthProp     valueProperty
	}

	baseDynamicObject struct {
		val       *goja.Object
		prototype *goja.Object
	}

	dynamicObject struct {
		baseDynamicObject
		d goja.DynamicObject
	}

	promise struct { // goja.Promise
		baseObject
		state            goja.PromiseState
		result           goja.Value
		fulfillReactions []unsafe.Pointer
		rejectReactions  []unsafe.Pointer
		handled          bool
	}

	valueProperty struct {
		value        goja.Value
		writable     bool
		configurable bool
		enumerable   bool
		accessor     bool
		getterFunc   *goja.Object
		setterFunc   *goja.Object
	}
)

// engine is what all objects of a kind have in common.
type engine struct {
	object, array unsafe.Pointer     // what ordinary objects and arrays do
	promise       unsafe.Pointer     // what promises do
	dynamic       unsafe.Pointer     // what dynamic objects do
	prototype     unsafe.Pointer     // what Object.prototype does, nil if it is kept otherwise
	length        []unistring.String // the names of an array's properties
	property      unsafe.Pointer     // the type of a *valueProperty in a goja.Value
	text, integer unsafe.Pointer     // those of strings of ASCII, and of integers
	float         unsafe.Pointer
}

// known is nil if the engine keeps its objects otherwise than this package thinks.
var known = sync.OnceValue(func() *engine {
	vm := goja.New()
	o, a, p, d := vm.NewObject(), vm.NewArray(), newPromise(vm), vm.NewDynamicObject(nil)
	base, array, first := implements(o), implements(a), implements(o.Prototype())
	if !same(reflect.TypeFor[goja.Object](), reflect.TypeFor[object]()) ||
		!same(base, reflect.TypeFor[baseObject]()) || !same(array, reflect.TypeFor[arrayObject]()) ||
		implements(p) != reflect.TypeFor[goja.Promise]() || !same(implements(p), reflect.TypeFor[promise]()) ||
		!same(implements(d), reflect.TypeFor[dynamicObject]()) {
		return nil
	}
	e := &engine{
		object:   of(o).self.methods,
		array:    of(a).self.methods,
		promise:  of(p).self.methods,
		dynamic:  of(d).self.methods,
		length:   NewShape([]unistring.String{nameLength}).names,
		property: typeOf((*baseObject)(of(a).self.of).values[nameLength]),
		text:     typeOf(vm.ToValue("a")),
		integer:  typeOf(vm.ToValue(1)),
		float:    typeOf(vm.ToValue(1.5)),
	}
	if first.NumField() > 0 && first.Field(0).Type == base {
		e.prototype = of(o.Prototype()).self.methods
	}
	if !e.shares(vm) {
		return nil
	}
	return e
})

func newPromise(vm *goja.Runtime) *goja.Object {
	p, _, _ := vm.NewPromise()
	return vm.ToValue(p).(*goja.Object)
}

// implements returns the structure of what an object is.
func implements(o *goja.Object) reflect.Type {
	self := reflect.ValueOf(o).Elem().FieldByName("self")
	if self.Kind() != reflect.Interface || self.Elem().Kind() != reflect.Pointer || self.Elem().Elem().Kind() != reflect.Struct {
		return reflect.TypeFor[struct{}]()
	}
	return self.Elem().Elem().Type()
}

// shares reports whether the engine leaves the names alone that objects share.
func (e *engine) shares(vm *goja.Runtime) bool {
	h := &Heap{VM: vm, engine: e}
	names, values := []unistring.String{"a", "b", "1"}, []goja.Value{vm.ToValue(1), vm.ToValue(2), vm.ToValue(3)}
	first, shape := h.Object(names, values, nil)
	second, _ := h.Object(names, values, shape)
	third, _ := h.Object(names, values, shape)
	if first.Delete("a") != nil || first.Set("d", 4) != nil || second.Set("c", 4) != nil || second.Delete("1") != nil {
		return false
	}
	return slices.Equal(first.Keys(), []string{"1", "b", "d"}) && slices.Equal(second.Keys(), []string{"a", "b", "c"}) &&
		slices.Equal(third.Keys(), []string{"1", "a", "b"}) && slices.Equal(shape.names, names)
}

// same reports whether two structs have the same fields at the same places.
func same(engines, ours reflect.Type) bool {
	if engines.Kind() != reflect.Struct || engines.NumField() != ours.NumField() || engines.Size() != ours.Size() {
		return false
	}
	for i := range engines.NumField() {
		f, g := engines.Field(i), ours.Field(i)
		if f.Name != g.Name || f.Offset != g.Offset || f.Type.Size() != g.Type.Size() {
			return false
		}
		switch {
		case f.Type == g.Type:
		case g.Type.Kind() == reflect.UnsafePointer && (f.Type.Kind() == reflect.Pointer || f.Type.Kind() == reflect.Map):
		case g.Type == reflect.TypeFor[[]unsafe.Pointer]() && f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Pointer:
		case g.Type == reflect.TypeFor[implementation]() && f.Type.Kind() == reflect.Interface:
		case g.Type.Kind() == reflect.Struct && same(f.Type, g.Type):
		default:
			return false
		}
	}
	return true
}

func of(o *goja.Object) *object { return (*object)(unsafe.Pointer(o)) }

// value is a goja.Value.
type value struct{ typ, data unsafe.Pointer }

func typeOf(v goja.Value) unsafe.Pointer { return (*value)(unsafe.Pointer(&v)).typ }

func valueOf(typ, data unsafe.Pointer) (v goja.Value) {
	*(*value)(unsafe.Pointer(&v)) = value{typ, data}
	return v
}

const (
	classObject = "Object"
	classArray  = "Array"
	nameLength  = "length"
)
