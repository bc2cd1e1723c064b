package webidl

import (
	"fmt"
	"sync"

	"github.com/dop251/goja"
)

// A Class is one interface of a standard. T is the Go type of its implementations: a
// pointer to a struct that embeds Handle or, for a class that others extend, a Go
// interface that all of their implementations satisfy.
type Class[T any] struct {
	Name string
	// Extends is the inherited interface, or nil.
	Extends Interface
	// Constructor is nil for an interface that scripts cannot construct.
	Constructor *Constructor[T]
	// Callable makes a call without new construct an object too, as some old classes do.
	Callable bool
	Members  []Member[T]
	// Build, if set, adds to a freshly built class what the member list cannot say.
	Build func(js *Realm, constructor, prototype *goja.Object)

	once  sync.Once
	names map[string]int // of the members that can wait, to their index
}

// An Interface is a *Class of any implementation type.
type Interface interface {
	// Bind returns the class's constructor in the realm, building it when first asked.
	Bind(js *Realm) *goja.Object
	name() string
	bind(js *Realm) *binding
}

func (c *Class[T]) name() string { return c.Name }

// Bind implements Interface.
func (c *Class[T]) Bind(js *Realm) *goja.Object { return c.bind(js).interfaceObject() }

// Prototype returns the class's prototype object in the realm.
func (c *Class[T]) Prototype(js *Realm) *goja.Object { return c.bind(js).whole() }

func (c *Class[T]) bind(js *Realm) *binding {
	if b, ok := js.classes[c]; ok {
		return b
	}
	if js.classes == nil {
		js.classes = map[any]*binding{}
	}
	b := c.build(js)
	js.classes[c] = b
	if c.Build != nil {
		c.Build(js, b.interfaceObject(), b.prototype)
	}
	for i := range c.Members {
		if m := &c.Members[i]; m.kind == kindCustom || m.symbol != nil {
			b.defined[i] = true
			m.define(js, c, b)
		}
	}
	return b
}

// Wrap returns the JavaScript object of impl, making it when first asked. impl must
// be a T whose most derived class is c.
func (c *Class[T]) Wrap(js *Realm, impl T) *goja.Object {
	h := any(impl).(Implementation).handle()
	if h.carrier.object != nil {
		return h.carrier.object
	}
	return c.attach(js, impl, h)
}

func (c *Class[T]) attach(js *Realm, impl T, h *Handle) *goja.Object {
	b := c.bind(js)
	h.carrier.impl, h.carrier.class = impl, b
	o := js.VM.NewDynamicObject(&h.carrier)
	h.carrier.object = o
	must(o.SetPrototype(b.prototype))
	return o
}

