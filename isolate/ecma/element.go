package ecma

import (
	"strconv"

	"github.com/dop251/goja"
)

// elements is compiler.Elements.
func (s *steps) elements(c goja.FunctionCall) goja.Value {
	v, n := c.Argument(0), c.Argument(1).ToInteger()
	if o, ok := v.(*goja.Object); ok {
		switch {
		case s.item != nil && o == s.item.object:
			return o
		case s.pristine(o):
			if length(o) >= n {
				return o
			}
			return s.js.VM.NewDynamicObject(&unpacked{source: &elements{list: o}, steps: s, last: n - 1})
		}
	}
	vm := s.js.VM
	if isNullish(v) {
		throwType(vm, "%s is not iterable", show(v))
	}
	o := v.ToObject(vm)
	method := o.GetSymbol(goja.SymIterator)
	if isNullish(method) {
		throwType(vm, "%s is not iterable", show(v))
	}
	f, ok := goja.AssertFunction(method)
	if !ok {
		throwType(vm, "%s is not iterable", show(v))
	}
	iterator, ok := call(f, v).(*goja.Object)
	if !ok {
		throwType(vm, "Result of the Symbol.iterator method is not an object")
	}
	r := record{iterator: iterator}
	r.next, _ = goja.AssertFunction(iterator.Get("next"))
	return vm.NewDynamicObject(&unpacked{source: &foreign{in: iteratorsOf(s.js), record: r}, steps: s, last: n - 1})
}

// unpacked steps an iterator as its properties are read, in order, each once.
type unpacked struct {
	source source
	steps  *steps
	at     int64 // the next step's index
	last   int64 // the index of the last step
	done   bool
}

func (u *unpacked) Get(name string) goja.Value {
	index, err := strconv.ParseInt(name, 10, 64)
	if err != nil {
		return nil
	}
	v := goja.Undefined()
	for ; u.at <= index; u.at++ {
		v = goja.Undefined()
		if !u.done {
			step, ok := u.source.step(u.steps)
			if ok {
				v = orUndefined(step)
			}
			u.done = !ok
		}
	}
	if f, ok := u.source.(*foreign); ok && index == u.last && !u.done {
		f.in.close(f.record)
	}
	return v
}

func (u *unpacked) Set(string, goja.Value) bool { return false }
func (u *unpacked) Has(string) bool             { return false }
func (u *unpacked) Delete(string) bool          { return false }
func (u *unpacked) Keys() []string              { return nil }

// foreign is any iterator, stepped by its methods.
type foreign struct {
	in     *iterators
	record record
}

func (f *foreign) step(*steps) (goja.Value, bool) { return f.in.step(f.record) }
