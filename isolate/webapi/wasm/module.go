package wasm

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// ModuleClass is https://webassembly.github.io/spec/js-api/#modules.
var ModuleClass = &webidl.Class[*Module]{
	Name: "Module",
	Constructor: webidl.New1(func(js *webidl.Realm, b []byte) (*Module, error) {
		return compileBytes(js, b, "WebAssembly.Module()")
	}, webidl.BufferSource),
	Members: []webidl.Member[*Module]{
		webidl.Static1[*Module]("exports", moduleExports, moduleArgument),
		webidl.Static1[*Module]("imports", moduleImports, moduleArgument),
		webidl.Static2[*Module]("customSections", customSections, moduleArgument, webidl.DOMString),
	},
}

// A Module is a compiled module.
type Module struct {
	webidl.Handle
	program *program
}

// moduleArgument is the Type of a Module.
var moduleArgument = webidl.NewType("Module", func(_ *webidl.Realm, v goja.Value) (*Module, error) {
	m, ok := webidl.As[*Module](v)
	if !ok {
		return nil, webidl.TypeError("Argument 0 must be a WebAssembly.Module")
	}
	return m, nil
})

// NewModule returns the WebAssembly.Module of an uploaded module. b is not kept. The
// error is to be thrown: a WebAssembly.CompileError.
func NewModule(js *webidl.Realm, b []byte) (*goja.Object, error) {
	m, err := compile(js, b, "WebAssembly.Module()")
	if err != nil {
		return nil, err
	}
	return ModuleClass.Wrap(js, m), nil
}

func compile(js *webidl.Realm, b []byte, what string) (*Module, error) {
	p, err := machineOf(js).engine.compile(b)
	if err != nil {
		return nil, failure(js, compileError, what+": "+err.Error())
	}
	return &Module{program: p}, nil
}

// compileBytes compiles bytes that a script has, where that is allowed.
// https://webassembly.github.io/spec/js-api/#dom-module-module
func compileBytes(js *webidl.Realm, b []byte, what string) (*Module, error) {
	if !machineOf(js).generates {
		return nil, failure(js, compileError, what+": Wasm code generation disallowed by embedder")
	}
	return compile(js, append([]byte{}, b...), what)
}

// describe returns an object with the given properties, by name and value.
func describe(js *webidl.Realm, pairs ...string) *goja.Object {
	o := js.VM.NewObject()
	for i := 0; i < len(pairs); i += 2 {
		set(o.Set(pairs[i], js.String(pairs[i+1])))
	}
	return o
}

func moduleExports(js *webidl.Realm, m *Module) (*goja.Object, error) {
	list := make([]any, len(m.program.exports))
	for i, e := range m.program.exports {
		list[i] = describe(js, "name", e.name, "kind", e.kind.String())
	}
	return js.VM.NewArray(list...), nil
}

func moduleImports(js *webidl.Realm, m *Module) (*goja.Object, error) {
	list := make([]any, len(m.program.imports))
	for i, e := range m.program.imports {
		list[i] = describe(js, "module", e.module, "name", e.name, "kind", e.kind.String())
	}
	return js.VM.NewArray(list...), nil
}

func customSections(js *webidl.Realm, m *Module, name string) (*goja.Object, error) {
	list := []any{}
	for _, c := range m.program.customs {
		if c.name == name {
			list = append(list, js.ArrayBuffer(append([]byte{}, c.data...)))
		}
	}
	return js.VM.NewArray(list...), nil
}
