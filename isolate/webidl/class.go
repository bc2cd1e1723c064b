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

	once     sync.Once
	names    map[string]int // of the members that can wait, to their index
	titles   []titles       // of the members, by their index
	iterable int            // which member is the iterable declaration, or -1
}

// An Interface is a *Class of any implementation type.
type Interface interface {
	// Bind returns the class's constructor in the realm, building it when first asked.
	Bind(js *Realm) *goja.Object
	name() string
	bind(js *Realm) *binding
	bound
}

func (c *Class[T]) name() string { return c.Name }

// Bind implements Interface.
func (c *Class[T]) Bind(js *Realm) *goja.Object {
	b := c.bound(js)
	if b == nil {
		b = c.build(js, true)
	}
	return b.interfaceObject()
}

// Prototype returns the class's prototype object in the realm.
func (c *Class[T]) Prototype(js *Realm) *goja.Object { return c.bind(js).whole() }

// bind returns the class as built in the realm, building it when first asked.
func (c *Class[T]) bind(js *Realm) *binding {
	if b := c.bound(js); b != nil {
		return b
	}
	return c.build(js, false)
}

// bound returns the class as built in the realm, or nil.
func (c *Class[T]) bound(js *Realm) *binding {
	for _, b := range js.classes {
		if b.class == bound(c) {
			return b
		}
	}
	return nil
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

// build makes the class with a prototype object that has only what members cannot wait
// for. mentioned says that the interface object is about to be asked for.
func (c *Class[T]) build(js *Realm, mentioned bool) *binding {
	c.once.Do(c.number)
	_, hasNames := any(*new(T)).(Named)
	b := &binding{realm: js, class: c, hasNames: hasNames, names: c.names, members: len(c.titles)}
	if mentioned { // with the function behind it the engine makes a prototype object anyway
		b.prototype = b.makeTarget().Get("prototype").(*goja.Object)
	} else {
		b.prototype = js.VM.NewObject()
	}
	if c.Extends != nil {
		b.parent = c.Extends.bind(js)
		must(b.prototype.SetPrototype(b.parent.prototype))
	}
	if !js.tagsWait {
		b.tag()
	}
	js.classes = append(js.classes, b)
	if c.Build != nil {
		c.Build(js, b.interfaceObject(), b.prototype)
	}
	for i := range c.Members {
		if m := &c.Members[i]; m.kind == kindCustom || m.kind == kindIterable || m.symbol != nil {
			b.member(i)
		}
	}
	return b
}

// number finds the members that can wait until their name is looked up, and names the
// functions of all.
func (c *Class[T]) number() {
	c.names, c.iterable = make(map[string]int, len(c.Members)), -1
	for i := range c.Members {
		m := &c.Members[i]
		switch m.kind {
		case kindOperation, kindAttribute, kindConstant:
			if m.symbol == nil {
				c.names[m.name] = i
			}
		case kindIterable:
			c.iterable = i
		}
		c.titles = append(c.titles, m.titles())
	}
	if c.iterable >= 0 {
		for _, name := range iterableNames {
			c.names[name] = len(c.titles)
			c.titles = append(c.titles, titles{operation: text(name)})
		}
	}
	if len(c.titles) > maxMembers {
		panic("webidl: " + c.Name + " has too many members")
	}
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
	return js.function(js.VM.ToValue(name), length, f)
}

func (js *Realm) function(name goja.Value, length int, f func(goja.FunctionCall) goja.Value) *goja.Object {
	o := js.VM.ToValue(f).(*goja.Object)
	must(o.DefineDataProperty("name", name, goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	if length != 0 {
		must(o.DefineDataProperty("length", js.VM.ToValue(length), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}
	return o
}
