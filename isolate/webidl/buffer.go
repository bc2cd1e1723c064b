package webidl

import (
	"reflect"

	"github.com/dop251/goja"
)

// BufferSource is the BufferSource type: the bytes of an ArrayBuffer or of a view on
// one. They alias the script's memory: they are valid until control returns to the
// script and must be copied to be kept.
var BufferSource = Type[[]byte]{Name: "BufferSource", to: func(js *Realm, v goja.Value) ([]byte, error) {
	b, ok := js.BytesOf(v)
	if !ok {
		return nil, TypeError("The provided value is not of type '(ArrayBuffer or ArrayBufferView)'.")
	}
	return b, nil
}}

// A View is an ArrayBufferView taken apart.
type View struct {
	Object *goja.Object
	// Kind is "DataView" or the name of a typed array class.
	Kind   string
	Buffer *goja.Object // the ArrayBuffer
	Offset int          // bytes
	Length int          // bytes
	// ElementSize is the number of bytes of one element, 1 for a DataView.
	ElementSize int
}

// ArrayBufferView is the ArrayBufferView type.
var ArrayBufferView = Type[*View]{Name: "ArrayBufferView", to: func(js *Realm, v goja.Value) (*View, error) {
	view, ok := js.ViewOf(v)
	if !ok {
		return nil, TypeError("The provided value is not of type 'ArrayBufferView'.")
	}
	return view, nil
}}

// BytesOf returns the bytes of an ArrayBuffer or a view on one, aliasing the script's memory.
func (js *Realm) BytesOf(v goja.Value) ([]byte, bool) {
	o, ok := v.(*goja.Object)
	if !ok {
		return nil, false
	}
	switch o.ExportType() {
	case arrayBufferType:
		if b, ok := o.Export().(goja.ArrayBuffer); ok {
			return b.Bytes(), true
		}
		return nil, false
	case bytesType:
		return exportBytes(o), true
	}
	view, ok := js.ViewOf(v)
	if !ok {
		return nil, false
	}
	return view.Bytes(), true
}

// exportBytes returns the bytes of a Uint8Array or Uint8ClampedArray, the two classes
// that the engine exports as the bytes themselves; none if its buffer is detached.
func exportBytes(o *goja.Object) (b []byte) {
	defer func() {
		if recover() != nil { // the engine slices a detached buffer
			b = nil
		}
	}()
	b, _ = o.Export().([]byte)
	return b
}

// Bytes are the bytes that the view shows, aliasing the script's memory; none if the
// buffer is detached.
func (v *View) Bytes() []byte {
	b := v.Buffer.Export().(goja.ArrayBuffer).Bytes()
	if v.Offset+v.Length > len(b) {
		return nil
	}
	return b[v.Offset : v.Offset+v.Length : v.Offset+v.Length]
}

var (
	arrayBufferType = reflect.TypeFor[goja.ArrayBuffer]()
	bytesType       = reflect.TypeFor[[]byte]()
)

// isView reports whether o exports as a slice of numbers, as every typed array does.
func isView(o *goja.Object) bool {
	t := o.ExportType()
	if t == nil || t.Kind() != reflect.Slice {
		return false
	}
	switch t.Elem().Kind() {
	case reflect.Int8, reflect.Uint8, reflect.Int16, reflect.Uint16, reflect.Int32, reflect.Uint32,
		reflect.Int64, reflect.Uint64, reflect.Float32, reflect.Float64:
		return true
	}
	return false
}

var elementSizes = map[string]int{
	"Int8Array": 1, "Uint8Array": 1, "Uint8ClampedArray": 1, "Int16Array": 2, "Uint16Array": 2, "Int32Array": 4,
	"Uint32Array": 4, "Float32Array": 4, "Float64Array": 8, "BigInt64Array": 8, "BigUint64Array": 8,
}

