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

// anatomy returns how an object of a kind is shown.
func (in *inspector) anatomy(o *goja.Object, kind anatomy.Kind, level int) *figure {
	js := in.js
	name, hasPrototype := anatomy.ClassName(js, o)
	class := func(usual string, size int) string {
		switch {
		case !hasPrototype:
			name = "[" + usual + ": null prototype]"
		case name == "":
			name = usual
		}
		if size >= 0 {
			return name + "(" + strconv.Itoa(size) + ") "
		}
		return name + " "
	}
	f := &figure{open: "{", close: "}"}
	switch kind {
	case anatomy.Array, anatomy.Arguments:
		n, _ := lengthOf(js, o)
		f.open, f.close, f.array = "[", "]", true
		switch {
		case kind == anatomy.Arguments:
			f.prefix = "[Arguments] "
		case name != "Array" || !hasPrototype:
			f.prefix = class("Array", n)
		}
		f.short = strings.TrimSpace(class("Array", -1))
		f.skip = isIndex
		f.fill = func() { in.elements(f, o, n, level) }
	case anatomy.TypedArray:
		view, _ := js.ViewOf(o)
		n := view.Length / view.ElementSize
		f.open, f.close, f.array = "[", "]", true
		f.prefix, f.short = class(view.Kind, n), view.Kind
		f.skip = isIndex
		f.fill = func() { in.typedElements(f, o, n) }
	case anatomy.Map:
		entries := anatomy.MapEntries(js, o)
		f.prefix, f.short = class("Map", len(entries)), strings.TrimSpace(class("Map", -1))
		f.fill = func() { in.entries(f, entries, level) }
	case anatomy.Set:
		values := anatomy.SetValues(js, o)
		f.prefix, f.short = class("Set", len(values)), strings.TrimSpace(class("Set", -1))
		f.fill = func() { in.members(f, values, level) }
	case anatomy.Promise:
		f.prefix, f.short = class("Promise", -1), name
		f.fill = func() { in.promise(f, o, level) }
	case anatomy.ArrayBuffer:
		f.prefix, f.short = class("ArrayBuffer", -1), name
		f.fill = func() { in.buffer(f, o) }
	case anatomy.DataView:
		view, _ := js.ViewOf(o)
		f.prefix, f.short = class("DataView", -1), name
		f.fill = func() {
			f.items = append(f.items, "byteLength: "+strconv.Itoa(view.Length), "byteOffset: "+strconv.Itoa(view.Offset),
				"buffer: "+in.value(view.Buffer, level+1, false))
		}
	case anatomy.Function:
		f.whole = in.function(o, name)
	case anatomy.Error:
		f.whole = in.failure(o, f, level)
	case anatomy.Date:
		f.whole = dateText(anatomy.Primitive(js, o, kind))
	case anatomy.RegExp:
		source, flags := anatomy.RegExpParts(js, o)
		f.whole = "/" + source + "/" + flags
		f.skip = func(name string) bool { return name == "lastIndex" }
	case anatomy.Boolean, anatomy.Number, anatomy.String, anatomy.Symbol, anatomy.BigInt:
		f.whole = fmt.Sprintf("[%s: %s]", boxes[kind], in.value(anatomy.Primitive(js, o, kind), level+1, false))
		f.skip = func(name string) bool { return isIndex(name) || name == "length" }
	case anatomy.Platform:
		in.platform(f, o, name, level)
	default:
		in.ordinary(f, o, name, hasPrototype)
	}
	return f
}

var boxes = map[anatomy.Kind]string{
	anatomy.Boolean: "Boolean", anatomy.Number: "Number", anatomy.String: "String", anatomy.Symbol: "Symbol", anatomy.BigInt: "BigInt",
}

// lengthOf returns the length of an array-like object if it is a data property.
func lengthOf(js *webidl.Realm, o *goja.Object) (int, bool) {
	if view, ok := js.ViewOf(o); ok {
		return view.Length / view.ElementSize, true
	}
	v := anatomy.Data(js, o, "length")
	if v == nil || !goja.IsNumber(v) {
		return 0, false
	}
	return int(min(max(v.ToInteger(), 0), math.MaxInt32)), true
}

func isIndex(name string) bool {
	if name == "" || len(name) > 10 {
		return false
	}
	for i := 0; i < len(name); i++ {
		if name[i] < '0' || name[i] > '9' {
			return false
		}
	}
	return name[0] != '0' || len(name) == 1
}

