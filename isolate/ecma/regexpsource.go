package ecma

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// written is what is known in a realm about the sources of regular expressions that
// the engine was given in other words.
type written struct {
	vm *goja.Runtime
	// literals are those of the program, by the engine's source.
	literals map[string]string
	// symbol is the property of an expression made at run time that holds its source.
	// Unlike one with a string for its name it leaves the engine's fast paths open.
	symbol *goja.Symbol
	engine func(goja.FunctionCall) goja.Value // get RegExp.prototype.source
}

type writtenKey struct{ _ byte }

var writtenSlot writtenKey

// ShowSources makes the source of the literals of a program what its author wrote (see
// compiler.Program.Patterns). The script must mention RegExp for Install.
func ShowSources(js *webidl.Realm, patterns map[string]string) {
	if len(patterns) > 0 {
		writtenOf(js).literals = patterns
	}
}

func writtenOf(js *webidl.Realm) *written {
	return webidl.Slot(js, &writtenSlot, func() *written {
		return &written{vm: js.VM, symbol: goja.NewSymbol("source")}
	})
}

// install replaces what of RegExp.prototype shows the source.
func (w *written) install(prototype *goja.Object) {
	vm := w.vm
	describe := objectFunction(vm, "getOwnPropertyDescriptor")
	descriptor := call(describe, nil, prototype, vm.ToValue("source")).(*goja.Object)
	w.engine = descriptor.Get("get").Export().(func(goja.FunctionCall) goja.Value)
	// https://tc39.es/ecma262/#sec-get-regexp.prototype.source
	source := function(vm, "get source", 0, func(c goja.FunctionCall) goja.Value {
		engine := w.engine(c) // throws unless this is an expression or the prototype
		if s := w.of(c.This.(*goja.Object), engine); s != nil {
			return s
		}
		return engine
	})
	must(prototype.DefineAccessorProperty("source", source, nil, goja.FLAG_TRUE, goja.FLAG_FALSE))
	// https://tc39.es/ecma262/#sec-regexp.prototype.tostring
	must(prototype.DefineDataProperty("toString", function(vm, "toString", 0, func(c goja.FunctionCall) goja.Value {
		o, ok := c.This.(*goja.Object)
		if !ok {
			throwType(vm, "Method RegExp.prototype.toString called on incompatible receiver %s", show(c.This))
		}
		var b goja.StringBuilder
		b.WriteRune('/')
		b.WriteString(toString(vm, get(o, "source")))
		b.WriteRune('/')
		b.WriteString(toString(vm, get(o, "flags")))
		return b.String()
	}), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

func get(o *goja.Object, name string) goja.Value {
	if v := o.Get(name); v != nil {
		return v
	}
	return goja.Undefined()
}

// of returns the source of an expression if it is not the engine's, else nil.
func (w *written) of(o *goja.Object, engine goja.Value) goja.Value {
	if s, ok := o.GetSymbol(w.symbol).(goja.String); ok {
		return s
	}
	if len(w.literals) > 0 {
		if s, ok := w.literals[engine.String()]; ok {
			return w.vm.ToValue(s)
		}
	}
	return nil
}

// differs reports whether an expression has another source than the engine's.
func (w *written) differs(o *goja.Object) bool {
	return w.of(o, w.engine(goja.FunctionCall{This: o})) != nil
}

// set records the source of an expression.
func (w *written) set(o *goja.Object, source goja.Value) {
	must(o.DefineDataPropertySymbol(w.symbol, source, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
}
