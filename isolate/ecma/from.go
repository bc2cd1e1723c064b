package ecma

import "github.com/dop251/goja"

// Scripts write a digest in hexadecimal by Array.from(bytes, f).join(""). The engine
// makes an object of each step of the iteration, and a property of each element.

// byteLists is what Array.from of bytes relies on.
type byteLists struct {
	class  *goja.Object // Array
	values *goja.Object // %TypedArray%.prototype.values
}

// prepareFrom keeps what fromBytes relies on before a script can replace it.
func (g *guards) prepareFrom(class *goja.Object) {
	stepsOf(g.js)
	typed := g.js.VM.Get("Uint8Array").(*goja.Object).Get("prototype").(*goja.Object).Prototype()
	if values, ok := typed.GetSymbol(goja.SymIterator).(*goja.Object); ok {
		g.lists = &byteLists{class, values}
	}
}

// fromBytes is https://tc39.es/ecma262/#sec-array.from
func fromBytes(g *guards, c goja.FunctionCall, engine native) goja.Value {
	o, ok := c.Argument(0).(*goja.Object)
	if !ok || g.lists == nil || c.This != goja.Value(g.lists.class) {
		return engine(c)
	}
	var mapper native
	if v := c.Argument(1); !goja.IsUndefined(v) {
		f, ok := v.(*goja.Object)
		if !ok {
			return engine(c)
		}
		if mapper, ok = f.Export().(native); !ok {
			return engine(c)
		}
	}
	view, ok := g.js.ViewOf(o)
	if !ok || view.Kind != "Uint8Array" || view.Length > maxCopied || len(view.Bytes()) != view.Length {
		return engine(c)
	}
	s := stepsOf(g.js)
	if o.GetSymbol(goja.SymIterator) != goja.Value(g.lists.values) || s.arrays.Get("next") != goja.Value(s.advance) {
		return engine(c)
	}
	vm := g.js.VM
	list := make([]any, view.Length)
	args := make([]goja.Value, 2)
	for i := range list {
		b := view.Bytes()
		if i >= len(b) {
			throwType(vm, "Cannot perform %%ArrayIteratorPrototype%%.next on a detached ArrayBuffer")
		}
		v := vm.ToValue(int(b[i]))
		if mapper != nil {
			args[0], args[1] = v, vm.ToValue(i)
			v = orUndefined(mapper(goja.FunctionCall{This: c.Argument(2), Arguments: args}))
		}
		list[i] = v
	}
	return vm.NewArray(list...)
}
