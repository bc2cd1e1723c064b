package json

import (
	"math"
	"strconv"

	"github.com/dop251/goja"
	"github.com/dop251/goja/unistring"

	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
)

// Most values are such that nothing of the script's runs as they are written: no method,
// getter or trap. These are read as the engine keeps them.

// plainness is what is known of a script's objects.
type plainness struct {
	// ordinary and lists are the prototypes of objects and arrays; unchanged says that they
	// have no toJSON method. A script that ran may have changed that, and any object.
	ordinary, lists *goja.Object
	unchanged       bool
	// runs counts when it may have run.
	runs    int
	pending []member // of the objects that are being written
}

type member struct {
	name  unistring.String
	value goja.Value
}

// ran notes that the script's code may have run, or is about to.
func (p *plainness) ran() {
	p.unchanged = false
	p.runs++
}

// plain returns what writes the contents of an object or array that has no toJSON method;
// nil for one that may have, and for whatever is kept otherwise.
func (w *writer) plain(o *goja.Object) (contents func(*writer, *goja.Object) error) {
	if w.ordinary == nil {
		w.ordinary, w.lists = w.heap.Prototypes()
	}
	if !w.unchanged {
		if w.lists.Prototype() != w.ordinary || w.lists.Get("toJSON") != nil {
			return nil
		}
		w.unchanged = true
	}
	if _, properties, ok := w.heap.Properties(o); ok && properties["toJSON"] == nil && w.heap.Inherits(o, w.ordinary) {
		return (*writer).members
	}
	if _, ok := w.heap.Elements(o); ok && w.heap.Bare(o) && w.heap.Inherits(o, w.lists) {
		return (*writer).elements
	}
	return nil
}

// plainValue is property for values of which it is known that nothing of the script's
// runs for them.
func (w *writer) plainValue(v goja.Value) (ok, known bool, err error) {
	switch w.heap.KindOf(v) {
	case layout.Text:
		w.b = quoteText(w.b, layout.TextOf(v))
	case layout.Int:
		w.b = strconv.AppendInt(w.b, layout.IntOf(v), 10)
	case layout.Float:
		w.b = appendNumber(w.b, v)
	default:
		o, isObject := v.(*goja.Object)
		if !isObject {
			return false, false, nil
		}
		contents := w.plain(o)
		if contents == nil {
			return false, false, nil
		}
		ok, err = w.nest(o, contents)
		return ok, true, err
	}
	ok, err = w.fits()
	return ok, true, err
}

// appendNumber is https://tc39.es/ecma262/#sec-numeric-types-number-tostring of a finite
// number, and null of another.
func appendNumber(b []byte, v goja.Value) []byte {
	const least, most = 1e-6, 1e21 // written without an exponent
	f := v.ToFloat()
	switch size := math.Abs(f); {
	case size >= least && size < most:
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	case math.IsNaN(f) || math.IsInf(f, 0):
		return append(b, "null"...)
	}
	return append(b, v.String()...)
}

// plainMembers is members for an object that has but plain properties.
func (w *writer) plainMembers(o *goja.Object) (done bool, err error) {
	if w.Replacer != nil || w.Allow != nil {
		return false, nil
	}
	names, properties, ok := w.heap.Properties(o)
	if !ok {
		return false, nil
	}
	base := len(w.pending)
	defer func() {
		clear(w.pending[base:])
		w.pending = w.pending[:base]
	}()
	for _, name := range names {
		v := properties[name]
		if !w.heap.Plain(v) {
			return false, nil
		}
		w.pending = append(w.pending, member{name, v})
	}
	w.b = append(w.b, '{')
	empty, runs := true, w.runs
	for i := range names {
		m := w.pending[base+i]
		before := len(w.b)
		w.member(nameText(m.name), empty)
		var ok, known bool
		if w.runs == runs {
			ok, known, err = w.plainValue(m.value)
		}
		if !known {
			k, v := m.name.String(), m.value
			if w.runs != runs {
				v = o.Get(k)
			}
			if ok = v != nil; ok {
				ok, err = w.property(o, k, v)
			}
		}
		if err != nil {
			return true, err
		}
		if !ok {
			w.b = w.b[:before]
			continue
		}
		empty = false
	}
	w.end('}', empty)
	return true, nil
}

// nameText is a property name as WTF-8.
func nameText(name unistring.String) string {
	units := name.AsUtf16()
	if units == nil {
		return string(name)
	}
	var b []byte
	for _, unit := range units[1:] {
		b = appendUnit(b, rune(unit))
	}
	return string(b)
}
