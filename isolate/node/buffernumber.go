package node

import (
	"encoding/binary"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// numberMethods are the methods of Buffer.prototype that read and write numbers:
// https://nodejs.org/api/buffer.html#bufreadbigint64beoffset and those that follow.
var numberMethods = listNumberMethods()

// A numberKind is a kind of number in a Buffer.
type numberKind struct {
	name     string // as in readName
	size     int    // bytes, 0 if an argument says it
	signed   bool
	big      bool // a bigint
	floating bool
}

func listNumberMethods() []function {
	var list []function
	for _, k := range []numberKind{
		{"Int8", 1, true, false, false}, {"UInt8", 1, false, false, false},
		{"Int16", 2, true, false, false}, {"UInt16", 2, false, false, false},
		{"Int32", 4, true, false, false}, {"UInt32", 4, false, false, false},
		{"BigInt64", 8, true, true, false}, {"BigUInt64", 8, false, true, false},
		{"Float", 4, true, false, true}, {"Double", 8, true, false, true},
		{"Int", 0, true, false, false}, {"UInt", 0, false, false, false},
	} {
		for _, order := range []string{"LE", "BE"} {
			if k.size == 1 {
				if order == "BE" {
					continue
				}
				order = ""
			}
			names := []string{k.name + order}
			if strings.Contains(k.name, "UInt") {
				names = append(names, strings.Replace(k.name, "UInt", "Uint", 1)+order)
			}
			for _, name := range names {
				list = append(list, k.reader("read"+name, order == "BE"), k.writer("write"+name, order == "BE"))
			}
		}
	}
	return list
}

func (k numberKind) reader(name string, bigEndian bool) function {
	return function{name, 1, func(n *realm, this goja.Value, args []goja.Value) (goja.Value, error) {
		b, err := bytesOf(n.js, this, "buffer")
		if err != nil {
			return nil, err
		}
		offset, size := arg(args, 0), k.size
		if size == 0 {
			if size, err = byteLength(n.js, arg(args, 1)); err != nil {
				return nil, err
			}
			if goja.IsUndefined(offset) {
				return nil, argType(n.js, "offset", "of type number", offset)
			}
		}
		at, err := place(n.js, b, offset, size)
		if err != nil {
			return nil, err
		}
		return k.value(n.js, gather(b[at:at+size], bigEndian), size), nil
	}}
}

// gather reads an integer of any size.
func gather(b []byte, bigEndian bool) (u uint64) {
	for i := range b {
		if bigEndian {
			u = u<<8 | uint64(b[i])
		} else {
			u |= uint64(b[i]) << (8 * i)
		}
	}
	return u
}

func (k numberKind) value(js *webidl.Realm, u uint64, size int) goja.Value {
	switch {
	case k.floating && size == 4:
		return js.VM.ToValue(float64(math.Float32frombits(uint32(u))))
	case k.floating:
		return js.VM.ToValue(math.Float64frombits(u))
	case k.big && k.signed:
		return js.VM.ToValue(big.NewInt(int64(u)))
	case k.big:
		return js.VM.ToValue(new(big.Int).SetUint64(u))
	case k.signed:
		shift := 64 - 8*size
		return js.VM.ToValue(int64(u<<shift) >> shift)
	}
	return js.VM.ToValue(int64(u))
}

func (k numberKind) writer(name string, bigEndian bool) function {
	return function{name, 2, func(n *realm, this goja.Value, args []goja.Value) (goja.Value, error) {
		js := n.js
		b, err := bytesOf(js, this, "buffer")
		if err != nil {
			return nil, err
		}
		size := k.size
		if size == 0 {
			if size, err = byteLength(js, arg(args, 2)); err != nil {
				return nil, err
			}
		}
		u, err := k.bits(js, arg(args, 0), size)
		if err != nil {
			return nil, err
		}
		if k.size == 0 && goja.IsUndefined(arg(args, 1)) {
			return nil, argType(js, "offset", "of type number", arg(args, 1))
		}
		at, err := place(js, b, arg(args, 1), size)
		if err != nil {
			return nil, err
		}
		var whole [8]byte
		if bigEndian {
			binary.BigEndian.PutUint64(whole[:], u)
			copy(b[at:at+size], whole[8-size:])
		} else {
			binary.LittleEndian.PutUint64(whole[:], u)
			copy(b[at:at+size], whole[:size])
		}
		return js.VM.ToValue(at + size), nil
	}}
}

// bits is v as it is stored, or the error of a value outside.
func (k numberKind) bits(js *webidl.Realm, v goja.Value, size int) (uint64, error) {
	if k.big {
		if !goja.IsBigInt(v) {
			return 0, webidl.TypeError("Cannot mix BigInt and other types, use explicit conversions")
		}
		x := v.Export().(*big.Int)
		if k.signed && !x.IsInt64() || !k.signed && !x.IsUint64() {
			must := ">= 0n and < 2n ** 64n"
			if k.signed {
				must = ">= -(2n ** 63n) and < 2n ** 63n"
			}
			return 0, outOfRange(js, "value", must, v)
		}
		if k.signed {
			return uint64(x.Int64()), nil
		}
		return x.Uint64(), nil
	}
	if goja.IsBigInt(v) {
		return 0, webidl.TypeError("Cannot convert a BigInt value to a number")
	}
	f := v.ToNumber().ToFloat()
	switch {
	case k.floating && size == 4:
		return uint64(math.Float32bits(float32(f))), nil
	case k.floating:
		return math.Float64bits(f), nil
	}
	low, high := 0.0, math.Ldexp(1, 8*size)-1
	if k.signed {
		low, high = -math.Ldexp(1, 8*size-1), math.Ldexp(1, 8*size-1)-1
	}
	if f < low || f > high {
		return 0, outOfRange(js, "value", k.within(low, high, size), js.VM.ToValue(f))
	}
	if math.IsNaN(f) {
		return 0, nil
	}
	return uint64(int64(f)), nil
}

func (k numberKind) within(low, high float64, size int) string {
	if size <= 4 {
		return ">= " + strconv.FormatFloat(low, 'f', -1, 64) + " and <= " + strconv.FormatFloat(high, 'f', -1, 64)
	}
	if k.signed {
		p := strconv.Itoa(8*size - 1)
		return ">= -(2 ** " + p + ") and < 2 ** " + p
	}
	return ">= 0 and < 2 ** " + strconv.Itoa(8*size)
}

// byteLength reads the argument that says the size of a number.
func byteLength(js *webidl.Realm, v goja.Value) (int, error) {
	if !goja.IsNumber(v) {
		return 0, argType(js, "byteLength", "of type number", v)
	}
	f := v.ToFloat()
	if f != math.Trunc(f) {
		return 0, outOfRange(js, "byteLength", "an integer", v)
	}
	if f < 1 || f > 6 {
		return 0, outOfRange(js, "byteLength", ">= 1 and <= 6", v)
	}
	return int(f), nil
}

// place checks where a number of size bytes is read or written.
func place(js *webidl.Realm, b []byte, v goja.Value, size int) (int, error) {
	if goja.IsUndefined(v) {
		v = js.VM.ToValue(0)
	}
	if !goja.IsNumber(v) {
		return 0, argType(js, "offset", "of type number", v)
	}
	f := v.ToFloat()
	if f != math.Trunc(f) { // NaN too
		return 0, outOfRange(js, "offset", "an integer", v)
	}
	if f >= 0 && f+float64(size) <= float64(len(b)) {
		return int(f), nil
	}
	if len(b) < size {
		return 0, fail(js, "RangeError", "ERR_BUFFER_OUT_OF_BOUNDS", "Attempt to access memory outside buffer bounds")
	}
	return 0, outOfRange(js, "offset", ">= 0 and <= "+strconv.Itoa(len(b)-size), v)
}
