package clone

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/anatomy"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// writer is https://html.spec.whatwg.org/#structuredserializeinternal
type writer struct {
	js        *webidl.Realm
	b         []byte
	limit     int
	bytesOnly bool
	message   *Message
	moved     map[*goja.Object]int // the transfer list
	seen      map[*goja.Object]int // memory
	depth     int
}

// write writes the whole value. Exceptions of getters come back as errors.
func (w *writer) write(v goja.Value) (err error) {
	if failure := w.js.Catch(func() { err = w.value(v) }); failure != nil {
		return failure
	}
	return err
}

func (w *writer) tag(t tag)      { w.b = append(w.b, byte(t)) }
func (w *writer) count(n int)    { w.b = binary.AppendUvarint(w.b, uint64(n)) }
func (w *writer) text(s string)  { w.count(len(s)); w.b = append(w.b, s...) }
func (w *writer) bytes(b []byte) { w.count(len(b)); w.b = append(w.b, b...) }

func uncloneable(what string) error {
	return webidl.DOMError("DataCloneError", "%s could not be cloned.", what)
}

func (w *writer) value(v goja.Value) error {
	if len(w.b) > w.limit {
		return webidl.DOMError("DataCloneError", "The value is larger than %d bytes.", w.limit)
	}
	switch v := v.(type) {
	case nil:
		w.tag(tagUndefined)
		return nil
	case *goja.Object:
		return w.object(v)
	case *goja.Symbol:
		return uncloneable("Symbol(" + v.String() + ")")
	case goja.String:
		w.string(v)
		return nil
	}
	switch {
	case goja.IsUndefined(v):
		w.tag(tagUndefined)
	case goja.IsNull(v):
		w.tag(tagNull)
	case goja.IsBigInt(v):
		w.tag(tagBigInt)
		w.text(v.String())
	case goja.IsNumber(v):
		w.number(v.ToFloat())
	case v.ToBoolean():
		w.tag(tagTrue)
	default:
		w.tag(tagFalse)
	}
	return nil
}

func (w *writer) number(f float64) {
	const exact = 1 << 53
	if n := int64(f); float64(n) == f && -exact < n && n < exact && !(n == 0 && math.Signbit(f)) {
		w.tag(tagInt)
		w.b = binary.AppendVarint(w.b, n)
		return
	}
	w.tag(tagDouble)
	w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(f))
}

func (w *writer) string(s goja.String) {
	text := s.String()
	if strings.ContainsRune(text, utf8.RuneError) {
		// Perhaps a lone surrogate, which UTF-8 does not have.
		w.tag(tagString16)
		n := s.Length()
		w.count(2 * n)
		for i := range n {
			w.b = binary.LittleEndian.AppendUint16(w.b, s.CharAt(i))
		}
		return
	}
	w.tag(tagString)
	w.text(text)
}

func (w *writer) object(o *goja.Object) error {
	// 2. If memory[value] exists, then return it.
	if n, ok := w.seen[o]; ok {
		w.tag(tagSeen)
		w.count(n)
		return nil
	}
	if n, ok := w.moved[o]; ok {
		w.tag(tagTransferred)
		w.count(n)
		return nil
	}
	if w.depth++; w.depth > MaxDepth {
		return webidl.RangeError("Maximum call stack size exceeded")
	}
	defer func() { w.depth-- }()
	if w.seen == nil {
		w.seen = map[*goja.Object]int{}
	}
	w.seen[o] = len(w.seen)
	js := w.js
	if len(w.seen)%256 == 0 {
		js.Checkpoint()
	}
	switch kind := anatomy.KindOf(js, o); kind {
	case anatomy.Boolean, anatomy.Number, anatomy.String, anatomy.BigInt:
		w.tag(tagBoxed)
		return w.value(anatomy.Primitive(js, o, kind))
	case anatomy.Symbol:
		return uncloneable("Object(Symbol)")
	case anatomy.Date:
		w.tag(tagDate)
		w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(anatomy.Primitive(js, o, kind).ToFloat()))
		return nil
	case anatomy.RegExp:
		source, flags := anatomy.RegExpParts(js, o)
		w.tag(tagRegExp)
		w.text(source)
		w.text(flags)
		return nil
	case anatomy.ArrayBuffer:
		b := o.Export().(goja.ArrayBuffer)
		if b.Detached() {
			return webidl.DOMError("DataCloneError", "An ArrayBuffer is detached and could not be cloned.")
		}
		if len(b.Bytes()) > w.limit-len(w.b) {
			return webidl.DOMError("DataCloneError", "The value is larger than %d bytes.", w.limit)
		}
		w.tag(tagBuffer)
		w.bytes(b.Bytes())
		return nil
	case anatomy.TypedArray, anatomy.DataView:
		return w.view(o)
	case anatomy.Map:
		// The entries are copied first: writing them may run scripts.
		entries := anatomy.MapEntries(js, o)
		w.tag(tagMap)
		w.count(len(entries))
		for _, e := range entries {
			if err := w.value(e[0]); err != nil {
				return err
			}
			if err := w.value(e[1]); err != nil {
				return err
			}
		}
		return nil
	case anatomy.Set:
		values := anatomy.SetValues(js, o)
		w.tag(tagSet)
		w.count(len(values))
		for _, v := range values {
			if err := w.value(v); err != nil {
				return err
			}
		}
		return nil
	case anatomy.Error:
		return w.failure(o)
	case anatomy.Array:
		return w.array(o)
	case anatomy.Platform:
		return w.platform(o)
	case anatomy.Function:
		return uncloneable(anatomy.FunctionText(js, o))
	case anatomy.Promise, anatomy.Proxy:
		return uncloneable("#<" + map[anatomy.Kind]string{anatomy.Promise: "Promise", anatomy.Proxy: "Object"}[kind] + ">")
	}
	if name, ok := opaque(js, o); ok {
		return uncloneable("#<" + name + ">")
	}
	w.tag(tagObject)
	return w.properties(o, o.Keys())
}

