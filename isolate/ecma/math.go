package ecma

import (
	"math"
	"math/big"

	"github.com/dop251/goja"
)

var mathFunctions = []addition{
	{"f16round", 1, func(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
		return vm.ToValue(roundToHalf(c.Argument(0).ToNumber().ToFloat()))
	}},
	{"sumPrecise", 1, sumPrecise},
}

// roundToHalf rounds x to the nearest IEEE 754 binary16 number, ties to even.
func roundToHalf(x float64) float64 {
	const largest, tie = 65504, 65520 // half way to what would be next
	a := math.Abs(x)
	switch {
	case a == 0 || math.IsNaN(x) || math.IsInf(x, 0):
		return x
	case a >= tie:
		return math.Copysign(math.Inf(1), x)
	}
	_, exp := math.Frexp(a) // a = f × 2^exp with f in [½, 1)
	unit := math.Ldexp(1, max(exp-11, -24))
	return math.Copysign(min(math.RoundToEven(a/unit)*unit, largest), x)
}

// https://tc39.es/ecma262/#sec-math.sumprecise
func sumPrecise(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
	if isNullish(c.Argument(0)) {
		throwType(vm, "%s is not iterable", show(c.Argument(0)))
	}
	var sum *big.Float
	special, minusZero := 0.0, true
	vm.ForOf(c.Argument(0), func(v goja.Value) bool {
		if !goja.IsNumber(v) {
			throwType(vm, "Math.sumPrecise takes numbers only")
		}
		x := v.ToFloat()
		switch {
		case math.IsNaN(x) || math.IsInf(x, 0):
			special += x // opposite infinities make NaN
		case x != 0:
			if sum == nil {
				// Enough bits for the sum of any doubles to be exact.
				sum = new(big.Float).SetPrec(2200)
			}
			sum.Add(sum, big.NewFloat(x))
			minusZero = false
		default:
			minusZero = minusZero && math.Signbit(x)
		}
		return true
	})
	switch {
	case special != 0:
		return vm.ToValue(special)
	case sum != nil:
		x, _ := sum.Float64()
		return vm.ToValue(x)
	case minusZero:
		return vm.ToValue(math.Copysign(0, -1))
	}
	return vm.ToValue(0)
}
