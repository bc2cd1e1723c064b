package ecma

import (
	"math"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// https://tc39.es/ecma262/#sec-dataview.prototype.getfloat16
func installGetFloat16(js *webidl.Realm, global *goja.Object) {
	prototype := prototypeOf(global, "DataView")
	bits := callable(js.VM, prototype.Get("getUint16"))
	method(js, prototype, "getFloat16", 1, func(c goja.FunctionCall) goja.Value {
		return js.VM.ToValue(halfFromBits(uint16(call(bits, c.This, c.Arguments...).ToInteger())))
	})
}

// https://tc39.es/ecma262/#sec-dataview.prototype.setfloat16
func installSetFloat16(js *webidl.Realm, global *goja.Object) {
	vm := js.VM
	prototype := prototypeOf(global, "DataView")
	set := callable(vm, prototype.Get("setUint16"))
	method(js, prototype, "setFloat16", 2, func(c goja.FunctionCall) goja.Value {
		v := c.Argument(1)
		bits := func() goja.Value { return vm.ToValue(int(halfBits(v.ToNumber().ToFloat()))) }
		if goja.IsNumber(v) {
			return call(set, c.This, c.Argument(0), bits(), c.Argument(2))
		}
		// The conversion of the value comes after that of the offset, where the engine
		// asks for it.
		later := vm.CreateObject(nil)
		must(later.Set("valueOf", func(goja.FunctionCall) goja.Value { return bits() }))
		return call(set, c.This, c.Argument(0), later, c.Argument(2))
	})
}

// The fields of an IEEE 754 binary16 number.
const (
	halfSign     = 1 << 15
	halfInfinity = 0x1F << 10
	halfNaN      = halfInfinity | 1<<9
	halfFraction = 1<<10 - 1
	halfLeast    = -24 // the exponent of the least number
)

// halfBits is x, rounded, as a binary16 number.
func halfBits(x float64) uint16 {
	if math.IsNaN(x) {
		return halfNaN
	}
	x = roundToHalf(x)
	var sign uint16
	if math.Signbit(x) {
		sign, x = halfSign, -x
	}
	if math.IsInf(x, 0) {
		return sign | halfInfinity
	}
	if x < 0x1p-14 { // subnormal, or 0
		return sign | uint16(math.Ldexp(x, -halfLeast))
	}
	f, exp := math.Frexp(x) // x = f × 2^exp with f in [½, 1)
	return sign | uint16(exp+14)<<10 | uint16(f*0x1p11)&halfFraction
}

// halfFromBits is the value of a binary16 number.
func halfFromBits(b uint16) float64 {
	fraction, exp := b&halfFraction, int(b&halfInfinity>>10)
	var x float64
	switch {
	case exp == 0x1F && fraction != 0:
		return math.NaN()
	case exp == 0x1F:
		x = math.Inf(1)
	case exp == 0:
		x = math.Ldexp(float64(fraction), halfLeast)
	default:
		x = math.Ldexp(float64(fraction|1<<10), halfLeast+exp-1)
	}
	if b&halfSign != 0 {
		return -x
	}
	return x
}
