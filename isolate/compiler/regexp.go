package compiler

import (
	"errors"
	"strconv"
	"strings"
)

// ExpandUnicodeProperties replaces each \p{…} and \P{…} of a regular expression
// with the u flag by the ranges it stands for, since the engine takes it for the
// letters themselves. Without the flag, and without such an escape, the pattern
// is returned as it is, without allocation. The error's text is what follows
// "Invalid regular expression: /pattern/: " in V8's SyntaxError. The engine
// reports every other mistake in the pattern.
//
// A pattern with the v flag becomes one to use with the u flag instead, and modifiers
// such as (?i:…) are written out.
func ExpandUnicodeProperties(pattern, flags string) (string, error) {
	if strings.Contains(pattern, "(?") {
		var err error
		if pattern, err = modifiers(pattern, flags); err != nil {
			return "", err
		}
	}
	if strings.IndexByte(flags, 'v') >= 0 {
		if strings.IndexByte(flags, 'u') >= 0 {
			return "", errors.New("Invalid flags")
		}
		return unicodeSets(pattern)
	}
	if strings.IndexByte(flags, 'u') < 0 || !strings.Contains(pattern, `\p`) && !strings.Contains(pattern, `\P`) {
		return pattern, nil
	}
	var b strings.Builder
	class := false   // inside [ ]
	atoms := 0       // class atoms so far
	dash := false    // an unescaped - that may make a range stands before
	setLast := false // the class atom before was a set
	for i := 0; i < len(pattern); {
		c := pattern[i]
		if c == '\\' && i+1 < len(pattern) && pattern[i+1]|0x20 == 'p' {
			set, size, err := propertyEscape(pattern[i:])
			if err != nil {
				return "", err
			}
			if class && dash {
				return "", errClass
			}
			if !class {
				b.WriteByte('[')
			}
			writeSet(&b, set)
			if !class {
				b.WriteByte(']')
			}
			i += size
			atoms, setLast = atoms+1, true
			continue
		}
		size := 1
		if c == '\\' {
			size = min(2, len(pattern)-i)
		}
		switch {
		case !class:
			if c == '[' {
				class, atoms, dash, setLast = true, 0, false, false
				if strings.HasPrefix(pattern[i+1:], "^") {
					size = 2
				}
			}
		case c == ']':
			class = false
		case c == '-' && atoms > 0 && !dash && !strings.HasPrefix(pattern[i+1:], "]"):
			if setLast {
				return "", errClass
			}
			dash = true
		default:
			if atoms++; dash {
				atoms = 0 // the range is complete: another - is itself
			}
			dash, setLast = false, false
			if c == '\\' && size == 2 && strings.IndexByte("dDsSwW", pattern[i+1]) >= 0 {
				setLast = true
			}
		}
		b.WriteString(pattern[i : i+size])
		i += size
	}
	return b.String(), nil
}

var errClass = errors.New("Invalid character class")

// propertyEscape reads the \p{…} or \P{…} that begins a text.
func propertyEscape(text string) (set codePoints, size int, err error) {
	end := strings.IndexByte(text, '}')
	if end < 0 || text[2] != '{' {
		return nil, 0, errProperty
	}
	set, err = property(text[3:end])
	if err != nil {
		return nil, 0, err
	}
	if text[1] == 'P' {
		set = set.complement()
	}
	return set, end + 1, nil
}

func writeSet(b *strings.Builder, set codePoints) {
	point := func(r rune) {
		b.WriteString(`\u{`)
		b.WriteString(strconv.FormatInt(int64(r), 16))
		b.WriteByte('}')
	}
	for _, s := range set {
		point(s.low)
		if s.high > s.low {
			b.WriteByte('-')
			point(s.high)
		}
	}
}
