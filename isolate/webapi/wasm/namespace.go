package wasm

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Globals is the WebAssembly namespace of workers.
var Globals = New(Options{})

// Options are how WebAssembly is offered to scripts.
type Options struct {
	// CompileBytes lets scripts compile bytes at run time.
	CompileBytes bool
}

// New returns the WebAssembly namespace.
// https://webassembly.github.io/spec/js-api/#webassembly-namespace
func New(o Options) []webidl.Global {
	return []webidl.Global{{Name: "WebAssembly", Make: func(js *webidl.Realm) goja.Value {
		machineOf(js).generates = o.CompileBytes
		return namespace(js)
	}}}
}

func namespace(js *webidl.Realm) *goja.Object {
	o := js.VM.NewObject()
	set(o.DefineDataPropertySymbol(goja.SymToStringTag, js.String("WebAssembly"), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	for _, f := range []struct {
		name string
		call func(js *webidl.Realm, args []goja.Value) (goja.Value, error)
	}{{"compile", asyncCompile}, {"instantiate", asyncInstantiate}} {
		set(o.DefineDataProperty(f.name, js.Function(f.name, 1, func(call goja.FunctionCall) (v goja.Value) {
			var err error
			if ex := js.Catch(func() { v, err = f.call(js, call.Arguments) }); ex != nil {
				err = ex
			}
			if err != nil {
				return webidl.Rejected(js, err).Value()
			}
			return webidl.Resolved(js, v).Value()
		}), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
	}
	set(o.DefineDataProperty("validate", js.Function("validate", 1, func(call goja.FunctionCall) goja.Value {
		b, err := webidl.BufferSource.Convert(js, call.Argument(0))
		if err != nil {
			js.Throw(webidl.TypeError("WebAssembly.validate(): Argument 0 must be a buffer source"))
		}
		return js.VM.ToValue(validate(b) == nil)
	}), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
	classes := []struct {
		name  string
		value goja.Value
	}{
		{"Module", ModuleClass.Bind(js)}, {"Instance", Instance.Bind(js)}, {"Table", TableClass.Bind(js)},
		{"Memory", MemoryClass.Bind(js)}, {"Global", GlobalClass.Bind(js)},
		{compileError, errorClass(js, compileError)}, {linkError, errorClass(js, linkError)}, {runtimeError, errorClass(js, runtimeError)},
	}
	for _, c := range classes {
		set(o.DefineDataProperty(c.name, c.value, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}
	for _, c := range []interface {
		Prototype(*webidl.Realm) *goja.Object
	}{ModuleClass, Instance, TableClass, MemoryClass, GlobalClass} {
		name := c.(webidl.Interface)
		tag := "WebAssembly." + map[webidl.Interface]string{ModuleClass: "Module", Instance: "Instance", TableClass: "Table", MemoryClass: "Memory", GlobalClass: "Global"}[name]
		set(c.Prototype(js).DefineDataPropertySymbol(goja.SymToStringTag, js.String(tag), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}
	return o
}

// asyncCompile is https://webassembly.github.io/spec/js-api/#dom-webassembly-compile.
func asyncCompile(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
	b, err := webidl.BufferSource.Convert(js, argument(args, 0))
	if err != nil {
		return nil, webidl.TypeError("WebAssembly.compile(): Argument 0 must be a buffer source")
	}
	m, err := compileBytes(js, b, "WebAssembly.compile()")
	if err != nil {
		return nil, err
	}
	return ModuleClass.Wrap(js, m), nil
}

// asyncInstantiate is https://webassembly.github.io/spec/js-api/#dom-webassembly-instantiate:
// for a Module it gives an Instance, for bytes an object with both.
func asyncInstantiate(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
	const what = "WebAssembly.instantiate()"
	imports := argument(args, 1)
	if _, ok := imports.(*goja.Object); !ok && !goja.IsUndefined(imports) {
		return nil, webidl.TypeError(what + ": Argument 1 must be an object")
	}
	if m, ok := webidl.As[*Module](argument(args, 0)); ok {
		i, err := instantiate(js, m.program, imports, what)
		if err != nil {
			return nil, err
		}
		return Instance.Wrap(js, i), nil
	}
	b, err := webidl.BufferSource.Convert(js, argument(args, 0))
	if err != nil {
		return nil, webidl.TypeError(what + ": Argument 0 must be a buffer source or a WebAssembly.Module")
	}
	m, err := compileBytes(js, b, what)
	if err != nil {
		return nil, err
	}
	// The imports are read later, when the module would have been compiled.
	p := js.NewPromise()
	js.Then(webidl.Resolved(js, nil).Value(), func(goja.Value) {
		var i *instance
		var err error
		if ex := js.Catch(func() { i, err = instantiate(js, m.program, imports, what) }); ex != nil {
			err = ex
		}
		if err != nil {
			p.Reject(err)
			return
		}
		o := js.VM.NewObject()
		set(o.Set("module", ModuleClass.Wrap(js, m)))
		set(o.Set("instance", Instance.Wrap(js, i)))
		p.Resolve(o)
	}, func(goja.Value) {})
	return p.Value(), nil
}

func argument(args []goja.Value, i int) goja.Value {
	if i < len(args) {
		return args[i]
	}
	return goja.Undefined()
}
