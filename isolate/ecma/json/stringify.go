package json

import (
	"errors"
	"math/big"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
)

// MaxSize is the longest text that Stringify makes, in bytes.
const MaxSize = 256 << 20

// Errors that scripts see as TypeError, ErrSize as RangeError.
var (
	ErrCircular = errors.New("Converting circular structure to JSON")
	ErrBigInt   = errors.New("Do not know how to serialize a BigInt")
	ErrSize     = errors.New("Invalid string length")
)

// Options are the further arguments of JSON.stringify.
type Options struct {
	// Replacer is called for each property; nil keeps values as they are.
	Replacer func(holder *goja.Object, key string, v goja.Value) goja.Value
	// Allow lists the properties to keep, in order; nil keeps all.
	Allow []string
	// Gap indents nested values; "" makes compact text.
	Gap string
	// Limits is asked now and then whether to go on, and panics if not; nil is not asked.
	Limits interface{ Checkpoint() }
}

// Stringify appends the JSON text of v, of the runtime of h, to b; ok is false for a value
// that has none.
// It calls toJSON methods, getters and proxies of the script's: it must run inside a
// call from a script or within Runtime.Try, which take their exceptions. Other errors
// are those above and ErrDepth.
func Stringify(h *layout.Heap, b []byte, v goja.Value, o Options) (text []byte, ok bool, err error) {
	w := writer{heap: h, b: b, Options: o}
	var holder *goja.Object
	if o.Replacer != nil {
		holder = h.VM.NewObject()
		if err := holder.Set("", v); err != nil {
			return nil, false, err
		}
	}
	ok, err = w.property(holder, "", v)
	if err != nil || !ok {
		return nil, false, err
	}
	return w.b, true, nil
}

type writer struct {
	Options
	heap   *layout.Heap
	b      []byte
	stack  []*goja.Object
	values int
	plainness
}

// property is https://tc39.es/ecma262/#sec-serializejsonproperty
func (w *writer) property(holder *goja.Object, key string, v goja.Value) (bool, error) {
	o, isObject := v.(*goja.Object)
	if isObject {
		w.ran()
		if f, ok := goja.AssertFunction(o.Get("toJSON")); ok {
			r, err := f(o, w.heap.VM.ToValue(key))
			if err != nil {
				return false, err
			}
			v = r
		}
	} else if isBigInt(v) {
		w.ran()
		if f, ok := goja.AssertFunction(v.ToObject(w.heap.VM).Get("toJSON")); ok {
			r, err := f(v, w.heap.VM.ToValue(key))
			if err != nil {
				return false, err
			}
			v = r
		}
	}
	if w.Replacer != nil {
		w.ran()
		v = w.Replacer(holder, key, v)
	}
	if o, isObject = v.(*goja.Object); isObject {
		switch o.ClassName() {
		case "Number":
			v, isObject = o.ToNumber(), false
		case "String":
			v, isObject = o.ToString(), false
		case "Boolean", "BigInt":
			v, isObject = w.primitive(o), false
		case "RawJSON":
			w.b = append(w.b, o.Get("rawJSON").String()...)
			return true, nil
		}
	}
	if isObject {
		return w.object(o)
	}
	return w.scalar(v)
}

// primitive unboxes a Boolean or BigInt object.
func (w *writer) primitive(o *goja.Object) goja.Value {
	f, _ := goja.AssertFunction(o.Get("valueOf"))
	v, err := f(o)
	if err != nil {
		panic(err)
	}
	return v
}

func isBigInt(v goja.Value) bool { return v != nil && v.ExportType() == typeBigInt }

var (
	typeBool   = reflect.TypeFor[bool]()
	typeInt    = reflect.TypeFor[int64]()
	typeFloat  = reflect.TypeFor[float64]()
	typeBigInt = reflect.TypeFor[*big.Int]()
	typeProxy  = reflect.TypeFor[goja.Proxy]()
)

func (w *writer) scalar(v goja.Value) (bool, error) {
	if v == nil || goja.IsUndefined(v) {
		return false, nil
	}
	if goja.IsNull(v) {
		w.b = append(w.b, "null"...)
		return true, nil
	}
	if s, ok := v.(goja.String); ok {
		w.b = Quote(w.b, s)
		return w.fits()
	}
	switch v.ExportType() {
	case typeBool:
		w.b = strconv.AppendBool(w.b, v.ToBoolean())
	case typeInt:
		w.b = strconv.AppendInt(w.b, v.ToInteger(), 10)
	case typeFloat:
		w.b = appendNumber(w.b, v)
	case typeBigInt:
		return false, ErrBigInt
	default:
		return false, nil // a symbol
	}
	return w.fits()
}

