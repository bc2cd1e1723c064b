package htmlrewriter

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of a selector.
const (
	maxSelector = 16 << 10 // bytes
	maxNegation = 8        // depth of :not() within :not()
)

// ParseSelector parses a comma-separated list of selectors. A refusal is a *ParserError.
// https://www.w3.org/TR/selectors-4/#grammar
func ParseSelector(source string) (*Selector, error) {
	if len(source) > maxSelector {
		return nil, parserError("The selector is longer than the limit of %d bytes.", maxSelector)
	}
	p := &selectorParser{rest: strings.ReplaceAll(strings.ToValidUTF8(source, "\uFFFD"), "\x00", "\uFFFD")}
	s := &Selector{}
	for {
		c, err := p.complex()
		if err != nil {
			return nil, err
		}
		s.list = append(s.list, c)
		if !p.take(",") {
			break
		}
	}
	if p.rest != "" {
		return nil, errUnexpectedToken
	}
	return s, nil
}

var (
	errUnexpectedToken = parserError("Unexpected token in selector.")
	errUnexpectedEnd   = parserError("Unexpected end of selector.")
	errNoAttributeName = parserError("Missing attribute name in attribute selector.")
	errEmptySelector   = parserError("The selector is empty.")
	errDangling        = parserError("Dangling combinator in selector.")
	errBadAttribute    = parserError("Unexpected token in the attribute selector.")
	errPseudo          = parserError("Unsupported pseudo-class or pseudo-element in selector.")
	errNegation        = parserError("Nested negation in selector.")
	errNamespace       = parserError("Selectors with explicit namespaces are not supported.")
	errClassName       = parserError("Invalid or unescaped class name in selector.")
)

type selectorParser struct {
	rest     string
	negation int
}

// space skips white space and comments, and reports whether there was white space.
func (p *selectorParser) space() bool {
	some := false
	for p.rest != "" {
		switch {
		case isSpace(p.rest[0]):
			p.rest, some = p.rest[1:], true
		case strings.HasPrefix(p.rest, "/*"):
			_, after, _ := strings.Cut(p.rest[2:], "*/")
			p.rest = after
		default:
			return some
		}
	}
	return some
}

// take skips s, if it is what comes next.
func (p *selectorParser) take(s string) bool {
	rest, ok := strings.CutPrefix(p.rest, s)
	p.rest = rest
	return ok
}

func (p *selectorParser) complex() (complexSelector, error) {
	var list complexSelector
	p.space()
	child := false
	for {
		c, ok, err := p.compound()
		switch {
		case err != nil:
			return nil, err
		case !ok && list == nil && p.rest != "" && strings.IndexByte(">+~", p.rest[0]) >= 0:
			return nil, errDangling
		case !ok && list == nil && (p.rest == "" || p.rest[0] == ',' || p.rest[0] == ')'):
			return nil, errEmptySelector
		case !ok && (p.rest == "" || p.rest[0] == ','):
			return nil, errDangling
		case !ok:
			return nil, errUnexpectedToken
		}
		list = append(list, relative{child, c})
		descends := p.space()
		if p.rest == "" || p.rest[0] == ',' || p.rest[0] == ')' {
			return list, nil
		}
		switch c := p.rest[0]; {
		case c == '>':
			child = true
			p.rest = p.rest[1:]
			p.space()
		case c == '+' || c == '~':
			return nil, parserError("Unsupported combinator `%c` in selector.", c)
		case descends:
			child = false
		default:
			return nil, errUnexpectedToken
		}
	}
}

// compound parses a compound selector; ok is false if there is none.
func (p *selectorParser) compound() (c compound, ok bool, err error) {
	if p.take("*") {
		ok = true
	} else if name, is := p.ident(); is {
		c.name, ok = strings.ToLower(name), true
	}
	if strings.HasPrefix(p.rest, "|") {
		return c, false, errNamespace
	}
	for p.rest != "" {
		var t test
		switch first := p.rest[0]; first {
		case '.', '#':
			p.rest = p.rest[1:]
			t.name, t.kind = "id", attributeIs
			name, is := "", false
			if first == '.' {
				t.name, t.kind = "class", attributeHas
				if name, is = p.ident(); !is {
					return c, false, errClassName
				}
			} else if name, is = p.ident(); !is {
				return c, false, errUnexpectedToken
			}
			t.value = name
		case '[':
			p.rest = p.rest[1:]
			if t, err = p.attribute(); err != nil {
				return c, false, err
			}
		case ':':
			p.rest = p.rest[1:]
			if t, err = p.pseudo(); err != nil {
				return c, false, err
			}
		default:
			return c, ok, nil
		}
		c.tests = append(c.tests, t)
		ok = true
	}
	return c, ok, nil
}

