package node

import (
	"bytes"
	"math"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// maxBuffer is the size of the largest Buffer, in bytes: what an isolate may use.
const maxBuffer = 128 << 20

// bufferFunctions are the natives of node:buffer beside the methods.
var bufferFunctions = []function{
	{"setPrototype", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		n.buffers = args[0].(*goja.Object)
		return nil, nil
	}},
	{"alloc", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		size := arg(args, 0)
		if !goja.IsNumber(size) {
			return nil, argType(n.js, "size", "of type number", size)
		}
		f := size.ToFloat()
		if !(f >= 0 && f <= maxBuffer) {
			return nil, outOfRange(n.js, "size", ">= 0 && <= "+strconv.Itoa(maxBuffer), size)
		}
		return n.buffer(make([]byte, int(f))), nil
	}},
	{"fromString", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		c, err := charsetArg(n.js, arg(args, 1))
		if err != nil {
			return nil, err
		}
		return n.buffer(c.encode(args[0].(goja.String))), nil
	}},
	{"fromBytes", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		b, err := bytesOf(n.js, arg(args, 0), "value")
		if err != nil {
			return nil, err
		}
		return n.buffer(bytes.Clone(b)), nil
	}},
	{"isBytes", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		_, ok := n.bytesOfView(arg(args, 0))
		return n.js.VM.ToValue(ok), nil
	}},
	{"isArrayBuffer", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		o, ok := arg(args, 0).(*goja.Object)
		if ok {
			ok = o.ExportType() == arrayBufferType
		}
		return n.js.VM.ToValue(ok), nil
	}},
	{"byteLength", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		s, ok := isString(arg(args, 0))
		if !ok {
			b, ok := n.js.BytesOf(arg(args, 0))
			if !ok {
				return nil, argType(n.js, "string", "of type string or an instance of Buffer or ArrayBuffer", arg(args, 0))
			}
			return n.js.VM.ToValue(len(b)), nil
		}
		c := utf8Charset
		if name, ok := isString(arg(args, 1)); ok {
			c, _ = charsetOf(name.String())
		}
		return n.js.VM.ToValue(c.size(s)), nil
	}},
	{"isEncoding", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		s, ok := isString(arg(args, 0))
		if ok {
			_, ok = charsetOf(s.String())
		}
		return n.js.VM.ToValue(ok), nil
	}},
	{"compare", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		a, ok := n.bytesOfView(arg(args, 0))
		if !ok {
			return nil, argType(n.js, "buf1", "an instance of Buffer or Uint8Array", arg(args, 0))
		}
		b, ok := n.bytesOfView(arg(args, 1))
		if !ok {
			return nil, argType(n.js, "buf2", "an instance of Buffer or Uint8Array", arg(args, 1))
		}
		return n.js.VM.ToValue(bytes.Compare(a, b)), nil
	}},
	{"concat", 2, concat},
	{"isUtf8", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		b, err := bytesOf(n.js, arg(args, 0), "input")
		return n.js.VM.ToValue(utf8.Valid(b)), err
	}},
	{"isAscii", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		b, err := bytesOf(n.js, arg(args, 0), "input")
		return n.js.VM.ToValue(isASCII(b)), err
	}},
	{"transcode", 3, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		b, ok := n.bytesOfView(arg(args, 0))
		if !ok {
			return nil, argType(n.js, "source", "an instance of Buffer or Uint8Array", arg(args, 0))
		}
		from, ok := charsetOf(arg(args, 1).String())
		to, ok2 := charsetOf(arg(args, 2).String())
		if !ok || !ok2 || from > asciiCharset || to > asciiCharset {
			return nil, fail(n.js, "Error", "U_ILLEGAL_ARGUMENT_ERROR", "Unable to transcode Buffer [U_ILLEGAL_ARGUMENT_ERROR]")
		}
		s := from.decode(n.js, b).(goja.String)
		out := to.encode(s)
		if to == latin1Charset || to == asciiCharset {
			out = out[:0]
			limit := rune(0xFF)
			if to == asciiCharset {
				limit = 0x7F
			}
			for _, r := range s.String() {
				if r > limit {
					r = '?'
				}
				out = append(out, byte(r))
			}
		}
		return n.buffer(out), nil
	}},
}

