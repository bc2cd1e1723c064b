package wasm

import (
	"context"
	"weak"

	"github.com/dop251/goja"
	"github.com/tetratelabs/wazero/api"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// GlobalClass is https://webassembly.github.io/spec/js-api/#globals.
var GlobalClass = &webidl.Class[*Global]{
	Name:        "Global",
	Constructor: webidl.New2(newGlobal, webidl.Any, webidl.OptionalAny),
	Members: []webidl.Member[*Global]{
		webidl.Op0("valueOf", (*Global).get),
		webidl.Attr("value", webidl.Any, (*Global).get, (*Global).set),
	},
}

// A Global is the object of a global.
type Global struct {
	webidl.Handle
	globalType
	machine *machine
	owner   *instance // kept alive; nil if a script made the global
	module  api.Module
	name    string // of the export of module
	global  api.Global
}

func newGlobal(js *webidl.Realm, d, v goja.Value) (*Global, error) {
	o, ok := d.(*goja.Object)
	if !ok {
		return nil, webidl.TypeError("Argument 0 must be a global descriptor")
	}
	var t globalType
	if v := o.Get("mutable"); v != nil {
		t.mutable = v.ToBoolean()
	}
	named := o.Get("value")
	if named == nil {
		named = goja.Undefined()
	}
	var err error
	if t.value, err = valueTypeNamed.Convert(js, named); err != nil {
		return nil, webidl.TypeError("Descriptor property 'value' must be a WebAssembly type")
	}
	m := machineOf(js)
	var bits uint64
	switch {
	case t.value == v128:
		return nil, errVector()
	case t.value == externref || !goja.IsUndefined(v):
		bits, err = m.toWasm(t.value, v)
	}
	if err != nil {
		return nil, err
	}
	return m.newGlobal(t, bits)
}

// newGlobal makes a global that belongs to no instance.
func (m *machine) newGlobal(t globalType, bits uint64) (*Global, error) {
	reference := t.value == funcref || t.value == externref
	g := &Global{machine: m, globalType: t, name: "x"}
	if err := m.reserve(smallSize, "WebAssembly.Global()"); err != nil {
		return nil, err
	}
	var b builder
	initial := bits
	if t.mutable || reference {
		initial = 0 // so that the generated modules are few
	}
	b.globals.add(t, constant(t.value, initial), byte(opEnd))
	b.exports.add(g.name, globalKind, 0)
	if reference && !t.mutable && bits != 0 {
		// The engine has no constant expression for a reference that exists already.
		return nil, webidl.TypeError("WebAssembly.Global(): an immutable global of a reference type can only be null")
	}
	code, keep, err := m.engine.generated(b.bytes(), t.mutable || reference)
	if err != nil {
		return nil, webidl.TypeError("%s", err)
	}
	if !keep {
		defer code.Close(context.Background())
	}
	if g.module, err = m.enter(code, nil, nil); err != nil {
		return nil, webidl.TypeError("%s", err)
	}
	g.global = g.module.ExportedGlobal(g.name)
	if t.mutable {
		g.global.(api.MutableGlobal).Set(bits)
	}
	self := weak.Make(g)
	r := &resident{alive: func() bool { return self.Value() != nil }, modules: []api.Module{g.module}, bytes: smallSize}
	if t.value == externref {
		r.roots.globals = []api.Global{g.global}
	}
	m.add(r)
	return g, nil
}

func (g *Global) bits() uint64 { return g.global.Get() }

func (g *Global) get(js *webidl.Realm) (goja.Value, error) {
	if g.value == v128 {
		return nil, errVector()
	}
	return g.machine.toJS(g.value, g.bits()), nil
}

func (g *Global) set(js *webidl.Realm, v goja.Value) error {
	if !g.mutable {
		return webidl.TypeError("Can't set the value of an immutable global.")
	}
	bits, err := g.machine.toWasm(g.value, v)
	if err != nil {
		return err
	}
	g.global.(api.MutableGlobal).Set(bits)
	return nil
}
