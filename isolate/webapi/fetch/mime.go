package fetch

import (
	"errors"
	"strings"
)

// A MIMEType is a parsed MIME type: https://mimesniff.spec.whatwg.org/#mime-type
type MIMEType struct {
	Type, Subtype string // lower-case
	Parameters    []MIMEParameter
}

// A MIMEParameter is one parameter; names are lower-case.
type MIMEParameter struct{ Name, Value string }

var errMIMEType = errors.New("not a MIME type")

// Essence is "type/subtype".
func (t MIMEType) Essence() string { return t.Type + "/" + t.Subtype }

// Parameter returns a parameter's value by its lower-case name.
func (t MIMEType) Parameter(name string) (string, bool) {
	for _, p := range t.Parameters {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// ParseMIMEType: https://mimesniff.spec.whatwg.org/#parse-a-mime-type
func ParseMIMEType(s string) (MIMEType, error) {
	const space = " \t\n\r"
	s = strings.Trim(s, space)
	kind, rest, ok := strings.Cut(s, "/")
	if !ok || !IsToken(kind) {
		return MIMEType{}, errMIMEType
	}
	subtype, rest, _ := strings.Cut(rest, ";")
	subtype = strings.TrimRight(subtype, space)
	if !IsToken(subtype) {
		return MIMEType{}, errMIMEType
	}
	t := MIMEType{Type: strings.ToLower(kind), Subtype: strings.ToLower(subtype)}
	for rest != "" {
		rest = strings.TrimLeft(rest, space)
		i := strings.IndexAny(rest, ";=")
		if i < 0 {
			break
		}
		name := strings.ToLower(rest[:i])
		if rest[i] == ';' {
			rest = rest[i+1:]
			continue
		}
		rest = rest[i+1:]
		if rest == "" {
			break
		}
		var value string
		if rest[0] == '"' {
			value, rest = quotedString(rest)
			_, rest, _ = strings.Cut(rest, ";")
		} else {
			value, rest, _ = strings.Cut(rest, ";")
			if value = strings.TrimRight(value, space); value == "" {
				continue
			}
		}
		if _, double := t.Parameter(name); !double && IsToken(name) && isQuotable(value) {
			t.Parameters = append(t.Parameters, MIMEParameter{name, value})
		}
	}
	return t, nil
}

// quotedString collects an HTTP quoted string; s starts with the quote.
// https://fetch.spec.whatwg.org/#collect-an-http-quoted-string
func quotedString(s string) (value, rest string) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:]
		case '\\':
			if i+1 < len(s) {
				i++
			}
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// isQuotable reports whether s holds HTTP quoted-string token code points only. Strings
// are UTF-8 here, so what is beyond U+00FF shows as a lead byte over 0xC3.
func isQuotable(s string) bool {
	for _, r := range s {
		if r != '\t' && (r < ' ' || r == 0x7F || r > 0xFF) {
			return false
		}
	}
	return true
}

// String serialises the type: https://mimesniff.spec.whatwg.org/#serialize-a-mime-type
func (t MIMEType) String() string {
	if len(t.Parameters) == 0 {
		return t.Essence()
	}
	var b strings.Builder
	b.WriteString(t.Essence())
	for _, p := range t.Parameters {
		b.WriteString(";" + p.Name + "=")
		if IsToken(p.Value) {
			b.WriteString(p.Value)
			continue
		}
		b.WriteByte('"')
		for i := 0; i < len(p.Value); i++ {
			if c := p.Value[i]; c == '"' || c == '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(p.Value[i])
		}
		b.WriteByte('"')
	}
	return b.String()
}

// extractMIMEType is the type that a message's content-type headers say.
// https://fetch.spec.whatwg.org/#concept-header-extract-mime-type
func extractMIMEType(l *HeaderList) (t MIMEType, ok bool) {
	// 1-4.
	values, _ := l.Get("content-type")
	charset := ""
	// 5-6.
	for _, value := range splitList(values) {
		// 1-3.
		next, err := ParseMIMEType(isomorphicDecode(value))
		if err != nil || next.Essence() == "*/*" {
			continue
		}
		// 4-6. A type that follows one of the same essence inherits its charset.
		same := ok && next.Essence() == t.Essence()
		t, ok = next, true
		own, has := t.Parameter("charset")
		switch {
		case !same:
			charset = own
		case !has && charset != "":
			t.Parameters = append(t.Parameters, MIMEParameter{"charset", charset})
		}
	}
	return t, ok
}

// splitList splits a header's combined value at the commas that are not quoted.
// https://fetch.spec.whatwg.org/#header-value-get-decode-and-split
func splitList(s string) []string {
	if strings.IndexByte(s, ',') < 0 {
		return []string{s}
	}
	var values []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ',' && !quoted:
			values = append(values, strings.Trim(s[start:i], "\t "))
			start = i + 1
		}
	}
	return append(values, strings.Trim(s[start:], "\t "))
}

// isomorphicDecode returns the text of a header value, of which each byte is the
// character of the same number. https://infra.spec.whatwg.org/#isomorphic-decode
func isomorphicDecode(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			text := make([]rune, len(s))
			for i := range len(s) {
				text[i] = rune(s[i])
			}
			return string(text)
		}
	}
	return s
}
