package ecma

import (
	"sync"

	"github.com/dop251/goja"
	"github.com/dop251/goja/unistring"

	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
)

// enumeration is what for-in relies on.
type enumeration struct {
	heap   *layout.Heap
	engine goja.Callable // see engineForIn
}

func (s *steps) prepareNames() {
	if s.names == nil {
		s.names = &enumeration{heap: s.js.Heap()}
	}
}

// engineForIn returns what the engine itself visits: for whatever runs a script's code
// when it is enumerated, or has rules of its own.
var engineForIn = sync.OnceValue(func() *goja.Program {
	return goja.MustCompile("mayfly:for-in", "(function* (o) { for (const k in o) yield k })", true)
})

// names iterates over property names taken before, leaving out what has gone since.
type names struct {
	object *goja.Object
	list   []unistring.String
	index  int
}

func (n *names) step(s *steps) (goja.Value, bool) {
	for n.index < len(n.list) {
		name := n.list[n.index]
		n.index++
		if _, properties, ok := s.names.heap.Properties(n.object); ok && s.names.heap.Enumerable(properties[name]) {
			return s.names.heap.Name(name), true
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
	if o, ok := v.(*goja.Object); ok {
		if list, properties, ok := in.heap.Properties(o); ok && in.unlisted(o.Prototype()) {
			n := &names{object: o, list: make([]unistring.String, 0, len(list))}
			for _, name := range list {
				if in.heap.Enumerable(properties[name]) {
					n.list = append(n.list, name)
				}
			}
			return s.start(n).object
		}
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

// unlisted reports whether a chain of prototypes has no enumerable properties.
func (in *enumeration) unlisted(o *goja.Object) bool {
	for ; o != nil; o = o.Prototype() {
		if listed, ok := in.heap.Listed(o); listed || !ok {
			return false
		}
	}
	return true
}
