package compiler

import (
	"strings"
	"unicode/utf8"
)

// kind of a token.
type tokenKind uint8

const (
	tokEnd     tokenKind = iota
	tokWord              // identifier or keyword
	tokPrivate           // #name
	tokNumber
	tokString
	tokTemplate // one run of template characters with its delimiters: `a${ or }b${ or }c` or `abc`
	tokRegExp
	tokPunct
)

// token is one lexical element, src[start:end].
type token struct {
	kind       tokenKind
	start, end int
	// statement: the token can only be the first of a statement.
	statement bool
	// element: the token is the first of a class element, "static" apart.
	element bool
	// operand: an operand precedes the token in the same bracket, so that an
	// operator, a call or the end of a statement may follow it.
	operand bool
	// newline: a line ended between the token before and this one.
	newline bool
	// member: the token is a name after a dot.
	member bool
}

// bracket is one open (, [, { or ${.
type bracket struct {
	open byte
	// condition: the parentheses belong to if, while, for or with.
	condition bool
	// block: the braces hold statements or class elements, not properties.
	block bool
	// class: the braces hold class elements.
	class bool
	// value: the braces end an expression (object literal, function or class expression).
	value bool
	// What a function or class keyword in this bracket announced for the next {.
	pendingFunc, pendingClass, pendingValue bool
}

// scanner cuts JavaScript into tokens without parsing it. It tells regular
// expressions from divisions and blocks from object literals by what stands
// before them, which is exact for what esbuild prints and good enough to
// measure nesting in anything a person writes, TypeScript and JSX included.
type scanner struct {
	src   string
	pos   int
	stack []bracket
	prev  token
	// prevWord is the text of prev when it is a word or punctuation.
	prevText string
	// afterValue: the last token ended an operand.
	afterValue bool
	// afterBlock: the last token was the } of a block, or nothing came before.
	afterBlock bool
	afterCond  bool
	afterDot   bool
}

func newScanner(src string) *scanner {
	s := &scanner{src: src, afterBlock: true, stack: make([]bracket, 1, 64)}
	s.stack[0].block = true
	if strings.HasPrefix(src, "#!") {
		s.skipLine()
	}
	return s
}

// depth is the number of open brackets.
func (s *scanner) depth() int { return len(s.stack) - 1 }

func (s *scanner) top() *bracket { return &s.stack[len(s.stack)-1] }

func (s *scanner) skipLine() {
	if i := strings.IndexByte(s.src[s.pos:], '\n'); i >= 0 {
		s.pos += i
	} else {
		s.pos = len(s.src)
	}
}

func (s *scanner) skipSpace() {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\v' || c == '\f':
			s.pos++
		case c == '/' && strings.HasPrefix(s.src[s.pos:], "//"):
			s.skipLine()
		case c == '/' && strings.HasPrefix(s.src[s.pos:], "/*"):
			if i := strings.Index(s.src[s.pos+2:], "*/"); i >= 0 {
				s.pos += i + 4
			} else {
				s.pos = len(s.src)
			}
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s.src[s.pos:])
			switch r {
			case '\u00a0', '\ufeff', '\u2028', '\u2029', '\u3000', '\u1680', '\u202f', '\u205f':
			default:
				if r < '\u2000' || r > '\u200a' {
					return
				}
			}
			s.pos += n
		default:
			return
		}
	}
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= utf8.RuneSelf || c == '\\'
}

// wordEnd skips identifier characters and their escapes.
func (s *scanner) wordEnd(i int) int {
	for i < len(s.src) && isWordByte(s.src[i]) {
		if s.src[i] == '\\' && strings.HasPrefix(s.src[i:], `\u{`) {
			if j := strings.IndexByte(s.src[i:], '}'); j > 0 && j < 12 {
				i += j
			}
		}
		i++
	}
	return i
}

// next returns the next token; tokEnd for ever at the end.
func (s *scanner) next() token {
	from := s.pos
	s.skipSpace()
	t := token{start: s.pos, operand: s.afterValue, member: s.afterDot, newline: s.pos > from && strings.IndexByte(s.src[from:s.pos], '\n') >= 0}
	top := s.top()
	boundary := s.afterBlock || s.prevText == ";" || (s.prevText == "{" && top.block)
	t.statement = boundary && top.block && !top.class
	t.element = top.class && top.block && (boundary || s.prevText == "static" && s.prev.element)
	if s.pos >= len(s.src) {
		t.end = s.pos
		return t
	}
	c := s.src[s.pos]
	switch {
	case c == '`':
		s.template(&t)
	case c == '}' && top.open == '$':
		s.stack = s.stack[:len(s.stack)-1]
		s.template(&t)
	case c == '"' || c == '\'':
		t.kind = tokString
		s.quoted(c)
	case c >= '0' && c <= '9' || c == '.' && s.pos+1 < len(s.src) && s.src[s.pos+1] >= '0' && s.src[s.pos+1] <= '9':
		t.kind = tokNumber
		s.number()
	case c == '#' && s.pos+1 < len(s.src) && isWordByte(s.src[s.pos+1]):
		t.kind = tokPrivate
		s.pos = s.wordEnd(s.pos + 1)
	case isWordByte(c):
		t.kind = tokWord
		s.pos = s.wordEnd(s.pos)
	case c == '/' && !s.afterValue:
		t.kind = tokRegExp
		s.regexp()
	default:
		t.kind = tokPunct
		s.punct(c)
	}
	t.end = s.pos
	s.classify(&t)
	return t
}

