package console

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/anatomy"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// maxJSONDepth is how deep a logged value's JSON goes.
const maxJSONDepth = 16

// appendJSON appends v as JSON, without the help of a toJSON method: plain objects and
// arrays as such, dates and errors and all else as their text.
func appendJSON(js *webidl.Realm, b []byte, v goja.Value, limit int) []byte {
	w := &jsonWriter{js: js, b: b, end: len(b) + limit}
	w.value(v)
	return w.b
}

type jsonWriter struct {
	js   *webidl.Realm
	b    []byte
	seen int // objects looked at so far
	end  int // length at which only what closes open brackets is written
	open []*goja.Object
}

func (w *jsonWriter) text(s string) {
	if room := w.end - len(w.b); len(s) > room {
		s = truncate(s, max(room, 0))
	}
	quoted, _ := json.Marshal(s)
	w.b = append(w.b, quoted...)
}

func (w *jsonWriter) value(v goja.Value) {
	switch o := v.(type) {
	case nil:
		w.b = append(w.b, "null"...)
	case *goja.Object:
		w.object(o)
	case goja.String:
		w.text(o.String())
	case *goja.Symbol:
		w.text(symbolText(o))
	default:
		switch {
		case goja.IsUndefined(v) || goja.IsNull(v):
			w.b = append(w.b, "null"...)
		case goja.IsBigInt(v):
			w.text(v.String())
		case goja.IsNumber(v):
			if f := v.ToFloat(); math.IsNaN(f) || math.IsInf(f, 0) {
				w.b = append(w.b, "null"...)
			} else {
				w.b = append(w.b, v.String()...)
			}
		default:
			w.b = append(w.b, v.String()...)
		}
	}
}

func (w *jsonWriter) object(o *goja.Object) {
	for _, outer := range w.open {
		if outer == o {
			w.text("[Circular]")
			return
		}
	}
	if w.seen++; w.seen%256 == 0 {
		w.js.Checkpoint()
	}
	if w.seen > maxObjects {
		w.b = append(w.b, "null"...)
		return
	}
	kind := anatomy.KindOf(w.js, o)
	if len(w.open) >= maxJSONDepth || len(w.b) >= w.end || kind != anatomy.Ordinary && kind != anatomy.Array {
		if kind == anatomy.Date {
			w.text(dateText(anatomy.Primitive(w.js, o, kind)))
			return
		}
		w.text(Inspect(w.js, o, InspectOptions{Depth: 1, MaxBytes: max(w.end-len(w.b), 1)}))
		return
	}
	w.open = append(w.open, o)
	if kind == anatomy.Array {
		w.array(o)
	} else {
		w.members(o)
	}
	w.open = w.open[:len(w.open)-1]
}

func (w *jsonWriter) array(o *goja.Object) {
	n, _ := lengthOf(w.js, o)
	w.b = append(w.b, '[')
	for i := 0; i < n && len(w.b) < w.end; i++ {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		p, _ := anatomy.OwnName(w.js, o, strconv.Itoa(i))
		w.value(p.Value)
	}
	w.b = append(w.b, ']')
}

func (w *jsonWriter) members(o *goja.Object) {
	w.b = append(w.b, '{')
	first := true
	for _, name := range anatomy.Names(o) {
		p, ok := anatomy.OwnName(w.js, o, name)
		if !ok || !p.Enumerable || p.Value == nil || goja.IsUndefined(p.Value) {
			continue
		}
		if f, isObject := p.Value.(*goja.Object); isObject && anatomy.KindOf(w.js, f) == anatomy.Function {
			continue
		}
		if len(w.b) >= w.end {
			break
		}
		if !first {
			w.b = append(w.b, ',')
		}
		first = false
		w.text(name)
		w.b = append(w.b, ':')
		w.value(p.Value)
	}
	w.b = append(w.b, '}')
}

// messageJSON returns the arguments of a call as a JSON array.
func messageJSON(js *webidl.Realm, args []goja.Value) []byte {
	w := &jsonWriter{js: js, end: MaxText}
	w.b = append(w.b, '[')
	for i, v := range args {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.value(v)
	}
	return append(w.b, ']')
}
