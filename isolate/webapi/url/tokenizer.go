package url

import (
	"unicode"
	"unicode/utf8"
)

// tokenKind is the type of a token of a pattern string.
// https://urlpattern.spec.whatwg.org/#token-type
type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenOpen
	tokenClose
	tokenRegExp
	tokenName
	tokenChar
	tokenEscapedChar
	tokenOtherModifier
	tokenAsterisk
	tokenInvalidChar
)

// token is a piece of a pattern string. The value of a name has no colon, that
// of a regexp no parentheses, that of an escaped char no backslash.
type token struct {
	kind  tokenKind
	index int // in bytes, where the token starts
	value string
}

// tokenizePattern splits a pattern string; the last token is always tokenEnd.
// What is not valid becomes tokenInvalidChar if lenient, else an error.
// https://urlpattern.spec.whatwg.org/#tokenize
func tokenizePattern(input string, lenient bool) ([]token, error) {
	tokens := make([]token, 0, len(input)+1)
	for i := 0; i < len(input); {
		_, size := utf8.DecodeRuneInString(input[i:])
		t := token{tokenChar, i, input[i : i+size]}
		next, problem := i+size, ""
		switch input[i] {
		case '*':
			t.kind = tokenAsterisk
		case '+', '?':
			t.kind = tokenOtherModifier
		case '{':
			t.kind = tokenOpen
		case '}':
			t.kind = tokenClose
		case '\\':
			if next == len(input) {
				problem = "backslash at the end"
				break
			}
			_, size := utf8.DecodeRuneInString(input[next:])
			t.kind, t.value, next = tokenEscapedChar, input[next:next+size], next+size
		case ':':
			n := nameLength(input[next:])
			if n == 0 {
				problem = "colon without a name"
				break
			}
			t.kind, t.value, next = tokenName, input[next:next+n], next+n
		case '(':
			var n int
			if n, problem = groupLength(input[next:]); problem == "" {
				t.kind, t.value, next = tokenRegExp, input[next:next+n], next+n+1
			}
		}
		if problem != "" {
			if !lenient {
				return nil, &PatternError{Pattern: input, Reason: problem}
			}
			t.kind = tokenInvalidChar
		}
		tokens = append(tokens, t)
		i = next
	}
	return append(tokens, token{tokenEnd, len(input), ""}), nil
}

// nameLength is the length of the name at the start of s.
func nameLength(s string) int {
	for i, r := range s {
		if !isNameCodePoint(r, i == 0) {
			return i
		}
	}
	return len(s)
}

// groupLength is the length of the regular expression that starts s, up to its
// closing parenthesis, or says why there is none.
func groupLength(s string) (n int, problem string) {
	depth := 1
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 0x80:
			return 0, "regular expression with a character that is not ASCII"
		case i == 0 && c == '?':
			return 0, "regular expression that starts with a question mark"
		case c == '\\':
			if i++; i == len(s) {
				return 0, "regular expression that ends with a backslash"
			}
			if s[i] >= 0x80 {
				return 0, "regular expression with a character that is not ASCII"
			}
		case c == ')':
			if depth--; depth == 0 {
				if i == 0 {
					return 0, "empty regular expression"
				}
				return i, ""
			}
		case c == '(':
			if depth++; i+1 == len(s) || s[i+1] != '?' {
				return 0, "capturing group in a regular expression"
			}
		}
	}
	return 0, "regular expression without closing parenthesis"
}

// isNameCodePoint reports whether r may be in a name, or start one.
// https://urlpattern.spec.whatwg.org/#is-a-valid-name-code-point
func isNameCodePoint(r rune, first bool) bool {
	switch {
	case r == '$', r == '_', unicode.IsLetter(r), unicode.Is(unicode.Nl, r), unicode.Is(unicode.Other_ID_Start, r):
		return !unicode.In(r, unicode.Pattern_Syntax, unicode.Pattern_White_Space) || r == '$' || r == '_'
	case first:
		return false
	case r == '\u200c', r == '\u200d':
		return true
	}
	return unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue)
}
