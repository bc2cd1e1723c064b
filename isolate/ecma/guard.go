package ecma

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// The engine's built-ins are Go code that shares the heap and the stack of the process
// and does not look at interrupts: one call with an absurd size ends the process, or
// keeps a core for ever. Guards stand before them and throw what other engines throw.
// They stop what happens by accident and most of what is meant; operators and syntax
// (2n**n, f(...list), yield*) offer no place to put one.
const (
	// maxElements bounds what a built-in walks or makes: a dense array of this length
	// fills the default memory limit.
	maxElements = 1 << 23
	// maxString bounds the length of a string that a built-in makes.
	maxString = 1 << 27
	// maxNormalized bounds what normalize is given, whose time is far from linear.
	maxNormalized = 1 << 20
	// maxArguments bounds the list of a call made by apply.
	maxArguments = 1 << 18
	// maxNative bounds how deep guarded built-ins call each other. The engine counts the
	// frames of scripts only; so many native ones take a few MB of stack.
	maxNative = 1000
	// maxDigits bounds the text that is converted to a BigInt, and maxBits the width of a
	// BigInt that a built-in makes.
	maxDigits, maxBits = 1 << 17, 1 << 24
	// maxBuffer bounds a buffer in a realm without an isolate.
	maxBuffer = 1 << 30
	// pause is after how many nested or repeated native calls the limits are looked at.
	pause = 256
)

// A guard is what is checked before a built-in method runs.
type guard struct {
	name   string // by which a script mentions it
	length int
	check  func(g *guards, c goja.FunctionCall) goja.FunctionCall // may replace arguments; nil only counts the depth
	calls  bool                                                   // it calls a function that it is given
	word   string                                                 // another word for which it is guarded
	// faster, if not nil, does what the engine's method does, or calls it.
	faster func(g *guards, c goja.FunctionCall, engine native) goja.Value
}

// guards are those of one realm.
type guards struct {
	js      *webidl.Realm
	isolate *isolate.Isolate // nil in a bare realm
	depth   int              // of guarded built-ins under way
	calls   int              // since the last checkpoint

	wrapped, original *goja.Object   // the Array constructor, if guarded
	typed             []*goja.Object // the guarded constructors of typed arrays
	bytes             *goja.Object   // that of Uint8Array

	heap *layout.Heap
	// Of arrays, if a method of theirs is guarded.
	arrayProto, arrayClass *goja.Object
	push                   native
	lists                  *byteLists // nil unless there may be some
}

// guarded are the built-in methods with guards, class by class. They are put in place
// for a script that mentions the method and one of the words without which nothing
// dangerous can be asked of it.
var guarded = []struct {
	class     string
	prototype bool
	words     []string // nil: none is needed
	methods   []guard
}{
	{"String", true, nil, stringSizes},
	{"String", true, conversions, stringReceivers},
	{"String", false, nil, stringMakers},
	{"Array", true, nil, arrayMethods},
	{"Array", false, nil, arrayMakers},
	{"Function", true, nil, functionMethods},
	{"Reflect", false, []string{"Reflect"}, reflectFunctions},
	{"BigInt", false, []string{"BigInt"}, bigIntMakers},
}

// conversions are the words by which a script decides how an object becomes a primitive.
var conversions = []string{"toString", "valueOf", "toPrimitive"}

// installGuards guards what the script mentions.
func installGuards(js *webidl.Realm, global *goja.Object, mentions func(string) bool) {
	g := &guards{js: js, isolate: isolate.Of(js), heap: js.Heap()}
	for i := range guarded {
		group := &guarded[i]
		if len(group.words) > 0 && !anyOf(mentions, group.words) {
			continue
		}
		var holder *goja.Object
		for j := range group.methods {
			method := &group.methods[j]
			if !mentions(method.name) && (method.word == "" || !mentions(method.word)) {
				continue
			}
			if holder == nil {
				holder = global.Get(group.class).(*goja.Object)
				if group.prototype {
					class := holder
					holder = holder.Get("prototype").(*goja.Object)
					if group.class == "Array" {
						g.prepareArrays(class, holder, mentions)
					}
				} else if group.class == "Array" && mentions("from") && mentions("Uint8Array") {
					g.prepareFrom(holder)
				}
			}
			g.install(holder, method)
		}
	}
	g.installConstructors(global, mentions)
}

func anyOf(mentions func(string) bool, words []string) bool {
	for _, word := range words {
		if mentions(word) {
			return true
		}
	}
	return false
}

// install puts m before the method of its name.
func (g *guards) install(holder *goja.Object, m *guard) {
	o, ok := holder.Get(m.name).(*goja.Object)
	if !ok {
		return // the engine does not have it
	}
	call, ok := o.Export().(native)
	if !ok {
		return
	}
	if m.faster != nil {
		engine := call
		call = func(c goja.FunctionCall) goja.Value { return m.faster(g, c, engine) }
	}
	method(g.js, holder, m.name, m.length, func(c goja.FunctionCall) goja.Value {
		if m.check != nil {
			c = m.check(g, c)
		}
		if _, ok := c.This.(*goja.Object); !ok && !m.calls {
			return call(c) // nothing of the script's is called to convert it
		}
		return g.nest(call, c)
	})
}

// nest calls a built-in one level deeper.
func (g *guards) nest(call func(goja.FunctionCall) goja.Value, c goja.FunctionCall) goja.Value {
	if g.depth >= maxNative {
		g.throw("Maximum call stack size exceeded")
	}
	g.depth++
	defer g.leave()
	if g.depth > 1 { // the calls of a script itself are interrupted by the engine
		g.step()
	}
	return call(c)
}

func (g *guards) leave() { g.depth-- }

// step lets an exceeded limit end native work that calls nothing but native work.
func (g *guards) step() {
	if g.calls++; g.calls >= pause {
		g.calls = 0
		g.js.Checkpoint()
	}
}

func (g *guards) throw(message string) { throwNew(g.js.VM, "RangeError", message) }

// number is v as a number without running a script for it: objects are 0, and what
// they turn into is the built-in's to ask.
func number(v goja.Value) float64 {
	switch v := v.(type) {
	case nil, *goja.Object, *goja.Symbol:
		return 0
	default:
		if goja.IsNumber(v) || goja.IsString(v) {
			return v.ToFloat()
		}
	}
	return 0
}

// textLength is the length of v if it is a string, and else a small guess.
func textLength(v goja.Value) int {
	if s, ok := v.(goja.String); ok {
		return s.Length()
	}
	return 1
}

// lengthOf is the length property of o, or 0.
func lengthOf(o *goja.Object) float64 {
	if v := o.Get("length"); v != nil {
		return number(v)
	}
	return 0
}
