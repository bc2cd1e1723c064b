package console

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/anatomy"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// InspectOptions say how much of a value is shown.
type InspectOptions struct {
	Depth      int  // levels of objects within objects; negative: all
	ShowHidden bool // non-enumerable properties too
	BreakAt    int  // characters of a line, 80 if 0
	MaxArray   int  // elements, 100 if 0; negative: all
	MaxBytes   int  // of the whole text, MaxText if 0
}

// MaxText is the size in bytes at which the text of one call is cut off.
const MaxText = 256 << 10

// maxObjects is how many objects are looked at for one text.
const maxObjects = 10_000

// deepest bounds the levels shown whatever the options say.
const deepest = 200

// Inspect returns v as text, as util.inspect does.
func Inspect(js *webidl.Realm, v goja.Value, o InspectOptions) string {
	if o.BreakAt == 0 {
		o.BreakAt = 80
	}
	if o.MaxArray == 0 {
		o.MaxArray = 100
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = MaxText
	}
	if o.Depth < 0 || o.Depth > deepest {
		o.Depth = deepest
	}
	in := &inspector{js: js, o: o, left: o.MaxBytes}
	return truncate(in.value(v, 0, false), o.MaxBytes)
}

// truncate cuts s off at n bytes, not within a character.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "... (truncated)"
}

type inspector struct {
	js       *webidl.Realm
	o        InspectOptions
	left     int            // bytes that may still be made, roughly
	seen     []*goja.Object // from the outermost in
	circular []*goja.Object // that were referred to from within
	objects  int            // looked at so far
	current  int            // level of the object formatted last
	indent   int
}

// value formats v. typed is set within an array, where accessors are shown alike.
func (in *inspector) value(v goja.Value, level int, typed bool) string {
	s := in.format(v, level)
	in.left -= len(s)
	return s
}

func (in *inspector) format(v goja.Value, level int) string {
	switch v := v.(type) {
	case nil:
		return "undefined"
	case *goja.Object:
		return in.object(v, level)
	case *goja.Symbol:
		return symbolText(v)
	case goja.String:
		return quote(truncate(v.String(), max(in.left, 0)))
	}
	if goja.IsBigInt(v) {
		return v.String() + "n"
	}
	if goja.IsNumber(v) {
		return number(v.ToFloat(), v)
	}
	return v.String()
}

func number(f float64, v goja.Value) string {
	if f == 0 && math.Signbit(f) {
		return "-0"
	}
	return v.String()
}

func symbolText(s *goja.Symbol) string { return "Symbol(" + s.String() + ")" }

func (in *inspector) object(o *goja.Object, level int) string {
	for i, s := range in.seen {
		if s == o {
			return "[Circular *" + strconv.Itoa(in.circularIndex(in.seen[i])) + "]"
		}
	}
	if in.objects++; in.objects%256 == 0 {
		in.js.Checkpoint()
	}
	kind := anatomy.KindOf(in.js, o)
	if kind == anatomy.Proxy {
		// What is behind a proxy is shown, past its traps.
		target := o.Export().(goja.Proxy).Target()
		if target == nil {
			return "<Revoked Proxy>"
		}
		return in.object(target, level)
	}
	f := in.anatomy(o, kind, level)
	if level > in.o.Depth && in.empty(o, kind) {
		return f.prefix + f.open + f.close
	}
	if level > in.o.Depth || in.left <= 0 || in.objects > maxObjects {
		if f.whole != "" {
			return f.whole
		}
		return "[" + strings.TrimSpace(f.short) + "]"
	}
	in.seen = append(in.seen, o)
	if !in.empty(o, kind) {
		in.current = level
	}
	if f.fill != nil {
		f.fill()
	}
	in.properties(o, kind, level, f)
	in.seen = in.seen[:len(in.seen)-1]
	if f.whole != "" && len(f.items) == 0 {
		return f.whole
	}
	base := f.whole
	for i, c := range in.circular {
		if c == o {
			ref := "<ref *" + strconv.Itoa(i+1) + ">"
			if base == "" {
				f.prefix = ref + " " + f.prefix
			} else {
				base = ref + " " + base
			}
		}
	}
	return in.join(f, base, level)
}

// empty reports whether a plain object or array has nothing to show.
func (in *inspector) empty(o *goja.Object, kind anatomy.Kind) bool {
	switch kind {
	case anatomy.Ordinary:
		return len(o.Keys()) == 0 && len(o.Symbols()) == 0
	case anatomy.Array:
		n, ok := lengthOf(in.js, o)
		return ok && n == 0 && len(o.Keys()) == 0
	}
	return false
}

func (in *inspector) circularIndex(o *goja.Object) int {
	for i, c := range in.circular {
		if c == o {
			return i + 1
		}
	}
	in.circular = append(in.circular, o)
	return len(in.circular)
}

// A figure is an object being formatted.
type figure struct {
	whole       string // the object as one word, which properties may follow
	short       string // what stands for it below the depth shown
	prefix      string // before the brace
	open, close string
	items       []string
	array       bool // items may be grouped in columns
	skip        func(name string) bool
	fill        func() // appends the items that are not properties
}

func (in *inspector) properties(o *goja.Object, kind anatomy.Kind, level int, f *figure) {
	if kind == anatomy.TypedArray || kind == anatomy.String || kind == anatomy.Array {
		if n, ok := lengthOf(in.js, o); !ok || n > 1000 {
			return // the names of a thousand elements are not worth a look
		}
	}
	for _, name := range anatomy.Names(o) {
		if f.skip != nil && f.skip(name) {
			continue
		}
		if in.left <= 0 {
			f.items = append(f.items, "...")
			return
		}
		if p, ok := anatomy.OwnName(in.js, o, name); ok {
			in.property(f, keyText(name), p, level)
		}
	}
	for _, s := range o.Symbols() {
		if p, ok := anatomy.Own(in.js, o, s); ok {
			in.property(f, "["+symbolText(s)+"]", p, level)
		}
	}
}

func (in *inspector) property(f *figure, key string, p anatomy.Property, level int) {
	if !p.Enumerable {
		if !in.o.ShowHidden {
			return
		}
		key = "[" + key + "]"
	}
	in.indent += 2
	f.items = append(f.items, key+": "+in.propertyValue(p, level))
	in.indent -= 2
}

func (in *inspector) propertyValue(p anatomy.Property, level int) string {
	switch {
	case p.Value != nil:
		return in.value(p.Value, level+1, false)
	case p.Getter && p.Setter:
		return "[Getter/Setter]"
	case p.Setter:
		return "[Setter]"
	}
	return "[Getter]"
}

// keyText shows a property name, quoted if it is no identifier.
func keyText(name string) string {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !(c == '_' || c == '$' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || i > 0 && '0' <= c && c <= '9') {
			return quote(name)
		}
	}
	if name == "" {
		return "''"
	}
	return name
}

// quote quotes s with the quotes that need no escaping, as Node.js does.
func quote(s string) string {
	q := byte('\'')
	if strings.IndexByte(s, '\'') >= 0 {
		if strings.IndexByte(s, '"') < 0 {
			q = '"'
		} else if strings.IndexByte(s, '`') < 0 && !strings.Contains(s, "${") {
			q = '`'
		}
	}
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte(q)
	for _, r := range s {
		switch {
		case r == rune(q) || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\f':
			b.WriteString(`\f`)
		case r == '\v':
			b.WriteString(`\v`)
		case r < 0x20 || r >= 0x7F && r <= 0x9F:
			fmt.Fprintf(&b, `\x%02X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte(q)
	return b.String()
}
