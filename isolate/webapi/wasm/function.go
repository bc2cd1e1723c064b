package wasm

import (
	"strconv"
	"weak"

	"github.com/dop251/goja"
	"github.com/tetratelabs/wazero/api"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A function is an Exported Function: https://webassembly.github.io/spec/js-api/#exported-function
type function struct {
	instance *instance
	index    uint32
	name     string // of the export by which it is reached
	signature
	object *goja.Object

	entry api.Function // kept for the next call
	stack []uint64
	busy  bool
}

// function returns the Exported Function of an index, making it when first asked.
func (i *instance) function(index uint32) *function {
	if f := i.functions[index]; f != nil {
		return f
	}
	m := i.machine
	if int(index) < i.program.importedFunctions {
		if f, ok := i.imports[i.program.importOf(functionKind, int(index))].(*function); ok {
			i.functions[index] = f
			return f
		}
	}
	f := &function{instance: i, index: index, name: functionName(index), signature: i.program.signature(index)}
	f.object = m.js.Function(strconv.FormatUint(uint64(index), 10), len(f.params), f.call)
	i.functions[index] = f
	m.functions[weak.Make(f.object)] = weak.Make(f)
	return f
}

// exported returns the Exported Function that v is, or nil.
func (m *machine) exported(v goja.Value) *function {
	o, ok := v.(*goja.Object)
	if !ok {
		return nil
	}
	return m.functions[weak.Make(o)].Value()
}

// call is what JavaScript calls.
// https://webassembly.github.io/spec/js-api/#call-an-exported-function
func (f *function) call(call goja.FunctionCall) goja.Value {
	m := f.instance.machine
	js := m.js
	if f.vectors() {
		js.Throw(errVector())
	}
	if m.depth == 0 && m.externs.full() {
		if err := m.collectExterns(); err != nil {
			m.rethrow(err)
		}
	}
	entry, stack := f.entry, f.stack
	if f.busy || entry == nil {
		if entry = f.instance.module.ExportedFunction(f.name); entry == nil {
			js.Throw(failure(js, runtimeError, "the instance is closed"))
		}
		stack = make([]uint64, max(len(f.params), len(f.results)))
	}
	nested := f.busy
	if !nested {
		f.busy, f.entry, f.stack = true, entry, stack
	}
	m.depth++ // from here on: an argument's conversion may call back
	defer func() {
		m.depth--
		f.busy = nested
	}()
	for i, t := range f.params {
		bits, err := m.toWasm(t, call.Argument(i))
		if err != nil {
			js.Throw(err)
		}
		stack[i] = bits
	}
	if err := entry.CallWithStack(m.ctx, stack); err != nil {
		f.entry = nil // its stack may have become large
		m.rethrow(err)
	}
	if len(m.grown) > 0 {
		m.settle()
	}
	switch len(f.results) {
	case 0:
		return goja.Undefined()
	case 1:
		return m.toJS(f.results[0], stack[0])
	}
	values := make([]any, len(f.results))
	for i, t := range f.results {
		values[i] = m.toJS(t, stack[i])
	}
	return js.VM.NewArray(values...)
}

// A link is the JavaScript functions that an instance imports, by the number of the
// import. Code knows it by a number, so that an instance does not keep it alive by
// itself: it would never be let go of.
type link struct {
	functions []imported
}

type imported struct {
	call goja.Callable
	signature
}

// addLink gives l a number.
func (m *machine) addLink(l *link) uint32 {
	if n := len(m.freeLinks); n > 0 {
		id := m.freeLinks[n-1]
		m.freeLinks = m.freeLinks[:n-1]
		m.links[id] = weak.Make(l)
		return id
	}
	m.links = append(m.links, weak.Make(l))
	return uint32(len(m.links) - 1)
}

// callImport calls a function that JavaScript gave as an import. Exceptions pass
// through the engine as a panic whose value waits in thrown.
// https://webassembly.github.io/spec/js-api/#run-a-host-function
func (m *machine) callImport(id, k uint32, stack []uint64) {
	defer func() {
		if r := recover(); r != nil {
			m.thrown = r
			panic(errThrown{})
		}
	}()
	if len(m.grown) > 0 {
		m.settle()
	}
	js := m.js
	f := &m.links[id].Value().functions[k]
	if f.vectors() {
		js.Throw(errVector())
	}
	args := make([]goja.Value, len(f.params))
	for i, t := range f.params {
		args[i] = m.toJS(t, stack[i])
	}
	v, err := f.call(goja.Undefined(), args...)
	if err != nil {
		panic(err) // the engine's to pass on
	}
	switch len(f.results) {
	case 0:
	case 1:
		m.result(stack, 0, f.results[0], v)
	default:
		o, ok := v.(*goja.Object)
		if !ok {
			js.Throw(webidl.TypeError("multi-return value must be iterable"))
		}
		var values []goja.Value
		if err := js.Iterate(o, func(v goja.Value) error {
			values = append(values, v)
			return nil
		}); err != nil {
			js.Throw(err)
		}
		if len(values) != len(f.results) {
			js.Throw(webidl.TypeError("multi-return length mismatch"))
		}
		for i, t := range f.results {
			m.result(stack, i, t, values[i])
		}
	}
}

func (m *machine) result(stack []uint64, i int, t valueType, v goja.Value) {
	bits, err := m.toWasm(t, v)
	if err != nil {
		m.js.Throw(err)
	}
	stack[i] = bits
}

// errThrown unwinds wasm code. The engine makes an error of it.
type errThrown struct{}

func (errThrown) Error() string { return "thrown" }