// ViewOf takes an ArrayBufferView apart by the engine's own getters, whatever a script
// has put on the object or its prototypes.
func (js *Realm) ViewOf(v goja.Value) (*View, bool) {
	o, ok := v.(*goja.Object)
	if !ok {
		return nil, false
	}
	in := &js.intrinsics
	typed := in.found["%TypedArray%.prototype"]
	if typed == nil {
		typed = in.keep("%TypedArray%.prototype", in.proto("Uint8Array").Prototype())
	}
	if kind := in.tag(typed, o); kind != "" {
		view := &View{Object: o, Kind: kind, ElementSize: elementSizes[kind]}
		return view, in.fill(view, typed, "%TypedArray%")
	}
	view := &View{Object: o, Kind: "DataView", ElementSize: 1}
	return view, in.fill(view, in.proto("DataView"), "DataView")
}

// tag reads %TypedArray%.prototype[@@toStringTag] of o: the name of its class, or "".
func (in *intrinsics) tag(typed, o *goja.Object) string {
	if !isView(o) {
		return ""
	}
	get := in.found["%TypedArray%.tag"]
	if get == nil {
		describe, _ := goja.AssertFunction(in.get("Object").Get("getOwnPropertyDescriptor"))
		d, err := describe(goja.Undefined(), typed, goja.SymToStringTag)
		if err != nil {
			return ""
		}
		get, _ = d.(*goja.Object).Get("get").(*goja.Object)
		in.keep("%TypedArray%.tag", get)
	}
	f, _ := goja.AssertFunction(get)
	name, err := f(o)
	if err != nil || goja.IsUndefined(name) {
		return ""
	}
	return name.String()
}

// fill reads the buffer, byteOffset and byteLength of a view.
func (in *intrinsics) fill(view *View, class *goja.Object, key string) bool {
	buffer, err := in.getter(class, key+".buffer", "buffer")(view.Object)
	if err != nil {
		return false
	}
	if view.Buffer, _ = buffer.(*goja.Object); view.Buffer == nil {
		return false
	}
	if view.Buffer.Export().(goja.ArrayBuffer).Detached() {
		return true
	}
	offset, err := in.getter(class, key+".byteOffset", "byteOffset")(view.Object)
	if err != nil {
		return false
	}
	length, err := in.getter(class, key+".byteLength", "byteLength")(view.Object)
	if err != nil {
		return false
	}
	view.Offset, view.Length = int(offset.ToInteger()), int(length.ToInteger())
	return true
}

// ArrayBuffer returns a new ArrayBuffer that owns b.
func (js *Realm) ArrayBuffer(b []byte) *goja.Object {
	if b == nil {
		b = []byte{}
	}
	return js.VM.ToValue(js.VM.NewArrayBuffer(b)).(*goja.Object)
}

// Uint8Array returns a new Uint8Array over a new ArrayBuffer that owns b.
func (js *Realm) Uint8Array(b []byte) *goja.Object {
	o, err := js.VM.New(js.intrinsics.get("Uint8Array"), js.ArrayBuffer(b))
	must(err)
	return o
}

// NewView returns a new view of the given class over buffer. length counts elements.
func (js *Realm) NewView(kind string, buffer *goja.Object, offset, length int) *goja.Object {
	o, err := js.VM.New(js.intrinsics.get(kind), buffer, js.VM.ToValue(offset), js.VM.ToValue(length))
	must(err)
	return o
}

// Transfer moves the bytes of an ArrayBuffer to a new one and detaches the old
// (https://tc39.es/ecma262/#sec-arraybuffercopyanddetach).
func (js *Realm) Transfer(buffer *goja.Object) (*goja.Object, error) {
	b, ok := buffer.Export().(goja.ArrayBuffer)
	if !ok || b.Detached() {
		return nil, TypeError("Cannot transfer a detached ArrayBuffer.")
	}
	bytes := b.Bytes()
	b.Detach()
	return js.ArrayBuffer(bytes), nil
}
