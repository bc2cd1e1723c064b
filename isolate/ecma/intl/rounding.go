package intl

import (
	"slices"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

var increments = []int{1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000}

var roundingModes = []string{"ceil", "floor", "expand", "trunc", "halfCeil", "halfFloor", "halfExpand", "halfTrunc", "halfEven"}

// readRounding is https://tc39.es/ecma402/#sec-setnfdigitoptions
func readRounding(o options, least, most int, compact bool) rounding {
	r := rounding{minInteger: o.number("minimumIntegerDigits", 1, 21, 1)}
	minFraction, maxFraction := o.get("minimumFractionDigits"), o.get("maximumFractionDigits")
	minSignificant, maxSignificant := o.get("minimumSignificantDigits"), o.get("maximumSignificantDigits")
	r.increment = o.number("roundingIncrement", 1, 5000, 1)
	if !slices.Contains(increments, r.increment) {
		o.js.Throw(webidl.RangeError("roundingIncrement value is out of range."))
	}
	r.mode = o.text("roundingMode", "halfExpand", roundingModes...)
	r.priority = o.text("roundingPriority", "auto", "auto", "morePrecision", "lessPrecision")
	r.trailing = o.text("trailingZeroDisplay", "auto", "auto", "stripIfInteger")
	if r.increment != 1 {
		most = least
	}
	significant, fraction := minSignificant != nil || maxSignificant != nil, minFraction != nil || maxFraction != nil
	needSignificant, needFraction := true, true
	if r.priority == "auto" {
		needSignificant = significant
		if needSignificant || !fraction && compact {
			needFraction = false
		}
	}
	if needSignificant {
		if significant {
			r.minSignificant = o.inRange("minimumSignificantDigits", minSignificant, 1, 21, 1)
			r.maxSignificant = o.inRange("maximumSignificantDigits", maxSignificant, r.minSignificant, 21, 21)
		} else {
			r.minSignificant, r.maxSignificant = 1, 21
		}
	}
	if needFraction {
		if fraction {
			low := o.inRange("minimumFractionDigits", minFraction, 0, 100, -1)
			high := o.inRange("maximumFractionDigits", maxFraction, 0, 100, -1)
			switch {
			case low < 0:
				low = min(least, high)
			case high < 0:
				high = max(most, low)
			case low > high:
				o.js.Throw(webidl.RangeError("maximumFractionDigits value is out of range."))
			}
			r.minFraction, r.maxFraction = low, high
		} else {
			r.minFraction, r.maxFraction = least, most
		}
	}
	switch {
	case !needSignificant && !needFraction:
		r.minFraction, r.maxFraction, r.minSignificant, r.maxSignificant = 0, 0, 1, 2
		r.kind, r.priority, r.compact = "morePrecision", "morePrecision", true
	case r.priority != "auto":
		r.kind = r.priority
	case significant:
		r.kind = "significantDigits"
	default:
		r.kind = "fractionDigits"
	}
	if r.increment != 1 {
		if r.kind != "fractionDigits" {
			o.js.Throw(webidl.TypeError("roundingIncrement value is invalid."))
		}
		if r.maxFraction != r.minFraction {
			o.js.Throw(webidl.RangeError("roundingIncrement value is out of range."))
		}
	}
	return r
}

// describe tells resolvedOptions how many digits there are.
func (r *rounding) describe(o *goja.Object) {
	must(o.Set("minimumIntegerDigits", r.minInteger))
	if r.kind != "significantDigits" {
		must(o.Set("minimumFractionDigits", r.minFraction))
		must(o.Set("maximumFractionDigits", r.maxFraction))
	}
	if r.minSignificant > 0 {
		must(o.Set("minimumSignificantDigits", r.minSignificant))
		must(o.Set("maximumSignificantDigits", r.maxSignificant))
	}
}

func (r *rounding) describeRounding(o *goja.Object) {
	must(o.Set("roundingIncrement", r.increment))
	must(o.Set("roundingMode", r.mode))
	must(o.Set("roundingPriority", r.priority))
	must(o.Set("trailingZeroDisplay", r.trailing))
}
