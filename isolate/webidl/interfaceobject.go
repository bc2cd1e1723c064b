package webidl

import "github.com/dop251/goja"

// interfaceObject is what a class's constructor is made of: a proxy with native traps,
// which lets a plain call be told from new and gives new.target for subclasses, before
// a function that has the properties. Most scripts only ever say new, so that the
// function stays bare until something else is asked of it.
type interfaceObject struct {
	traps goja.ProxyTrapConfig
	full  bool
}

func (b *binding) makeInterfaceObject() *goja.Object {
	f := &interfaceObject{traps: b.interfaceTraps()}
	b.made = f
	vm := b.realm.VM
	return vm.ToValue(vm.NewProxy(b.makeTarget(), &f.traps)).(*goja.Object)
}

// makeTarget makes the function behind the interface object.
func (b *binding) makeTarget() *goja.Object {
	if b.target == nil {
		b.target = b.realm.VM.ToValue(b.answer).(*goja.Object)
	}
	return b.target
}

// A question is what a trap asks the function that the engine hands it: whose it is. That
// way there is one set of traps, and not one for each realm. No script has a question.
type question struct {
	goja.Value
	class *binding
}

// answer is the function behind an interface object. Its traps keep scripts from calling it.
func (b *binding) answer(call goja.ConstructorCall) *goja.Object {
	if q, ok := call.Argument(0).(*question); ok {
		q.class = b
	}
	return nil
}

// classOf returns the class that a function is behind the interface object of.
func classOf(target *goja.Object) *binding {
	q := &question{}
	target.Export().(func(goja.FunctionCall) goja.Value)(goja.FunctionCall{This: target, Arguments: []goja.Value{q}})
	return q.class
}

// interfaceOf returns the class whose interface object o is, or the function behind it.
func (js *Realm) interfaceOf(o *goja.Object) *binding {
	for _, b := range js.classes {
		if b.constructor == o || b.target == o {
			return b
		}
	}
	return nil
}

