package webidl

import (
	"github.com/dop251/goja"
)

// A Member is one operation, attribute, constant or iterable declaration of a class
// whose implementation type is T. Members are made by the functions below: OpN for an
// operation of N arguments with a result, ProcN for one without, Attr and ReadOnly for
// attributes, and the Static forms of them.
type Member[T any] struct {
	name    string
	symbol  *goja.Symbol // instead of name
	kind    kind
	length  int  // required arguments
	promise bool // errors become rejections
	call    func(js *Realm, this T, args []goja.Value) (goja.Value, error)
	set     func(js *Realm, this T, v goja.Value) error
	more    func(js *Realm, c *Class[T], b *binding) // for kindCustom
	at      Cursor[T]                                // for kindIterable
}

type kind uint8

const (
	kindOperation kind = iota
	kindAttribute
	kindStaticOperation
	kindStaticAttribute
	kindConstant
	kindCustom
	kindIterable
)

// titles are what the functions of a member are called. They are made once for all realms.
type titles struct{ operation, get, set goja.Value }

func (m *Member[T]) titles() titles {
	switch m.kind {
	case kindOperation, kindStaticOperation:
		return titles{operation: text(m.label())}
	case kindAttribute, kindStaticAttribute:
		return titles{get: text("get " + m.name), set: text("set " + m.name)}
	}
	return titles{}
}

// A Constructor is the constructor operation of a class.
type Constructor[T any] struct {
	length    int
	construct func(js *Realm, args []goja.Value) (T, error)
}

func (m *Member[T]) define(c *Class[T], b *binding, t *titles) {
	js := b.realm
	switch m.kind {
	case kindOperation:
		f := js.function(t.operation, m.length, m.operation(js, c))
		if m.symbol != nil {
			must(b.prototype.DefineDataPropertySymbol(m.symbol, f, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
			return
		}
		must(b.prototype.DefineDataProperty(m.name, f, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
	case kindAttribute:
		get, set := m.accessors(js, c, t)
		must(b.prototype.DefineAccessorProperty(m.name, get, set, goja.FLAG_TRUE, goja.FLAG_TRUE))
	case kindConstant:
		m.defineConstant(js, b.prototype)
	case kindCustom:
		m.more(js, c, b)
	case kindIterable:
		m.defineIterator(c, b)
	}
}

// defineStatic puts a static member on the interface object.
func (m *Member[T]) defineStatic(js *Realm, c *Class[T], constructor *goja.Object, t *titles) {
	if m.kind == kindStaticAttribute {
		f := js.function(t.get, 0, m.static(js, c))
		must(constructor.DefineAccessorProperty(m.name, f, nil, goja.FLAG_TRUE, goja.FLAG_TRUE))
		return
	}
	f := js.function(t.operation, m.length, m.static(js, c))
	must(constructor.DefineDataProperty(m.name, f, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
}

// defineConstant puts a constant on the interface object or its prototype.
func (m *Member[T]) defineConstant(js *Realm, o *goja.Object) {
	v, err := m.call(js, *new(T), nil)
	must(err)
	must(o.DefineDataProperty(m.name, v, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_TRUE))
}

func (m *Member[T]) label() string {
	if m.symbol != nil {
		return "[" + m.symbol.String() + "]"
	}
	return m.name
}

// operation is the native function of an operation: brand check, argument count,
// conversions and steps in the order of https://webidl.spec.whatwg.org/#es-operations.
func (m *Member[T]) operation(js *Realm, c *Class[T]) func(goja.FunctionCall) goja.Value {
	return func(call goja.FunctionCall) goja.Value {
		this, err := c.receiver(call.This)
		if err != nil {
			return m.fail(js, c, err)
		}
		if len(call.Arguments) < m.length {
			return m.fail(js, c, TypeError("%s", missing(m.length, len(call.Arguments))))
		}
		v, err := m.invoke(js, this, call.Arguments)
		if err != nil {
			return m.fail(js, c, err)
		}
		return v
	}
}

// invoke converts the arguments and runs the steps. What a script throws during the
// conversions of an operation that returns a promise comes back as an error, so that
// it too becomes a rejection.
func (m *Member[T]) invoke(js *Realm, this T, args []goja.Value) (v goja.Value, err error) {
	if !m.promise {
		return m.call(js, this, args)
	}
	if ex := js.Catch(func() { v, err = m.call(js, this, args) }); ex != nil {
		return nil, ex
	}
	return v, err
}

func (m *Member[T]) static(js *Realm, c *Class[T]) func(goja.FunctionCall) goja.Value {
	return func(call goja.FunctionCall) goja.Value {
		if len(call.Arguments) < m.length {
			return m.fail(js, c, TypeError("%s", missing(m.length, len(call.Arguments))))
		}
		v, err := m.invoke(js, *new(T), call.Arguments)
		if err != nil {
			return m.fail(js, c, err)
		}
		return v
	}
}

func (m *Member[T]) fail(js *Realm, c *Class[T], err error) goja.Value {
	if m.kind == kindOperation || m.kind == kindStaticOperation {
		err = explain(err, "Failed to execute '"+m.label()+"' on '"+c.Name+"': ")
	}
	if m.promise {
		return Rejected(js, err).value
	}
	js.Throw(err)
	return nil
}

func (m *Member[T]) accessors(js *Realm, c *Class[T], t *titles) (get, set goja.Value) {
	get = js.function(t.get, 0, m.operation(js, c))
	if m.set == nil {
		return get, nil
	}
	set = js.function(t.set, 1, func(call goja.FunctionCall) goja.Value {
		this, err := c.receiver(call.This)
		if err == nil {
			err = m.set(js, this, argument(call.Arguments, 0))
		}
		if err != nil {
			js.Throw(explain(err, "Failed to set the '"+m.name+"' property on '"+c.Name+"': "))
		}
		return goja.Undefined()
	})
	return get, set
}

// Const declares a constant.
func Const[T any](name string, value int) Member[T] {
	return Member[T]{name: name, kind: kindConstant, call: func(js *Realm, _ T, _ []goja.Value) (goja.Value, error) {
		return js.VM.ToValue(value), nil
	}}
}

// ReadOnly declares a read-only attribute.
func ReadOnly[T, R any](name string, get func(T, *Realm) (R, error)) Member[T] {
	m := Op0(name, get)
	m.kind = kindAttribute
	return m
}

// Attr declares an attribute that can be set.
func Attr[T, V any](name string, typ Type[V], get func(T, *Realm) (V, error), set func(T, *Realm, V) error) Member[T] {
	m := ReadOnly(name, get)
	m.set = func(js *Realm, this T, v goja.Value) error {
		x, err := typ.Convert(js, v)
		if err != nil {
			return err
		}
		return set(this, js, x)
	}
	return m
}

// StaticReadOnly declares a read-only attribute of the constructor.
func StaticReadOnly[T, R any](name string, get func(*Realm) (R, error)) Member[T] {
	m := Static0[T](name, get)
	m.kind = kindStaticAttribute
	return m
}

// Custom declares what no other member kind can: define adds it to the class as built in js.
func Custom[T any](define func(js *Realm, constructor, prototype *goja.Object)) Member[T] {
	return Member[T]{kind: kindCustom, more: func(js *Realm, _ *Class[T], b *binding) {
		define(js, b.interfaceObject(), b.prototype)
	}}
}

// As names the operation by a symbol instead of a string.
func (m Member[T]) As(symbol *goja.Symbol) Member[T] {
	m.symbol = symbol
	return m
}

func argument(args []goja.Value, i int) goja.Value {
	if i < len(args) {
		return args[i]
	}
	return goja.Undefined()
}