func (w *writer) fits() (bool, error) {
	if len(w.b) > MaxSize {
		return false, ErrSize
	}
	const pause = 1024
	if w.values++; w.values%pause == 0 && w.Limits != nil {
		w.Limits.Checkpoint()
	}
	return true, nil
}

func (w *writer) object(o *goja.Object) (bool, error) {
	if _, callable := goja.AssertFunction(o); callable {
		return false, nil
	}
	if IsArray(o) {
		return w.nest(o, (*writer).elements)
	}
	return w.nest(o, (*writer).members)
}

// nest writes an object by what writes its contents.
func (w *writer) nest(o *goja.Object, contents func(*writer, *goja.Object) error) (bool, error) {
	for _, outer := range w.stack {
		if outer == o {
			return false, ErrCircular
		}
	}
	if len(w.stack) >= MaxDepth {
		return false, ErrDepth
	}
	w.stack = append(w.stack, o)
	if err := contents(w, o); err != nil {
		return false, err
	}
	w.stack = w.stack[:len(w.stack)-1]
	return w.fits()
}

// IsArray is https://tc39.es/ecma262/#sec-isarray
func IsArray(o *goja.Object) bool {
	for o != nil && o.ExportType() == typeProxy {
		o = o.Export().(goja.Proxy).Target()
	}
	return o != nil && o.ClassName() == "Array"
}

// members is https://tc39.es/ecma262/#sec-serializejsonobject
func (w *writer) members(o *goja.Object) error {
	if done, err := w.plainMembers(o); done {
		return err
	}
	keys := w.Allow
	if keys == nil {
		w.ran()
		keys = o.Keys()
	}
	w.b = append(w.b, '{')
	empty := true
	for _, k := range keys {
		w.ran()
		v := o.Get(k)
		if v == nil || w.Replacer == nil && goja.IsUndefined(v) {
			if w.Replacer == nil {
				continue
			}
			v = goja.Undefined()
		}
		before := len(w.b)
		w.member(k, empty)
		ok, err := w.property(o, k, v)
		if err != nil {
			return err
		}
		if !ok {
			w.b = w.b[:before]
			continue
		}
		empty = false
	}
	w.end('}', empty)
	return nil
}

// member starts a member of an object.
func (w *writer) member(name string, first bool) {
	if !first {
		w.b = append(w.b, ',')
	}
	w.indent(0)
	w.b = quoteText(w.b, name)
	w.b = append(w.b, ':')
	if w.Gap != "" {
		w.b = append(w.b, ' ')
	}
}

// end ends an object or array.
func (w *writer) end(bracket byte, empty bool) {
	if !empty {
		w.indent(-1)
	}
	w.b = append(w.b, bracket)
}

// elements is https://tc39.es/ecma262/#sec-serializejsonarray
func (w *writer) elements(o *goja.Object) error {
	values, plain := w.heap.Elements(o)
	plain = plain && w.Replacer == nil
	n, runs := int64(len(values)), w.runs
	if !plain {
		w.ran()
		n = o.Get("length").ToInteger()
	}
	w.b = append(w.b, '[')
	for i := range n {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.indent(0)
		var ok, known bool
		var err error
		if plain && w.runs == runs {
			ok, known, err = w.plainValue(values[i])
		}
		if !known {
			w.ran()
			key := strconv.FormatInt(i, 10)
			v := o.Get(key)
			if v == nil {
				v = goja.Undefined()
			}
			ok, err = w.property(o, key, v)
		}
		if err != nil {
			return err
		}
		if !ok {
			w.b = append(w.b, "null"...)
		}
		if _, err := w.fits(); err != nil {
			return err
		}
	}
	w.end(']', n == 0)
	return nil
}

// indent starts a line of its own, at the depth of the stack plus by.
func (w *writer) indent(by int) {
	if w.Gap == "" {
		return
	}
	w.b = append(w.b, '\n')
	for range len(w.stack) + by {
		w.b = append(w.b, w.Gap...)
	}
}

// Quote appends the JSON string literal of s (https://tc39.es/ecma262/#sec-quotejsonstring).
func Quote(b []byte, s goja.String) []byte { return quoteText(b, ToWTF8(s)) }

func quoteText(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c != 0xED {
			continue
		}
		if c == 0xED {
			if i+2 >= len(s) || s[i+1] < 0xA0 || !loneAt(s, i) {
				continue
			}
			r := surrogate(s[i+1], s[i+2])
			b = append(b, s[start:i]...)
			b = append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
			start = i + 3
			i += 2
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, `\b`...)
		case '\f':
			b = append(b, `\f`...)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// loneAt reports whether a surrogate's three bytes stand at i, which valid UTF-8 never has.
func loneAt(s string, i int) bool { return !utf8.ValidString(s[i : i+3]) }