// attribute parses what follows [.
func (p *selectorParser) attribute() (t test, err error) {
	p.space()
	name, ok := p.ident()
	if !ok {
		if p.rest == "" {
			return t, errUnexpectedEnd
		}
		if strings.HasPrefix(p.rest, "*|") || p.rest[0] == '|' {
			return t, errNamespace
		}
		return t, errNoAttributeName
	}
	t.name = strings.ToLower(name)
	if strings.HasPrefix(p.rest, "|") && !strings.HasPrefix(p.rest, "|=") {
		return t, errNamespace
	}
	p.space()
	if p.take("]") || p.rest == "" {
		return t, nil // the end of the source closes what is open
	}
	for operator, kind := range operators {
		if p.take(operator) {
			t.kind = kind
			break
		}
	}
	if t.kind == hasAttribute {
		return t, errBadAttribute
	}
	p.space()
	if t.value, ok, err = p.text(); err != nil {
		return t, err
	} else if !ok {
		if t.value, ok = p.ident(); !ok {
			return t, errBadAttribute
		}
	}
	p.space()
	if flag, ok := p.ident(); ok {
		switch flag {
		case "i", "I":
			t.fold = true
		case "s", "S":
		default:
			return t, errBadAttribute
		}
		p.space()
	}
	if !p.take("]") && p.rest != "" {
		return t, errBadAttribute
	}
	return t, nil
}

var operators = map[string]testKind{
	"=": attributeIs, "~=": attributeHas, "^=": attributeBegin, "$=": attributeEnd, "*=": attributePart, "|=": attributeDash,
}

// pseudo parses what follows a colon.
func (p *selectorParser) pseudo() (t test, err error) {
	name, ok := p.ident()
	if !ok {
		if p.rest == "" {
			return t, errUnexpectedEnd
		}
		return t, errPseudo
	}
	name = strings.ToLower(name)
	if !p.take("(") {
		switch name {
		case "first-child":
			return test{kind: nthChild, b: 1}, nil
		case "first-of-type":
			return test{kind: nthOfType, b: 1}, nil
		}
		return t, errPseudo
	}
	switch name {
	case "nth-child", "nth-of-type":
		t.kind = nthChild
		if name == "nth-of-type" {
			t.kind = nthOfType
		}
		expression, after, closed := strings.Cut(p.rest, ")")
		if t.a, t.b, ok = parseNth(expression); !ok {
			return t, errUnexpectedToken
		}
		if p.rest = after; !closed {
			p.rest = ""
		}
		return t, nil
	case "not":
		return p.not()
	}
	return t, errPseudo
}

// not parses what follows :not(.
func (p *selectorParser) not() (t test, err error) {
	if p.negation++; p.negation > maxNegation {
		return t, errNegation
	}
	defer func() { p.negation-- }()
	t.kind = negation
	for {
		list, err := p.complex()
		if err != nil {
			return t, err
		}
		if len(list) > 1 {
			return t, errPseudo
		}
		t.list = append(t.list, list[0].compound)
		if !p.take(",") {
			break
		}
	}
	if !p.take(")") && p.rest != "" {
		return t, errUnexpectedToken
	}
	return t, nil
}

// parseNth is https://www.w3.org/TR/css-syntax-3/#anb-microsyntax
func parseNth(s string) (a, b int, ok bool) {
	s = strings.ToLower(strings.Trim(s, " \t\n\r\f"))
	switch s {
	case "odd":
		return 2, 1, true
	case "even":
		return 2, 0, true
	}
	step, offset, stepped := strings.Cut(s, "n")
	if !stepped {
		b, ok = parseInteger(s)
		return 0, b, ok
	}
	switch step {
	case "", "+":
		a = 1
	case "-":
		a = -1
	default:
		if a, ok = parseInteger(step); !ok {
			return 0, 0, false
		}
	}
	offset = strings.Trim(offset, " \t\n\r\f")
	if offset == "" {
		return a, 0, true
	}
	sign := offset[0]
	if sign != '+' && sign != '-' {
		return 0, 0, false
	}
	digits := strings.Trim(offset[1:], " \t\n\r\f")
	if digits == "" || digits[0] == '+' || digits[0] == '-' {
		return 0, 0, false
	}
	if b, ok = parseInteger(digits); sign == '-' {
		b = -b
	}
	return a, b, ok
}

