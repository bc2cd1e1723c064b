package json

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// ToWTF8 returns the text of an engine's string.
func ToWTF8(s goja.String) string {
	text := s.String()
	// The engine writes a lone surrogate as U+FFFD: only then is a second look needed.
	if !strings.ContainsRune(text, utf8.RuneError) {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := range s.Length() {
		b = appendUnit(b, rune(s.CharAt(i)))
	}
	return string(b)
}

// fromWTF8 returns the engine's string of a text.
func fromWTF8(vm *goja.Runtime, s string) goja.Value {
	const surrogateLead = "\xED"
	if !strings.Contains(s, surrogateLead) || utf8.ValidString(s) {
		const short = 64
		if len(s) <= short {
			s = strings.Clone(s) // a short string must not keep the whole text alive
		}
		return vm.ToValue(s)
	}
	units := make([]uint16, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] == 0xED && i+2 < len(s) && s[i+1] >= 0xA0 {
			units = append(units, uint16(surrogate(s[i+1], s[i+2])))
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		units = utf16.AppendRune(units, r)
		i += n
	}
	return goja.StringFromUTF16(units)
}
