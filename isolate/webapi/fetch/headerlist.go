package fetch

import (
	"slices"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// A HeaderList is the standard's header list: fields in the order in which they were
// added, with lower-case names. https://fetch.spec.whatwg.org/#concept-header-list
// The zero value is empty.
type HeaderList struct{ fields []outside.Field }

// NewHeaderList returns a list that owns fields, whose names must be lower-case.
func NewHeaderList(fields []outside.Field) HeaderList { return HeaderList{fields} }

// Fields returns the list's fields; they must not be changed.
func (l *HeaderList) Fields() []outside.Field { return l.fields }

// sent returns the fields of a message that is handed over: a copy if a script holds
// the message's Headers object, through which it could change them meanwhile.
func sent(l *HeaderList, seen *headers) []outside.Field {
	if seen != nil {
		return slices.Clone(l.fields)
	}
	return l.fields
}

// Clone returns an independent copy.
func (l *HeaderList) Clone() HeaderList { return HeaderList{slices.Clone(l.fields)} }

// Has reports whether a field of the lower-case name exists.
func (l *HeaderList) Has(name string) bool {
	for i := range l.fields {
		if l.fields[i].Name == name {
			return true
		}
	}
	return false
}

// Get returns the values of the lower-case name, joined by ", ".
func (l *HeaderList) Get(name string) (string, bool) {
	for i := range l.fields {
		if l.fields[i].Name != name {
			continue
		}
		value := l.fields[i].Value
		for _, f := range l.fields[i+1:] {
			if f.Name == name {
				value += ", " + f.Value
			}
		}
		return value, true
	}
	return "", false
}

// Values returns each value of the lower-case name.
func (l *HeaderList) Values(name string) []string {
	var values []string
	for i := range l.fields {
		if l.fields[i].Name == name {
			values = append(values, l.fields[i].Value)
		}
	}
	return values
}

// Append adds a field.
func (l *HeaderList) Append(name, value string) {
	l.fields = append(l.fields, outside.Field{Name: name, Value: value})
}

// Set makes value the only one of the name.
func (l *HeaderList) Set(name, value string) {
	for i := range l.fields {
		if l.fields[i].Name == name {
			l.fields[i].Value = value
			l.fields = append(l.fields[:i+1], without(l.fields[i+1:], name)...)
			return
		}
	}
	l.Append(name, value)
}

// Delete removes the fields of the name.
func (l *HeaderList) Delete(name string) { l.fields = without(l.fields, name) }

func without(fields []outside.Field, name string) []outside.Field {
	return slices.DeleteFunc(fields, func(f outside.Field) bool { return f.Name == name })
}

// SortAndCombine returns the fields as iteration shows them: sorted by name, values of
// one name joined, set-cookie kept apart.
// https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine
func (l *HeaderList) SortAndCombine() []outside.Field {
	sorted := slices.Clone(l.fields)
	slices.SortStableFunc(sorted, func(a, b outside.Field) int { return strings.Compare(a.Name, b.Name) })
	out := sorted[:0]
	for _, f := range sorted {
		if n := len(out); n > 0 && out[n-1].Name == f.Name && f.Name != "set-cookie" {
			out[n-1].Value += ", " + f.Value
			continue
		}
		out = append(out, f)
	}
	return out
}

// normalizeValue strips leading and trailing HTTP white space.
// https://fetch.spec.whatwg.org/#concept-header-value-normalize
func normalizeValue(s string) string { return strings.Trim(s, "\t\n\r ") }

// validValue reports whether a normalised value holds no NUL, CR or LF.
func validValue(s string) bool { return strings.IndexByte(s, 0) < 0 && !strings.ContainsAny(s, "\r\n") }
