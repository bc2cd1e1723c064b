package ecma

import (
	"reflect"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// appender is compiler.Append: x + y where x is likely a string that has been appended
// to before. The engine copies both; here the string that was made last lies at the
// start of a buffer with room behind it, so that only y is copied. Bytes that belong to a
// string are never written again, so strings stay what they are whoever keeps them.
type appender struct {
	js      *webidl.Realm
	buffers [8]growing
	victim  int // the buffer to give up next
	skip    int // strings of code units not to try, after one that is no Unicode text
	add     goja.Callable
}

// growing is a buffer of which all up to used belongs to strings.
type growing struct {
	bytes []byte
	used  int
	// ascii is all of bytes as an engine's string, from which parts can be had without
	// scanning or copying; nil if there are other characters, and then the engine
	// scans a string when it first looks into it.
	ascii goja.String
}

// long is the length from which a string is worth a buffer.
const long = 256

func (a *appender) call(c goja.FunctionCall) goja.Value {
	left, right := c.Argument(0), c.Argument(1)
	x, ok := left.(goja.String)
	if !ok {
		return a.engine(left, right)
	}
	y, ok := right.(goja.String)
	if !ok {
		switch right.(type) {
		case *goja.Object, *goja.Symbol:
			return a.engine(left, right)
		}
		y = toString(a.js.VM, right)
	}
	if size(x) < long || size(x)+size(y) > maxString {
		return x.Concat(y)
	}
	return a.append(x, y)
}

// size is about how long a string is, without looking into it.
func size(s goja.String) int {
	if ofUnits(s) {
		return s.Length()
	}
	return len(s.String())
}

// ofUnits reports whether the engine keeps a string as code units, which takes a
// conversion to read as text.
func ofUnits(s goja.String) bool { return reflect.TypeOf(s).Kind() == reflect.Slice }

// plus is what the engine does.
var plus = sync.OnceValue(func() *goja.Program {
	return goja.MustCompile("mayfly:plus", "((x, y) => x + y)", true)
})

func (a *appender) engine(left, right goja.Value) goja.Value {
	if a.add == nil {
		f, err := a.js.VM.RunProgram(plus())
		if err != nil {
			rethrow(err)
		}
		a.add = callable(a.js.VM, f)
	}
	return call(a.add, goja.Undefined(), left, right)
}

func (a *appender) append(x, y goja.String) goja.Value {
	if ofUnits(x) && a.skip > 0 {
		a.skip--
		return x.Concat(y)
	}
	text, more := x.String(), y.String()
	b := a.find(text)
	ascii := isASCII(more) && (b != nil && b.ascii != nil || b == nil && isASCII(text))
	switch {
	case !ascii && !isText(more):
		return x.Concat(y)
	case b != nil && b.used+len(more) <= len(b.bytes) && ascii == (b.ascii != nil):
	case b == nil && !ascii && !isText(text):
		const retry = 64
		a.skip = retry
		return x.Concat(y)
	default:
		if b == nil {
			b = &a.buffers[a.victim]
			a.victim = (a.victim + 1) % len(a.buffers)
		}
		b.grow(a.js.VM, text, len(more), ascii)
	}
	b.used += copy(b.bytes[b.used:], more)
	if b.ascii != nil {
		return b.ascii.Substring(0, b.used)
	}
	return a.js.VM.ToValue(unsafe.String(unsafe.SliceData(b.bytes), b.used))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isText reports whether UTF-8 that came from an engine's string says all that was in
// it: lone surrogates have become U+FFFD.
func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, utf8.RuneError)
}

// find returns the buffer whose newest string is text.
func (a *appender) find(text string) *growing {
	for i := range a.buffers {
		b := &a.buffers[i]
		if b.used == len(text) && unsafe.SliceData(b.bytes) == unsafe.StringData(text) {
			return b
		}
	}
	return nil
}

// grow moves text to a new buffer with room for more and as much again.
func (b *growing) grow(vm *goja.Runtime, text string, more int, ascii bool) {
	b.bytes = make([]byte, 2*(len(text)+more))
	b.used = copy(b.bytes, text)
	b.ascii = nil
	if ascii {
		whole := vm.ToValue(unsafe.String(unsafe.SliceData(b.bytes), len(b.bytes))).(goja.String)
		b.ascii = whole.Substring(0, whole.Length()) // zeros are ASCII too
	}
}
