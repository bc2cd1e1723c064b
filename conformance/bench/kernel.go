package main

// Opcodes of WebAssembly: https://webassembly.github.io/spec/core/binary/instructions.html
const (
	opBlock, opLoop, opEnd, opBr, opBrIf = 0x02, 0x03, 0x0b, 0x0c, 0x0d
	opGet, opSet, opTee                  = 0x20, 0x21, 0x22
	opLoad8, opStore8                    = 0x2d, 0x3a
	opConst, opEqz, opGeS, opAdd, opMul  = 0x41, 0x45, 0x4e, 0x6a, 0x6c
	typeI32, typeFunc, typeNone          = 0x7f, 0x60, 0x40
)

// kernel is a WebAssembly module that exports primes(n): how many primes are below n, by
// the sieve of Eratosthenes over its one page of memory. n is at most 46,340, so that the
// squares stay below 2^31.
//
//	(func (export "primes") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $count i32)
//	  ;; for i = 0; i < n; i++ { mem[i] = 0 }
//	  ;; for i = 2; i < n; i++ { if mem[i] == 0 { count++; for j = i*i; j < n; j += i { mem[j] = 1 } } }
//	  ;; return count)
func kernel() []byte {
	const n, i, j, count = 0, 1, 2, 3
	body := []byte{1, 3, typeI32} // three locals
	emit := func(b ...byte) { body = append(body, b...) }

	emit(opBlock, typeNone, opLoop, typeNone)
	emit(opGet, i, opGet, n, opGeS, opBrIf, 1)
	emit(opGet, i, opConst, 0, opStore8, 0, 0)
	emit(opGet, i, opConst, 1, opAdd, opSet, i)
	emit(opBr, 0, opEnd, opEnd)

	emit(opConst, 2, opSet, i)
	emit(opBlock, typeNone, opLoop, typeNone)
	emit(opGet, i, opGet, n, opGeS, opBrIf, 1)
	emit(opBlock, typeNone)
	emit(opGet, i, opLoad8, 0, 0, opBrIf, 0)
	emit(opGet, count, opConst, 1, opAdd, opSet, count)
	emit(opGet, i, opGet, i, opMul, opSet, j)
	emit(opBlock, typeNone, opLoop, typeNone)
	emit(opGet, j, opGet, n, opGeS, opBrIf, 1)
	emit(opGet, j, opConst, 1, opStore8, 0, 0)
	emit(opGet, j, opGet, i, opAdd, opSet, j)
	emit(opBr, 0, opEnd, opEnd)
	emit(opEnd)
	emit(opGet, i, opConst, 1, opAdd, opSet, i)
	emit(opBr, 0, opEnd, opEnd)
	emit(opGet, count, opEnd)

	module := []byte{0, 'a', 's', 'm', 1, 0, 0, 0}
	section := func(id byte, content ...byte) {
		module = append(append(append(module, id), length(len(content))...), content...)
	}
	section(1, 1, typeFunc, 1, typeI32, 1, typeI32) // i32 -> i32
	section(3, 1, 0)                                // one function of that type
	section(5, 1, 0, 1)                             // one page of memory
	section(7, append([]byte{1, 6}, "primes\x00\x00"...)...)
	section(10, append(append([]byte{1}, length(len(body))...), body...)...)
	return module
}

// length is a small number in LEB128.
func length(n int) []byte {
	if n < 0x80 {
		return []byte{byte(n)}
	}
	return []byte{byte(n) | 0x80, byte(n >> 7)}
}
