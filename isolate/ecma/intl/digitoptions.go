package intl

// A rounding is how many digits of a number are shown: the result of
// https://tc39.es/ecma402/#sec-setnfdigitoptions
type rounding struct {
	minInteger               int
	minFraction, maxFraction int
	minSignificant           int // 0: not by significant digits
	maxSignificant           int
	kind                     string // fractionDigits, significantDigits, morePrecision or lessPrecision
	increment                int
	mode, priority, trailing string
	compact                  bool // the digits of compact notation by default
}

// shown is a number as digits.
type shown struct {
	decimal
	integer, fraction string
}

// apply is FormatNumericToString: https://tc39.es/ecma402/#sec-formatnumberstring
func (r *rounding) apply(d decimal) shown {
	bySignificant := func() (decimal, int) {
		x := d.round(r.maxSignificant-1-d.magnitude(), 1, r.mode)
		return x, max(0, r.minSignificant-1-x.magnitude())
	}
	byFraction := func() (decimal, int) { return d.round(r.maxFraction, r.increment, r.mode), r.minFraction }
	var x decimal
	var minFraction int
	switch r.kind {
	case "significantDigits":
		x, minFraction = bySignificant()
	case "fractionDigits":
		x, minFraction = byFraction()
	default:
		// The one that keeps more digits is the more precise.
		s, sf := bySignificant()
		f, ff := byFraction()
		significant := r.maxSignificant - 1 - d.magnitude()
		if (significant > r.maxFraction) == (r.kind == "morePrecision") {
			x, minFraction = s, sf
		} else {
			x, minFraction = f, ff
		}
		if r.kind != "morePrecision" && significant == r.maxFraction {
			x, minFraction = s, sf
		}
	}
	out := shown{decimal: x}
	out.integer, out.fraction = x.text(r.minInteger, minFraction)
	if r.trailing == "stripIfInteger" && x.exp >= len(x.digits) {
		out.fraction = ""
	}
	return out
}
