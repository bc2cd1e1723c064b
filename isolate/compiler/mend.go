package compiler

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// mended is code changed so that the engine can parse it, always in place of
// as many bytes or with a few more on the same line.
type mended struct {
	code string
	// The raw text of template elements whose escapes were replaced, by their offset in code.
	templates map[int]string
}

// mend works round what the engine's parser gets wrong in correct code:
// class fields named get, set or async followed by = or }, and \u{10xxxx} escapes.
func mend(code string) mended {
	if !needsMending(code) {
		return mended{code: code}
	}
	m := mended{templates: map[int]string{}}
	var b strings.Builder
	done := 0
	s := newScanner(code)
	for t := s.next(); t.kind != tokEnd; t = s.next() {
		text := code[t.start:t.end]
		switch t.kind {
		case tokWord, tokPrivate:
			if !t.element {
				continue
			}
			fixed, ok := fieldName[text]
			if !ok || !endsField(code[t.end:]) {
				continue
			}
			b.WriteString(code[done:t.start])
			b.WriteString(fixed)
			done = t.end
		case tokTemplate:
			// Only tagged templates keep escapes; everything else esbuild prints as characters.
			if low := lowerEscapes(text); low != text {
				b.WriteString(code[done:t.start])
				// The parser counts an element from its second character.
				_, first := utf8.DecodeRuneInString(low[1:])
				m.templates[b.Len()+1+first] = strings.TrimSuffix(strings.TrimSuffix(text[1:], "`"), "${")
				b.WriteString(low)
				done = t.end
			}
		}
	}
	b.WriteString(code[done:])
	m.code = b.String()
	return m
}

// The parser looks at the spelling of a name, so another spelling of it is safe.
var fieldName = map[string]string{
	"get": `"get"`, "set": `"set"`, "async": `"async"`,
	"#get": `#g\u0065t`, "#set": `#s\u0065t`,
}

// endsField reports whether a class element ends right after its name or has an initializer.
func endsField(rest string) bool {
	rest = strings.TrimLeft(rest, " \t\r\n")
	return rest != "" && (rest[0] == '}' || rest[0] == '=')
}

func needsMending(code string) bool {
	if hasHighEscape(code) {
		return true
	}
	for _, word := range []string{"get", "set", "async"} {
		for at := 0; ; {
			i := strings.Index(code[at:], word)
			if i < 0 {
				break
			}
			at += i + len(word)
			if endsField(code[at:]) && (i == 0 || at == len(word) || !isWordByte(code[at-len(word)-1]) && code[at-len(word)-1] != '.') {
				return true
			}
		}
	}
	return false
}

func hasHighEscape(code string) bool {
	for {
		i := strings.Index(code, `\u{`)
		if i < 0 {
			return false
		}
		code = code[i+3:]
		if strings.HasPrefix(strings.TrimLeft(code, "0"), "10") {
			return true
		}
	}
}

// lowerEscapes replaces \u{10xxxx}, on which the engine's lexer panics, by the
// escape of another character that is as long in every way.
func lowerEscapes(text string) string {
	if !hasHighEscape(text) {
		return text
	}
	b := []byte(text)
	for i := 0; i+3 < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if b[i+1] == 'u' && b[i+2] == '{' {
			k := i + 3
			for k < len(b) && b[k] == '0' {
				k++
			}
			if k+5 < len(b) && b[k] == '1' && b[k+1] == '0' && strings.IndexByte(text[k:], '}') == 6 {
				b[k], b[k+1] = '0', 'F'
			}
		}
		i++
	}
	return string(b)
}

// cook evaluates the escapes of a template element: TV of
// https://tc39.es/ecma262/#sec-static-semantics-tv. It reports false for what is
// not an escape in a template.
func cook(raw string) ([]uint16, bool) {
	var out []uint16
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRuneInString(raw[i:])
		i += n
		if r != '\\' {
			out = utf16.AppendRune(out, r)
			continue
		}
		r, n = utf8.DecodeRuneInString(raw[i:])
		i += n
		digits := 0
		switch r {
		case 'b':
			r = '\b'
		case 'f':
			r = '\f'
		case 'n':
			r = '\n'
		case 'r':
			r = '\r'
		case 't':
			r = '\t'
		case 'v':
			r = '\v'
		case '\n', '\u2028', '\u2029':
			continue
		case 'x':
			digits = 2
		case 'u':
			digits = 4
			if strings.HasPrefix(raw[i:], "{") {
				end := strings.IndexByte(raw[i:], '}')
				if end < 0 {
					return nil, false
				}
				v, err := strconv.ParseUint(raw[i+1:i+end], 16, 64)
				if err != nil || v > utf8.MaxRune {
					return nil, false
				}
				i += end + 1
				if v >= 0xd800 && v < 0xe000 {
					out = append(out, uint16(v))
				} else {
					out = utf16.AppendRune(out, rune(v))
				}
				continue
			}
		case '0':
			if i < len(raw) && raw[i] >= '0' && raw[i] <= '9' {
				return nil, false
			}
			r = 0
		default:
			if r >= '1' && r <= '9' {
				return nil, false
			}
		}
		if digits > 0 {
			if i+digits > len(raw) {
				return nil, false
			}
			v, err := strconv.ParseUint(raw[i:i+digits], 16, 16)
			if err != nil {
				return nil, false
			}
			out = append(out, uint16(v))
			i += digits
			continue
		}
		out = utf16.AppendRune(out, r)
	}
	return out, true
}