// attachSubclass makes the object of an instance of a script's subclass.
func (c *Class[T]) attachSubclass(js *Realm, impl T, h *Handle, prototype *goja.Object) *goja.Object {
	h.carrier.impl = impl
	o := js.VM.CreateObject(prototype)
	h.carrier.object = o
	must(o.DefineDataPropertySymbol(slot, js.VM.NewDynamicObject(&h.carrier), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
	return o
}

// Is reports whether v is an object of this class or one that extends it.
func (c *Class[T]) Is(v goja.Value) bool {
	_, ok := As[T](v)
	return ok
}

// Instance is the Type of an object of this class.
func (c *Class[T]) Instance() Type[T] {
	return Type[T]{Name: c.Name, to: func(js *Realm, v goja.Value) (T, error) {
		impl, ok := As[T](v)
		if !ok {
			return impl, TypeError("value is not of type '%s'", c.Name)
		}
		return impl, nil
	}}
}

func (c *Class[T]) receiver(v goja.Value) (T, error) {
	impl, ok := As[T](v)
	if !ok {
		return impl, TypeError("Illegal invocation")
	}
	return impl, nil
}

// build makes the prototype object, empty but for what members cannot wait for.
func (c *Class[T]) build(js *Realm) *binding {
	prototype := js.VM.NewObject()
	c.once.Do(c.number)
	_, hasNames := any(*new(T)).(Named)
	b := &binding{realm: js, hasNames: hasNames, prototype: prototype, names: c.names, defined: make([]bool, len(c.Members))}
	b.define = func(i int) { c.Members[i].define(js, c, b) }
	b.make = func() *goja.Object { return c.constructor(js, b) }
	if c.Extends != nil {
		b.parent = c.Extends.bind(js)
		must(prototype.SetPrototype(b.parent.prototype))
	}
	must(prototype.DefineDataPropertySymbol(goja.SymToStringTag, js.String(c.Name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	return b
}

// number finds the members that can wait until their name is looked up.
func (c *Class[T]) number() {
	c.names = make(map[string]int, len(c.Members))
	for i := range c.Members {
		if m := &c.Members[i]; (m.kind == kindOperation || m.kind == kindAttribute || m.kind == kindConstant) && m.symbol == nil {
			c.names[m.name] = i
		}
	}
}

// constructor makes the interface object. A proxy with native traps is what lets a
// plain call be told from new, and gives new.target for subclasses.
func (c *Class[T]) constructor(js *Realm, b *binding) *goja.Object {
	vm, prototype, length := js.VM, b.prototype, 0
	if c.Constructor != nil {
		length = c.Constructor.length
	}
	target := vm.ToValue(func(goja.ConstructorCall) *goja.Object { return nil }).(*goja.Object)
	must(target.DefineDataProperty("name", js.String(c.Name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(target.DefineDataProperty("length", vm.ToValue(length), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(target.DefineDataProperty("prototype", prototype, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
	must(target.DefineDataPropertySymbol(goja.SymHasInstance, js.HasInstance(), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	if c.Extends != nil {
		must(target.SetPrototype(c.Extends.Bind(js)))
	}
	for i := range c.Members {
		if m := &c.Members[i]; m.kind == kindStaticOperation || m.kind == kindStaticAttribute {
			m.defineStatic(js, c, target)
		} else if m.kind == kindConstant {
			m.defineConstant(js, target)
		}
	}
	var self *goja.Object
	var construct func(args []goja.Value, newTarget *goja.Object) *goja.Object
	proxy := vm.NewProxy(target, &goja.ProxyTrapConfig{
		Apply: func(_ *goja.Object, _ goja.Value, args []goja.Value) goja.Value {
			if c.Constructor == nil {
				js.Throw(TypeError("Illegal constructor"))
			}
			if c.Callable {
				return construct(args, nil)
			}
			js.Throw(TypeError("Class constructor %s cannot be invoked without 'new'", c.Name))
			return nil
		},
		Get: func(target *goja.Object, name string, _ goja.Value) goja.Value {
			if name == "prototype" {
				b.whole()
			}
			if v := target.Get(name); v != nil {
				return v
			}
			return goja.Undefined()
		},
		Construct: func(_ *goja.Object, args []goja.Value, newTarget *goja.Object) *goja.Object {
			return construct(args, newTarget)
		},
	})
	construct = func(args []goja.Value, newTarget *goja.Object) *goja.Object {
		if c.Constructor == nil {
			js.Throw(TypeError("Illegal constructor"))
		}
		proto := prototype
		if newTarget != nil && newTarget != self {
			if p, ok := newTarget.Get("prototype").(*goja.Object); ok {
				proto = p
			}
		}
		if len(args) < length {
			js.Throw(TypeError("Failed to construct '%s': %s", c.Name, missing(length, len(args))))
		}
		impl, err := c.Constructor.construct(js, args)
		if err != nil {
			js.Throw(explain(err, "Failed to construct '"+c.Name+"': "))
		}
		h := any(impl).(Implementation).handle()
		if proto != prototype {
			return c.attachSubclass(js, impl, h, proto)
		}
		if o := h.carrier.object; o != nil { // the constructor's steps needed it already
			return o
		}
		return c.attach(js, impl, h)
	}
	self = vm.ToValue(proxy).(*goja.Object)
	if js.interfaces == nil {
		js.interfaces = map[*goja.Object]*binding{}
	}
	js.interfaces[self] = b
	return self
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

func missing(want, have int) string {
	plural := "s"
	if want == 1 {
		plural = ""
	}
	return fmt.Sprintf("%d argument%s required, but only %d present.", want, plural, have)
}

// explain puts where an exception comes from before its message.
func explain(err error, where string) error {
	if e, ok := err.(*Exception); ok && e.value == nil {
		return &Exception{Name: e.Name, Message: where + e.Message, DOM: e.DOM}
	}
	return err
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// hidden defines a property as built-in methods are: writable and configurable, not enumerable.
func hidden(o *goja.Object, name string, v goja.Value) {
	must(o.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

// Function returns a native function as a standard defines one, with its name and length.
func (js *Realm) Function(name string, length int, f func(goja.FunctionCall) goja.Value) *goja.Object {
	o := js.VM.ToValue(f).(*goja.Object)
	must(o.DefineDataProperty("name", js.VM.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	if length != 0 {
		must(o.DefineDataProperty("length", js.VM.ToValue(length), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}
	return o
}
