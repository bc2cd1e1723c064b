package webidl

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
)

// An expando is a property of a platform object's own that is not as plain assignment
// makes one: an accessor, or one that is read-only, hidden or permanent. The engine's
// carrier can only have plain ones, so that these are kept aside.
type expando struct {
	// holder is an ordinary object with the property, by which the engine judges the next
	// definition of it.
	holder   *goja.Object
	get, set goja.Callable // nil if the property has none
	accessor bool
	fixed    bool // not configurable
	readOnly bool
	hidden   bool // not enumerable
	value    goja.Value
}

// DefineOwn is [[DefineOwnProperty]] of a platform object for a key that is no symbol:
// define must do to the object that it is given what was asked of o. It returns false,
// without having called define, if o is no platform object that needs this.
func (js *Realm) DefineOwn(o, key goja.Value, define func(*goja.Object)) bool {
	c := carrierOf(o)
	if c == nil || c.class == nil {
		return false
	}
	if _, symbol := key.(*goja.Symbol); symbol {
		return false
	}
	name := key.String()
	holder := js.VM.NewObject()
	if x := c.expandos[name]; x != nil {
		holder = x.holder
	} else if v := c.own[name]; v != nil {
		must(holder.Set(name, v))
	}
	define(holder)
	delete(c.expandos, name)
	if c.own[name] == nil {
		c.Set(name, goja.Undefined()) // its place among the others
	}
	if c.expandos == nil {
		c.expandos = map[string]*expando{}
	}
	c.expandos[name] = js.expandoOf(holder, name)
	return true
}

// OwnDescriptor returns the object that [[GetOwnProperty]] of a property made by
// DefineOwn is shown as, if o has such a one.
func (js *Realm) OwnDescriptor(o, key goja.Value) (descriptor goja.Value, ok bool) {
	c := carrierOf(o)
	if c == nil || c.expandos == nil {
		return nil, false
	}
	x := c.expandos[key.String()]
	if x == nil {
		return nil, false
	}
	return js.describe(x.holder, key.String()), true
}

func carrierOf(v goja.Value) *carrier {
	if o, ok := v.(*goja.Object); ok {
		c, _ := layout.Dynamic(o).(*carrier)
		return c
	}
	return nil
}

// describe is Object.getOwnPropertyDescriptor of an ordinary object.
func (js *Realm) describe(o *goja.Object, name string) *goja.Object {
	in := &js.intrinsics
	const key = "Object.getOwnPropertyDescriptor"
	f := in.found[key]
	if f == nil {
		f = in.keep(key, in.get("Object").Get("getOwnPropertyDescriptor").(*goja.Object))
	}
	call, _ := goja.AssertFunction(f)
	d, err := call(goja.Undefined(), o, js.VM.ToValue(name))
	must(err)
	return d.(*goja.Object)
}

func (js *Realm) expandoOf(holder *goja.Object, name string) *expando {
	d := js.describe(holder, name)
	is := func(flag string) bool {
		v := d.Get(flag)
		return v != nil && v.ToBoolean()
	}
	x := &expando{holder: holder, fixed: !is("configurable"), hidden: !is("enumerable"), readOnly: !is("writable"), value: d.Get("value")}
	if x.value == nil {
		x.accessor = true
		x.get, _ = goja.AssertFunction(d.Get("get"))
		x.set, _ = goja.AssertFunction(d.Get("set"))
	}
	return x
}

// read is the property's value for its object.
func (x *expando) read(c *carrier) goja.Value {
	if !x.accessor {
		return x.value
	}
	if x.get == nil {
		return goja.Undefined()
	}
	v, err := x.get(c.object)
	if err != nil {
		c.class.realm.rethrow(err)
	}
	return v
}

// write assigns to the property. It returns false if that is not possible.
func (x *expando) write(c *carrier, name string, v goja.Value) bool {
	switch {
	case x.accessor && x.set == nil, !x.accessor && x.readOnly:
		return false
	case x.accessor:
		if _, err := x.set(c.object, v); err != nil {
			c.class.realm.rethrow(err)
		}
		return true
	}
	x.value = v
	return x.holder.Set(name, v) == nil
}

// rethrow passes on what a script's function threw to the script that runs.
func (js *Realm) rethrow(err error) {
	if interrupted(err) {
		panic(err)
	}
	js.Throw(err)
}
