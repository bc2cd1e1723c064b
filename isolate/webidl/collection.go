package webidl

import "github.com/dop251/goja"

// A Map is a JavaScript Map made by Go.
type Map struct {
	Object *goja.Object
	set    goja.Callable
}

// NewMap returns an empty Map.
func (js *Realm) NewMap() *Map {
	o, err := js.VM.New(js.intrinsics.get("Map"))
	must(err)
	return &Map{o, js.intrinsics.method("Map", "set")}
}

// Set sets a key.
func (m *Map) Set(key, value goja.Value) {
	_, err := m.set(m.Object, key, value)
	must(err)
}

// IsArray reports whether o is an Array.
func IsArray(o *goja.Object) bool { return o.ClassName() == "Array" }
