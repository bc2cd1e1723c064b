package ecma

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// resources is the DisposeCapability of a stack:
// https://tc39.es/proposal-explicit-resource-management/#sec-disposecapability-records
type resources struct {
	disposed bool
	list     []func() goja.Value
}

// disposableStack is https://tc39.es/proposal-explicit-resource-management/#sec-disposablestack-objects
type disposableStack struct {
	webidl.Handle
	resources
}

// asyncDisposableStack is https://tc39.es/proposal-explicit-resource-management/#sec-asyncdisposablestack-objects
type asyncDisposableStack struct {
	webidl.Handle
	resources
}

// DisposableStack disposes of resources in the reverse order of their coming.
var DisposableStack = &webidl.Class[*disposableStack]{
	Name:        "DisposableStack",
	Constructor: webidl.New0(func(*webidl.Realm) (*disposableStack, error) { return &disposableStack{}, nil }),
	Members: []webidl.Member[*disposableStack]{webidl.Custom[*disposableStack](func(js *webidl.Realm, class, prototype *goja.Object) {
		stackMembers(js, "DisposableStack", prototype, func(v goja.Value) *resources {
			if s, ok := webidl.As[*disposableStack](v); ok {
				return &s.resources
			}
			return nil
		}, stackOf{class: class, symbol: SymDispose, method: "dispose", dispose: (*resources).dispose})
	})},
}

// AsyncDisposableStack is a DisposableStack that waits for each of its resources.
var AsyncDisposableStack = &webidl.Class[*asyncDisposableStack]{
	Name:        "AsyncDisposableStack",
	Constructor: webidl.New0(func(*webidl.Realm) (*asyncDisposableStack, error) { return &asyncDisposableStack{}, nil }),
	Members: []webidl.Member[*asyncDisposableStack]{webidl.Custom[*asyncDisposableStack](func(js *webidl.Realm, class, prototype *goja.Object) {
		stackMembers(js, "AsyncDisposableStack", prototype, func(v goja.Value) *resources {
			if s, ok := webidl.As[*asyncDisposableStack](v); ok {
				return &s.resources
			}
			return nil
		}, stackOf{class: class, symbol: SymAsyncDispose, method: "disposeAsync", dispose: (*resources).disposeAsync, async: true})
	})},
}

// stackOf is in what the two classes differ.
type stackOf struct {
	class   *goja.Object
	symbol  *goja.Symbol
	method  string
	dispose func(*resources, *webidl.Realm) goja.Value
	async   bool
}

