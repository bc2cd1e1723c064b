package wasm

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// The binary format: https://webassembly.github.io/spec/core/binary/modules.html

type sectionID = byte

const (
	customSection sectionID = iota
	typeSection
	importSection
	functionSection
	tableSection
	memorySection
	globalSection
	exportSection
	startSection
	elementSection
	codeSection
	dataSection
	dataCountSection
)

// A valueType is a type of values, as its byte in the binary format.
type valueType byte

const (
	i32       valueType = 0x7f
	i64       valueType = 0x7e
	f32       valueType = 0x7d
	f64       valueType = 0x7c
	v128      valueType = 0x7b
	funcref   valueType = 0x70
	externref valueType = 0x6f
)

// An externKind is a kind of import or export, as its byte in the binary format.
type externKind byte

const (
	functionKind externKind = iota
	tableKind
	memoryKind
	globalKind
)

// String is the kind as the JavaScript interface names it.
func (k externKind) String() string { return [...]string{"function", "table", "memory", "global"}[k] }

// A signature is the type of a function.
type signature struct{ params, results []valueType }

// A limits is the size of a memory (in pages) or a table (in elements).
type limits struct {
	min, max uint32
	hasMax   bool
}

type tableType struct {
	element valueType
	limits
}

type globalType struct {
	value   valueType
	mutable bool
}

// An importEntry is one import. Of the descriptions the one of its kind is set.
type importEntry struct {
	module, name string
	kind         externKind
	function     uint32 // index of its type
	table        tableType
	memory       limits
	global       globalType
}

type exportEntry struct {
	name  string
	kind  externKind
	index uint32
}

type section struct {
	id   sectionID
	body []byte
}

type custom struct {
	name string
	data []byte
}

// A layout is what a module declares, without its code. Indices of functions, tables,
// memories and globals count imports first.
type layout struct {
	sections  []section
	customs   []custom
	types     []signature
	imports   []importEntry
	functions []uint32 // by index, their types
	tables    []tableType
	memories  []limits
	globals   []globalType
	exports   []exportEntry
	start     int // index of a function, or -1

	importedFunctions int
	importedTables    int
	importedGlobals   int
	segments          []segment
	// referenced are the functions that a reference could be made to, in order.
	referenced []uint32
}

// A segment is an element segment. If it is active, its elements go to the table from
// the offset on: a constant or the value of a global of that index, unless computed.
type segment struct {
	active           bool
	explicit         bool // declared with a table, or not passive but declarative
	table, offset    uint32
	global, computed bool
	offsetExpression []byte
	element          valueType
	count            int
	elements         []element // gone once the module is compiled
}

// An element is a constant expression, or if that is nil a function.
type element struct {
	function   uint32
	expression []byte
}

var errUnexpectedEnd = errors.New("unexpected end")

// decode reads what a module declares. It accepts some invalid modules.
func decode(b []byte) (*layout, error) {
	if len(b) < 4 || string(b[:4]) != "\x00asm" {
		return nil, fmt.Errorf("expected magic word 00 61 73 6d, found % x @+0", b[:min(4, len(b))])
	}
	if len(b) < 8 || string(b[4:8]) != "\x01\x00\x00\x00" {
		return nil, fmt.Errorf("expected version 01 00 00 00, found % x @+4", b[4:min(8, len(b))])
	}
	l := &layout{start: -1}
	seen := map[uint32]bool{}
	r := &reader{b: b, at: 8}
	for r.at < len(b) && r.err == nil {
		id := r.byte()
		s := section{id: id, body: r.take(r.u32())}
		if r.err != nil {
			break
		}
		l.sections = append(l.sections, s)
		if err := l.section(s, seen); err != nil {
			return nil, fmt.Errorf("section %d @+%d: %w", id, r.at-len(s.body), err)
		}
	}
	if r.err != nil {
		return nil, fmt.Errorf("%w @+%d", r.err, r.at)
	}
	for _, e := range l.exports {
		if e.kind == functionKind {
			seen[e.index] = true
		}
	}
	for i := range l.functions {
		if seen[uint32(i)] {
			l.referenced = append(l.referenced, uint32(i))
		}
	}
	return l, nil
}

