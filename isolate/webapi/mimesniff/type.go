package mimesniff

import (
	"errors"
	"strings"
)

// A Type is a parsed MIME type: https://mimesniff.spec.whatwg.org/#mime-type
type Type struct {
	Type, Subtype string // lower-case
	Parameters    []Parameter
}

// A Parameter is one parameter; names are lower-case.
type Parameter struct{ Name, Value string }

var errNotType = errors.New("not a MIME type")

// Essence is "type/subtype".
func (t Type) Essence() string { return t.Type + "/" + t.Subtype }

// Parameter returns a parameter's value by its lower-case name.
func (t Type) Parameter(name string) (string, bool) {
	for _, p := range t.Parameters {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// Parse: https://mimesniff.spec.whatwg.org/#parse-a-mime-type
func Parse(s string) (Type, error) {
	const space = " \t\n\r"
	s = strings.Trim(s, space)
	kind, rest, ok := strings.Cut(s, "/")
	if !ok || !IsToken(kind) {
		return Type{}, errNotType
	}
	subtype, rest, _ := strings.Cut(rest, ";")
	subtype = strings.TrimRight(subtype, space)
	if !IsToken(subtype) {
		return Type{}, errNotType
	}
	t := Type{Type: strings.ToLower(kind), Subtype: strings.ToLower(subtype)}
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
			t.Parameters = append(t.Parameters, Parameter{name, value})
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
func (t Type) String() string {
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
