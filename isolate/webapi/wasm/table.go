package wasm

import (
	"weak"

	"github.com/dop251/goja"
	"github.com/tetratelabs/wazero/api"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// TableClass is https://webassembly.github.io/spec/js-api/#tables.
var TableClass = &webidl.Class[*Table]{
	Name:        "Table",
	Constructor: webidl.New2(newTable, webidl.Any, webidl.OptionalAny),
	Members: []webidl.Member[*Table]{
		webidl.OpN("grow", 1, (*Table).grow),
		webidl.Op1("get", (*Table).get, webidl.UnsignedLongEnforced),
		webidl.OpN("set", 1, (*Table).set),
		webidl.ReadOnly("length", (*Table).length),
	},
}

// A Table is the object of a table.
type Table struct {
	webidl.Handle
	machine *machine
	owner   *instance // kept alive; nil if a script made the table
	module  api.Module
	name    string // of the export of module
	element valueType

	access *access // nil until needed
}

// access is a module that reads and writes a table from outside.
type access struct {
	module               api.Module
	get, set, grow, size api.Function
	stack                [2]uint64
}

func newTable(js *webidl.Realm, v, init goja.Value) (*Table, error) {
	o, ok := v.(*goja.Object)
	if !ok {
		return nil, webidl.TypeError("Argument 0 must be a table descriptor")
	}
	var d descriptor
	element := o.Get("element")
	if element == nil {
		element = goja.Undefined()
	}
	var err error
	if d.value, err = valueTypeNamed.Convert(js, element); err != nil || d.value != funcref && d.value != externref {
		return nil, webidl.TypeError("Descriptor property 'element' must be a WebAssembly reference type")
	}
	if err := limited(js, o, &d, "WebAssembly.Table()"); err != nil {
		return nil, err
	}
	if d.hasMaximum && d.maximum < d.initial {
		return nil, webidl.RangeError("Property 'maximum': value %d is below the lower bound", d.maximum)
	}
	if d.initial > maxTable {
		return nil, webidl.RangeError("Property 'initial': value %d is above the upper bound", d.initial)
	}
	m := machineOf(js)
	t := &Table{machine: m, name: "x", element: d.value}
	bits, err := t.initial(init)
	if err != nil {
		return nil, err
	}
	var b builder
	b.tables.add(bounded(tableType{d.value, limits{d.initial, d.maximum, d.hasMaximum}}))
	b.exports.add(t.name, tableKind, 0)
	bytes := smallSize + 8*int64(d.initial)
	if err := m.reserve(bytes, "WebAssembly.Table()"); err != nil {
		return nil, err
	}
	if t.module, err = m.generate(b.bytes(), nil, nil); err != nil {
		return nil, webidl.RangeError("%s", err)
	}
	self := weak.Make(t)
	r := &resident{alive: func() bool { return self.Value() != nil }, modules: []api.Module{t.module}, bytes: bytes}
	if d.value == externref {
		r.roots.tables = []*Table{{machine: m, module: t.module, name: t.name, element: externref}}
	}
	m.add(r)
	for i := uint32(0); bits != 0 && i < d.initial; i++ {
		if err := t.write(i, bits); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// initial converts the value that new elements have: an optional argument.
func (t *Table) initial(v goja.Value) (uint64, error) {
	if goja.IsUndefined(v) && t.element == funcref {
		return 0, nil
	}
	return t.machine.toWasm(t.element, v)
}

// grow is https://webassembly.github.io/spec/js-api/#dom-table-grow.
func (t *Table) grow(js *webidl.Realm, args []goja.Value) (int, error) {
	delta, err := webidl.UnsignedLongEnforced.Convert(js, args[0])
	if err != nil {
		return 0, err
	}
	bits, err := t.initial(argument(args, 1))
	if err != nil {
		return 0, err
	}
	a, err := t.open()
	if err != nil {
		return 0, err
	}
	if err := t.machine.reserve(8*int64(min(delta, maxTable)), "WebAssembly.Table.grow()"); err != nil {
		return 0, err
	}
	a.stack = [2]uint64{bits, uint64(delta)}
	if err := a.grow.CallWithStack(t.machine.ctx, a.stack[:]); err != nil {
		t.machine.rethrow(err)
	}
	if int32(a.stack[0]) < 0 {
		return 0, webidl.RangeError("failed to grow table by %d", delta)
	}
	return int(int32(a.stack[0])), nil
}

// get is https://webassembly.github.io/spec/js-api/#dom-table-get.
func (t *Table) get(js *webidl.Realm, i uint32) (goja.Value, error) {
	if err := t.check(i); err != nil {
		return nil, err
	}
	bits, err := t.read(i)
	if err != nil {
		return nil, err
	}
	return t.machine.toJS(t.element, bits), nil
}

// set is https://webassembly.github.io/spec/js-api/#dom-table-set.
func (t *Table) set(js *webidl.Realm, args []goja.Value) (webidl.Undefined, error) {
	var none webidl.Undefined
	i, err := webidl.UnsignedLongEnforced.Convert(js, args[0])
	if err != nil {
		return none, err
	}
	if t.element == funcref && len(args) < 2 {
		return none, webidl.TypeError("Argument 1 must be null or a WebAssembly function")
	}
	var bits uint64
	if len(args) > 1 {
		bits, err = t.machine.toWasm(t.element, args[1])
	} else {
		bits, err = t.initial(goja.Undefined())
	}
	if err != nil {
		return none, err
	}
	if err := t.check(i); err != nil {
		return none, err
	}
	return none, t.write(i, bits)
}

func (t *Table) length(*webidl.Realm) (int, error) {
	n, err := t.size()
	return int(n), err
}

func (t *Table) check(i uint32) error {
	n, err := t.size()
	if err == nil && i >= n {
		err = webidl.RangeError("invalid address %d in %s table of size %d", i, map[valueType]string{funcref: "funcref", externref: "externref"}[t.element], n)
	}
	return err
}

func (t *Table) size() (uint32, error) {
	a, err := t.open()
	if err != nil {
		return 0, err
	}
	err = a.size.CallWithStack(t.machine.ctx, a.stack[:])
	return uint32(a.stack[0]), err
}

// read returns the reference at i, which must be in the table.
func (t *Table) read(i uint32) (uint64, error) {
	a, err := t.open()
	if err != nil {
		return 0, err
	}
	a.stack[0] = uint64(i)
	err = a.get.CallWithStack(t.machine.ctx, a.stack[:])
	return a.stack[0], err
}

// write sets the reference at i, which must be in the table.
func (t *Table) write(i uint32, bits uint64) error {
	a, err := t.open()
	if err != nil {
		return err
	}
	a.stack = [2]uint64{uint64(i), bits}
	return a.set.CallWithStack(t.machine.ctx, a.stack[:])
}

// open makes the table's access.
func (t *Table) open() (*access, error) {
	if t.access != nil {
		return t.access, nil
	}
	var b builder
	b.imports.add("t", t.name, tableKind, tableType{t.element, limits{}})
	for _, f := range []struct {
		name string
		signature
		body []byte
	}{
		{"get", signature{[]valueType{i32}, []valueType{t.element}}, []byte{opLocalGet, 0, opTableGet, 0}},
		{"set", signature{[]valueType{i32, t.element}, nil}, []byte{opLocalGet, 0, opLocalGet, 1, opTableSet, 0}},
		{"grow", signature{[]valueType{t.element, i32}, []valueType{i32}}, []byte{opLocalGet, 0, opLocalGet, 1, opTablePlus, tableGrow, 0}},
		{"size", signature{nil, []valueType{i32}}, []byte{opTablePlus, tableSize, 0}},
	} {
		b.exports.add(f.name, functionKind, b.function(b.types.add(f.signature), f.body))
	}
	m := t.machine
	mod, err := m.generate(b.bytes(), nil, func(string) api.Module { return t.module })
	if err != nil {
		return nil, err
	}
	t.access = &access{
		module: mod, get: mod.ExportedFunction("get"), set: mod.ExportedFunction("set"),
		grow: mod.ExportedFunction("grow"), size: mod.ExportedFunction("size"),
	}
	self := weak.Make(t.access)
	m.add(&resident{alive: func() bool { return self.Value() != nil }, modules: []api.Module{mod}, bytes: smallSize})
	return t.access, nil
}