// buffer returns a Buffer that owns b.
func (n *realm) buffer(b []byte) *goja.Object {
	if n.buffers == nil {
		n.need("buffer")
	}
	o := n.js.Uint8Array(b)
	must(o.SetPrototype(n.buffers))
	return o
}

// bytesOfView returns the bytes of a Uint8Array.
func (n *realm) bytesOfView(v goja.Value) ([]byte, bool) {
	o, ok := v.(*goja.Object)
	if !ok {
		return nil, false
	}
	if o.ExportType() != bytesType { // exporting any other object would run its getters
		return nil, false
	}
	return n.js.BytesOf(o)
}

var (
	bytesType       = reflect.TypeFor[[]byte]()
	arrayBufferType = reflect.TypeFor[goja.ArrayBuffer]()
)

// bytesOf returns the bytes of an ArrayBuffer or a view.
func bytesOf(js *webidl.Realm, v goja.Value, name string) ([]byte, error) {
	b, ok := js.BytesOf(v)
	if !ok {
		return nil, argType(js, name, "an instance of Buffer, TypedArray, or DataView", v)
	}
	return b, nil
}

// dataOf returns the bytes of a buffer, or of a string in the given encoding. They
// alias the script's memory if it is a buffer.
func dataOf(js *webidl.Realm, v, encoding goja.Value, name string) ([]byte, error) {
	if s, ok := isString(v); ok {
		c := utf8Charset
		if e, ok := isString(encoding); ok {
			if found, ok := charsetOf(e.String()); ok {
				c = found
			}
		}
		return c.encode(s), nil
	}
	b, ok := js.BytesOf(v)
	if !ok {
		return nil, argType(js, name, "of type string or an instance of Buffer, TypedArray, or DataView", v)
	}
	return b, nil
}

// concat is https://nodejs.org/api/buffer.html#static-method-bufferconcatlist-totallength;
// JavaScript has checked that the list is an array.
func concat(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
	list := args[0].(*goja.Object)
	count := int(list.Get("length").ToInteger())
	parts := make([][]byte, 0, min(count, 1024))
	total := 0
	for i := range count {
		v := list.Get(strconv.Itoa(i))
		b, ok := n.bytesOfView(v)
		if !ok {
			return nil, argType(n.js, "list["+strconv.Itoa(i)+"]", "an instance of Buffer or Uint8Array", v)
		}
		parts = append(parts, b)
		total += len(b)
	}
	if v := arg(args, 1); !goja.IsUndefined(v) {
		f := v.ToFloat()
		if !goja.IsNumber(v) {
			return nil, argType(n.js, "length", "of type number", v)
		}
		if f != math.Trunc(f) {
			return nil, outOfRange(n.js, "length", "an integer", v)
		}
		if f < 0 || f > maxBuffer {
			return nil, outOfRange(n.js, "length", ">= 0 && <= "+strconv.Itoa(maxBuffer), v)
		}
		total = int(f)
	}
	if total > maxBuffer {
		return nil, outOfRange(n.js, "length", ">= 0 && <= "+strconv.Itoa(maxBuffer), n.js.VM.ToValue(total))
	}
	out := make([]byte, total)
	at := 0
	for _, p := range parts {
		at += copy(out[at:], p)
	}
	return n.buffer(out), nil
}

// bound reads an optional index into a Buffer of a length: what lies outside is the
// nearest inside, and anything that is no number is missing.
func bound(v goja.Value, missing, length int) int {
	if goja.IsUndefined(v) {
		return missing
	}
	f := v.ToFloat()
	switch {
	case math.IsNaN(f) || f <= 0:
		return 0
	case f >= float64(length):
		return length
	}
	return int(f)
}
