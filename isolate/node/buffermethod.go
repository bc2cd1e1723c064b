package node

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// bufferMethods are methods of Buffer.prototype: https://nodejs.org/api/buffer.html#class-buffer
var bufferMethods = append([]function{
	{"toString", 3, bufferToString},
	{"write", 4, bufferWrite},
	{"fill", 4, bufferFill},
	{"compare", 5, bufferCompare},
	{"equals", 1, func(n *realm, this goja.Value, args []goja.Value) (goja.Value, error) {
		a, err := bytesOf(n.js, this, "buffer")
		if err != nil {
			return nil, err
		}
		b, ok := n.bytesOfView(arg(args, 0))
		if !ok {
			return nil, argType(n.js, "otherBuffer", "an instance of Buffer or Uint8Array", arg(args, 0))
		}
		return n.js.VM.ToValue(bytes.Equal(a, b)), nil
	}},
	{"copy", 4, bufferCopy},
	{"indexOf", 3, func(n *realm, this goja.Value, args []goja.Value) (goja.Value, error) {
		i, err := search(n, this, args, false)
		return n.js.VM.ToValue(i), err
	}},
	{"lastIndexOf", 3, func(n *realm, this goja.Value, args []goja.Value) (goja.Value, error) {
		i, err := search(n, this, args, true)
		return n.js.VM.ToValue(i), err
	}},
	{"includes", 3, func(n *realm, this goja.Value, args []goja.Value) (goja.Value, error) {
		i, err := search(n, this, args, false)
		return n.js.VM.ToValue(i >= 0), err
	}},
	swap("swap16", 2), swap("swap32", 4), swap("swap64", 8),
}, charsetMethods()...)

func swap(name string, size int) function {
	return function{name, 0, func(n *realm, this goja.Value, _ []goja.Value) (goja.Value, error) {
		b, err := bytesOf(n.js, this, "buffer")
		if err != nil {
			return nil, err
		}
		if len(b)%size != 0 {
			return nil, fail(n.js, "RangeError", "ERR_INVALID_BUFFER_SIZE", "Buffer size must be a multiple of "+strconv.Itoa(8*size)+"-bits")
		}
		for ; len(b) > 0; b = b[size:] {
			slices.Reverse(b[:size])
		}
		return this, nil
	}}
}

// charsetMethods are utf8Slice, utf8Write and their like, which some packages use.
func charsetMethods() []function {
	var list []function
	for i, name := range charsetNames {
		c := charset(i)
		if c == utf16Charset {
			name = "ucs2"
		}
		list = append(list, function{name + "Slice", 2, func(n *realm, this goja.Value, args []goja.Value) (goja.Value, error) {
			b, err := bytesOf(n.js, this, "buffer")
			if err != nil {
				return nil, err
			}
			start := bound(arg(args, 0), 0, len(b))
			return c.decode(n.js, b[start:max(start, bound(arg(args, 1), len(b), len(b)))]), nil
		}}, function{name + "Write", 3, func(n *realm, this goja.Value, args []goja.Value) (goja.Value, error) {
			b, err := bytesOf(n.js, this, "buffer")
			if err != nil {
				return nil, err
			}
			s, ok := isString(arg(args, 0))
			if !ok {
				return nil, argType(n.js, "argument", "of type string", arg(args, 0))
			}
			start := bound(arg(args, 1), 0, len(b))
			return n.js.VM.ToValue(c.write(b[start:start+bound(arg(args, 2), len(b)-start, len(b)-start)], s)), nil
		}})
	}
	return list
}

// https://nodejs.org/api/buffer.html#buftostringencoding-start-end
func bufferToString(n *realm, this goja.Value, args []goja.Value) (goja.Value, error) {
	b, err := bytesOf(n.js, this, "buffer")
	if err != nil {
		return nil, err
	}
	if len(args) == 0 {
		return utf8Charset.decode(n.js, b), nil
	}
	start := bound(arg(args, 1), 0, len(b))
	end := bound(arg(args, 2), len(b), len(b))
	if start >= end {
		return n.js.String(""), nil
	}
	c := utf8Charset
	if !goja.IsUndefined(args[0]) {
		if c, err = charsetArg(n.js, n.js.VM.ToValue(args[0].String())); err != nil {
			return nil, err
		}
	}
	return c.decode(n.js, b[start:end]), nil
}

// write puts as much of s into b as has room, in whole characters.
func (c charset) write(b []byte, s goja.String) int {
	data := c.encode(s)
	if len(data) > len(b) {
		data = data[:len(b)]
		switch c {
		case utf8Charset:
			for i := 1; i <= min(utf8.UTFMax, len(data)); i++ {
				if r := data[len(data)-i:]; utf8.RuneStart(r[0]) {
					if !utf8.FullRune(r) {
						data = data[:len(data)-i]
					}
					break
				}
			}
		case utf16Charset:
			data = data[:len(data)&^1]
		}
	}
	return copy(b, data)
}