func stackMembers(js *webidl.Realm, name string, prototype *goja.Object, as func(goja.Value) *resources, of stackOf) {
	vm := js.VM
	receiver := func(c goja.FunctionCall, method string) *resources {
		r := as(c.This)
		if r == nil {
			throwType(vm, "Method %s.prototype.%s called on incompatible receiver %s", name, method, show(c.This))
		}
		return r
	}
	live := func(c goja.FunctionCall, method string) *resources {
		r := receiver(c, method)
		if r.disposed {
			throwNew(vm, "ReferenceError", "Cannot add values to a disposed stack!")
		}
		return r
	}
	method(js, prototype, "use", 1, func(c goja.FunctionCall) goja.Value {
		r, v := live(c, "use"), c.Argument(0)
		if isNullish(v) {
			if of.async { // it still waits
				r.list = append(r.list, func() goja.Value { return goja.Undefined() })
			}
			return v
		}
		r.list = append(r.list, disposeMethod(vm, v, of))
		return v
	})
	method(js, prototype, "adopt", 2, func(c goja.FunctionCall) goja.Value {
		r, v, f := live(c, "adopt"), c.Argument(0), callable(vm, c.Argument(1))
		r.list = append(r.list, func() goja.Value { return call(f, goja.Undefined(), v) })
		return v
	})
	method(js, prototype, "defer", 1, func(c goja.FunctionCall) goja.Value {
		r, f := live(c, "defer"), callable(vm, c.Argument(0))
		r.list = append(r.list, func() goja.Value { return call(f, goja.Undefined()) })
		return goja.Undefined()
	})
	method(js, prototype, "move", 0, func(c goja.FunctionCall) goja.Value {
		r := live(c, "move")
		o, err := vm.New(of.class)
		if err != nil {
			rethrow(err)
		}
		as(o).list = r.list
		*r = resources{disposed: true}
		return o
	})
	dispose := js.Function(of.method, 0, func(c goja.FunctionCall) goja.Value {
		if of.async { // every mistake is a rejection
			r := as(c.This)
			if r == nil {
				return webidl.Rejected(js, webidl.TypeError("Method %s.prototype.disposeAsync called on incompatible receiver", name)).Value()
			}
			return of.dispose(r, js)
		}
		return of.dispose(receiver(c, of.method), js)
	})
	must(prototype.DefineDataProperty(of.method, dispose, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	must(prototype.DefineDataPropertySymbol(of.symbol, dispose, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	disposed := js.Function("get disposed", 0, func(c goja.FunctionCall) goja.Value {
		return vm.ToValue(receiver(c, "disposed").disposed)
	})
	must(prototype.DefineAccessorProperty("disposed", disposed, nil, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

// disposeMethod is https://tc39.es/proposal-explicit-resource-management/#sec-getdisposemethod
func disposeMethod(vm *goja.Runtime, v goja.Value, of stackOf) func() goja.Value {
	o, ok := v.(*goja.Object)
	if !ok {
		throwType(vm, "%s is not an object", show(v))
	}
	m, synchronous := o.GetSymbol(of.symbol), false
	if of.async && isNullish(m) {
		m, synchronous = o.GetSymbol(SymDispose), true
	}
	if isNullish(m) {
		throwType(vm, "%s is not disposable", show(v))
	}
	f := callable(vm, m)
	return func() goja.Value {
		result := call(f, v)
		if synchronous { // what it returns is not waited for
			return goja.Undefined()
		}
		return result
	}
}

// dispose is https://tc39.es/proposal-explicit-resource-management/#sec-disposeresources
func (r *resources) dispose(js *webidl.Realm) goja.Value {
	if r.disposed {
		return goja.Undefined()
	}
	list := r.list
	*r = resources{disposed: true}
	var thrown goja.Value
	for i := len(list) - 1; i >= 0; i-- {
		if ex := js.VM.Try(func() { list[i]() }); ex != nil {
			thrown = suppress(js, ex.Value(), thrown)
		}
	}
	if thrown != nil {
		panic(thrown)
	}
	return goja.Undefined()
}

func (r *resources) disposeAsync(js *webidl.Realm) goja.Value {
	if r.disposed {
		return webidl.Resolved(js, goja.Undefined()).Value()
	}
	list := r.list
	*r = resources{disposed: true}
	p := js.NewPromise()
	var thrown goja.Value
	var step func(i int)
	step = func(i int) {
		if i < 0 {
			if thrown != nil {
				p.RejectValue(thrown)
			} else {
				p.Resolve(nil)
			}
			return
		}
		var result goja.Value
		if ex := js.VM.Try(func() { result = list[i]() }); ex != nil {
			thrown = suppress(js, ex.Value(), thrown)
			step(i - 1)
			return
		}
		js.Then(result, func(goja.Value) { step(i - 1) }, func(reason goja.Value) {
			thrown = suppress(js, reason, thrown)
			step(i - 1)
		})
	}
	step(len(list) - 1)
	return p.Value()
}

// suppress returns what is thrown when err follows another exception, if there was one.
func suppress(js *webidl.Realm, err, earlier goja.Value) goja.Value {
	if earlier == nil {
		return err
	}
	o, ex := js.VM.New(suppressedErrorOf(js), err, earlier)
	if ex != nil {
		rethrow(ex)
	}
	return o
}

type suppressedErrorKey struct{ _ byte }

var suppressedErrorSlot suppressedErrorKey

// suppressedErrorOf is https://tc39.es/proposal-explicit-resource-management/#sec-suppressederror-constructor
func suppressedErrorOf(js *webidl.Realm) *goja.Object {
	return webidl.Slot(js, &suppressedErrorSlot, func() *goja.Object {
		vm := js.VM
		parent := vm.GlobalObject().Get("Error").(*goja.Object)
		prototype := vm.CreateObject(parent.Get("prototype").(*goja.Object))
		hidden := func(o *goja.Object, name string, v any) {
			must(o.DefineDataProperty(name, vm.ToValue(v), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
		}
		class := vm.ToValue(func(c goja.ConstructorCall) *goja.Object {
			var args []goja.Value
			if m := c.Argument(2); !goja.IsUndefined(m) {
				args = append(args, toString(vm, m))
			}
			o, err := vm.New(parent, args...)
			if err != nil {
				rethrow(err)
			}
			own := prototype
			if c.NewTarget != nil {
				if p, ok := c.NewTarget.Get("prototype").(*goja.Object); ok {
					own = p
				}
			}
			must(o.SetPrototype(own))
			hidden(o, "error", c.Argument(0))
			hidden(o, "suppressed", c.Argument(1))
			return o
		}).(*goja.Object)
		must(class.DefineDataProperty("name", vm.ToValue("SuppressedError"), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
		must(class.DefineDataProperty("length", vm.ToValue(3), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
		must(class.DefineDataProperty("prototype", prototype, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
		must(class.SetPrototype(parent))
		hidden(prototype, "constructor", class)
		hidden(prototype, "message", "")
		hidden(prototype, "name", "SuppressedError")
		return class
	})
}
