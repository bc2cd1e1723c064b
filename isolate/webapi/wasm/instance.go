package wasm

import (
	"strconv"
	"strings"
	"weak"

	"github.com/dop251/goja"
	"github.com/tetratelabs/wazero/api"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Instance is https://webassembly.github.io/spec/js-api/#instances.
var Instance = &webidl.Class[*instance]{
	Name: "Instance",
	Constructor: webidl.New2(func(js *webidl.Realm, mod *Module, imports goja.Value) (*instance, error) {
		return instantiate(js, mod.program, imports, "WebAssembly.Instance()")
	}, ModuleClass.Instance(), webidl.OptionalAny),
	Members: []webidl.Member[*instance]{
		webidl.ReadOnly("exports", func(i *instance, _ *webidl.Realm) (*goja.Object, error) { return i.exports, nil }),
	},
}

// An instance is a module instance with its objects.
type instance struct {
	webidl.Handle
	machine *machine
	program *program
	module  api.Module
	exports *goja.Object
	pinned  bool

	// imports are what was imported, by number: *function, *link for functions of
	// JavaScript's, *Table, *Memory, *Global, or nil for a global that was a number.
	imports   []any
	functions map[uint32]*function
	tables    map[uint32]*Table
	globals   map[uint32]*Global
	memory    *Memory
	own       *linear  // its own memory's bytes, or nil
	pointers  []uint64 // references to program.referenced, once learned
}

// importOf returns the number of the import that declares the n-th function, table,
// memory or global.
func (l *layout) importOf(kind externKind, n int) int {
	for k := range l.imports {
		if l.imports[k].kind == kind {
			if n == 0 {
				return k
			}
			n--
		}
	}
	return -1
}

// instantiate makes an instance.
// https://webassembly.github.io/spec/js-api/#instantiate-a-webassembly-module
func instantiate(js *webidl.Realm, p *program, imports goja.Value, what string) (*instance, error) {
	m := machineOf(js)
	i := &instance{machine: m, program: p, functions: map[uint32]*function{}, tables: map[uint32]*Table{}, globals: map[uint32]*Global{}}
	l, err := i.read(imports, what)
	if err != nil {
		return nil, err
	}
	glue, err := i.glue(l, what)
	if err != nil {
		return nil, err
	}
	need := p.size
	if len(p.memories) > 0 && len(p.memories) > p.importedMemories() {
		i.own = &linear{machine: m}
		need += int64(p.memories[0].min) << pageBits
	}
	r := &resident{memory: i.own, bytes: p.size}
	self := weak.Make(i)
	r.alive = func() bool { return self.Value() != nil }
	if glue != nil {
		r.modules = append(r.modules, glue)
	}
	if err = m.reserve(need, what); err == nil {
		i.module, err = m.enter(p.code, i.own, func(string) api.Module { return glue })
		if err != nil {
			err = i.instantiationError(err, what)
		}
	}
	if err != nil {
		if p.importedMemories() > 0 {
			m.add(&resident{alive: always, modules: r.modules}) // closing it would end the memory
		} else {
			r.close()
		}
		if i.own != nil {
			m.used -= int64(cap(i.own.data))
		}
		return nil, err
	}
	r.modules = append(r.modules, i.module)
	r.roots = p.roots(m, i.module)
	r.stop, _ = i.module.ExportedGlobal(stopExport).(api.MutableGlobal)
	r.gone = func() {
		delete(m.instances, self)
		for bits, r := range m.byPointer {
			if r.instance == self {
				delete(m.byPointer, bits)
			}
		}
	}
	m.instances[self] = struct{}{}
	m.add(r)
	for _, v := range i.imports {
		if f, ok := v.(*function); ok && f != nil {
			m.pin(i)
		} else if _, ok := v.(*link); !ok && v != nil {
			m.pin(i)
		}
	}
	if err := i.checkElements(what); err != nil {
		return nil, err
	}
	i.export()
	if p.start >= 0 {
		if err := i.start(); err != nil {
			m.rethrow(err)
		}
		m.settle()
	}
	return i, nil
}

// start calls the start function.
func (i *instance) start() error {
	m := i.machine
	m.depth++
	defer func() { m.depth-- }()
	return i.module.ExportedFunction(startExport).CallWithStack(m.ctx, nil)
}

func always() bool { return true }

// checkElements reports the first element segment that does not fit its table, which
// the engine passes over in silence.
func (i *instance) checkElements(what string) error {
	for n, s := range i.program.segments {
		if !s.active || s.computed || s.count == 0 || int(s.table) >= len(i.program.tables) {
			continue
		}
		offset := uint64(s.offset)
		if s.global {
			k := i.program.importOf(globalKind, int(s.offset))
			if k < 0 {
				continue
			}
			offset = uint64(uint32(i.imports[k].(*Global).bits()))
		}
		length := uint64(i.program.tables[s.table].min)
		if k := i.program.importOf(tableKind, int(s.table)); int(s.table) < i.program.importedTables {
			size, err := i.imports[k].(*Table).size()
			if err != nil {
				return err
			}
			length = uint64(size)
		}
		if offset+uint64(s.count) > length {
			return failure(i.machine.js, runtimeError, what+": table initializer "+strconv.Itoa(n)+": table index is out of bounds")
		}
	}
	return nil
}

// instantiationError is what the engine's refusal to make an instance is thrown as.
func (i *instance) instantiationError(err error, what string) error {
	text := err.Error()
	if n, ok := strings.CutPrefix(text, "data["); ok {
		n, _, _ = strings.Cut(n, "]")
		return failure(i.machine.js, runtimeError, what+": data segment "+n+" is out of bounds")
	}
	if text == "could not allocate memory" {
		return i.machine.errMemory(what)
	}
	return failure(i.machine.js, linkError, what+": "+text)
}

// read reads the imports from the object that the script gave.
// https://webassembly.github.io/spec/js-api/#read-the-imports
func (i *instance) read(object goja.Value, what string) (*link, error) {
	js, p := i.machine.js, i.program
	from, _ := object.(*goja.Object)
	if from == nil && (!goja.IsUndefined(object) || len(p.imports) > 0) {
		if goja.IsUndefined(object) {
			return nil, webidl.TypeError("%s: Imports argument must be present and must be an object", what)
		}
		return nil, webidl.TypeError("%s: Argument 1 must be an object", what)
	}
	var l *link
	i.imports = make([]any, len(p.imports))
	for k := range p.imports {
		e := &p.imports[k]
		where := what + ": Import #" + strconv.Itoa(k) + " \"" + e.module + "\""
		module, ok := from.Get(e.module).(*goja.Object)
		if !ok {
			return nil, webidl.TypeError("%s: module is not an object or function", where)
		}
		where += " \"" + e.name + "\""
		v := module.Get(e.name)
		if v == nil {
			v = goja.Undefined()
		}
		refuse := func(why string) error { return failure(js, linkError, where+": "+why) }
		switch e.kind {
		case functionKind:
			call, ok := goja.AssertFunction(v)
			if !ok {
				return nil, refuse("function import requires a callable")
			}
			if f := i.machine.exported(v); f != nil {
				if !f.same(p.types[e.function]) {
					return nil, refuse("imported function does not match the expected type")
				}
				i.imports[k] = f
				continue
			}
			if l == nil {
				l = &link{functions: make([]imported, len(p.imports))}
			}
			l.functions[k] = imported{call, p.types[e.function]}
			i.imports[k] = l
		case tableKind:
			t, ok := webidl.As[*Table](v)
			if !ok {
				return nil, refuse("table import requires a WebAssembly.Table")
			}
			i.imports[k] = t
		case memoryKind:
			mem, ok := webidl.As[*Memory](v)
			if !ok {
				return nil, refuse("memory import must be a WebAssembly.Memory object")
			}
			i.imports[k] = mem
		case globalKind:
			g, err := i.readGlobal(e, v, refuse)
			if err != nil {
				return nil, err
			}
			i.imports[k] = g
		}
	}
	return l, nil
}

func (i *instance) readGlobal(e *importEntry, v goja.Value, refuse func(string) error) (*Global, error) {
	if g, ok := webidl.As[*Global](v); ok {
		if g.mutable != e.global.mutable {
			return nil, refuse("imported global does not match the expected mutability")
		}
		if g.value != e.global.value {
			return nil, refuse("imported global does not match the expected type")
		}
		return g, nil
	}
	if e.global.mutable {
		return nil, refuse("imported mutable global must be a WebAssembly.Global object")
	}
	switch _, isObject := v.(*goja.Object); e.global.value {
	case i32, f32, f64:
		if isObject || !goja.IsNumber(v) {
			return nil, refuse("global import must be a number, valid Wasm reference, or WebAssembly.Global object")
		}
	case i64:
		if isObject || !goja.IsBigInt(v) {
			return nil, refuse("global import must be a BigInt")
		}
	case funcref:
		if !goja.IsNull(v) && i.machine.exported(v) == nil {
			return nil, refuse("imported funcref global must be null or WebAssembly function (funcref) object")
		}
	case v128:
		return nil, refuse("global import must be a WebAssembly.Global object")
	}
	bits, err := i.machine.toWasm(e.global.value, v)
	if err != nil {
		return nil, err
	}
	g, err := i.machine.newGlobal(e.global, bits)
	if err != nil {
		return nil, refuse(err.Error())
	}
	return g, nil
}

// same reports whether two functions have the same type.
func (s signature) same(t signature) bool {
	return string(put(nil, s)) == string(put(nil, t))
}

// glue makes the module that the instance's imports come from.
func (i *instance) glue(l *link, what string) (api.Module, error) {
	p, m := i.program, i.machine
	if len(p.imports) == 0 {
		return nil, nil
	}
	var b builder
	providers := map[string]api.Module{}
	provide := func(mod api.Module) string {
		name := "m" + strconv.Itoa(len(providers))
		providers[name] = mod
		return name
	}
	// Imports come before all else in the index spaces.
	exports := make([]func(), len(p.imports))
	var tables, memories, globals int
	for k := range p.imports {
		e, name := &p.imports[k], strconv.Itoa(k)
		switch v := i.imports[k].(type) {
		case *function:
			index := b.importedFunctions
			b.imports.add(provide(v.instance.module), v.name, functionKind, b.types.add(v.signature))
			b.importedFunctions++
			exports[k] = func() { b.exports.add(name, functionKind, index) }
		case *link:
			s := v.functions[k].signature
			called := s
			if s.vectors() {
				called = signature{}
			}
			mod, err := m.engine.caller(called)
			if err != nil {
				return nil, failure(m.js, linkError, what+": "+err.Error())
			}
			typ := b.types.add(s)
			caller := b.importedFunctions
			b.imports.add(provide(mod), "call", functionKind,
				b.types.add(signature{append(append([]valueType{}, called.params...), i32, i32), called.results}))
			b.importedFunctions++
			exports[k] = func() {
				var body []byte
				for n := range called.params {
					body = put(body, byte(opLocalGet), n)
				}
				body = put(body, byte(opGlobalGet), globals, byte(opI32Const), signed(nil, int64(k)), byte(opCall), caller)
				if s.vectors() {
					body = append(body, 0x00) // unreachable
				}
				b.exports.add(name, functionKind, b.function(typ, body))
			}
		case *Table:
			index := tables
			tables++
			b.imports.add(provide(v.module), v.name, tableKind, e.table)
			exports[k] = func() { b.exports.add(name, tableKind, index) }
		case *Memory:
			if memories++; memories > 1 {
				return nil, failure(m.js, linkError, what+": multiple memories are not supported")
			}
			b.imports.add(provide(v.module), v.name, memoryKind, e.memory)
			exports[k] = func() { b.exports.add(name, memoryKind, 0) }
		case *Global:
			index := globals
			globals++
			b.imports.add(provide(v.module), v.name, globalKind, e.global)
			exports[k] = func() { b.exports.add(name, globalKind, index) }
		}
	}
	for _, export := range exports {
		export()
	}
	if l != nil {
		b.globals.add(globalType{i32, true}, constant(i32, 0), byte(opEnd))
		b.exports.add(linkExport, globalKind, globals)
	}
	mod, err := m.generate(b.bytes(), nil, func(name string) api.Module { return providers[name] })
	if err != nil {
		return nil, failure(m.js, linkError, what+": "+err.Error())
	}
	if l != nil {
		mod.ExportedGlobal(linkExport).(api.MutableGlobal).Set(uint64(m.addLink(l)))
	}
	return mod, nil
}

// linkExport names the global of glue that holds the number of its link.
const linkExport = "\x00link"

// export makes the exports object.
// https://webassembly.github.io/spec/js-api/#create-an-exports-object
func (i *instance) export() {
	vm := i.machine.js.VM
	i.exports = vm.NewObject()
	set(i.exports.SetPrototype(nil))
	for _, e := range i.program.exports {
		set(i.exports.DefineDataProperty(e.name, i.exportValue(&e), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_TRUE))
	}
	freeze, _ := goja.AssertFunction(vm.GlobalObject().Get("Object").ToObject(vm).Get("preventExtensions"))
	if _, err := freeze(goja.Undefined(), i.exports); err != nil {
		panic(err)
	}
}

func (i *instance) exportValue(e *exportEntry) goja.Value {
	js, p := i.machine.js, i.program
	switch e.kind {
	case functionKind:
		return i.function(e.index).object
	case tableKind:
		t := i.tables[e.index]
		if t == nil {
			if int(e.index) < p.importedTables {
				t = i.imports[p.importOf(tableKind, int(e.index))].(*Table)
			} else {
				t = &Table{machine: i.machine, owner: i, module: i.module, name: e.name, element: p.tables[e.index].element}
			}
			i.tables[e.index] = t
		}
		return TableClass.Wrap(js, t)
	case memoryKind:
		if i.memory == nil {
			if p.importedMemories() > 0 {
				i.memory = i.imports[p.importOf(memoryKind, 0)].(*Memory)
			} else {
				i.memory = &Memory{machine: i.machine, owner: i, module: i.module, name: e.name, bytes: i.own}
				i.own.object = weak.Make(i.memory)
			}
		}
		return MemoryClass.Wrap(js, i.memory)
	}
	g := i.globals[e.index]
	if g == nil {
		if int(e.index) < p.importedGlobals {
			g = i.imports[p.importOf(globalKind, int(e.index))].(*Global)
		} else {
			g = &Global{machine: i.machine, owner: i, module: i.module, name: e.name, globalType: p.globals[e.index], global: i.module.ExportedGlobal(e.name)}
		}
		i.globals[e.index] = g
	}
	return GlobalClass.Wrap(js, g)
}

func (l *layout) importedMemories() int {
	if l.importOf(memoryKind, 0) >= 0 {
		return 1
	}
	return 0
}

// learn reads the references to all functions of the instance that can have one.
func (i *instance) learn() {
	i.pointers = make([]uint64, len(i.program.referenced))
	self := weak.Make(i)
	for n, f := range i.program.referenced {
		bits := i.module.ExportedGlobal(referenceName(f)).Get()
		i.pointers[n] = bits
		i.machine.byPointer[bits] = reference{self, f}
	}
}