// https://nodejs.org/api/buffer.html#bufwritestring-offset-length-encoding
func bufferWrite(n *realm, this goja.Value, args []goja.Value) (goja.Value, error) {
	b, err := bytesOf(n.js, this, "buffer")
	if err != nil {
		return nil, err
	}
	s, ok := isString(arg(args, 0))
	if !ok {
		return nil, fail(n.js, "TypeError", "ERR_INVALID_ARG_TYPE", "argument must be a string")
	}
	args = args[1:]
	offset, length := 0, len(b)
	if _, isName := isString(arg(args, 0)); !isName && !goja.IsUndefined(arg(args, 0)) {
		if offset, err = n.index("offset", args[0], len(b)); err != nil {
			return nil, err
		}
		length -= offset
		args = args[1:]
		if _, isName := isString(arg(args, 0)); !isName && !goja.IsUndefined(arg(args, 0)) {
			most, err := n.index("length", args[0], len(b))
			if err != nil {
				return nil, err
			}
			length = min(length, most)
			args = args[1:]
		} else if !isName && len(args) > 1 {
			args = args[1:]
		}
	} else if !isName && len(args) > 1 {
		args = args[min(2, len(args)-1):]
	}
	c, err := charsetArg(n.js, arg(args, 0))
	if err != nil {
		return nil, err
	}
	return n.js.VM.ToValue(c.write(b[offset:offset+length], s)), nil
}

// index reads an index that must be a number from 0 to most.
func (n *realm) index(name string, v goja.Value, most int) (int, error) {
	if !goja.IsNumber(v) {
		return 0, argType(n.js, name, "of type number", v)
	}
	f := v.ToFloat()
	if f != math.Trunc(f) {
		return 0, outOfRange(n.js, name, "an integer", v)
	}
	if f < 0 || f > float64(most) {
		return 0, outOfRange(n.js, name, ">= 0 && <= "+strconv.Itoa(most), v)
	}
	return int(f), nil
}

// https://nodejs.org/api/buffer.html#buffillvalue-offset-end-encoding
func bufferFill(n *realm, this goja.Value, args []goja.Value) (goja.Value, error) {
	b, err := bytesOf(n.js, this, "buffer")
	if err != nil {
		return nil, err
	}
	value, rest := arg(args, 0), args[min(1, len(args)):]
	encoding := arg(rest, 2)
	for i := range min(2, len(rest)) {
		if _, ok := isString(rest[i]); ok {
			encoding, rest = rest[i], rest[:i]
			break
		}
	}
	start, end := 0, len(b)
	if v := arg(rest, 0); !goja.IsUndefined(v) {
		if start, err = n.index("offset", v, maxBuffer); err != nil {
			return nil, err
		}
		if v := arg(rest, 1); !goja.IsUndefined(v) {
			if end, err = n.index("end", v, len(b)); err != nil {
				return nil, err
			}
		}
	}
	var pattern []byte
	if s, ok := isString(value); ok {
		if !goja.IsUndefined(encoding) {
			if _, ok := isString(encoding); !ok {
				return nil, argType(n.js, "encoding", "of type string", encoding)
			}
		}
		c, err := charsetArg(n.js, encoding)
		if err != nil {
			return nil, err
		}
		pattern = c.encode(s)
		if s.Length() == 0 {
			pattern = []byte{0}
		}
	} else if p, ok := n.js.BytesOf(value); ok {
		pattern = bytes.Clone(p) // it may be part of what is filled
	} else {
		pattern = []byte{byte(toUint32(value))}
	}
	if start >= end {
		return this, nil
	}
	if len(pattern) == 0 {
		return nil, fail(n.js, "TypeError", "ERR_INVALID_ARG_VALUE", "The argument 'value' is invalid. Received "+shownFill(value))
	}
	for at := b[start:end]; len(at) > 0; {
		at = at[copy(at, pattern):]
	}
	return this, nil
}

// shownFill is what an empty pattern looks like in a message.
func shownFill(v goja.Value) string {
	if s, ok := isString(v); ok {
		return "'" + s.String() + "'"
	}
	return "<Buffer >"
}

// toUint32 is ToUint32: https://tc39.es/ecma262/#sec-touint32
func toUint32(v goja.Value) uint32 {
	f := v.ToFloat()
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return uint32(int64(math.Mod(math.Trunc(f), 1<<32)))
}

