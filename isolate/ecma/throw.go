package ecma

import "github.com/dop251/goja"

func throwType(vm *goja.Runtime, format string, args ...any) {
	panic(vm.NewTypeError(append([]any{format}, args...)...))
}

// throwNew throws a new error of a class of the engine's.
func throwNew(vm *goja.Runtime, class, message string) {
	o, err := vm.New(vm.GlobalObject().Get(class), vm.ToValue(message))
	if err != nil {
		panic(vm.NewTypeError(message))
	}
	panic(o)
}

// rethrow passes an error of a called function on.
func rethrow(err error) {
	if ex, ok := err.(*goja.Exception); ok {
		panic(ex)
	}
	panic(err)
}

// callable returns v as a function, or throws.
func callable(vm *goja.Runtime, v goja.Value) goja.Callable {
	f, ok := goja.AssertFunction(v)
	if !ok {
		throwType(vm, "%s is not a function", show(v))
	}
	return f
}

// call calls f and lets its exceptions through.
func call(f goja.Callable, this goja.Value, args ...goja.Value) goja.Value {
	v, err := f(this, args...)
	if err != nil {
		rethrow(err)
	}
	return v
}

// show names a value in a message without running a script.
func show(v goja.Value) string {
	switch v := v.(type) {
	case nil:
		return "undefined"
	case *goja.Object:
		return "#<" + v.ClassName() + ">"
	case *goja.Symbol:
		return "Symbol(" + v.String() + ")"
	}
	return v.String()
}

func isNullish(v goja.Value) bool { return v == nil || goja.IsUndefined(v) || goja.IsNull(v) }

func orUndefined(v goja.Value) goja.Value {
	if v == nil {
		return goja.Undefined()
	}
	return v
}

// toString is https://tc39.es/ecma262/#sec-tostring; the engine's own conversion
// leaves primitive values as they are.
func toString(vm *goja.Runtime, v goja.Value) goja.String {
	if o, ok := v.(*goja.Object); ok {
		v = o.ToString()
	}
	switch v := v.(type) {
	case goja.String:
		return v
	case *goja.Symbol:
		throwType(vm, "Cannot convert a Symbol value to a string")
	}
	return vm.ToValue(v.String()).(goja.String)
}
