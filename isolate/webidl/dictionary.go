package webidl

import (
	"slices"

	"github.com/dop251/goja"
)

// A Field is one member of a dictionary whose Go form is D.
type Field[D any] struct {
	name     string
	required bool
	read     func(js *Realm, v goja.Value, into *D) error
}

// Dict declares a dictionary type. Members are read in lexicographical order, each
// once, as https://webidl.spec.whatwg.org/#js-dictionary says; absent is D's start
// value. The type is optional as an argument.
func Dict[D any](name string, start D, fields ...Field[D]) Type[D] {
	sorted := slices.Clone(fields)
	slices.SortStableFunc(sorted, func(a, b Field[D]) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	return Type[D]{Name: name, optional: true, to: func(js *Realm, v goja.Value) (D, error) {
		d := start
		o, ok := v.(*goja.Object)
		if !ok && !goja.IsUndefined(v) && !goja.IsNull(v) {
			return d, TypeError("The provided value is not of type '%s'.", name)
		}
		for _, f := range sorted {
			var x goja.Value
			if o != nil {
				x = o.Get(f.name)
			}
			if x == nil || goja.IsUndefined(x) {
				if f.required {
					return d, TypeError("Failed to read the '%s' property from '%s': Required member is undefined.", f.name, name)
				}
				continue
			}
			if err := f.read(js, x, &d); err != nil {
				return d, explain(err, "Failed to read the '"+f.name+"' property from '"+name+"': ")
			}
		}
		return d, nil
	}}
}

// Req makes a dictionary type required as an argument.
func Req[G any](t Type[G]) Type[G] {
	t.optional = false
	return t
}

// Has declares a dictionary member that is stored through at.
func Has[D, G any](name string, t Type[G], at func(*D) *G) Field[D] {
	return Field[D]{name: name, read: func(js *Realm, v goja.Value, d *D) (err error) {
		*at(d), err = t.to(js, v)
		return err
	}}
}

// Needs is Has for a required member.
func Needs[D, G any](name string, t Type[G], at func(*D) *G) Field[D] {
	f := Has(name, t, at)
	f.required = true
	return f
}

// May declares a dictionary member whose absence is told from any value.
func May[D, G any](name string, t Type[G], at func(*D) *Opt[G]) Field[D] {
	return Field[D]{name: name, read: func(js *Realm, v goja.Value, d *D) error {
		x, err := t.to(js, v)
		if err == nil {
			*at(d) = Some(x)
		}
		return err
	}}
}
