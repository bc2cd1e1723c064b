package anatomy

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

type native = func(goja.FunctionCall) goja.Value

// intrinsics are the engine's own functions that look into its objects.
type intrinsics struct {
	object                 *goja.Object // Object.prototype
	describe               native       // Object.getOwnPropertyDescriptor
	mapForEach, setForEach native
	source, flags          native // of a RegExp
	functionText           native
	valueOf                map[Kind]native
}

type slotKey struct{ _ byte }

var slot slotKey

func intrinsicsOf(js *webidl.Realm) *intrinsics {
	return webidl.Slot(js, &slot, func() *intrinsics {
		object := js.VM.GlobalObject().Get("Object").(*goja.Object)
		return &intrinsics{
			object:   object.Get("prototype").(*goja.Object),
			describe: object.Get("getOwnPropertyDescriptor").Export().(native),
			valueOf:  map[Kind]native{},
		}
	})
}

func prototype(js *webidl.Realm, class string) *goja.Object {
	return js.VM.GlobalObject().Get(class).(*goja.Object).Get("prototype").(*goja.Object)
}

func method(js *webidl.Realm, class, name string) native {
	return prototype(js, class).Get(name).Export().(native)
}

func getter(js *webidl.Realm, class, name string) native {
	p, ok := OwnName(js, prototype(js, class), name)
	if !ok || p.Get == nil {
		return func(goja.FunctionCall) goja.Value { return goja.Undefined() }
	}
	return p.Get.Export().(native)
}

// MapEntries returns the entries of a Map.
func MapEntries(js *webidl.Realm, m *goja.Object) (entries [][2]goja.Value) {
	in := intrinsicsOf(js)
	if in.mapForEach == nil {
		in.mapForEach = method(js, "Map", "forEach")
	}
	in.mapForEach(goja.FunctionCall{This: m, Arguments: []goja.Value{js.VM.ToValue(func(c goja.FunctionCall) goja.Value {
		entries = append(entries, [2]goja.Value{c.Argument(1), c.Argument(0)})
		return nil
	})}})
	return entries
}

// SetValues returns the members of a Set.
func SetValues(js *webidl.Realm, s *goja.Object) (values []goja.Value) {
	in := intrinsicsOf(js)
	if in.setForEach == nil {
		in.setForEach = method(js, "Set", "forEach")
	}
	in.setForEach(goja.FunctionCall{This: s, Arguments: []goja.Value{js.VM.ToValue(func(c goja.FunctionCall) goja.Value {
		values = append(values, c.Argument(0))
		return nil
	})}})
	return values
}

// RegExpParts returns the source and the flags of a RegExp.
func RegExpParts(js *webidl.Realm, r *goja.Object) (source, flags string) {
	in := intrinsicsOf(js)
	if in.source == nil {
		in.source = getter(js, "RegExp", "source")
		in.flags = getter(js, "RegExp", "flags")
	}
	source = in.source(goja.FunctionCall{This: r}).String()
	return source, in.flags(goja.FunctionCall{This: r}).String()
}

// FunctionText returns the source text of a function.
func FunctionText(js *webidl.Realm, f *goja.Object) string {
	in := intrinsicsOf(js)
	if in.functionText == nil {
		in.functionText = method(js, "Function", "toString")
	}
	return in.functionText(goja.FunctionCall{This: f}).String()
}

// IsClass reports whether f is the constructor of a class.
func IsClass(js *webidl.Realm, f *goja.Object) bool {
	const keyword = "class"
	text := FunctionText(js, f)
	return len(text) > len(keyword) && text[:len(keyword)] == keyword && !isWord(text[len(keyword)])
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// Primitive returns the value in a boxed primitive, or the time value of a Date.
func Primitive(js *webidl.Realm, o *goja.Object, kind Kind) goja.Value {
	in := intrinsicsOf(js)
	f := in.valueOf[kind]
	if f == nil {
		class, ok := map[Kind]string{Boolean: "Boolean", Number: "Number", String: "String", Symbol: "Symbol", BigInt: "BigInt", Date: "Date"}[kind]
		if !ok {
			return o
		}
		f = method(js, class, "valueOf")
		in.valueOf[kind] = f
	}
	return f(goja.FunctionCall{This: o})
}
