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

// words is how many of the strings seen are remembered.
const words = 64

// text is a string of a JSON text that was seen.
type text struct {
	content string
	value   goja.Value
}

// text returns the engine's string of a text. The same words come again and again in
// one document.
func (p *parser) text(s string, is nature) goja.Value {
	const short = 16
	if p.texts == nil || len(s) == 0 || len(s) > short || is&escaped != 0 {
		return p.fresh(s, is)
	}
	seen := &p.texts[(len(s)*31+int(s[0])*7+int(s[len(s)/2])*13+int(s[len(s)-1]))%words]
	if seen.content != s {
		*seen = text{s, p.fresh(s, is)}
	}
	return seen.value
}

func (p *parser) fresh(s string, is nature) goja.Value {
	const short = 64 // such a string must not keep the whole text alive
	if len(s) <= short && is&foreign != 0 || len(s) > short && is&escaped != 0 {
		s = strings.Clone(s)
	}
	switch {
	case is&foreign != 0:
		if units := unitsOf(s); units != nil {
			return goja.StringFromUTF16(units)
		}
		return p.heap.VM.ToValue(s)
	case len(s) <= short:
		return p.heap.CopyText(s)
	}
	return p.heap.Text(s)
}

// unitsOf returns the UTF-16 of a text that has a lone surrogate, nil of one that has none.
func unitsOf(s string) []uint16 {
	const surrogateLead = "\xED"
	if !strings.Contains(s, surrogateLead) || utf8.ValidString(s) {
		return nil
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
	return units
}