func (l *layout) section(s section, seen map[uint32]bool) error {
	r := &reader{b: s.body}
	switch s.id {
	case customSection:
		name := r.name()
		l.customs = append(l.customs, custom{name, r.b[r.at:]})
		return r.err
	case typeSection:
		r.each(func() {
			if form := r.byte(); form != 0x60 {
				r.fail(fmt.Errorf("unknown type form 0x%x", form))
			}
			l.types = append(l.types, signature{r.valueTypes(), r.valueTypes()})
		})
	case importSection:
		r.each(func() { l.addImport(r) })
	case functionSection:
		r.each(func() { l.functions = append(l.functions, r.u32()) })
	case tableSection:
		r.each(func() { l.tables = append(l.tables, r.table()) })
	case memorySection:
		r.each(func() { l.memories = append(l.memories, r.limits()) })
	case globalSection:
		r.each(func() {
			l.globals = append(l.globals, r.global())
			r.expression(seen)
		})
	case exportSection:
		r.each(func() {
			e := exportEntry{name: r.name(), kind: r.kind()}
			e.index = r.u32()
			l.exports = append(l.exports, e)
		})
	case startSection:
		l.start = int(r.u32())
	case elementSection:
		r.each(func() { l.segments = append(l.segments, r.segment(seen)) })
	default:
		return nil // judged by the compiler
	}
	if r.err == nil && r.at != len(r.b) {
		r.err = errors.New("section size mismatch")
	}
	return r.err
}

func (l *layout) addImport(r *reader) {
	i := importEntry{module: r.name(), name: r.name(), kind: r.kind()}
	switch i.kind {
	case functionKind:
		i.function = r.u32()
		l.functions = append(l.functions, i.function)
		l.importedFunctions++
	case tableKind:
		i.table = r.table()
		l.tables = append(l.tables, i.table)
		l.importedTables++
	case memoryKind:
		i.memory = r.limits()
		l.memories = append(l.memories, i.memory)
	case globalKind:
		i.global = r.global()
		l.globals = append(l.globals, i.global)
		l.importedGlobals++
	}
	l.imports = append(l.imports, i)
}

// signature returns the type of a function by its index; empty if the module is invalid.
func (l *layout) signature(function uint32) signature {
	if int(function) < len(l.functions) && int(l.functions[function]) < len(l.types) {
		return l.types[l.functions[function]]
	}
	return signature{}
}

// A reader reads one section. After an error it reads zeros.
type reader struct {
	b   []byte
	at  int
	err error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.at = len(r.b)
}

func (r *reader) byte() byte {
	if r.at >= len(r.b) {
		r.fail(errUnexpectedEnd)
		return 0
	}
	r.at++
	return r.b[r.at-1]
}

func (r *reader) take(n uint32) []byte {
	if uint64(n) > uint64(len(r.b)-r.at) {
		r.fail(errUnexpectedEnd)
		return nil
	}
	r.at += int(n)
	return r.b[r.at-int(n) : r.at]
}

// u32 reads an unsigned LEB128 number of up to 32 bits.
func (r *reader) u32() uint32 {
	var v uint64
	for shift := 0; shift < 35; shift += 7 {
		c := r.byte()
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			if v > 1<<32-1 {
				break
			}
			return uint32(v)
		}
	}
	r.fail(errors.New("invalid LEB128"))
	return 0
}

// skip passes a LEB128 number of any size.
func (r *reader) skip() {
	for range 10 {
		if r.byte() < 0x80 {
			return
		}
	}
	r.fail(errors.New("invalid LEB128"))
}

func (r *reader) name() string {
	b := r.take(r.u32())
	if !utf8.Valid(b) {
		r.fail(errors.New("invalid UTF-8 string"))
	}
	return string(b)
}

