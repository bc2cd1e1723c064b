package ecma

import "github.com/dop251/goja"

var promiseFunctions = []addition{
	{"withResolvers", 0, func(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
		p := newCapability(vm, c.This)
		o := vm.NewObject()
		must(o.Set("promise", p.promise))
		must(o.Set("resolve", p.resolve))
		must(o.Set("reject", p.reject))
		return o
	}},
	{"try", 1, promiseTry},
}

// capability is a PromiseCapability record.
type capability struct {
	promise         *goja.Object
	resolve, reject goja.Value
}

// newCapability is https://tc39.es/ecma262/#sec-newpromisecapability
func newCapability(vm *goja.Runtime, constructor goja.Value) *capability {
	p := &capability{}
	if _, ok := constructor.(*goja.Object); !ok {
		throwType(vm, "Promise constructor called on non-object")
	}
	executor := vm.ToValue(func(c goja.FunctionCall) goja.Value {
		if !isNullish(p.resolve) || !isNullish(p.reject) {
			throwType(vm, "Promise executor has already been invoked with non-undefined arguments")
		}
		p.resolve, p.reject = c.Argument(0), c.Argument(1)
		return goja.Undefined()
	})
	o, err := vm.New(constructor, executor)
	if err != nil {
		rethrow(err)
	}
	callable(vm, p.resolve)
	callable(vm, p.reject)
	p.promise = o
	return p
}

// https://tc39.es/ecma262/#sec-promise.try
func promiseTry(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
	p := newCapability(vm, c.This)
	var args []goja.Value
	if len(c.Arguments) > 1 {
		args = append(args, c.Arguments[1:]...)
	}
	var v goja.Value
	settle := p.resolve
	if ex := vm.Try(func() { v = call(callable(vm, c.Argument(0)), goja.Undefined(), args...) }); ex != nil {
		v, settle = ex.Value(), p.reject
	}
	call(callable(vm, settle), goja.Undefined(), v)
	return p.promise
}
