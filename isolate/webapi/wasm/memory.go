package wasm

import (
	"weak"

	"github.com/dop251/goja"
	"github.com/tetratelabs/wazero/api"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// pageBits is the size of a page of memory, 64 KiB.
const pageBits = 16

// maxPages is how many pages a memory can have.
const maxPages = 1 << 16

// MemoryClass is https://webassembly.github.io/spec/js-api/#memories.
var MemoryClass = &webidl.Class[*Memory]{
	Name:        "Memory",
	Constructor: webidl.New1(newMemory, memoryDescriptor),
	Members: []webidl.Member[*Memory]{
		webidl.Op1("grow", (*Memory).grow, webidl.UnsignedLongEnforced),
		webidl.ReadOnly("buffer", (*Memory).show),
	},
}

// A Memory is the object of a memory.
type Memory struct {
	webidl.Handle
	machine *machine
	owner   *instance // kept alive; nil if a script made the memory
	module  api.Module
	name    string // of the export of module
	bytes   *linear
	buffer  *goja.Object // nil until asked for
}

type descriptor struct {
	initial, maximum uint32
	hasMaximum       bool
	value            valueType
}

// limited reads the members of a descriptor of a memory or table, in the order of their names.
func limited(js *webidl.Realm, o *goja.Object, d *descriptor, where string) error {
	number := func(name string) (uint32, bool, error) {
		v := o.Get(name)
		if v == nil || goja.IsUndefined(v) {
			return 0, false, nil
		}
		n, err := webidl.UnsignedLongEnforced.Convert(js, v)
		if err != nil {
			err = webidl.TypeError("%s: Property '%s': value %s is out of range", where, name, v)
		}
		return n, true, err
	}
	initial, ok, err := number("initial")
	if err != nil {
		return err
	}
	if !ok {
		return webidl.TypeError("%s: Property 'initial' is required", where)
	}
	d.initial = initial
	if d.maximum, d.hasMaximum, err = number("maximum"); err != nil {
		return err
	}
	return nil
}

var memoryDescriptor = webidl.NewType("MemoryDescriptor", func(js *webidl.Realm, v goja.Value) (d descriptor, err error) {
	o, ok := v.(*goja.Object)
	if !ok {
		return d, webidl.TypeError("Argument 0 must be a memory descriptor")
	}
	if err := limited(js, o, &d, "WebAssembly.Memory()"); err != nil {
		return d, err
	}
	if shared := o.Get("shared"); shared != nil && shared.ToBoolean() {
		return d, webidl.TypeError("WebAssembly.Memory(): shared memory is not supported")
	}
	return d, nil
})

func newMemory(js *webidl.Realm, d descriptor) (*Memory, error) {
	if d.initial > maxPages || d.hasMaximum && d.maximum > maxPages {
		return nil, webidl.TypeError("value is above the upper bound")
	}
	if d.hasMaximum && d.maximum < d.initial {
		return nil, webidl.RangeError("Property 'maximum': value %d is below the lower bound", d.maximum)
	}
	m := machineOf(js)
	mem := &Memory{machine: m, name: "x", bytes: &linear{machine: m}}
	mem.bytes.object = weak.Make(mem)
	var b builder
	b.memories.add(limits{d.initial, d.maximum, d.hasMaximum})
	b.exports.add(mem.name, memoryKind, 0)
	if err := m.reserve(smallSize+int64(d.initial)<<pageBits, "WebAssembly.Memory()"); err != nil {
		return nil, err
	}
	mod, err := m.generate(b.bytes(), mem.bytes, nil)
	if err != nil {
		m.used -= int64(cap(mem.bytes.data))
		return nil, m.errMemory("WebAssembly.Memory()")
	}
	mem.module = mod
	m.settle()
	self := weak.Make(mem)
	m.add(&resident{alive: func() bool { return self.Value() != nil }, modules: []api.Module{mod}, memory: mem.bytes, bytes: smallSize})
	return mem, nil
}

// smallSize is about what a generated module takes.
const smallSize = 4096

// grow is https://webassembly.github.io/spec/js-api/#dom-memory-grow.
func (mem *Memory) grow(js *webidl.Realm, delta uint32) (int, error) {
	before := len(mem.bytes.data) >> pageBits
	if uint64(before)+uint64(delta) > maxPages {
		return 0, webidl.RangeError("Maximum memory size exceeded")
	}
	if delta > 0 {
		m := mem.machine
		if room := m.limit - m.used; int64(delta)<<pageBits > room {
			_ = m.reserve(int64(delta)<<pageBits, "WebAssembly.Memory.grow()") // may make room; the growth itself says whether it did
		}
		if _, ok := mem.module.ExportedMemory(mem.name).Grow(delta); !ok {
			return 0, webidl.RangeError("Unable to grow instance memory")
		}
		m.settle()
	}
	mem.detach()
	return before, nil
}

// show returns the ArrayBuffer that aliases the memory.
func (mem *Memory) show(js *webidl.Realm) (*goja.Object, error) {
	if mem.buffer != nil && mem.buffer.Export().(goja.ArrayBuffer).Detached() {
		mem.buffer = nil
	}
	if mem.buffer == nil {
		mem.buffer = js.ArrayBuffer(mem.bytes.data[:len(mem.bytes.data):len(mem.bytes.data)])
	}
	return mem.buffer, nil
}

// detach ends the buffer: the memory has grown and may have moved.
// https://webassembly.github.io/spec/js-api/#refresh-the-memory-buffer
func (mem *Memory) detach() {
	if mem.buffer != nil {
		mem.buffer.Export().(goja.ArrayBuffer).Detach()
		mem.buffer = nil
	}
}
