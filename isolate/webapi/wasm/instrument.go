package wasm

import "fmt"

// stopExport is the name of the global that ends the running code: not zero means stop.
const stopExport = "\x00stop"

// Code that runs neither sees stopExport nor lets the scheduler of Go stop its goroutine,
// which a garbage collection of the whole process waits for. So now and then it pauses.
const (
	// callsToPause is after how many calls that is, of functions that call others or loop.
	callsToPause = 256
	// turnsToPause is after how many turns of the loops of one call. So no more than their
	// product goes by between two pauses: some milliseconds.
	turnsToPause = 8192
)

// paused is what instrumented code uses, by index.
type paused struct {
	stop  int // global, see stopExport
	calls int // global: how many calls are left until the next pause
	table int // of no elements
}

// pause looks at the global that means stop, and makes an instruction for which the engine
// leaves compiled code: it grows a table by nothing.
func (p paused) pause() []byte {
	return put(nil, byte(opGlobalGet), p.stop, byte(opIf), byte(emptyBlock), byte(opUnreachable), byte(opEnd),
		byte(opRefNull), funcref, constant(i32, 0), byte(opTablePlus), byte(tableGrow), p.table, byte(opDrop))
}

// atCall begins a function.
func (p paused) atCall() []byte {
	return put(nil, byte(opGlobalGet), p.calls, constant(i32, 1), byte(opI32Sub), byte(opGlobalSet), p.calls,
		byte(opGlobalGet), p.calls, byte(opI32Eqz), byte(opIf), byte(emptyBlock),
		p.pause(), constant(i32, callsToPause), byte(opGlobalSet), p.calls, byte(opEnd))
}

// beforeTurns makes ready the variable in which the turns of loops are counted: a global
// would cost more than many loops do.
func beforeTurns(local int) []byte {
	return put(nil, constant(i32, turnsToPause), byte(opLocalSet), local)
}

// atTurn begins a loop.
func (p paused) atTurn(local int) []byte {
	return put(nil, byte(opLocalGet), local, constant(i32, 1), byte(opI32Sub), byte(opLocalTee), local,
		byte(opI32Eqz), byte(opIf), byte(emptyBlock), p.pause(), beforeTurns(local), byte(opEnd))
}

// instrument returns a code section whose loops and functions pause. That is what makes
// code interruptible; the engine's own way leaves recursion out and costs a switch of
// stacks for each turn of a loop. References to functions are taken from their globals.
func (l *layout) instrument(body []byte, p paused) ([]byte, error) {
	atCall := p.atCall()
	r := &reader{b: body}
	out := put(make([]byte, 0, len(body)+len(body)/8), r.u32())
	scratch := []byte(nil)
	for number := l.importedFunctions; r.at < len(r.b) && r.err == nil; number++ {
		code := &reader{b: r.take(r.u32())}
		local, groups := l.parameters(number), 0
		code.each(func() { local += int(code.u32()); code.byte(); groups++ })
		declared, atTurn := code.b[:code.at], p.atTurn(local)
		scratch = scratch[:0]
		from, loops, calls := code.at, false, false
		for code.at < len(code.b) && code.err == nil {
			at := code.at
			switch code.instruction() {
			case 0x03: // loop
				loops = true
				scratch = append(append(scratch, code.b[from:code.at]...), atTurn...)
				from = code.at
			case 0x10, 0x11, 0x12, 0x13: // call, call_indirect and their tail calls
				calls = true
			case opRefFunc:
				function := (&reader{b: code.b, at: at + 1}).u32()
				scratch = append(append(scratch, code.b[from:at]...), l.reference(function)...)
				from = code.at
			}
		}
		if code.err != nil {
			return nil, code.err
		}
		scratch = append(scratch, code.b[from:]...)
		var begin []byte
		if loops || calls {
			begin = atCall
		}
		if loops { // one variable more
			declared = put(nil, groups+1, after(declared), 1, i32)
			begin = put(nil, begin, beforeTurns(local))
		}
		out = put(out, len(declared)+len(begin)+len(scratch), declared, begin, scratch)
	}
	return out, r.err
}

// parameters is how many parameters a function has.
func (l *layout) parameters(function int) int {
	if function < len(l.functions) {
		if t := l.functions[function]; int(t) < len(l.types) {
			return len(l.types[t].params)
		}
	}
	return 0 // invalid, which the compiler will say
}

// after returns what follows a number.
func after(b []byte) []byte {
	r := &reader{b: b}
	r.u32()
	return r.b[r.at:]
}

// instruction passes one instruction and returns its first byte.
// https://webassembly.github.io/spec/core/binary/instructions.html
func (r *reader) instruction() byte {
	op := r.byte()
	switch {
	case op >= 0x02 && op <= 0x04: // block, loop, if
		r.skip()
	case op == 0x0c, op == 0x0d, op == 0x10, op == 0x12, op >= 0x20 && op <= 0x26, op == 0xd2:
		r.u32()
	case op == 0x0e: // br_table
		r.each(func() { r.u32() })
		r.u32()
	case op == 0x11, op == 0x13: // call_indirect
		r.u32()
		r.u32()
	case op == 0x1c: // select with types
		r.valueTypes()
	case op >= 0x28 && op <= 0x3e: // memory access
		r.memoryArgument()
	case op == 0x3f, op == 0x40, op == 0xd0: // memory.size, memory.grow, ref.null
		r.skip()
	case op == 0x41, op == 0x42:
		r.skip()
	case op == 0x43:
		r.take(4)
	case op == 0x44:
		r.take(8)
	case op <= 0x01, op == 0x05, op == 0x0b, op == 0x0f, op == 0x1a, op == 0x1b, op >= 0x45 && op <= 0xc4, op == 0xd1:
	case op == 0xfc:
		r.bulk()
	case op == 0xfd:
		r.vector()
	default:
		r.fail(fmt.Errorf("invalid opcode 0x%x", op))
	}
	return op
}

func (r *reader) memoryArgument() {
	r.u32()
	r.skip()
}

// bulk passes an instruction with the prefix 0xfc.
func (r *reader) bulk() {
	switch sub := r.u32(); {
	case sub <= 7: // saturating truncation
	case sub == 8, sub == 10, sub == 12, sub == 14: // memory.init, memory.copy, table.init, table.copy
		r.u32()
		r.u32()
	case sub <= 17:
		r.u32()
	default:
		r.fail(fmt.Errorf("invalid opcode 0xfc 0x%x", sub))
	}
}

// vector passes an instruction with the prefix 0xfd.
func (r *reader) vector() {
	switch sub := r.u32(); {
	case sub <= 11, sub == 92, sub == 93: // loads and stores
		r.memoryArgument()
	case sub == 12, sub == 13: // v128.const, i8x16.shuffle
		r.take(16)
	case sub >= 21 && sub <= 34: // lanes
		r.byte()
	case sub >= 84 && sub <= 91: // loads and stores of lanes
		r.memoryArgument()
		r.byte()
	case sub <= 255:
	default:
		r.fail(fmt.Errorf("invalid opcode 0xfd 0x%x", sub))
	}
}
