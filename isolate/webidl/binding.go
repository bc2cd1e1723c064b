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
// which calls Complete. What an object is called as a string waits for toString to be
// looked up, unless the realm was told that the script may ask in other ways.
type binding struct {
	realm     *Realm
	class     bound
	hasNames  bool // implementations are Named
	prototype *goja.Object
	parent    *binding
	names     map[string]int // of the members that wait, to their index
	defined   memberSet
	members   int // how many there are
	complete  bool
	tagged    bool // Symbol.toStringTag is there

	constructor *goja.Object // the interface object, once made
	target      *goja.Object // behind it
	made        *interfaceObject
	entries     *goja.Object // what an iterable declaration's @@iterator is
	iterator    *goja.Object // the iterator prototype object, once made
	step        *goja.Object // its next
}

// memberSet is a set of members by their index.
type memberSet [2]uint64

const maxMembers = 128

func (s *memberSet) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }
func (s *memberSet) add(i int)      { s[i/64] |= 1 << (i % 64) }

// bound is what a binding needs of its class, whatever the class's implementation type.
type bound interface {
	name() string
	// define adds a member to the prototype.
	define(b *binding, member int)
	// statics adds to target what the class has beside its prototype.
	statics(b *binding, target *goja.Object)
	// parameters is how many arguments the constructor requires, whether there is one,
	// and whether it may be called without new.
	parameters() (required int, constructible, callable bool)
	// construct makes an instance; prototype is that of new.target.
	construct(b *binding, args []goja.Value, prototype *goja.Object) *goja.Object
	// pair returns a pair of an implementation of a class with an iterable declaration.
	pair(js *Realm, impl any, i int) (key, value goja.Value, ok bool)
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
		} else if name == "toString" {
			b.tag()
		}
	}
}

// Complete defines all members of the class that v is an instance of, if it is one.
func Complete(v goja.Value) {
	if c := carrierOf(v); c != nil && c.class != nil {
		c.class.whole()
	}
}

// CompleteInterface gives o its properties if it is an interface object, for native code
// that looks behind the proxy.
func (js *Realm) CompleteInterface(o *goja.Object) {
	if b := js.interfaceOf(o); b != nil {
		b.fill()
	}
}

// tag defines Symbol.toStringTag.
func (b *binding) tag() {
	for ; b != nil && !b.tagged; b = b.parent {
		b.tagged = true
		must(b.prototype.DefineDataPropertySymbol(goja.SymToStringTag, b.realm.String(b.class.name()), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}
}

func (b *binding) member(i int) {
	if !b.defined.has(i) {
		b.defined.add(i)
		b.class.define(b, i)
	}
}

// whole defines what is left and returns the prototype.
func (b *binding) whole() *goja.Object {
	if b.complete {
		return b.prototype
	}
	b.complete = true
	for i := range b.members {
		b.member(i)
	}
	b.tag()
	b.interfaceObject()
	b.fill()
	if b.parent != nil {
		b.parent.whole()
	}
	return b.prototype
}

// interfaceObject returns the class's constructor.
func (b *binding) interfaceObject() *goja.Object {
	if b.constructor == nil {
		b.constructor = b.makeInterfaceObject()
		hidden(b.prototype, "constructor", b.constructor)
	}
	return b.constructor
}
