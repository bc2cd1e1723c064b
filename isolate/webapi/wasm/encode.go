package wasm

import "encoding/binary"

const header = "\x00asm\x01\x00\x00\x00"

// The instructions of generated code.
const (
	opUnreachable = 0x00
	opIf          = 0x04
	opEnd         = 0x0b
	opCall        = 0x10
	opDrop        = 0x1a
	opLocalGet    = 0x20
	opLocalSet    = 0x21
	opLocalTee    = 0x22
	opGlobalGet   = 0x23
	opGlobalSet   = 0x24
	opTableGet    = 0x25
	opTableSet    = 0x26
	opI32Const    = 0x41
	opI64Const    = 0x42
	opF32Const    = 0x43
	opF64Const    = 0x44
	opI32Eqz      = 0x45
	opI32Sub      = 0x6b
	opRefNull     = 0xd0
	opRefFunc     = 0xd2
	opTablePlus   = 0xfc
	tableGrow     = 15
	tableSize     = 16
	tableFill     = 17
	functionForm  = 0x60
	emptyBlock    = 0x40 // type of a block without parameters and results
)

// A list is a vector of the binary format under construction: encoded elements and
// their number.
type list struct {
	n int
	b []byte
}

// add appends one element made of its parts.
func (l *list) add(parts ...any) int {
	l.b = put(l.b, parts...)
	l.n++
	return l.n - 1
}

// put appends parts: numbers as LEB128, strings as names, the others as they are.
func put(b []byte, parts ...any) []byte {
	for _, p := range parts {
		switch p := p.(type) {
		case byte:
			b = append(b, p)
		case valueType:
			b = append(b, byte(p))
		case externKind:
			b = append(b, byte(p))
		case int:
			b = binary.AppendUvarint(b, uint64(p))
		case uint32:
			b = binary.AppendUvarint(b, uint64(p))
		case string:
			b = append(binary.AppendUvarint(b, uint64(len(p))), p...)
		case []byte:
			b = append(b, p...)
		case []valueType:
			b = binary.AppendUvarint(b, uint64(len(p)))
			for _, t := range p {
				b = append(b, byte(t))
			}
		case signature:
			b = put(b, byte(functionForm), p.params, p.results)
		case limits:
			if p.hasMax {
				b = put(b, byte(1), p.min, p.max)
			} else {
				b = put(b, byte(0), p.min)
			}
		case tableType:
			b = put(b, p.element, p.limits)
		case globalType:
			mutable := byte(0)
			if p.mutable {
				mutable = 1
			}
			b = put(b, p.value, mutable)
		default:
			panic("wasm: no encoding")
		}
	}
	return b
}

// putSection appends a section that is a vector, unless it is empty.
func putSection(b []byte, id sectionID, l list) []byte {
	if l.n == 0 {
		return b
	}
	return putBody(b, id, put(nil, l.n, l.b))
}

func putBody(b []byte, id sectionID, body []byte) []byte {
	return put(b, id, len(body), body)
}

// signed appends a signed LEB128 number.
func signed(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

// constant is the constant expression of a value given by its bits, without end. Of
// references it can only express null.
func constant(t valueType, bits uint64) []byte {
	switch t {
	case i32:
		return signed([]byte{opI32Const}, int64(int32(bits)))
	case i64:
		return signed([]byte{opI64Const}, int64(bits))
	case f32:
		return binary.LittleEndian.AppendUint32([]byte{opF32Const}, uint32(bits))
	case f64:
		return binary.LittleEndian.AppendUint64([]byte{opF64Const}, bits)
	}
	return []byte{opRefNull, byte(t)}
}

// A builder is a generated module under construction.
type builder struct {
	types, imports, functions, tables, memories, globals, exports, elements, code list

	importedFunctions int
}

// function adds a function and returns its index.
func (m *builder) function(typ int, body []byte) int {
	m.functions.add(typ)
	m.code.add(len(body)+2, byte(0), body, byte(opEnd))
	return m.importedFunctions + m.functions.n - 1
}

func (m *builder) bytes() []byte {
	b := []byte(header)
	b = putSection(b, typeSection, m.types)
	b = putSection(b, importSection, m.imports)
	b = putSection(b, functionSection, m.functions)
	b = putSection(b, tableSection, m.tables)
	b = putSection(b, memorySection, m.memories)
	b = putSection(b, globalSection, m.globals)
	b = putSection(b, exportSection, m.exports)
	b = putSection(b, elementSection, m.elements)
	return putSection(b, codeSection, m.code)
}
