package ecma

import (
	"reflect"
	"strings"
	"sync"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// How deep the calls of a script may be nested.
const (
	// maxCalls is what V8 allows small functions, more or less.
	maxCalls = 10000
	// maxNested is how many of them native code may make, as it does for callbacks,
	// accessors and constructors: these nest on Go's stack too, and to end a script in the
	// middle of them takes time that grows with their square, a tenth of a second for so many.
	maxNested = 750
	// maxValues is how many arguments and variables they all may have together.
	maxValues = 1 << 17
)

// depth is what compiled functions look at before they call others (see compiler.Depth):
// a list whose length is 0, or throws where calls are nested too deeply. It reads the
// heights of the engine's stacks, which the engine tells in no way that does not copy them.
//
// The engine's own limit ends the script, and holds for calls that are not counted. It is
// kept at a distance above the last that was.
type depth struct {
	js        *webidl.Realm
	calls     reflect.Value // the stack of calls
	tries     reflect.Value // the stack of what catches exceptions: try statements and calls by native code
	values    reflect.Value // the height of the stack of values
	fence     int           // the engine's limit where few calls are nested
	few, many int           // calls between which the engine's limit is right
	low, high int           // tries between which not too many are native code's
	spare     *goja.Object  // the next error, or nil
}

// engineStacks are where the engine has its stacks.
var engineStacks = sync.OnceValue(func() (at struct {
	machine, calls, tries, values []int
	catch                         []int
	found                         bool
}) {
	machine, ok := reflect.TypeFor[goja.Runtime]().FieldByName("vm")
	if !ok || machine.Type.Kind() != reflect.Pointer {
		return at
	}
	calls, ok1 := machine.Type.Elem().FieldByName("callStack")
	tries, ok2 := machine.Type.Elem().FieldByName("tryStack")
	values, ok3 := machine.Type.Elem().FieldByName("sp")
	if !ok1 || !ok2 || !ok3 || calls.Type.Kind() != reflect.Slice || tries.Type.Kind() != reflect.Slice || values.Type.Kind() != reflect.Int {
		return at
	}
	catch, ok := tries.Type.Elem().FieldByName("catchPos")
	if !ok || catch.Type.Kind() != reflect.Int32 {
		return at
	}
	at.machine, at.calls, at.tries, at.values, at.catch, at.found = machine.Index, calls.Index, tries.Index, values.Index, catch.Index, true
	return at
})

// newDepth returns the object. For an engine with other stacks it never throws.
func newDepth(js *webidl.Realm) goja.Value {
	at := engineStacks()
	if !at.found {
		return js.VM.NewArray()
	}
	d := &depth{js: js, fence: 1500, high: maxNested}
	if i := isolate.Of(js); i != nil {
		d.fence = i.Limits().CallDepth
	}
	d.many = d.fence * 3 / 4
	machine := reflect.ValueOf(js.VM).Elem().FieldByIndex(at.machine).Elem()
	d.calls, d.tries, d.values = machine.FieldByIndex(at.calls), machine.FieldByIndex(at.tries), machine.FieldByIndex(at.values)
	return js.VM.NewDynamicArray(d)
}

// Len is called before most calls.
func (d *depth) Len() int {
	if n := d.calls.Len(); n > d.many || n < d.few {
		d.move(n)
	}
	if d.values.Int() > maxValues {
		d.overflow()
	}
	if n := d.tries.Len(); n > d.high || n < d.low {
		d.nested(n)
	}
	return 0
}

func (d *depth) Get(int) goja.Value       { return nil }
func (d *depth) Set(int, goja.Value) bool { return false }
func (d *depth) SetLen(int) bool          { return false }

// move moves the engine's limit with the number of calls.
func (d *depth) move(calls int) {
	if calls > maxCalls {
		d.overflow()
	}
	if ahead := d.fence / 2; calls > d.fence-ahead {
		if d.spare == nil && calls < 2*d.fence {
			d.spare = d.newError()
		}
		d.few, d.many = calls-ahead, min(calls+ahead/2, maxCalls)
		d.js.VM.SetMaxCallStackSize(calls + ahead)
		return
	}
	d.few, d.many = 0, d.fence*3/4
	d.js.VM.SetMaxCallStackSize(d.fence)
}

// nativeTry marks what catches exceptions for native code.
const nativeTry = -2

// nested counts the calls that native code makes.
func (d *depth) nested(tries int) {
	if tries <= maxNested {
		d.low, d.high = 0, maxNested
		return
	}
	native, catch := 0, engineStacks().catch
	for i := range tries {
		if d.tries.Index(i).FieldByIndex(catch).Int() == nativeTry {
			native++
		}
	}
	if native > maxNested {
		d.overflow()
	}
	d.low, d.high = tries-tries/8, tries+maxNested-native
}

// keepRangeError makes the realm know the class before a script can replace it.
func keepRangeError(js *webidl.Realm, _ *goja.Object) { js.ErrorValue(webidl.RangeError("")) }

const tooDeep = "Maximum call stack size exceeded"

// newError returns an error with the stack of the engine's, which has every call and
// cannot be replaced before it is written out: it is made while there are few.
func (d *depth) newError() *goja.Object {
	o, _ := d.js.ErrorValue(webidl.RangeError(tooDeep)).(*goja.Object)
	return o
}

// overflow throws. The stack shows as few calls as those of V8.
func (d *depth) overflow() {
	o := d.spare
	if d.spare = nil; o == nil {
		o = d.newError()
	}
	var stack strings.Builder
	stack.WriteString("RangeError: " + tooDeep)
	webidl.AppendFrames(&stack, placed(d.js.VM.CaptureCallStack(3*defaultFrames, nil), defaultFrames))
	must(o.DefineDataProperty("stack", d.js.VM.ToValue(stack.String()), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	panic(o)
}

// placed returns the first n frames that are not native functions'.
func placed(frames []goja.StackFrame, n int) []goja.StackFrame {
	list := frames[:0]
	for _, f := range frames {
		if len(list) < n && f.Position().Filename != "" {
			list = append(list, f)
		}
	}
	return list
}
