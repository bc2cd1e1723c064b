package httpcache

import (
	"slices"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// selectors are the request's fields that a response's Vary names, sorted, each
// name once; false if Vary holds "*" (https://www.rfc-editor.org/rfc/rfc9111#section-4.1).
func selectors(response, request []outside.Field) ([]outside.Field, bool) {
	var out []outside.Field
	for _, f := range response {
		if !strings.EqualFold(f.Name, "vary") {
			continue
		}
		for name := range strings.SplitSeq(f.Value, ",") {
			switch name = strings.ToLower(strings.TrimSpace(name)); name {
			case "":
			case "*":
				return nil, false
			default:
				out = append(out, outside.Field{Name: strings.Clone(name), Value: combined(request, name)})
			}
		}
	}
	slices.SortFunc(out, func(a, b outside.Field) int { return strings.Compare(a.Name, b.Name) })
	return slices.Compact(out), true
}

// selected reports whether a request with the header may be answered with s.
func (s *stored) selected(header []outside.Field) bool {
	for _, f := range s.vary {
		if combined(header, f.Name) != f.Value {
			return false
		}
	}
	return true
}

// combined is all values of the lower-case name in one, white space around their
// commas removed, so that the same list in other lines compares equal.
func combined(header []outside.Field, name string) string {
	var b strings.Builder
	first := true
	for i := range header {
		if !strings.EqualFold(header[i].Name, name) {
			continue
		}
		for item := range strings.SplitSeq(header[i].Value, ",") {
			if !first {
				b.WriteByte(',')
			}
			first = false
			b.WriteString(strings.TrimSpace(item))
		}
	}
	return b.String()
}
