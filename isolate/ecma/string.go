package ecma

import (
	"unicode/utf16"

	"github.com/dop251/goja"
)

var stringMethods = []addition{
	{"isWellFormed", 0, func(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
		return vm.ToValue(loneSurrogate(thisString(vm, c), 0) < 0)
	}},
	{"toWellFormed", 0, func(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
		s := thisString(vm, c)
		i := loneSurrogate(s, 0)
		if i < 0 {
			return s
		}
		units := make([]uint16, s.Length())
		for j := range units {
			units[j] = s.CharAt(j)
		}
		for ; i >= 0; i = loneSurrogate(s, i+1) {
			units[i] = 0xFFFD
		}
		return goja.StringFromUTF16(units)
	}},
}

func thisString(vm *goja.Runtime, c goja.FunctionCall) goja.String {
	if isNullish(c.This) {
		throwType(vm, "String.prototype method called on null or undefined")
	}
	return toString(vm, c.This)
}

// loneSurrogate returns the index of the first lone surrogate of s from i on, or -1.
func loneSurrogate(s goja.String, i int) int {
	for n := s.Length(); i < n; i++ {
		r := rune(s.CharAt(i))
		if !utf16.IsSurrogate(r) {
			continue
		}
		if r >= 0xDC00 || i+1 == n {
			return i
		}
		if next := rune(s.CharAt(i + 1)); next < 0xDC00 || next > 0xDFFF {
			return i
		}
		i++
	}
	return -1
}