func (s *scanner) quoted(q byte) {
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch s.src[s.pos] {
		case '\\':
			s.pos++
		case q:
			s.pos++
			return
		case '\n':
			return // unterminated, or JSX text: resume on the next line
		}
	}
	s.pos = min(s.pos, len(s.src))
}

func (s *scanner) number() {
	for s.pos++; s.pos < len(s.src); s.pos++ {
		c := s.src[s.pos]
		if (c == '+' || c == '-') && s.src[s.pos-1]|0x20 == 'e' && s.src[s.pos-2] != 'x' {
			continue
		}
		if !isWordByte(c) && c != '.' {
			return
		}
	}
}

func (s *scanner) regexp() {
	class := false
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch s.src[s.pos] {
		case '\\':
			s.pos++
		case '[':
			class = true
		case ']':
			class = false
		case '\n':
			return
		case '/':
			if !class {
				s.pos = s.wordEnd(s.pos + 1)
				return
			}
		}
	}
	s.pos = min(s.pos, len(s.src))
}

// template scans from a ` or from the } that ends a substitution.
func (s *scanner) template(t *token) {
	t.kind = tokTemplate
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch s.src[s.pos] {
		case '\\':
			s.pos++
		case '`':
			s.pos++
			return
		case '$':
			if strings.HasPrefix(s.src[s.pos:], "${") {
				s.pos += 2
				s.stack = append(s.stack, bracket{open: '$'})
				return
			}
		}
	}
	s.pos = min(s.pos, len(s.src))
}

// Longest first within one first byte.
var puncts = [...]string{
	">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=",
	"=>", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "**",
}

func (s *scanner) punct(c byte) {
	if strings.IndexByte("(){}[];,:~@", c) < 0 {
		rest := s.src[s.pos:]
		for _, p := range puncts {
			if p[0] == c && strings.HasPrefix(rest, p) {
				s.pos += len(p)
				return
			}
		}
	}
	s.pos++
}

// Words after which an operand, not an operator, follows.
var prefixWords = map[string]bool{
	"return": true, "typeof": true, "instanceof": true, "in": true, "new": true, "delete": true, "void": true,
	"throw": true, "case": true, "do": true, "else": true, "await": true, "yield": true, "extends": true, "default": true, "async": true,
}

// classify records what the token means for the ones after it.
func (s *scanner) classify(t *token) {
	text := s.src[t.start:t.end]
	top := s.top()
	wasDot, wasValue, wasCond := s.afterDot, s.afterValue, s.afterCond
	s.afterBlock, s.afterCond, s.afterDot = false, false, false
	switch t.kind {
	case tokTemplate:
		s.afterValue = top.open != '$' || !strings.HasSuffix(text, "${")
	case tokWord:
		s.afterValue = true
		if wasDot {
			text = "" // a property name, whatever it spells
			break
		}
		switch text {
		case "function", "class":
			top.pendingFunc, top.pendingClass = true, text == "class"
			top.pendingValue = !t.statement && s.prevText != "default" && s.prevText != "export" && s.prevText != "async"
			s.afterValue = false
		case "if", "while", "for", "with":
			s.afterCond = true
		case "of":
			s.afterValue = !(top.open == '(' && top.condition && wasValue)
		default:
			s.afterValue = !prefixWords[text]
		}
		if s.prevText == "for" && text == "await" {
			s.afterCond = true
		}
	case tokPunct:
		switch text {
		case "(", "[":
			s.stack = append(s.stack, bracket{open: text[0], condition: wasCond && text == "("})
			s.afterValue = false
		case "{":
			s.openBrace(wasValue)
		case ")", "]", "}":
			s.close(text[0])
		case "++", "--":
			s.afterValue = wasValue
		case ".", "?.":
			s.afterValue, s.afterDot = false, true
		default:
			if text == ";" {
				top.pendingFunc, top.pendingClass = false, false
			}
			s.afterValue = false
		}
	default:
		s.afterValue = true
	}
	s.prev = *t
	s.prevText = ""
	if t.kind == tokWord || t.kind == tokPunct {
		s.prevText = text
	}
}

func (s *scanner) openBrace(wasValue bool) {
	top := s.top()
	b := bracket{open: '{'}
	switch {
	case top.pendingFunc:
		b.block, b.class, b.value = true, top.pendingClass, top.pendingValue
		top.pendingFunc, top.pendingClass, top.pendingValue = false, false, false
	case wasValue: // after a name or parentheses: a body
		b.block = true
	default:
		switch s.prevText {
		case "", ";", "{", "}", ")", "else", "do", "=>":
			b.block = top.block || s.prevText == "=>"
			b.value = !b.block
		case ":":
			b.block = top.block // a label or a case clause, unless in an object literal
			b.value = !b.block
		default:
			b.value = true
		}
	}
	s.stack = append(s.stack, b)
	s.afterValue = false
}

func (s *scanner) close(c byte) {
	if len(s.stack) == 1 {
		s.afterValue = c != '}'
		s.afterBlock = c == '}'
		return
	}
	b := s.stack[len(s.stack)-1]
	if b.open == '$' && c != '}' {
		s.afterValue = true
		return // unbalanced: the } that ends the substitution decides
	}
	s.stack = s.stack[:len(s.stack)-1]
	switch b.open {
	case '(':
		s.afterValue = !b.condition
	case '[':
		s.afterValue = true
	default:
		s.afterValue = b.value
		s.afterBlock = !b.value
	}
}