// each calls read for each element of a vector.
func (r *reader) each(read func()) {
	for n := r.u32(); n > 0 && r.err == nil; n-- {
		read()
	}
}

func (r *reader) kind() externKind {
	k := externKind(r.byte())
	if k > globalKind {
		r.fail(fmt.Errorf("unknown kind 0x%x", byte(k)))
		return 0
	}
	return k
}

func (r *reader) valueType() valueType { return valueType(r.byte()) }

func (r *reader) valueTypes() (list []valueType) {
	r.each(func() { list = append(list, r.valueType()) })
	return list
}

func (r *reader) limits() (l limits) {
	flag := r.byte()
	if flag > 1 {
		r.fail(fmt.Errorf("invalid memory limits flags 0x%x: shared and 64-bit memories are not supported", flag))
		return l
	}
	l.min, l.hasMax = r.u32(), flag == 1
	if l.hasMax {
		l.max = r.u32()
	}
	return l
}

func (r *reader) table() tableType { return tableType{r.valueType(), r.limits()} }

func (r *reader) global() globalType { return globalType{r.valueType(), r.byte() == 1} }

// expression passes a constant expression, noting the functions that it refers to.
func (r *reader) expression(seen map[uint32]bool) {
	for r.err == nil {
		switch op := r.byte(); op {
		case 0x0b: // end
			return
		case 0x41, 0x42, 0x23: // i32.const, i64.const, global.get
			r.skip()
		case 0x43: // f32.const
			r.take(4)
		case 0x44: // f64.const
			r.take(8)
		case 0xd0: // ref.null
			r.byte()
		case 0xd2: // ref.func
			seen[r.u32()] = true
		case 0xfd: // v128.const
			r.skip()
			r.take(16)
		case 0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e: // extended constant expressions
		default:
			r.fail(fmt.Errorf("opcode 0x%x is not allowed in constant expressions", op))
		}
	}
}

// segment reads an element segment, noting the functions that it refers to.
// https://webassembly.github.io/spec/core/binary/modules.html#element-section
func (r *reader) segment(seen map[uint32]bool) (s segment) {
	flag := r.u32()
	if flag > 7 {
		r.fail(fmt.Errorf("invalid element segment flags 0x%x", flag))
	}
	s.active, s.explicit, s.element = flag&1 == 0, flag&2 != 0, funcref
	expressions := flag&4 != 0
	if s.active {
		if s.explicit {
			s.table = r.u32()
		}
		from := r.at
		r.expression(seen)
		s.offsetExpression = r.b[from:r.at]
		simple := &reader{b: s.offsetExpression}
		switch simple.byte() {
		case opI32Const:
			s.offset = uint32(simple.signed())
		case opGlobalGet:
			s.global, s.offset = true, simple.u32()
		}
		s.computed = simple.byte() != opEnd
	}
	if flag&3 != 0 {
		if t := r.valueType(); expressions {
			s.element = t
		} else if t != 0 {
			r.fail(fmt.Errorf("invalid element kind 0x%x", byte(t)))
		}
	}
	r.each(func() {
		e := element{}
		if expressions {
			from := r.at
			r.expression(seen)
			e.expression = r.b[from:r.at]
			if simple := (&reader{b: e.expression}); simple.byte() == opRefFunc {
				e = element{function: simple.u32()}
			}
		} else {
			e.function = r.u32()
			seen[e.function] = true
		}
		s.elements = append(s.elements, e)
	})
	s.count = len(s.elements)
	return s
}

// signed reads a signed LEB128 number of 32 bits.
func (r *reader) signed() (v int32) {
	for shift := 0; shift < 35; shift += 7 {
		c := r.byte()
		v |= int32(c&0x7f) << shift
		if c < 0x80 {
			if shift < 25 && c&0x40 != 0 {
				v |= -1 << (shift + 7)
			}
			break
		}
	}
	return v
}
