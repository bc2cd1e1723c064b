package intl

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// A decimal is an Intl mathematical value: https://tc39.es/ecma402/#intl-mathematical-value
// A finite one is 0.d₁d₂… × 10^exp; zero has no digits.
type decimal struct {
	negative bool
	nan, inf bool
	digits   string // neither begins nor ends with 0
	exp      int
}

func decimalOf(x float64) decimal {
	d := decimal{negative: math.Signbit(x) && !math.IsNaN(x), nan: math.IsNaN(x), inf: math.IsInf(x, 0)}
	if d.nan || d.inf || x == 0 {
		return d
	}
	text := strconv.FormatFloat(math.Abs(x), 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(text, "e")
	e, _ := strconv.Atoi(exponent)
	d.digits = strings.Replace(mantissa, ".", "", 1)
	d.exp = e + 1
	return d.trim()
}

func decimalOfInt(x *big.Int) decimal {
	text := new(big.Int).Abs(x).String()
	return decimal{negative: x.Sign() < 0, digits: text, exp: len(text)}.trim()
}

// maxExponent bounds what is read from text, since zeros up to it are written out.
const maxExponent = 10_000

// parseDecimal reads a StringNumericLiteral exactly: https://tc39.es/ecma262/#prod-StringNumericLiteral
func parseDecimal(text string) decimal {
	text = strings.TrimFunc(text, isSpace)
	d := decimal{}
	if text == "" {
		return d
	}
	if len(text) > 2 && text[0] == '0' {
		base := map[byte]int{'x': 16, 'o': 8, 'b': 2}[text[1]|0x20]
		if x, ok := new(big.Int).SetString(text[2:], max(base, 2)); base > 0 && ok && text[2] != '-' && text[2] != '+' {
			return decimalOfInt(x)
		}
	}
	if text[0] == '-' || text[0] == '+' {
		d.negative, text = text[0] == '-', text[1:]
	}
	if text == "Infinity" {
		d.inf = true
		return d
	}
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		e, err := strconv.Atoi(text[i+1:])
		if err != nil {
			if ne, ok := err.(*strconv.NumError); !ok || ne.Err != strconv.ErrRange {
				return decimal{nan: true}
			}
		}
		mantissa, exponent = text[:i], e
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if !digits(whole + fraction) {
		return decimal{nan: true}
	}
	d.digits, d.exp = whole+fraction, len(whole)
	d = d.trim()
	if d.digits == "" {
		return d
	}
	d.exp += max(min(exponent, 2*maxExponent), -2*maxExponent)
	switch {
	case d.exp > maxExponent:
		return decimal{negative: d.negative, inf: true}
	case d.exp < -maxExponent:
		return decimal{negative: d.negative}
	}
	return d
}

func isSpace(r rune) bool {
	return strings.ContainsRune("\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff", r) || r >= 0x2000 && r <= 0x200a
}

func (d decimal) trim() decimal {
	n := len(d.digits)
	d.digits = strings.TrimLeft(d.digits, "0")
	d.exp -= n - len(d.digits)
	d.digits = strings.TrimRight(d.digits, "0")
	if d.digits == "" {
		d.exp = 0
	}
	return d
}

func (d decimal) zero() bool { return d.digits == "" && !d.inf && !d.nan }

// magnitude is the exponent of ten of the first digit.
func (d decimal) magnitude() int {
	if d.digits == "" {
		return 0
	}
	return d.exp - 1
}

func (d decimal) float() float64 {
	switch {
	case d.nan:
		return math.NaN()
	case d.inf:
		if d.negative {
			return math.Inf(-1)
		}
		return math.Inf(1)
	}
	f, _ := strconv.ParseFloat("0."+d.digits+"e"+strconv.Itoa(d.exp), 64)
	if d.negative {
		f = -f
	}
	return f
}

// round keeps the digits down to 10^-places, a multiple of increment there.
func (d decimal) round(places, increment int, mode string) decimal {
	if d.nan || d.inf || d.digits == "" {
		return d
	}
	keep := d.exp + places // digits kept
	if keep >= len(d.digits) && increment == 1 {
		return d
	}
	var kept *big.Int
	var rest int // the remainder compared with one half: -2 none, -1 less, 0 equal, 1 more
	digits := d.digits
	if keep < 0 {
		kept, rest = new(big.Int), -1
	} else {
		if keep >= len(digits) {
			digits += strings.Repeat("0", keep-len(digits))
		}
		kept, _ = new(big.Int).SetString("0"+digits[:keep], 10)
		rest = compareHalf(digits[keep:])
	}
	if increment != 1 {
		step := big.NewInt(int64(increment))
		quotient, remainder := new(big.Int).QuoRem(kept, step, new(big.Int))
		// Four times the whole remainder, with what lies below the last digit kept.
		below := map[int]int64{-2: 0, -1: 1, 0: 2, 1: 3}[rest]
		whole := new(big.Int).Add(new(big.Int).Lsh(remainder, 2), big.NewInt(below))
		rest = whole.Cmp(new(big.Int).Lsh(step, 1))
		if whole.Sign() == 0 {
			rest = -2
		}
		kept = quotient
	}
	if roundsUp(mode, rest, d.negative, kept.Bit(0) == 1) {
		kept.Add(kept, big.NewInt(1))
	}
	if increment != 1 {
		kept.Mul(kept, big.NewInt(int64(increment)))
	}
	text := kept.String()
	return decimal{negative: d.negative, digits: text, exp: len(text) - places}.trim()
}

func compareHalf(rest string) int {
	trimmed := strings.TrimRight(rest, "0")
	switch {
	case trimmed == "":
		return -2
	case rest[0] < '5':
		return -1
	case trimmed == "5":
		return 0
	}
	return 1
}

// roundsUp tells whether a magnitude is rounded up: https://tc39.es/ecma402/#table-sanctioned-rounding-modes
func roundsUp(mode string, rest int, negative, odd bool) bool {
	if rest == -2 {
		return false
	}
	switch mode {
	case "ceil":
		return !negative
	case "floor":
		return negative
	case "expand":
		return true
	case "trunc":
		return false
	}
	if rest != 0 {
		return rest > 0
	}
	switch mode {
	case "halfCeil":
		return !negative
	case "halfFloor":
		return negative
	case "halfTrunc":
		return false
	case "halfEven":
		return odd
	}
	return true // halfExpand
}

// text writes the magnitude with at least so many digits on either side of the sign.
func (d decimal) text(minInteger, minFraction int) (integer, fraction string) {
	switch {
	case d.digits == "" || d.exp <= 0:
		integer = ""
		if d.digits != "" {
			fraction = strings.Repeat("0", -d.exp) + d.digits
		}
	case d.exp >= len(d.digits):
		integer = d.digits + strings.Repeat("0", d.exp-len(d.digits))
	default:
		integer, fraction = d.digits[:d.exp], d.digits[d.exp:]
	}
	if n := minInteger - len(integer); n > 0 {
		integer = strings.Repeat("0", n) + integer
	}
	if n := minFraction - len(fraction); n > 0 {
		fraction += strings.Repeat("0", n)
	}
	return integer, fraction
}
