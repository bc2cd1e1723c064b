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

// text is a string of a JSON text that was seen.
type text struct {
	content string
	value   goja.Value
}

// text returns the engine's string of a text. The same words come again and again in
// one document.
func (p *parser) text(s string) goja.Value {
	const short = 24
	if p.texts == nil || len(s) == 0 || len(s) > short {
		return fromWTF8(p.vm, s)
	}
	seen := &p.texts[(len(s)*31+int(s[0])*7+int(s[len(s)/2])*13+int(s[len(s)-1]))%len(p.texts)]
	if seen.content != s {
		*seen = text{s, fromWTF8(p.vm, s)}
	}
	return seen.value
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
