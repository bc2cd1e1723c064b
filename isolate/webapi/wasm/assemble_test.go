package wasm

// Modules for tests, put together by the package's own encoder.

var (
	opsAdd    = []byte{opLocalGet, 0, opLocalGet, 1}
	unaryI32  = signature{[]valueType{i32}, []valueType{i32}}
	nothing   = signature{}
	exportAll = func(b *builder, name string, f int) { b.exports.add(name, functionKind, f) }
)

// arithmetic exports add for each type of numbers.
func arithmetic() []byte {
	var b builder
	for _, f := range []struct {
		name string
		t    valueType
		op   byte
	}{{"add32", i32, 0x6a}, {"add64", i64, 0x7c}, {"addf32", f32, 0x92}, {"addf64", f64, 0xa0}} {
		typ := b.types.add(signature{[]valueType{f.t, f.t}, []valueType{f.t}})
		exportAll(&b, f.name, b.function(typ, append(append([]byte{}, opsAdd...), f.op)))
	}
	typ := b.types.add(signature{[]valueType{i32, i64}, []valueType{i64, i32}})
	exportAll(&b, "swap", b.function(typ, []byte{opLocalGet, 1, opLocalGet, 0}))
	typ = b.types.add(signature{[]valueType{i32, i32}, []valueType{i32}})
	exportAll(&b, "div", b.function(typ, append(append([]byte{}, opsAdd...), 0x6d)))
	return b.bytes()
}

// fib exports fib, by recursion without a loop, and fibs, with the same in a loop n times.
func fib() []byte {
	var b builder
	typ := b.types.add(unaryI32)
	exportAll(&b, "fib", b.function(typ, []byte{
		opLocalGet, 0, opI32Const, 2, 0x48, // i32.lt_s
		0x04, byte(i32), opLocalGet, 0, 0x05,
		opLocalGet, 0, opI32Const, 1, 0x6b, opCall, 0,
		opLocalGet, 0, opI32Const, 2, 0x6b, opCall, 0, 0x6a, opEnd,
	}))
	return b.bytes()
}

// runaway exports code that does not end by itself.
func runaway() []byte {
	var b builder
	typ := b.types.add(nothing)
	exportAll(&b, "loop", b.function(typ, []byte{0x03, 0x40, 0x0c, 0, opEnd}))
	// twice calls itself twice to a depth no computer reaches the end of.
	deep := b.types.add(signature{[]valueType{i32}, nil})
	exportAll(&b, "twice", b.function(deep, []byte{
		opLocalGet, 0, 0x04, 0x40,
		opLocalGet, 0, opI32Const, 1, 0x6b, opCall, 1,
		opLocalGet, 0, opI32Const, 1, 0x6b, opCall, 1, opEnd,
	}))
	exportAll(&b, "overflow", b.function(typ, []byte{opCall, 2}))
	exportAll(&b, "trap", b.function(typ, []byte{0x00}))
	return b.bytes()
}

// memory exports a memory of one to three pages with load, store, size and grow.
func memory() []byte {
	var b builder
	unary, store := b.types.add(unaryI32), b.types.add(signature{[]valueType{i32, i32}, nil})
	b.memories.add(limits{1, 3, true})
	b.exports.add("memory", memoryKind, 0)
	exportAll(&b, "load", b.function(unary, []byte{opLocalGet, 0, 0x28, 2, 0}))
	exportAll(&b, "store", b.function(store, []byte{opLocalGet, 0, opLocalGet, 1, 0x36, 2, 0}))
	exportAll(&b, "grow", b.function(unary, []byte{opLocalGet, 0, 0x40, 0}))
	return b.bytes()
}

// imports calls env.f(i32, i64) -> f64 and env.pair() -> (i32, i32).
func imports() []byte {
	var b builder
	f := b.types.add(signature{[]valueType{i32, i64}, []valueType{f64}})
	pair := b.types.add(signature{nil, []valueType{i32, i32}})
	sum := b.types.add(signature{nil, []valueType{i32}})
	b.imports.add("env", "f", functionKind, f)
	b.imports.add("env", "pair", functionKind, pair)
	b.importedFunctions = 2
	exportAll(&b, "call", b.function(f, []byte{opLocalGet, 0, opLocalGet, 1, opCall, 0}))
	exportAll(&b, "sum", b.function(sum, []byte{opCall, 1, 0x6a}))
	exportAll(&b, "f", 0)
	return b.bytes()
}

// tables exports a table with two functions of which one is not exported, a function
// that calls through it, and globals.
func tables() []byte {
	var b builder
	unary := b.types.add(unaryI32)
	binary := b.types.add(signature{[]valueType{i32, i32}, []valueType{i32}})
	b.tables.add(tableType{funcref, limits{min: 4}})
	b.globals.add(globalType{i32, true}, constant(i32, 7), byte(opEnd))
	b.globals.add(globalType{i64, false}, constant(i64, 1<<40), byte(opEnd))
	b.exports.add("table", tableKind, 0)
	b.exports.add("counter", globalKind, 0)
	b.exports.add("big", globalKind, 1)
	double := b.function(unary, []byte{opLocalGet, 0, opLocalGet, 0, 0x6a})
	square := b.function(unary, []byte{opLocalGet, 0, opLocalGet, 0, 0x6c})
	exportAll(&b, "double", double)
	exportAll(&b, "twice", double)
	exportAll(&b, "call", b.function(binary, []byte{opLocalGet, 1, opLocalGet, 0, 0x11, 0, 0}))
	b.elements.add(byte(0), constant(i32, 1), byte(opEnd), 2, double, square)
	return b.bytes()
}

// client imports what memory and tables export.
func client() []byte {
	var b builder
	unary := b.types.add(unaryI32)
	b.imports.add("m", "memory", memoryKind, limits{1, 3, true})
	b.imports.add("m", "load", functionKind, unary)
	b.imports.add("t", "table", tableKind, tableType{funcref, limits{min: 2}})
	b.imports.add("t", "counter", globalKind, globalType{i32, true})
	b.imports.add("t", "base", globalKind, globalType{i32, false})
	b.importedFunctions = 1
	b.exports.add("memory", memoryKind, 0)
	b.exports.add("table", tableKind, 0)
	b.exports.add("counter", globalKind, 0)
	b.exports.add("load", functionKind, 0)
	// run(x) = load(x) + counter + base
	exportAll(&b, "run", b.function(unary, []byte{opLocalGet, 0, opCall, 0, opGlobalGet, 0, 0x6a, opGlobalGet, 1, 0x6a}))
	return b.bytes()
}

// references exports a table and a global of external references, pass, which returns
// its argument, and keep, which puts it into both.
func references() []byte {
	var b builder
	ref := signature{[]valueType{externref}, []valueType{externref}}
	b.tables.add(tableType{externref, limits{min: 2}})
	b.globals.add(globalType{externref, true}, constant(externref, 0), byte(opEnd))
	exportAll(&b, "pass", b.function(b.types.add(ref), []byte{opLocalGet, 0}))
	keep := b.types.add(signature{[]valueType{externref}, nil})
	exportAll(&b, "keep", b.function(keep, []byte{opI32Const, 1, opLocalGet, 0, opTableSet, 0, opLocalGet, 0, 0x24, 0}))
	kept := b.types.add(signature{nil, []valueType{externref, externref}})
	exportAll(&b, "kept", b.function(kept, []byte{opI32Const, 1, opTableGet, 0, opGlobalGet, 0}))
	return b.bytes()
}