func (in *inspector) ordinary(f *figure, o *goja.Object, name string, hasPrototype bool) {
	tag := ""
	if s, ok := anatomy.DataSymbol(in.js, o, goja.SymToStringTag).(goja.String); ok {
		tag = s.String()
	}
	switch {
	case !hasPrototype:
		f.prefix = "[Object: null prototype] "
	case name == "":
		name = "Object"
		fallthrough
	case name != "Object" || tag != "":
		f.prefix = name + " "
	}
	if tag != "" && tag != name {
		f.prefix = strings.TrimSuffix(f.prefix, " ") + " [" + tag + "] "
	}
	f.short = strings.TrimSpace(f.prefix)
	if f.short == "" {
		f.short = "Object"
	}
}

func (in *inspector) function(o *goja.Object, class string) string {
	name := anatomy.FunctionName(in.js, o)
	if anatomy.IsClass(in.js, o) {
		text := "[class (anonymous)"
		if name != "" {
			text = "[class " + name
		}
		if p := o.Prototype(); p != nil {
			if super := anatomy.FunctionName(in.js, p); super != "" {
				text += " extends " + super
			}
		}
		return text + "]"
	}
	if class == "" {
		class = "Function"
	}
	if name == "" {
		return "[" + class + " (anonymous)]"
	}
	return "[" + class + ": " + name + "]"
}

// failure shows an error: its stack, which begins with its name and message.
func (in *inspector) failure(o *goja.Object, f *figure, level int) string {
	stack := ""
	if s, ok := anatomy.Data(in.js, o, "stack").(goja.String); ok {
		stack = strings.TrimRight(webidl.StackText(s.String()), "\n")
	}
	name, _ := anatomy.Data(in.js, o, "name").(goja.String)
	message, _ := anatomy.Data(in.js, o, "message").(goja.String)
	head := "Error"
	if name != nil {
		head = name.String()
	}
	if class, _ := anatomy.ClassName(in.js, o); class != "" && head == "Error" {
		head = class // a subclass that has not set its name
	}
	if message != nil && message.Length() > 0 {
		head += ": " + message.String()
	}
	if !strings.Contains(stack, "\n") {
		stack = "[" + head + "]"
	} else if first, rest, found := strings.Cut(stack, "\n    at "); found {
		if !strings.HasPrefix(first, head) {
			first = head
		}
		stack = first + "\n    at " + rest
	}
	f.skip = func(name string) bool {
		return name == "stack" || name == "message" || name == "name" || name == "cause" || name == "errors"
	}
	f.fill = func() {
		for _, extra := range []string{"cause", "errors"} {
			if p, ok := anatomy.OwnName(in.js, o, extra); ok {
				in.indent += 2
				f.items = append(f.items, "["+extra+"]: "+in.propertyValue(p, level))
				in.indent -= 2
			}
		}
	}
	if in.indent > 0 {
		stack = strings.ReplaceAll(stack, "\n", "\n"+strings.Repeat(" ", in.indent))
	}
	return stack
}

func dateText(v goja.Value) string {
	ms := v.ToFloat()
	if math.IsNaN(ms) {
		return "Invalid Date"
	}
	return isoDate(int64(ms))
}

func (in *inspector) promise(f *figure, o *goja.Object, level int) {
	state, result, _ := webidl.PromiseState(o)
	switch state {
	case goja.PromiseStatePending:
		f.items = append(f.items, "<pending>")
	case goja.PromiseStateRejected:
		f.items = append(f.items, "<rejected> "+in.value(result, level+1, false))
	default:
		f.items = append(f.items, in.value(result, level+1, false))
	}
}

func (in *inspector) buffer(f *figure, o *goja.Object) {
	b := o.Export().(goja.ArrayBuffer)
	if b.Detached() {
		f.items = append(f.items, "(detached)", "byteLength: 0")
		return
	}
	bytes, more := b.Bytes(), ""
	if n := len(bytes) - 50; n > 0 {
		bytes, more = bytes[:50], fmt.Sprintf(" ... %d more byte%s", n, plural(n))
	}
	f.items = append(f.items, fmt.Sprintf("[Uint8Contents]: <% x%s>", bytes, more), "byteLength: "+strconv.Itoa(len(b.Bytes())))
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}
