package compiler

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A classSet is what a class of a regular expression with the v flag matches: single
// code points, and strings of any other length.
type classSet struct {
	points  codePoints
	strings []string
}

// unicodeSets rewrites a pattern with the v flag to one with the u flag that matches the
// same: https://tc39.es/ecma262/#prod-ClassSetExpression
func unicodeSets(pattern string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(pattern); {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern) && pattern[i+1]|0x20 == 'p':
			set, size, err := propertyOfStrings(pattern[i:])
			if err != nil {
				return "", err
			}
			set.write(&b)
			i += size
		case c == '\\':
			size := min(2, len(pattern)-i)
			b.WriteString(pattern[i : i+size])
			i += size
		case c == '[':
			p := &classParser{text: pattern, at: i + 1}
			set, err := p.class()
			if err != nil {
				return "", err
			}
			set.write(&b)
			i = p.at
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String(), nil
}

// write writes the set as a class, or as alternatives with the longest string first.
func (s classSet) write(b *strings.Builder) {
	if len(s.strings) == 0 {
		if len(s.points) == 0 {
			b.WriteString("(?!)")
			return
		}
		b.WriteByte('[')
		writeSet(b, s.points)
		b.WriteByte(']')
		return
	}
	list := slices.Clone(s.strings)
	slices.SortStableFunc(list, func(x, y string) int { return cmp.Compare(utf8.RuneCountInString(y), utf8.RuneCountInString(x)) })
	b.WriteString("(?:")
	empty := false
	for _, text := range list {
		if text == "" {
			empty = true
			continue
		}
		for _, r := range text {
			writeSet(b, codePoints{{r, r}})
		}
		b.WriteByte('|')
	}
	if len(s.points) > 0 {
		b.WriteByte('[')
		writeSet(b, s.points)
		b.WriteByte(']')
	} else {
		b.WriteString("(?!)")
	}
	if empty {
		b.WriteByte('|')
	}
	b.WriteByte(')')
}

// propertyOfStrings is a \p{…} that may match strings too:
// https://tc39.es/ecma262/#table-binary-unicode-properties-of-strings. Those of emoji
// sequences that need a table of their own are not known.
func propertyOfStrings(text string) (classSet, int, error) {
	if strings.HasPrefix(text, `\p{Emoji_Keycap_Sequence}`) {
		var s classSet
		for _, r := range "#*0123456789" {
			s.strings = append(s.strings, string(r)+"\ufe0f\u20e3")
		}
		return s, len(`\p{Emoji_Keycap_Sequence}`), nil
	}
	points, size, err := propertyEscape(text)
	return classSet{points: points}, size, err
}

// classParser reads a class after its opening bracket.
type classParser struct {
	text  string
	at    int
	depth int
}

// maxClassDepth bounds how deep classes nest.
const maxClassDepth = 100

var (
	errClassEnd      = errors.New("Unterminated character class")
	errSetOperation  = errors.New("Invalid set operation in character class")
	errSetCharacter  = errors.New("Invalid character in character class")
	errNegatedString = errors.New("Negated character class may contain strings")
	errEscape        = errors.New("Invalid escape")
)

func (p *classParser) rest() string { return p.text[p.at:] }

func (p *classParser) take(prefix string) bool {
	if strings.HasPrefix(p.rest(), prefix) {
		p.at += len(prefix)
		return true
	}
	return false
}

// class reads up to and with the closing bracket.
func (p *classParser) class() (classSet, error) {
	if p.depth++; p.depth > maxClassDepth {
		return classSet{}, errors.New("Regular expression too large")
	}
	defer func() { p.depth-- }()
	negated := p.take("^")
	set, err := p.contents()
	if err != nil {
		return set, err
	}
	if negated {
		if len(set.strings) > 0 {
			return set, errNegatedString
		}
		set.points = set.points.complement()
	}
	return set, nil
}

// contents is a ClassUnion, ClassIntersection or ClassSubtraction with the bracket after it.
func (p *classParser) contents() (classSet, error) {
	var set classSet
	operator := "" // "&&", "--", "" for a union, or not decided before the second operand
	for n := 0; ; n++ {
		switch {
		case p.at >= len(p.text):
			return set, errClassEnd
		case p.take("]"):
			return set, nil
		}
		if n > 0 {
			next := ""
			if p.take("&&") {
				next = "&&"
			} else if p.take("--") {
				next = "--"
			}
			if n == 1 {
				operator = next
			}
			if next != operator || next == "&&" && strings.HasPrefix(p.rest(), "&") {
				return set, errSetOperation
			}
		}
		operand, err := p.operand(operator == "")
		if err != nil {
			return set, err
		}
		switch operator {
		case "&&":
			set.points = set.points.minus(operand.points.complement())
			set.strings = slices.DeleteFunc(set.strings, func(s string) bool { return !slices.Contains(operand.strings, s) })
		case "--":
			set.points = set.points.minus(operand.points)
			set.strings = slices.DeleteFunc(set.strings, func(s string) bool { return slices.Contains(operand.strings, s) })
		default:
			set.points = union(set.points, operand.points)
			for _, s := range operand.strings {
				if !slices.Contains(set.strings, s) {
					set.strings = append(set.strings, s)
				}
			}
		}
	}
}

