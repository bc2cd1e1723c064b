package wasm

import "fmt"

// stopExport is the name of the global that ends the running code: not zero means stop.
const stopExport = "\x00stop"

// instrument returns a code section in which every loop and every function that calls
// others begins by looking at the global of the given index, and traps if it is not
// zero. That is what makes code interruptible; the engine's own way leaves recursion
// out and costs a switch of stacks for each turn of a loop. References to functions are
// taken from their globals.
func (l *layout) instrument(body []byte, global int) ([]byte, error) {
	check := put(nil, byte(opGlobalGet), global, byte(0x04), byte(0x40), byte(0x00), byte(opEnd)) // if unreachable end
	r := &reader{b: body}
	out := put(make([]byte, 0, len(body)+len(body)/16), r.u32())
	scratch := []byte(nil)
	for r.at < len(r.b) && r.err == nil {
		code := &reader{b: r.take(r.u32())}
		code.each(func() { code.u32(); code.byte() }) // locals
		scratch = append(scratch[:0], code.b[:code.at]...)
		first, from, calls := code.at, code.at, false
		for code.at < len(code.b) && code.err == nil {
			at := code.at
			switch code.instruction() {
			case 0x03: // loop
				scratch = append(append(scratch, code.b[from:code.at]...), check...)
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
		if !calls {
			out = put(out, len(scratch), scratch)
			continue
		}
		out = put(out, len(scratch)+len(check), scratch[:first], check, scratch[first:])
	}
	return out, r.err
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
