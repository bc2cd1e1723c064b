package fetch

import (
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/mimesniff"
)

// FuzzHeaders takes header lines as a script would set them, and checks what is in the list
// against the rules of the standard.
func FuzzHeaders(f *testing.F) {
	f.Add("Content-Type: text/html;charset=utf-8\ncontent-type: text/plain, \"a,b\"")
	f.Add("set-cookie: a=1\nSet-Cookie: b=2\nx: 1\nX: 2")
	f.Add("a b: c\n: d\ne:\t \x00")
	f.Fuzz(func(t *testing.T, text string) {
		var l HeaderList
		for line := range strings.SplitSeq(text, "\n") {
			name, value, _ := strings.Cut(line, ":")
			if value = normalizeValue(value); mimesniff.IsToken(name) && validValue(value) {
				l.Append(strings.ToLower(name), value)
			}
		}
		sorted := l.SortAndCombine()
		if !slices.IsSortedFunc(sorted, func(a, b outside.Field) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("not sorted: %q", sorted)
		}
		for i, field := range sorted {
			if i > 0 && field.Name == sorted[i-1].Name && field.Name != "set-cookie" {
				t.Errorf("%q is not combined", field.Name)
			}
			if got, ok := l.Get(field.Name); !ok || field.Name != "set-cookie" && got != field.Value {
				t.Errorf("%s is %q in iteration and %q, %v by name", field.Name, field.Value, got, ok)
			}
			// Splitting at commas loses none but white space around them.
			parts := splitList(field.Value)
			squeeze := func(s string) string { return strings.NewReplacer(" ", "", "\t", "").Replace(s) }
			if got := strings.Join(parts, ","); squeeze(got) != squeeze(field.Value) {
				t.Errorf("%q is split into %q", field.Value, parts)
			}
		}
		if m, ok := extractMIMEType(&l); ok {
			if again, err := mimesniff.Parse(m.String()); err != nil || again.String() != m.String() {
				t.Errorf("the type %q reads as %q, %v", m, again, err)
			}
		}
		for _, field := range sorted {
			l.Delete(field.Name)
		}
		if n := len(l.SortAndCombine()); n > 0 {
			t.Errorf("%d fields are left", n)
		}
	})
}