// operand is a ClassSetOperand or, where ranges may be, a ClassSetRange.
func (p *classParser) operand(ranges bool) (classSet, error) {
	if p.take("[") {
		return p.class()
	}
	if p.take(`\q{`) {
		return p.quoted()
	}
	if rest := p.rest(); len(rest) > 1 && rest[0] == '\\' {
		switch rest[1] {
		case 'p', 'P':
			set, size, err := propertyOfStrings(rest)
			p.at += size
			return set, err
		case 'd', 'D', 's', 'S', 'w', 'W':
			p.at += 2
			set := shorthand(rest[1] | 0x20)
			if rest[1] < 'a' {
				set = set.complement()
			}
			return classSet{points: set}, nil
		}
	}
	low, err := p.character()
	if err != nil {
		return classSet{}, err
	}
	high := low
	if ranges && strings.HasPrefix(p.rest(), "-") && !strings.HasPrefix(p.rest(), "--") {
		p.at++
		if high, err = p.character(); err != nil {
			return classSet{}, err
		}
		if high < low {
			return classSet{}, errors.New("Range out of order in character class")
		}
	}
	return classSet{points: codePoints{{low, high}}}, nil
}

// shorthand is what \d, \s and \w match.
func shorthand(letter byte) codePoints {
	switch letter {
	case 'd':
		return codePoints{{'0', '9'}}
	case 'w':
		return codePoints{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
	}
	return union(fromTables(unicode.Zs), codePoints{{'\t', '\r'}, {0x2028, 0x2029}, {0xfeff, 0xfeff}})
}

// quoted is \q{…} after its brace.
func (p *classParser) quoted() (classSet, error) {
	var set classSet
	var text []rune
	end := func() {
		if len(text) == 1 {
			set.points = union(set.points, codePoints{{text[0], text[0]}})
		} else if s := string(text); !slices.Contains(set.strings, s) {
			set.strings = append(set.strings, s)
		}
		text = nil
	}
	for {
		switch {
		case p.at >= len(p.text):
			return set, errEscape
		case p.take("}"):
			end()
			return set, nil
		case p.take("|"):
			end()
		default:
			r, err := p.character()
			if err != nil {
				return set, err
			}
			text = append(text, r)
		}
	}
}

const (
	setSyntax    = `()[]{}/-\|`
	setPairs     = "!#$%*+,.:;<=>?@^`~&"
	setEscapable = "&-!#%,:;<=>@`~"
)

// character is https://tc39.es/ecma262/#prod-ClassSetCharacter
func (p *classParser) character() (rune, error) {
	if p.at >= len(p.text) {
		return 0, errClassEnd
	}
	r, size := utf8.DecodeRuneInString(p.rest())
	if r != '\\' {
		if strings.ContainsRune(setSyntax, r) {
			return 0, errSetCharacter
		}
		if strings.ContainsRune(setPairs, r) && strings.HasPrefix(p.rest()[size:], string(r)) {
			return 0, errSetOperation
		}
		p.at += size
		return r, nil
	}
	p.at++
	r, size = utf8.DecodeRuneInString(p.rest())
	p.at += size
	switch {
	case size == 0:
		return 0, errEscape
	case strings.ContainsRune(setEscapable, r) || strings.ContainsRune(`^$\.*+?()[]{}|/`, r):
		return r, nil
	case r == '0' && (p.at >= len(p.text) || p.text[p.at] < '0' || p.text[p.at] > '9'):
		return 0, nil
	}
	switch r {
	case 'b':
		return '\b', nil
	case 't', 'n', 'v', 'f', 'r':
		return rune('\t' + strings.IndexRune("tnvfr", r)), nil
	case 'c':
		if p.at < len(p.text) && (p.text[p.at]|0x20) >= 'a' && (p.text[p.at]|0x20) <= 'z' {
			p.at++
			return rune(p.text[p.at-1] % 32), nil
		}
	case 'x':
		return p.hex(2)
	case 'u':
		if p.take("{") {
			end := strings.IndexByte(p.rest(), '}')
			if end <= 0 {
				return 0, errEscape
			}
			v, err := strconv.ParseUint(p.rest()[:end], 16, 32)
			if err != nil || v > unicode.MaxRune {
				return 0, errEscape
			}
			p.at += end + 1
			return rune(v), nil
		}
		high, err := p.hex(4)
		if err == nil && high >= 0xd800 && high < 0xdc00 && p.take(`\u`) {
			low, err := p.hex(4)
			if err != nil || low < 0xdc00 || low > 0xdfff {
				return 0, errEscape
			}
			return 0x10000 + (high-0xd800)<<10 + low - 0xdc00, nil
		}
		return high, err
	}
	return 0, errEscape
}

func (p *classParser) hex(digits int) (rune, error) {
	if p.at+digits > len(p.text) {
		return 0, errEscape
	}
	v, err := strconv.ParseUint(p.text[p.at:p.at+digits], 16, 32)
	if err != nil {
		return 0, errEscape
	}
	p.at += digits
	return rune(v), nil
}
