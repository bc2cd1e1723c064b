// Package anatomy takes values of the engine apart without running a script's code: no
// getter, trap or overridden method of a script's is called. Printing and cloning
// values are built on it.
//
// The engine's own prototypes are captured when first needed, so a script that has
// changed them by then deceives only itself.
package anatomy

import (
	"math/big"
	"reflect"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A Kind is what an object is in itself, whatever its prototype.
type Kind uint8

// The kinds of objects.
const (
	Ordinary Kind = iota // or of a kind that cannot be told, such as a WeakMap or a generator
	Array
	Arguments
	Function
	Error
	Boolean // a boxed primitive, as the next four
	Number
	String
	Symbol
	BigInt
	Date
	RegExp
	Map
	Set
	Promise
	Proxy
	ArrayBuffer
	TypedArray
	DataView
	Platform // an object of a Web API class
)

var (
	mapType      = reflect.TypeFor[[][2]any]()
	setType      = reflect.TypeFor[[]any]()
	promiseType  = reflect.TypeFor[*goja.Promise]()
	proxyType    = reflect.TypeFor[goja.Proxy]()
	bufferType   = reflect.TypeFor[goja.ArrayBuffer]()
	functionType = reflect.TypeFor[func(goja.FunctionCall) goja.Value]()
	timeType     = reflect.TypeFor[time.Time]()
	bigType      = reflect.TypeFor[*big.Int]()
	stringType   = reflect.TypeFor[string]()
	ordinaryType = reflect.TypeFor[map[string]any]()
)

// KindOf returns the kind of o.
func KindOf(js *webidl.Realm, o *goja.Object) Kind {
	t := o.ExportType()
	if t == proxyType {
		return Proxy // first: it has the class name of a function
	}
	switch o.ClassName() {
	case "Array":
		return Array
	case "Arguments":
		return Arguments
	case "Error":
		return Error
	case "Boolean":
		return Boolean
	case "Number":
		return Number
	case "String":
		return String
	case "Date":
		return Date
	case "RegExp":
		return RegExp
	case "Function":
		return Function
	}
	switch t {
	case functionType:
		return Function
	case mapType:
		return Map
	case setType:
		return Set
	case promiseType:
		return Promise
	case bufferType:
		return ArrayBuffer
	case timeType:
		return Date
	case bigType:
		return BigInt
	case stringType:
		return Symbol
	}
	if webidl.Unwrap(o) != nil {
		return Platform
	}
	if t != nil && t.Kind() == reflect.Slice {
		if _, ok := js.ViewOf(o); ok {
			return TypedArray
		}
		return Ordinary
	}
	if t == ordinaryType && isDataView(js, o) {
		return DataView
	}
	return Ordinary
}

// isDataView asks the engine only about objects that look like one, since it answers
// no with an exception.
func isDataView(js *webidl.Realm, o *goja.Object) bool {
	p := o.Prototype()
	if p == nil || p == intrinsicsOf(js).object {
		return false
	}
	_, ok := js.ViewOf(o)
	return ok
}

// A Property is an own property of an object.
type Property struct {
	Key        goja.Value // a string or a symbol
	Name       string     // of a string key
	Symbol     *goja.Symbol
	Value      goja.Value // of a data property
	Getter     bool
	Setter     bool
	Get        *goja.Object // the getter
	Enumerable bool
}

// Names returns the string keys of o's own properties, in their order. o must not be a proxy.
func Names(o *goja.Object) []string { return o.GetOwnPropertyNames() }

// Own returns an own property of o, which must not be a proxy.
func Own(js *webidl.Realm, o *goja.Object, key goja.Value) (p Property, ok bool) {
	in := intrinsicsOf(js)
	d, isObject := in.describe(goja.FunctionCall{This: goja.Undefined(), Arguments: []goja.Value{o, key}}).(*goja.Object)
	if !isObject {
		return p, false
	}
	p.Key = key
	p.Symbol, _ = key.(*goja.Symbol)
	if p.Symbol == nil {
		p.Name = key.String()
	}
	p.Enumerable = d.Get("enumerable").ToBoolean()
	if p.Value = d.Get("value"); p.Value != nil {
		return p, true
	}
	p.Get, p.Getter = d.Get("get").(*goja.Object)
	_, p.Setter = d.Get("set").(*goja.Object)
	return p, true
}

// OwnName is Own for a string key.
func OwnName(js *webidl.Realm, o *goja.Object, name string) (Property, bool) {
	return Own(js, o, js.String(name))
}

// Data returns the value of the data property that a look-up of name in o finds; nil
// if there is none, if it is an accessor, or if a proxy is in the way.
func Data(js *webidl.Realm, o *goja.Object, name string) goja.Value {
	for ; o != nil && o.ExportType() != proxyType; o = o.Prototype() {
		if p, ok := OwnName(js, o, name); ok {
			return p.Value
		}
	}
	return nil
}

// DataSymbol is Data for a symbol key.
func DataSymbol(js *webidl.Realm, o *goja.Object, symbol *goja.Symbol) goja.Value {
	for ; o != nil && o.ExportType() != proxyType; o = o.Prototype() {
		if p, ok := Own(js, o, symbol); ok {
			return p.Value
		}
	}
	return nil
}

// ClassName returns the name of the constructor that o's prototype chain names, and
// whether there is a prototype at all.
func ClassName(js *webidl.Realm, o *goja.Object) (name string, hasPrototype bool) {
	webidl.Complete(o) // the members of a platform object's class may not be there yet
	for p := o.Prototype(); p != nil && p.ExportType() != proxyType; p = p.Prototype() {
		hasPrototype = true
		if c, ok := OwnName(js, p, "constructor"); ok {
			if f, ok := c.Value.(*goja.Object); ok {
				if n := FunctionName(js, f); n != "" {
					return n, true
				}
			}
		}
	}
	return "", hasPrototype
}

// FunctionName returns the name property of a function if it is a string.
func FunctionName(js *webidl.Realm, f *goja.Object) string {
	if p, ok := f.Export().(goja.Proxy); ok { // an interface object
		js.CompleteInterface(f)
		if f = p.Target(); f == nil {
			return ""
		}
	}
	if f.ExportType() == proxyType {
		return ""
	}
	p, ok := OwnName(js, f, "name")
	if s, isString := p.Value.(goja.String); ok && isString {
		return s.String()
	}
	return ""
}
