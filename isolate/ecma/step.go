package ecma

import (
	"reflect"
	"strconv"
	"sync"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// steps are the native iterators of a realm. The engine makes an object for the result
// of every step of its own ones; as nothing but its syntax ever sees these, a native
// iterator has one result that changes, and is used again when it is done.
type steps struct {
	js      *webidl.Realm
	next    *goja.Object // of native iterators
	end     *goja.Object // their return
	proto   *goja.Object // their prototype
	yes, no goja.Value
	free    []*stepper
	calls   int          // of next since the last checkpoint
	array   *goja.Object // %Array.prototype%
	values  *goja.Object // %Array.prototype.values%
	arrays  *goja.Object // %ArrayIteratorPrototype%
	advance *goja.Object // its next
	self    goja.Value   // @@iterator of %IteratorPrototype%
	strings *text        // nil until a string is iterated over
	names   *enumeration // see prepareNames
	item    *pair        // see pair; nil until a loop needs it
	units   units
}

type stepsKey struct{ _ byte }

var stepsSlot stepsKey

// maxFree bounds how many native iterators wait to be used again.
const maxFree = 16

func stepsOf(js *webidl.Realm) *steps {
	return webidl.Slot(js, &stepsSlot, func() *steps {
		vm := js.VM
		s := &steps{js: js, yes: vm.ToValue(true), no: vm.ToValue(false), proto: vm.CreateObject(nil)}
		list := vm.NewArray()
		s.array = list.Prototype()
		s.values = list.GetSymbol(goja.SymIterator).(*goja.Object)
		s.arrays = call(callable(vm, s.values), list).(*goja.Object).Prototype()
		s.self = s.arrays.Prototype().GetSymbol(goja.SymIterator)
		s.advance = s.arrays.Get("next").(*goja.Object)
		s.next = js.Function("next", 0, s.step)
		s.end = js.Function("return", 0, func(c goja.FunctionCall) goja.Value {
			s.release(stepperOf(c.This))
			return c.This
		})
		must(s.proto.DefineDataPropertySymbol(goja.SymIterator,
			js.Function("[Symbol.iterator]", 0, func(c goja.FunctionCall) goja.Value { return c.This }), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
		return s
	})
}

// A source is what a native iterator iterates over.
type source interface {
	// step returns the next value; ok is false at the end.
	step(s *steps) (v goja.Value, ok bool)
}

// A stepper is a native iterator.
type stepper struct {
	steps  *steps
	source source
	object *goja.Object
	result *goja.Object
	value  goja.Value
	done   goja.Value
	list   elements // where the source is one, to save an allocation
	pairs  pairs    // likewise
}

// result is the result object of a stepper's steps.
type result stepper

func (s *steps) start(source source) *stepper {
	var t *stepper
	if n := len(s.free); n > 0 {
		t = s.free[n-1]
		s.free = s.free[:n-1]
	} else {
		t = &stepper{steps: s}
		t.object = s.js.VM.NewDynamicObject(t)
		must(t.object.SetPrototype(s.proto))
		t.result = s.js.VM.NewDynamicObject((*result)(t))
	}
	t.source, t.done = source, s.no
	return t
}

func (s *steps) release(t *stepper) {
	t.source, t.value, t.done, t.list, t.pairs = nil, nil, s.yes, elements{}, pairs{}
	if len(s.free) < maxFree {
		s.free = append(s.free, t)
	}
}

func stepperOf(v goja.Value) *stepper { return layout.Dynamic(v.(*goja.Object)).(*stepper) }

// step is the next method of native iterators.
func (s *steps) step(c goja.FunctionCall) goja.Value {
	if s.calls++; s.calls >= pause { // spreading is native work
		s.calls = 0
		s.js.Checkpoint()
	}
	t := stepperOf(c.This)
	v, ok := t.source.step(s)
	if !ok {
		s.release(t)
		return t.result
	}
	t.value = orUndefined(v)
	return t.result
}

func (t *stepper) Get(name string) goja.Value {
	switch name {
	case "next":
		return t.steps.next
	case "return":
		return t.steps.end
	}
	return nil
}

func (t *stepper) Set(string, goja.Value) bool { return false }
func (t *stepper) Has(string) bool             { return false }
func (t *stepper) Delete(string) bool          { return false }
func (t *stepper) Keys() []string              { return nil }

func (r *result) Get(name string) goja.Value {
	switch name {
	case "done":
		return r.done
	case "value":
		return r.value
	}
	return nil
}

func (r *result) Set(string, goja.Value) bool { return false }
func (r *result) Has(string) bool             { return false }
func (r *result) Delete(string) bool          { return false }
func (r *result) Keys() []string              { return nil }

// elements iterates over an array as %ArrayIteratorPrototype%.next does.
type elements struct {
	list  *goja.Object
	index int64
	known int64 // a length seen, so that most steps need not look
}

func (e *elements) step(*steps) (goja.Value, bool) {
	i := e.index
	if i >= e.known {
		e.known = length(e.list)
		if i >= e.known {
			return nil, false
		}
	}
	v := e.list.Get(decimal(i))
	if v == nil && i >= length(e.list) {
		return nil, false
	}
	e.index++
	return v, true
}

// characters iterates over the code points of a string.
type characters struct {
	text  goja.String
	index int
}

func (c *characters) step(s *steps) (goja.Value, bool) {
	n := c.text.Length()
	if c.index >= n {
		return nil, false
	}
	start, size := c.index, 1
	unit := c.text.CharAt(start)
	if int(unit) < len(latin()) {
		c.index++
		return latin()[unit], true
	}
	if unit&^0x3FF == 0xD800 && start+1 < n && c.text.CharAt(start+1)&^0x3FF == 0xDC00 {
		size = 2
	}
	c.index += size
	return c.text.Substring(start, c.index), true
}

// latin returns the strings of one character up to U+00FF, which all realms share: the
// engine would make one anew for each.
var latin = sync.OnceValue(func() *[0x100]goja.Value {
	var list [0x100]goja.Value
	for c := range list {
		var b goja.StringBuilder
		b.WriteRune(rune(c))
		list[c] = b.String()
	}
	return &list
})

// pairs iterates over a platform object of pairs, such as Headers.
type pairs struct {
	of   *webidl.Pairs
	item *pair // what is taken apart at once, nil if each pair is an array of its own
}

func (p *pairs) step(s *steps) (goja.Value, bool) {
	key, value, ok := p.of.Next()
	switch {
	case !ok:
		return nil, false
	case value == nil:
		return key, true
	case key == nil:
		return value, true
	}
	if p.item != nil && s.iterates(s.array) {
		p.item.key, p.item.value = key, value
		return p.item.object, true
	}
	return s.js.Heap().Array([]goja.Value{key, value}), true
}

// A pair is in the place of an array of two that only compiler.Elements sees. All loops
// share one: it is taken apart before anything else runs.
type pair struct {
	object     *goja.Object
	key, value goja.Value
}

func (s *steps) pair() *pair {
	if s.item == nil {
		s.item = &pair{}
		s.item.object = s.js.VM.NewDynamicObject(s.item)
	}
	return s.item
}

func (p *pair) Get(name string) goja.Value {
	switch name {
	case "0":
		return p.key
	case "1":
		return p.value
	}
	return nil
}

func (p *pair) Set(string, goja.Value) bool { return false }
func (p *pair) Has(string) bool             { return false }
func (p *pair) Delete(string) bool          { return false }
func (p *pair) Keys() []string              { return nil }

// A snapshot is what iterating over a value has given, as an object that has a length
// and is not iterable.
type snapshot []goja.Value

// snapshot returns the snapshot of a value that is iterated over by the engine's own
// methods, or nil.
func (s *steps) snapshot(v goja.Value) *goja.Object {
	var list snapshot
	var from source
	switch v := v.(type) {
	case *goja.Object:
		if !s.pristine(v) {
			return nil
		}
		from, list = &elements{list: v}, make(snapshot, 0, min(length(v), pause))
	case goja.String:
		if !s.pristineStrings() {
			return nil
		}
		from, list = &characters{text: v}, make(snapshot, 0, v.Length())
	default:
		return nil
	}
	for {
		x, ok := from.step(s)
		if !ok {
			break
		}
		list = append(list, orUndefined(x))
		if len(list)%pause == 0 {
			s.js.Checkpoint()
		}
	}
	o := s.js.VM.NewDynamicArray(&list)
	must(o.SetPrototype(nil))
	return o
}

func (s *snapshot) Len() int { return len(*s) }
func (s *snapshot) Get(i int) goja.Value {
	if i < 0 || i >= len(*s) {
		return nil
	}
	return (*s)[i]
}

func (s *snapshot) Set(int, goja.Value) bool { return false }
func (s *snapshot) SetLen(int) bool          { return false }

// iterate is compiler.Iterate.
func (s *steps) iterate(c goja.FunctionCall) goja.Value {
	v := c.Argument(0)
	switch v := v.(type) {
	case *goja.Object:
		if s.pristine(v) {
			t := s.start(nil)
			t.list = elements{list: v}
			t.source = &t.list
			return t.object
		}
		if of := webidl.PairsOf(v, s.self); of != nil {
			t := s.start(nil)
			t.pairs.of = of
			if len(c.Arguments) > 1 && c.Arguments[1].ToInteger() <= 2 {
				t.pairs.item = s.pair()
			}
			t.source = &t.pairs
			return t.object
		}
	case goja.String:
		if s.pristineStrings() {
			return s.start(&characters{text: v}).object
		}
	}
	return v // the engine iterates over it, or throws
}

var arrayType = reflect.TypeFor[[]any]()

// pristine reports whether an object is an array that is iterated by the engine's own
// methods.
func (s *steps) pristine(o *goja.Object) bool {
	return o.ExportType() == arrayType && o.ClassName() == "Array" && s.iterates(o)
}

// iterates reports whether o has the iterator of arrays and that works as the engine made it.
func (s *steps) iterates(o *goja.Object) bool {
	return o.GetSymbol(goja.SymIterator) == goja.Value(s.values) && s.arrays.Get("next") == goja.Value(s.advance)
}

// text is what iterating over strings relies on.
type text struct {
	prototype *goja.Object // %String.prototype%
	iterator  *goja.Object // its @@iterator, nil if a script has replaced it before
	iterators *goja.Object // %StringIteratorPrototype%
	next      goja.Value   // its next
}

func (s *steps) pristineStrings() bool {
	t := s.strings
	if t == nil {
		t = &text{prototype: s.js.VM.ToValue("").ToObject(s.js.VM).Prototype()}
		s.strings = t
		f, _ := t.prototype.GetSymbol(goja.SymIterator).(*goja.Object)
		if f == nil {
			return false
		}
		if native, ok := f.Export().(func(goja.FunctionCall) goja.Value); ok && f.Get("name").String() == "[Symbol.iterator]" {
			iterator := native(goja.FunctionCall{This: s.js.VM.ToValue("")}).(*goja.Object)
			if tag := iterator.GetSymbol(goja.SymToStringTag); tag != nil && tag.String() == "String Iterator" {
				t.iterator, t.iterators = f, iterator.Prototype()
				t.next = t.iterators.Get("next")
			}
		}
	}
	return t.iterator != nil && t.prototype.GetSymbol(goja.SymIterator) == goja.Value(t.iterator) && t.iterators.Get("next") == t.next
}

func length(o *goja.Object) int64 {
	if v := o.Get("length"); v != nil {
		return v.ToInteger()
	}
	return 0
}

// decimal is i in decimal, without an allocation if it is small.
func decimal(i int64) string { return strconv.FormatInt(i, 10) }
