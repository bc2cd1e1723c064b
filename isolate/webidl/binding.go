package webidl

import "github.com/dop251/goja"

// binding is a class built in a realm. Making a function object costs more than most
// members are ever used, so that they wait: a member is defined when an instance is
// asked for its name, all of them when a script gets hold of the prototype object
// through the interface object, and the interface object itself when its name is
// mentioned.
//
// A script that takes the prototype from an instance without ever mentioning the class
// goes through __proto__, which is looked up like any name, or Object.getPrototypeOf,
// which calls Complete.
type binding struct {
	realm     *Realm
	hasNames  bool // implementations are Named
	prototype *goja.Object
	parent    *binding
	names     map[string]int // of the members that wait, to their index
	defined   []bool         // by index
	complete  bool
	define    func(member int)

	constructor *goja.Object
	make        func() *goja.Object
}

// need defines the member of a name on this class or one that it extends.
func (b *binding) need(name string) {
	for ; b != nil && !b.complete; b = b.parent {
		if i, ok := b.names[name]; ok {
			b.member(i)
		} else if name == "constructor" {
			b.interfaceObject()
		} else if name == "__proto__" {
			b.whole()
			return
		}
	}
}

// Complete defines all members of the class that v is an instance of, if it is one.
func Complete(v goja.Value) {
	if o, ok := v.(*goja.Object); ok && o.ExportType() == carrierType {
		if b := o.Export().(*carrier).class; b != nil {
			b.whole()
		}
	}
}

func (b *binding) member(i int) {
	if !b.defined[i] {
		b.defined[i] = true
		b.define(i)
	}
}

// whole defines what is left and returns the prototype.
func (b *binding) whole() *goja.Object {
	if b.complete {
		return b.prototype
	}
	b.complete = true
	for i := range b.defined {
		b.member(i)
	}
	b.interfaceObject()
	if b.parent != nil {
		b.parent.whole()
	}
	return b.prototype
}

// interfaceObject returns the class's constructor.
func (b *binding) interfaceObject() *goja.Object {
	if b.constructor == nil {
		b.constructor = b.make()
		hidden(b.prototype, "constructor", b.constructor)
	}
	return b.constructor
}
