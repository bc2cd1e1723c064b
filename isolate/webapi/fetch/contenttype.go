package fetch

import (
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/webapi/mimesniff"
)

// extractMIMEType is the type that a message's content-type headers say.
// https://fetch.spec.whatwg.org/#concept-header-extract-mime-type
func extractMIMEType(l *HeaderList) (t mimesniff.Type, ok bool) {
	// 1-4.
	values, _ := l.Get("content-type")
	charset := ""
	// 5-6.
	for _, value := range splitList(values) {
		// 1-3.
		next, err := mimesniff.Parse(isomorphicDecode(value))
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
			t.Parameters = append(t.Parameters, mimesniff.Parameter{Name: "charset", Value: charset})
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
