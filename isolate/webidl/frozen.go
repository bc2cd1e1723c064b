package webidl

import "github.com/dop251/goja"

// Freeze freezes o, as a FrozenArray is, and returns it.
func (js *Realm) Freeze(o *goja.Object) *goja.Object {
	in := &js.intrinsics
	freeze := in.found["Object.freeze"]
	if freeze == nil {
		freeze, _ = in.get("Object").Get("freeze").(*goja.Object)
		in.keep("Object.freeze", freeze)
	}
	if f, ok := goja.AssertFunction(freeze); ok {
		if _, err := f(goja.Undefined(), o); err != nil {
			panic(err)
		}
	}
	return o
}
