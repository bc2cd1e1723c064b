package webidl

import "github.com/dop251/goja"

// interfaceObject is what a class's constructor is made of: a proxy with native traps,
// which lets a plain call be told from new and gives new.target for subclasses, before
// a function that has the properties. Most scripts only ever say new, so that the
// function stays bare until something else is asked of it.
type interfaceObject struct {
	target *goja.Object
	traps  goja.ProxyTrapConfig
	full   bool
}

func (b *binding) makeInterfaceObject() *goja.Object {
	js := b.realm
	if js.interfaces == nil {
		js.interfaces = map[*goja.Object]*binding{}
		js.traps = js.interfaceTraps()
	}
	f := &interfaceObject{target: js.VM.ToValue(noConstructor).(*goja.Object), traps: *js.traps}
	b.made = f
	proxy := js.VM.ToValue(js.VM.NewProxy(f.target, &f.traps)).(*goja.Object)
	js.interfaces[proxy] = b
	js.interfaces[f.target] = b
	return proxy
}

func noConstructor(goja.ConstructorCall) *goja.Object { return nil }

// fill gives the interface object its properties. After that only the traps are left
// that are no matter of properties.
// https://webidl.spec.whatwg.org/#interface-object
func (b *binding) fill() {
	f := b.made
	if f.full {
		return
	}
	f.full = true
	js, length := b.realm, 0
	length, _, _ = b.class.parameters()
	must(f.target.DefineDataProperty("name", js.String(b.class.name()), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(f.target.DefineDataProperty("length", js.VM.ToValue(length), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(f.target.DefineDataProperty("prototype", b.prototype, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
	must(f.target.DefineDataPropertySymbol(goja.SymHasInstance, js.HasInstance(), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	if b.parent != nil {
		must(f.target.SetPrototype(b.parent.interfaceObject()))
	}
	b.class.statics(b, f.target)
	f.traps = goja.ProxyTrapConfig{Apply: f.traps.Apply, Construct: f.traps.Construct, Get: f.traps.Get}
}

// interfaceTraps are the traps of every interface object of the realm; the engine hands
// them the target, by which they find the class.
func (js *Realm) interfaceTraps() *goja.ProxyTrapConfig {
	full := func(target *goja.Object) *binding {
		b := js.interfaces[target]
		b.fill()
		return b
	}
	// again repeats the operation on what is now an ordinary object in all but calls.
	again := func(target *goja.Object, operation string, args ...goja.Value) goja.Value {
		return js.reflect(operation, append([]goja.Value{full(target).constructor}, args...)...)
	}
	has := func(target *goja.Object, key goja.Value) bool { return again(target, "has", key).ToBoolean() }
	set := func(target *goja.Object, key, v, receiver goja.Value) bool {
		return again(target, "set", key, v, receiver).ToBoolean()
	}
	remove := func(target *goja.Object, key goja.Value) bool {
		return again(target, "deleteProperty", key).ToBoolean()
	}
	define := func(target *goja.Object, key goja.Value, d goja.PropertyDescriptor) bool {
		if d.IsAccessor() && d.Configurable == goja.FLAG_NOT_SET {
			d.Configurable = goja.FLAG_TRUE // after this trap the engine refuses an accessor that is not
		}
		return again(target, "defineProperty", key, js.descriptorObject(d)).ToBoolean()
	}
	describe := func(target *goja.Object, key goja.Value) goja.PropertyDescriptor {
		return descriptorOf(again(target, "getOwnPropertyDescriptor", key))
	}
	return &goja.ProxyTrapConfig{
		Apply: func(target *goja.Object, _ goja.Value, args []goja.Value) goja.Value {
			b := js.interfaces[target]
			if _, constructible, callable := b.class.parameters(); constructible && !callable {
				js.Throw(TypeError("Class constructor %s cannot be invoked without 'new'", b.class.name()))
			}
			return b.class.construct(b, args, b.prototype)
		},
		Construct: func(target *goja.Object, args []goja.Value, newTarget *goja.Object) *goja.Object {
			b := js.interfaces[target]
			prototype := b.prototype
			if newTarget != nil && newTarget != b.constructor {
				if p, ok := newTarget.Get("prototype").(*goja.Object); ok {
					prototype = p
				}
			}
			return b.class.construct(b, args, prototype)
		},
		Get: func(target *goja.Object, name string, _ goja.Value) goja.Value {
			b := full(target)
			if name == "prototype" {
				return b.whole()
			}
			if v := target.Get(name); v != nil {
				return v
			}
			return goja.Undefined()
		},
		GetSym: func(target *goja.Object, key *goja.Symbol, _ goja.Value) goja.Value {
			if key == goja.SymHasInstance && !js.interfaces[target].made.full {
				return js.HasInstance()
			}
			full(target)
			if v := target.GetSymbol(key); v != nil {
				return v
			}
			return goja.Undefined()
		},
		GetPrototypeOf: func(target *goja.Object) *goja.Object {
			full(target)
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

		Has:    func(target *goja.Object, key string) bool { return has(target, js.String(key)) },
		HasSym: func(target *goja.Object, key *goja.Symbol) bool { return has(target, key) },
		Set: func(target *goja.Object, key string, v, receiver goja.Value) bool {
			return set(target, js.String(key), v, receiver)
		},
		SetSym: func(target *goja.Object, key *goja.Symbol, v, receiver goja.Value) bool {
			return set(target, key, v, receiver)
		},
		DeleteProperty:    func(target *goja.Object, key string) bool { return remove(target, js.String(key)) },
		DeletePropertySym: func(target *goja.Object, key *goja.Symbol) bool { return remove(target, key) },
		DefineProperty: func(target *goja.Object, key string, d goja.PropertyDescriptor) bool {
			return define(target, js.String(key), d)
		},
		DefinePropertySym: func(target *goja.Object, key *goja.Symbol, d goja.PropertyDescriptor) bool {
			return define(target, key, d)
		},
		GetOwnPropertyDescriptor: func(target *goja.Object, key string) goja.PropertyDescriptor {
			return describe(target, js.String(key))
		},
		GetOwnPropertyDescriptorSym: func(target *goja.Object, key *goja.Symbol) goja.PropertyDescriptor {
			return describe(target, key)
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
func (c *Class[T]) define(b *binding, i int) { c.Members[i].define(b.realm, c, b) }

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
			m.defineStatic(b.realm, c, target)
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
		if b := js.interfaces[class]; b != nil {
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
