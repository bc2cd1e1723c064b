package ecma

import (
	"sync"

	"github.com/dop251/goja"
)

// enumeration is what for-in relies on.
type enumeration struct {
	object     *goja.Object                            // %Object.prototype%
	enumerable func(call goja.FunctionCall) goja.Value // its propertyIsEnumerable
	keys       func(call goja.FunctionCall) goja.Value // %Object.keys%
	dense      *dense
	complete   bool          // all properties of object have been made
	engine     goja.Callable // see engineForIn
}

func (s *steps) prepareNames() {
	if s.names != nil {
		return
	}
	vm := s.js.VM
	class := vm.GlobalObject().Get("Object").(*goja.Object)
	n := &enumeration{object: vm.NewObject().Prototype(), dense: denseOf(s.js)}
	n.dense.prepare()
	native := func(o *goja.Object, name string) func(goja.FunctionCall) goja.Value {
		return o.Get(name).Export().(func(goja.FunctionCall) goja.Value)
	}
	n.enumerable, n.keys = native(n.object, "propertyIsEnumerable"), native(class, "keys")
	s.names = n
}

// engineForIn returns what the engine itself visits: for whatever runs a script's code
// when it is enumerated, or has rules of its own.
var engineForIn = sync.OnceValue(func() *goja.Program {
	return goja.MustCompile("mayfly:for-in", "(function* (o) { for (const k in o) yield k })", true)
})

// names iterates over property names taken before, leaving out what has gone since.
type names struct {
	object *goja.Object
	list   []goja.Value
	index  int
}

func (n *names) step(s *steps) (goja.Value, bool) {
	for n.index < len(n.list) {
		i := n.index
		n.index++
		if s.names.enumerable(goja.FunctionCall{This: n.object, Arguments: n.list[i : i+1]}).ToBoolean() {
			return n.list[i], true
		}
	}
	return nil, false
}

// enumerate is compiler.Enumerate.
func (s *steps) enumerate(c goja.FunctionCall) goja.Value {
	v := c.Argument(0)
	if isNullish(v) {
		return s.start(&names{}).object
	}
	in := s.names
	if !in.complete {
		in.object.Keys() // makes the properties that the engine has put off
		in.complete = true
	}
	if o, ok := v.(*goja.Object); ok && ordinary(o) && in.unlisted(o.Prototype()) {
		return s.start(&names{object: o, list: in.list(o)}).object
	}
	if in.engine == nil {
		f, err := s.js.VM.RunProgram(engineForIn())
		if err != nil {
			rethrow(err)
		}
		in.engine = callable(s.js.VM, f)
	}
	return call(in.engine, goja.Undefined(), v)
}

// ordinary reports whether an object's properties are kept by the engine's own rules
// for objects, which run nothing.
func ordinary(o *goja.Object) bool { return o.ExportType() == objectType && o.ClassName() == "Object" }

// unlisted reports whether a chain of prototypes has no enumerable properties.
func (in *enumeration) unlisted(o *goja.Object) bool {
	for ; o != nil; o = o.Prototype() {
		if o == in.object {
			// Exporting is the cheapest way to look at all of them.
			return len(o.Export().(map[string]any)) == 0
		}
		if !ordinary(o) || len(in.list(o)) > 0 {
			return false
		}
	}
	return true
}

// list returns the names of an ordinary object's own enumerable properties. The slice
// belongs to nobody else.
func (in *enumeration) list(o *goja.Object) []goja.Value {
	return in.dense.pass(in.keys(goja.FunctionCall{Arguments: []goja.Value{o}}))
}
