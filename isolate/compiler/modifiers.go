package compiler

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// modified is the state that modifiers change.
type modified struct{ i, m, s bool }

// modifierGroup is the beginning of such a group, or of one without modifiers.
var modifierGroup = regexp.MustCompile(`\(\?([ims]*)(?:(-)([ims]*))?:`)

var errModifier = errors.New("Invalid regular expression modifiers")

// modifiers writes out what groups such as (?i:…) or (?s-m:…) change:
// https://tc39.es/ecma262/#sec-patterns-static-semantics-early-errors. Letters within
// (?i:…) become classes of their cases. What the flags of the whole expression set is
// left to the engine, which is why -i cannot take the i flag back.
func modifiers(pattern, flags string) (string, error) {
	whole := modified{strings.Contains(flags, "i"), strings.Contains(flags, "m"), strings.Contains(flags, "s")}
	var b strings.Builder
	state := whole
	var stack []modified
	found := false
	for i := 0; i < len(pattern); {
		rest := pattern[i:]
		switch c := rest[0]; {
		case c == '\\' && len(rest) > 1:
			size, letter := escapeEnd(rest, strings.ContainsAny(flags, "uv"))
			if letter != 0 && state.i && !whole.i {
				b.WriteByte('[')
				writeCases(&b, letter)
				b.WriteByte(']')
			} else {
				b.WriteString(rest[:size])
			}
			i += size
		case c == '[':
			size := classEnd(rest, strings.Contains(flags, "v"))
			text := rest[:size]
			if state.i && !whole.i {
				if strings.Contains(flags, "v") && (strings.Contains(text, "&&") || strings.Contains(text, "--")) {
					return "", errors.New("set operations within (?i:…) are not supported")
				}
				text = foldClass(text)
			}
			b.WriteString(text)
			i += size
		case c == '(':
			stack = append(stack, state)
			m := modifierGroup.FindStringSubmatch(rest[:min(len(rest), len("(?ims-ims:")+2)])
			if m == nil || m[0] == "(?:" || !strings.HasPrefix(rest, m[0]) {
				size := 1
				if strings.HasPrefix(rest, "(?<") && !strings.HasPrefix(rest, "(?<=") && !strings.HasPrefix(rest, "(?<!") {
					size = nameEnd(rest)
				}
				b.WriteString(rest[:size])
				i += size
				continue
			}
			var err error
			if state, err = state.change(m[1], m[2] != "", m[3], whole); err != nil {
				return "", err
			}
			found = true
			b.WriteString("(?:")
			i += len(m[0])
		case c == ')':
			if n := len(stack); n > 0 {
				state, stack = stack[n-1], stack[:n-1]
			}
			b.WriteByte(c)
			i++
		case c == '.' && state.s != whole.s:
			if state.s {
				b.WriteString(`[\s\S]`)
			} else {
				b.WriteString(`[^\n\r\u2028\u2029]`)
			}
			i++
		case (c == '^' || c == '$') && state.m != whole.m:
			line := `[\s\S]`
			if state.m {
				line = `[^\n\r\u2028\u2029]`
			}
			if c == '^' {
				b.WriteString("(?<!" + line + ")")
			} else {
				b.WriteString("(?!" + line + ")")
			}
			i++
		default:
			r, size := utf8.DecodeRuneInString(rest)
			if state.i && !whole.i && unicode.IsLetter(r) {
				b.WriteByte('[')
				writeCases(&b, r)
				b.WriteByte(']')
			} else {
				b.WriteString(rest[:size])
			}
			i += size
		}
	}
	if !found {
		return pattern, nil
	}
	return b.String(), nil
}

// change applies the letters of a modifier group.
func (m modified) change(add string, minus bool, remove string, whole modified) (modified, error) {
	if minus && add == "" && remove == "" {
		return m, errModifier
	}
	seen := ""
	for k, list := range []string{add, remove} {
		for _, c := range list {
			if strings.ContainsRune(seen, c) {
				return m, errModifier
			}
			seen += string(c)
			switch c {
			case 'i':
				if m.i = k == 0; !m.i && whole.i {
					return m, errors.New("the modifier -i is not supported together with the flag i")
				}
			case 'm':
				m.m = k == 0
			case 's':
				m.s = k == 0
			}
		}
	}
	return m, nil
}

// escapeEnd returns the length of the escape that begins a text, and the letter that it
// stands for if it gives a letter by its number.
func escapeEnd(text string, unicodeMode bool) (size int, letter rune) {
	numbered := func(digits string, size int) (int, rune) {
		if v, err := strconv.ParseUint(digits, 16, 32); err == nil && unicode.IsLetter(rune(v)) {
			return size, rune(v)
		}
		return size, 0
	}
	braces := strings.IndexByte(text, '}')
	switch {
	case strings.HasPrefix(text, `\k<`):
		return nameEnd(text), 0
	case (text[1]|0x20) == 'p' && len(text) > 2 && text[2] == '{' && braces > 0:
		return braces + 1, 0
	case unicodeMode && strings.HasPrefix(text, `\u{`) && braces > 0:
		return numbered(text[3:braces], braces+1)
	case text[1] == 'u' && len(text) >= 6:
		return numbered(text[2:6], 6)
	case text[1] == 'x' && len(text) >= 4:
		return numbered(text[2:4], 4)
	case text[1] == 'c' && len(text) > 2:
		return 3, 0
	}
	_, n := utf8.DecodeRuneInString(text[1:])
	return 1 + n, 0
}

// nameEnd returns the length of a group's beginning or a reference, with its name.
func nameEnd(text string) int {
	if end := strings.IndexByte(text, '>'); end >= 0 {
		return end + 1
	}
	return len(text)
}

// classEnd returns the length of the class that begins a text.
func classEnd(text string, nested bool) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '[':
			if nested || depth == 0 {
				depth++
			}
		case ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// foldClass adds the other cases of the letters and ranges in a class.
func foldClass(class string) string {
	if len(class) < 2 || class[len(class)-1] != ']' {
		return class
	}
	var extra strings.Builder
	var last rune
	dash := false
	open, body := "[", class[1:len(class)-1]
	if strings.HasPrefix(body, "^") {
		open, body = "[^", body[1:]
	}
	for i := 0; i < len(body); {
		if body[i] == '\\' {
			i += 2
			last, dash = 0, false
			continue
		}
		r, size := utf8.DecodeRuneInString(body[i:])
		switch {
		case r == '-' && last != 0:
			dash = true
		case dash:
			if r-last < 0x3000 {
				for c := last; c <= r; c++ {
					writeCases(&extra, c)
				}
			}
			last, dash = 0, false
		default:
			writeCases(&extra, r)
			last = r
		}
		i += size
	}
	if strings.HasPrefix(body, "-") { // not a range with what goes before it
		body = `\` + body
	}
	return open + extra.String() + body + "]"
}

// writeCases writes a character and all that it is equal to when case does not matter.
func writeCases(b *strings.Builder, r rune) {
	if !unicode.IsLetter(r) {
		return
	}
	b.WriteRune(r)
	for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
		if r < 0x80 == (c < 0x80) { // as without the u flag; the few others need it
			b.WriteRune(c)
		}
	}
}