// opaque reports whether an object that looks plain has an inside that cannot be
// copied, such as a WeakMap's.
func opaque(js *webidl.Realm, o *goja.Object) (string, bool) {
	p := o.Prototype()
	if p == nil {
		return "", false
	}
	tag, ok := anatomy.DataSymbol(js, p, goja.SymToStringTag).(goja.String)
	if !ok {
		return "", false
	}
	switch name := tag.String(); name {
	case "WeakMap", "WeakSet", "WeakRef", "FinalizationRegistry", "Generator", "AsyncGenerator",
		"Array Iterator", "Map Iterator", "Set Iterator", "String Iterator", "RegExp String Iterator":
		return name, true
	}
	return "", false
}

// properties writes the number of properties in four bytes, which can be filled in at the
// end: a getter may delete some. Then come keys and values.
func (w *writer) properties(o *goja.Object, keys []string) error {
	at := len(w.b)
	w.b = append(w.b, 0, 0, 0, 0)
	n := uint32(0)
	for _, key := range keys {
		v := o.Get(key)
		if v == nil {
			continue
		}
		n++
		w.text(key)
		if err := w.value(v); err != nil {
			return err
		}
	}
	binary.LittleEndian.PutUint32(w.b[at:], n)
	return nil
}

func (w *writer) array(o *goja.Object) error {
	n := int(o.Get("length").ToInteger())
	keys := o.Keys()
	if len(keys) < n/2 {
		w.tag(tagSparse)
		w.count(n)
		return w.properties(o, keys)
	}
	w.tag(tagArray)
	w.count(n)
	for i := range n {
		v := o.Get(strconv.Itoa(i))
		if v == nil {
			w.tag(tagHole)
			continue
		}
		if err := w.value(v); err != nil {
			return err
		}
	}
	for i, key := range keys {
		if !isIndex(key) {
			return w.properties(o, keys[i:]) // indices come first
		}
	}
	return w.properties(o, nil)
}

func isIndex(key string) bool {
	n, err := strconv.ParseUint(key, 10, 32)
	return err == nil && n < math.MaxUint32 && (key[0] != '0' || key == "0")
}

func (w *writer) view(o *goja.Object) error {
	view, ok := w.js.ViewOf(o)
	if !ok || view.Buffer.Export().(goja.ArrayBuffer).Detached() {
		return webidl.DOMError("DataCloneError", "An ArrayBuffer is detached and could not be cloned.")
	}
	// The buffer is numbered before the view, as it is read first.
	n := w.seen[o]
	delete(w.seen, o)
	w.tag(tagView)
	w.text(view.Kind)
	w.count(view.Offset)
	w.count(view.Length / view.ElementSize)
	_, known := w.seen[view.Buffer]
	_, moved := w.moved[view.Buffer]
	if err := w.value(view.Buffer); err != nil {
		return err
	}
	if !known && !moved {
		n = len(w.seen)
	}
	w.seen[o] = n
	return nil
}

// errorNames are the error classes that are kept: https://html.spec.whatwg.org/#structuredserializeinternal step 17
var errorNames = map[string]bool{"Error": true, "EvalError": true, "RangeError": true, "ReferenceError": true,
	"SyntaxError": true, "TypeError": true, "URIError": true}

func (w *writer) failure(o *goja.Object) error {
	name := "Error"
	if v := o.Get("name"); v != nil && !goja.IsUndefined(v) {
		if s := v.ToString().String(); errorNames[s] {
			name = s
		}
	}
	w.tag(tagError)
	w.text(name)
	for _, field := range []string{"message", "stack", "cause"} {
		p, ok := anatomy.OwnName(w.js, o, field)
		v := p.Value
		if field == "stack" { // an accessor or not, as the engine pleases
			v = o.Get("stack")
			_, ok = v.(goja.String)
		}
		if !ok || v == nil {
			w.tag(tagHole)
			continue
		}
		if field == "message" {
			v = v.ToString()
		}
		if err := w.value(v); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) platform(o *goja.Object) error {
	if webidl.DOMException.Is(o) {
		w.tag(tagException)
		w.text(o.Get("name").String())
		w.text(o.Get("message").String())
		return nil
	}
	c, ok := webidl.As[Cloneable](o)
	if !ok || w.bytesOnly {
		name, _ := anatomy.ClassName(w.js, o)
		return uncloneable("#<" + name + ">")
	}
	restore, err := c.Clone()
	if err != nil {
		return err
	}
	w.tag(tagHeld)
	w.count(len(w.message.held))
	w.message.held = append(w.message.held, restore)
	return nil
}