// https://nodejs.org/api/buffer.html#bufcomparetarget-targetstart-targetend-sourcestart-sourceend
func bufferCompare(n *realm, this goja.Value, args []goja.Value) (goja.Value, error) {
	source, err := bytesOf(n.js, this, "buffer")
	if err != nil {
		return nil, err
	}
	target, ok := n.bytesOfView(arg(args, 0))
	if !ok {
		return nil, argType(n.js, "target", "an instance of Buffer or Uint8Array", arg(args, 0))
	}
	at := [4]int{0, len(target), 0, len(source)}
	for i, name := range [...]string{"targetStart", "targetEnd", "sourceStart", "sourceEnd"} {
		if v := arg(args, i+1); !goja.IsUndefined(v) {
			most := maxBuffer
			if i%2 == 1 {
				most = at[i]
			}
			if at[i], err = n.index(name, v, most); err != nil {
				return nil, err
			}
		}
	}
	target = target[min(at[0], at[1]):at[1]]
	source = source[min(at[2], at[3]):at[3]]
	return n.js.VM.ToValue(bytes.Compare(source, target)), nil
}

// https://nodejs.org/api/buffer.html#bufcopytarget-targetstart-sourcestart-sourceend
func bufferCopy(n *realm, this goja.Value, args []goja.Value) (goja.Value, error) {
	source, err := bytesOf(n.js, this, "buffer")
	if err != nil {
		return nil, err
	}
	target, ok := n.bytesOfView(arg(args, 0))
	if !ok {
		return nil, argType(n.js, "target", "an instance of Buffer or Uint8Array", arg(args, 0))
	}
	integer := func(i, missing int) float64 {
		v := arg(args, i)
		if goja.IsUndefined(v) {
			return float64(missing)
		}
		f := math.Trunc(v.ToFloat())
		if math.IsNaN(f) {
			return 0
		}
		return f
	}
	to, from, end := integer(1, 0), integer(2, 0), integer(3, len(source))
	switch {
	case to < 0:
		return nil, outOfRange(n.js, "targetStart", ">= 0", arg(args, 1))
	case from < 0 || from > float64(len(source)):
		return nil, outOfRange(n.js, "sourceStart", ">= 0 && <= "+strconv.Itoa(len(source)), arg(args, 2))
	case end < 0:
		return nil, outOfRange(n.js, "sourceEnd", ">= 0", arg(args, 3))
	case to >= float64(len(target)) || from >= end:
		return n.js.VM.ToValue(0), nil
	}
	return n.js.VM.ToValue(copy(target[int(to):], source[int(from):int(min(end, float64(len(source))))])), nil
}

// search is https://nodejs.org/api/buffer.html#bufindexofvalue-byteoffset-encoding and
// its two relatives: -1 if nothing is found.
func search(n *realm, this goja.Value, args []goja.Value, backwards bool) (int, error) {
	b, err := bytesOf(n.js, this, "buffer")
	if err != nil {
		return -1, err
	}
	value, from, encoding := arg(args, 0), arg(args, 1), arg(args, 2)
	if _, ok := isString(from); ok {
		encoding, from = from, goja.Undefined()
	}
	var what []byte
	step := 1
	if s, ok := isString(value); ok {
		c, err := charsetArg(n.js, encoding)
		if err != nil {
			return -1, err
		}
		if c == utf16Charset {
			step = 2
		}
		what = c.encode(s)
	} else if p, ok := n.bytesOfView(value); ok {
		what = p
		if e, ok := isString(encoding); ok {
			if c, _ := charsetOf(e.String()); c == utf16Charset {
				step = 2
			}
		}
	} else if goja.IsNumber(value) {
		what = []byte{byte(toUint32(value))}
	} else {
		return -1, argType(n.js, "value", "one of type number or string or an instance of Buffer or Uint8Array", value)
	}
	start := from.ToNumber().ToFloat()
	if math.IsNaN(start) {
		start = 0
		if backwards {
			start = float64(len(b))
		}
	}
	start = math.Trunc(start)
	if start < 0 {
		start += float64(len(b))
		if start < 0 {
			if backwards {
				return -1, nil
			}
			start = 0
		}
	}
	return find(b, what, int(min(start, float64(len(b)))), step, backwards), nil
}

// find returns where what is in b, at or after start, or backwards at or before it.
func find(b, what []byte, start, step int, backwards bool) int {
	if len(what) == 0 {
		return start
	}
	if !backwards && step == 1 {
		if i := bytes.Index(b[start:], what); i >= 0 {
			return start + i
		}
		return -1
	}
	if backwards {
		end := min(start+len(what), len(b))
		for {
			i := bytes.LastIndex(b[:end], what)
			if i < 0 || i%step == 0 {
				return i
			}
			end = i + len(what) - 1
		}
	}
	for {
		i := bytes.Index(b[start:], what)
		if i < 0 || (start+i)%step == 0 {
			if i < 0 {
				return -1
			}
			return start + i
		}
		start += i + 1
	}
}