func parseInteger(s string) (int, bool) {
	n, err := strconv.ParseInt(s, 10, 32)
	return int(n), err == nil
}

// ident parses an identifier: https://www.w3.org/TR/css-syntax-3/#consume-name
func (p *selectorParser) ident() (string, bool) {
	var b strings.Builder
	rest := p.rest
	for i := 0; rest != ""; i++ {
		c := rest[0]
		switch {
		case isLetter(c) || c == '_' || c >= utf8.RuneSelf || c == '-' && (i > 0 || startsName(rest[1:])) || '0' <= c && c <= '9' && i > 0 && (i > 1 || p.rest[0] != '-'):
			b.WriteByte(c)
			rest = rest[1:]
			continue
		case c == '\\' && len(rest) > 1 && rest[1] != '\n':
			rest = unescape(&b, rest[1:])
			continue
		}
		break
	}
	if b.Len() == 0 {
		return "", false
	}
	p.rest = rest
	return b.String(), true
}

// startsName reports whether s goes on as a name that began with a hyphen.
func startsName(s string) bool {
	return s != "" && (isLetter(s[0]) || s[0] == '_' || s[0] == '-' || s[0] == '\\' || s[0] >= utf8.RuneSelf)
}

// unescape writes what the escape after a backslash stands for and returns what follows:
// https://www.w3.org/TR/css-syntax-3/#consume-escaped-code-point
func unescape(b *strings.Builder, s string) string {
	n := 0
	for n < len(s) && n < 6 && strings.IndexByte("0123456789abcdefABCDEF", s[n]) >= 0 {
		n++
	}
	if n == 0 {
		_, size := utf8.DecodeRuneInString(s)
		b.WriteString(s[:size])
		return s[size:]
	}
	r, _ := strconv.ParseUint(s[:n], 16, 32)
	if r == 0 {
		r = utf8.RuneError
	}
	b.WriteRune(rune(r)) // anything that is no character becomes U+FFFD
	if s = s[n:]; s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	return s
}

// text parses a quoted string.
func (p *selectorParser) text() (string, bool, error) {
	if p.rest == "" {
		return "", false, errUnexpectedEnd
	}
	quote := p.rest[0]
	if quote != '"' && quote != '\'' {
		return "", false, nil
	}
	var b strings.Builder
	rest := p.rest[1:]
	for rest != "" {
		switch c := rest[0]; {
		case c == quote:
			p.rest = rest[1:]
			return b.String(), true, nil
		case c == '\n':
			return "", false, errBadAttribute
		case c == '\\' && len(rest) == 1:
			rest = ""
		case c == '\\' && rest[1] == '\n':
			rest = rest[2:]
		case c == '\\':
			rest = unescape(&b, rest[1:])
		default:
			b.WriteByte(c)
			rest = rest[1:]
		}
	}
	p.rest = ""
	return b.String(), true, nil
}

// write appends the normal form of c.
func (c *compound) write(b *strings.Builder) {
	if c.name != "" {
		writeIdent(b, c.name)
	} else if len(c.tests) == 0 {
		b.WriteByte('*')
	}
	for i := range c.tests {
		c.tests[i].write(b)
	}
}

func (t *test) write(b *strings.Builder) {
	switch t.kind {
	case nthChild:
		fmt.Fprintf(b, ":nth-child(%dn%+d)", t.a, t.b)
	case nthOfType:
		fmt.Fprintf(b, ":nth-of-type(%dn%+d)", t.a, t.b)
	case negation:
		b.WriteString(":not(")
		for i := range t.list {
			if i > 0 {
				b.WriteString(", ")
			}
			t.list[i].write(b)
		}
		b.WriteByte(')')
	default:
		b.WriteByte('[')
		writeIdent(b, t.name)
		for operator, kind := range operators {
			if kind == t.kind {
				b.WriteString(operator)
				b.WriteByte('"')
				for i := 0; i < len(t.value); i++ {
					if c := t.value[i]; c == '"' || c == '\\' || c < ' ' {
						fmt.Fprintf(b, "\\%x ", c)
					} else {
						b.WriteByte(c)
					}
				}
				b.WriteByte('"')
			}
		}
		if t.fold {
			b.WriteString(" i")
		}
		b.WriteByte(']')
	}
}

func writeIdent(b *strings.Builder, s string) {
	for i := 0; i < len(s); i++ {
		if c := s[i]; isLetter(c) || c == '_' || c >= utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(b, "\\%x ", c)
		}
	}
}