// fill gives the interface object its properties. After that only the traps are left
// that are no matter of properties.
// https://webidl.spec.whatwg.org/#interface-object
func (b *binding) fill() {
	f := b.made
	if f.full {
		return
	}
	f.full = true
	js, target := b.realm, b.target
	length, _, _ := b.class.parameters()
	must(target.DefineDataProperty("name", js.String(b.class.name()), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(target.DefineDataProperty("length", js.VM.ToValue(length), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(target.DefineDataProperty("prototype", b.prototype, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
	must(target.DefineDataPropertySymbol(goja.SymHasInstance, js.HasInstance(), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	if b.parent != nil {
		must(target.SetPrototype(b.parent.interfaceObject()))
	}
	b.class.statics(b, target)
	f.traps = goja.ProxyTrapConfig{Apply: f.traps.Apply, Construct: f.traps.Construct, Get: f.traps.Get}
}

// construct is [[Construct]] of the interface object.
func (b *binding) construct(_ *goja.Object, args []goja.Value, newTarget *goja.Object) *goja.Object {
	prototype := b.prototype
	if newTarget != nil && newTarget != b.constructor {
		if p, ok := newTarget.Get("prototype").(*goja.Object); ok {
			prototype = p
		}
	}
	return b.class.construct(b, args, prototype)
}

// filled returns the class of a target, its interface object with all properties.
func filled(target *goja.Object) *binding {
	b := classOf(target)
	b.fill()
	return b
}

// again repeats an operation on what is now an ordinary object in all but calls.
func again(target *goja.Object, operation string, args ...goja.Value) goja.Value {
	b := filled(target)
	return b.realm.reflect(operation, append([]goja.Value{b.constructor}, args...)...)
}

func againAt(target *goja.Object, operation, name string, args ...goja.Value) goja.Value {
	b := filled(target)
	return b.realm.reflect(operation, append([]goja.Value{b.constructor, b.realm.String(name)}, args...)...)
}

// interfaceTraps are the traps of an interface object without properties.
func (b *binding) interfaceTraps() goja.ProxyTrapConfig {
	return goja.ProxyTrapConfig{
		Construct: b.construct,
		Apply: func(target *goja.Object, _ goja.Value, args []goja.Value) goja.Value {
			b := classOf(target)
			if _, constructible, callable := b.class.parameters(); constructible && !callable {
				b.realm.Throw(TypeError("Class constructor %s cannot be invoked without 'new'", b.class.name()))
			}
			return b.class.construct(b, args, b.prototype)
		},
		Get: func(target *goja.Object, name string, _ goja.Value) goja.Value {
			b := filled(target)
			if name == "prototype" {
				return b.whole()
			}
			if v := target.Get(name); v != nil {
				return v
			}
			return goja.Undefined()
		},
		GetSym: func(target *goja.Object, key *goja.Symbol, _ goja.Value) goja.Value {
			b := classOf(target)
			if key == goja.SymHasInstance && !b.made.full {
				return b.realm.HasInstance()
			}
			b.fill()
			if v := target.GetSymbol(key); v != nil {
				return v
			}
			return goja.Undefined()
		},
		GetPrototypeOf: func(target *goja.Object) *goja.Object {
			filled(target)
			return target.Prototype()
		},
		SetPrototypeOf: func(target, prototype *goja.Object) bool {
			var v goja.Value = goja.Null()
			if prototype != nil {
				v = prototype
			}
			return again(target, "setPrototypeOf", v).ToBoolean()
		},
		PreventExtensions: func(target *goja.Object) bool { return again(target, "preventExtensions").ToBoolean() },
		OwnKeys:           func(target *goja.Object) *goja.Object { return again(target, "ownKeys").(*goja.Object) },

		Has: func(target *goja.Object, key string) bool { return againAt(target, "has", key).ToBoolean() },
		HasSym: func(target *goja.Object, key *goja.Symbol) bool {
			return again(target, "has", key).ToBoolean()
		},
		Set: func(target *goja.Object, key string, v, receiver goja.Value) bool {
			return againAt(target, "set", key, v, receiver).ToBoolean()
		},
		SetSym: func(target *goja.Object, key *goja.Symbol, v, receiver goja.Value) bool {
			return again(target, "set", key, v, receiver).ToBoolean()
		},
		DeleteProperty: func(target *goja.Object, key string) bool {
			return againAt(target, "deleteProperty", key).ToBoolean()
		},
		DeletePropertySym: func(target *goja.Object, key *goja.Symbol) bool {
			return again(target, "deleteProperty", key).ToBoolean()
		},
		DefineProperty: func(target *goja.Object, key string, d goja.PropertyDescriptor) bool {
			return againAt(target, "defineProperty", key, classOf(target).realm.descriptorObject(d)).ToBoolean()
		},
		DefinePropertySym: func(target *goja.Object, key *goja.Symbol, d goja.PropertyDescriptor) bool {
			return again(target, "defineProperty", key, classOf(target).realm.descriptorObject(d)).ToBoolean()
		},
		GetOwnPropertyDescriptor: func(target *goja.Object, key string) goja.PropertyDescriptor {
			return descriptorOf(againAt(target, "getOwnPropertyDescriptor", key))
		},
		GetOwnPropertyDescriptorSym: func(target *goja.Object, key *goja.Symbol) goja.PropertyDescriptor {
			return descriptorOf(again(target, "getOwnPropertyDescriptor", key))
		},
	}
}

// reflect calls a method of Reflect.
func (js *Realm) reflect(operation string, args ...goja.Value) goja.Value {
	f, _ := goja.AssertFunction(js.intrinsics.get("Reflect").Get(operation))
	v, err := f(goja.Undefined(), args...)
	if err != nil {
		js.Throw(err)
	}
	return v
}

// descriptorObject is https://tc39.es/ecma262/#sec-frompropertydescriptor.
func (js *Realm) descriptorObject(d goja.PropertyDescriptor) goja.Value {
	if d.IsAccessor() && d.Configurable == goja.FLAG_NOT_SET {
		d.Configurable = goja.FLAG_TRUE // after its trap the engine refuses an accessor that is not
	}
	o := js.VM.NewObject()
	put := func(name string, v goja.Value) {
		if v != nil {
			must(o.Set(name, v))
		}
	}
	flag := func(name string, f goja.Flag) {
		if f != goja.FLAG_NOT_SET {
			must(o.Set(name, f == goja.FLAG_TRUE))
		}
	}
	put("value", d.Value)
	put("get", d.Getter)
	put("set", d.Setter)
	flag("writable", d.Writable)
	flag("enumerable", d.Enumerable)
	flag("configurable", d.Configurable)
	return o
}

// descriptorOf is https://tc39.es/ecma262/#sec-topropertydescriptor of an object that
// the engine made; undefined gives the empty descriptor.
func descriptorOf(v goja.Value) (d goja.PropertyDescriptor) {
	o, ok := v.(*goja.Object)
	if !ok {
		return d
	}
	flag := func(name string) goja.Flag {
		switch f := o.Get(name); {
		case f == nil:
			return goja.FLAG_NOT_SET
		case f.ToBoolean():
			return goja.FLAG_TRUE
		}
		return goja.FLAG_FALSE
	}
	d.Value, d.Getter, d.Setter = o.Get("value"), o.Get("get"), o.Get("set")
	d.Writable, d.Enumerable, d.Configurable = flag("writable"), flag("enumerable"), flag("configurable")
	return d
}

// define implements bound.
func (c *Class[T]) define(b *binding, i int) {
	if i >= len(c.Members) {
		c.Members[c.iterable].defineNamed(c, b, i-len(c.Members))
		return
	}
	c.Members[i].define(c, b, &c.titles[i])
}

// parameters implements bound.
func (c *Class[T]) parameters() (required int, constructible, callable bool) {
	if c.Constructor == nil {
		return 0, false, false
	}
	return c.Constructor.length, true, c.Callable
}

// statics implements bound.
func (c *Class[T]) statics(b *binding, target *goja.Object) {
	for i := range c.Members {
		if m := &c.Members[i]; m.kind == kindStaticOperation || m.kind == kindStaticAttribute {
			m.defineStatic(b.realm, c, target, &c.titles[i])
		} else if m.kind == kindConstant {
			m.defineConstant(b.realm, target)
		}
	}
}

// construct implements bound.
func (c *Class[T]) construct(b *binding, args []goja.Value, prototype *goja.Object) *goja.Object {
	js := b.realm
	if c.Constructor == nil {
		js.Throw(TypeError("Illegal constructor"))
	}
	if length := c.Constructor.length; len(args) < length {
		js.Throw(TypeError("Failed to construct '%s': %s", c.Name, missing(length, len(args))))
	}
	impl, err := c.Constructor.construct(js, args)
	if err != nil {
		js.Throw(explain(err, "Failed to construct '"+c.Name+"': "))
	}
	h := any(impl).(Implementation).handle()
	if prototype != b.prototype {
		return c.attachSubclass(js, impl, h, prototype)
	}
	if o := h.carrier.object; o != nil { // the constructor's steps needed it already
		return o
	}
	return c.attach(js, impl, h)
}

// HasInstance is a function to put under Symbol.hasInstance of a constructor that a
// proxy stands for: the engine's own instanceof does not take a proxy for a function.
func (js *Realm) HasInstance() *goja.Object {
	in := &js.intrinsics
	if o := in.found["hasInstance"]; o != nil {
		return o
	}
	return in.keep("hasInstance", js.VM.ToValue(func(call goja.FunctionCall) goja.Value {
		o, isObject := call.Argument(0).(*goja.Object)
		class, isClass := call.This.(*goja.Object)
		if !isObject || !isClass {
			return js.VM.ToValue(false)
		}
		var prototype *goja.Object
		if b := js.interfaceOf(class); b != nil {
			prototype = b.prototype // without building its members
		} else if prototype, _ = class.Get("prototype").(*goja.Object); prototype == nil {
			js.Throw(TypeError("Function has non-object prototype in instanceof check"))
		}
		for p := o.Prototype(); p != nil; p = p.Prototype() {
			if p == prototype {
				return js.VM.ToValue(true)
			}
		}
		return js.VM.ToValue(false)
	}).(*goja.Object))
}
