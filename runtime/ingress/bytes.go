package ingress

import "unsafe"

// Byte classes of https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 (token)
// and #section-5.5 (field values).
const (
	classToken = 1 << iota
	classValue
	classHost
)

var byteClass = func() (t [256]uint8) {
	for c := range 256 {
		b := byte(c)
		alnum := b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z'
		if alnum || indexByte("!#$%&'*+-.^_`|~", b) {
			t[c] |= classToken
		}
		if b >= 0x20 && b != 0x7f || b == '\t' {
			t[c] |= classValue
		}
		if alnum || b == '-' || b == '.' || b == '_' {
			t[c] |= classHost
		}
	}
	return t
}()

func indexByte(s string, b byte) bool {
	for i := range len(s) {
		if s[i] == b {
			return true
		}
	}
	return false
}

func isValueByte(b byte) bool { return byteClass[b]&classValue != 0 }

func isToken[T string | []byte](s T) bool {
	for i := range len(s) {
		if byteClass[s[i]]&classToken == 0 {
			return false
		}
	}
	return len(s) > 0
}

func isValue(s string) bool {
	for i := range len(s) {
		if byteClass[s[i]]&classValue == 0 {
			return false
		}
	}
	return true
}

// lower is the ASCII lower case of b.
func lower(b byte) byte {
	if b-'A' < 26 {
		b += 'a' - 'A'
	}
	return b
}

// is reports whether b equals the lower-case string s, ignoring ASCII case.
func is[T string | []byte](b T, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range len(s) {
		if lower(b[i]) != s[i] {
			return false
		}
	}
	return true
}

// hasListItem reports whether the comma-separated list in v holds the lower-case item.
func hasListItem[T string | []byte](v T, item string) bool {
	for len(v) > 0 {
		end := 0
		for end < len(v) && v[end] != ',' {
			end++
		}
		if is(trim(v[:end]), item) {
			return true
		}
		if end == len(v) {
			return false
		}
		v = v[end+1:]
	}
	return false
}

// trim removes spaces and tabs at both ends.
func trim[T string | []byte](v T) T {
	for len(v) > 0 && (v[0] == ' ' || v[0] == '\t') {
		v = v[1:]
	}
	for len(v) > 0 && (v[len(v)-1] == ' ' || v[len(v)-1] == '\t') {
		v = v[:len(v)-1]
	}
	return v
}

// view is b as a string that shares its memory: it lives as long as b does.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
