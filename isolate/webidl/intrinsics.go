package webidl

import "github.com/dop251/goja"

// intrinsics are objects of the engine's own that the binding layer uses, each looked
// up when first needed and kept. A script that replaces a global before then harms
// only itself: everything here runs with that script's rights.
type intrinsics struct {
	vm    *goja.Runtime
	found map[string]*goja.Object
}

func (in *intrinsics) capture(vm *goja.Runtime) { in.vm = vm }

// get returns the object at a global name.
func (in *intrinsics) get(name string) *goja.Object {
	if o := in.found[name]; o != nil {
		return o
	}
	o, ok := in.vm.GlobalObject().Get(name).(*goja.Object)
	if !ok {
		o = in.vm.NewObject()
	}
	return in.keep(name, o)
}

// proto returns the prototype property of the class at a global name.
func (in *intrinsics) proto(name string) *goja.Object {
	key := name + ".prototype"
	if o := in.found[key]; o != nil {
		return o
	}
	o, ok := in.get(name).Get("prototype").(*goja.Object)
	if !ok {
		o = in.vm.NewObject()
	}
	return in.keep(key, o)
}

// method returns a property of an object reached by a global name and "prototype".
func (in *intrinsics) method(name, method string) goja.Callable {
	key := name + "#" + method
	o := in.found[key]
	if o == nil {
		o, _ = in.proto(name).Get(method).(*goja.Object)
		in.keep(key, o)
	}
	f, _ := goja.AssertFunction(o)
	return f
}

// getter returns the getter of an accessor property of a class's prototype.
func (in *intrinsics) getter(class *goja.Object, key, property string) goja.Callable {
	o := in.found[key]
	if o == nil {
		describe, _ := goja.AssertFunction(in.get("Object").Get("getOwnPropertyDescriptor"))
		d, err := describe(goja.Undefined(), class, in.vm.ToValue(property))
		if err == nil {
			if desc, ok := d.(*goja.Object); ok {
				o, _ = desc.Get("get").(*goja.Object)
			}
		}
		in.keep(key, o)
	}
	f, _ := goja.AssertFunction(o)
	return f
}

func (in *intrinsics) keep(key string, o *goja.Object) *goja.Object {
	if in.found == nil {
		in.found = map[string]*goja.Object{}
	}
	in.found[key] = o
	return o
}
