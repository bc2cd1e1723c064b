package intl

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mayfly-edge/mayfly/isolate/ecma/intl/cldr"
)

// A numberStyle is the resolved options of a NumberFormat.
type numberStyle struct {
	locale                                  *cldr.Locale
	rules                                   pluralRules
	system                                  string // numbering system
	style                                   string
	currency, currencyDisplay, currencySign string
	unit, unitDisplay                       string
	notation, compactDisplay                string
	signDisplay, grouping                   string // grouping: always, auto, min2 or ""
	rounding                                rounding
}

// format is PartitionNumberPattern: https://tc39.es/ecma402/#sec-partitionnumberpattern
func (f *numberStyle) format(d decimal) parts {
	if f.style == "percent" && d.digits != "" {
		d.exp += 2
	}
	var number parts
	var compact string // the text beside the number in compact notation
	category := "other"
	zero := d.zero()
	switch {
	case d.nan:
		number.add("nan", f.symbol("n.nan"))
	case d.inf:
		number.add("infinity", "∞")
	default:
		exponent := f.exponent(d)
		scaled := d
		if scaled.digits != "" {
			scaled.exp -= exponent
		}
		s := f.rounding.apply(scaled)
		zero = s.zero()
		switch f.notation {
		case "scientific", "engineering":
			number = f.digits(s)
			number.add("exponentSeparator", f.locale.Get("n.exponent"))
			if exponent < 0 {
				number.add("exponentMinusSign", strings.Replace(f.negative(""), "-", f.symbol("n.minus"), 1))
				exponent = -exponent
			}
			number.add("exponentInteger", numerals(strconv.Itoa(exponent), f.system))
		default:
			number = f.digits(s)
		}
		category = f.rules.selectShown(s, 0) // the tables of compact texts go by what is shown
		if f.notation == "compact" && exponent != 0 {
			compact = f.compactText(d.magnitudeAfter(s, exponent), category)
		}
	}
	if compact != "" {
		body := number
		number = fillAffix(compact, "compact", func() parts { return body })
	}
	return f.wrap(number, f.sign(d, zero), category)
}

// magnitudeAfter is the magnitude of a number after it was scaled and rounded.
func (d decimal) magnitudeAfter(s shown, exponent int) int {
	if s.digits == "" {
		return d.magnitude()
	}
	return s.magnitude() + exponent
}

// exponent is ComputeExponent: https://tc39.es/ecma402/#sec-computeexponent
func (f *numberStyle) exponent(d decimal) int {
	if d.digits == "" || f.notation == "standard" {
		return 0
	}
	m := d.magnitude()
	e := f.exponentFor(m)
	scaled := d
	scaled.exp -= e
	if s := f.rounding.apply(scaled); s.digits != "" && s.magnitude() != m-e {
		return f.exponentFor(m + 1)
	}
	return e
}

func (f *numberStyle) exponentFor(magnitude int) int {
	switch f.notation {
	case "scientific":
		return magnitude
	case "engineering":
		return floorDiv(magnitude, 3) * 3
	}
	m := min(magnitude, 14)
	shown, _, ok := strings.Cut(f.locale.Get("k."+f.compactDisplay+"."+strconv.Itoa(m)), ":")
	if !ok {
		return 0
	}
	n, _ := strconv.Atoi(shown)
	return m - n + 1
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (f *numberStyle) compactText(magnitude int, category string) string {
	_, forms, _ := strings.Cut(f.locale.Get("k."+f.compactDisplay+"."+strconv.Itoa(min(magnitude, 14))), ":")
	return cldr.ChoosePlural(forms, category)
}

// sign returns '-', '+' or 0.
func (f *numberStyle) sign(d decimal, zero bool) byte {
	negative := d.negative && !d.nan
	zero = zero || d.nan
	switch f.signDisplay {
	case "never":
		return 0
	case "always":
	case "exceptZero":
		if zero {
			return 0
		}
	case "negative":
		if zero || !negative {
			return 0
		}
	default:
		if !negative {
			return 0
		}
	}
	if negative {
		return '-'
	}
	return '+'
}

// digits is the number without a sign, grouped.
func (f *numberStyle) digits(s shown) parts {
	var out parts
	groups := f.group(s.integer)
	for i, g := range groups {
		if i > 0 {
			out.add("group", f.symbol("n.group"))
		}
		out.add("integer", numerals(g, f.system))
	}
	if s.fraction != "" {
		out.add("decimal", f.symbol("n.decimal"))
		out.add("fraction", numerals(s.fraction, f.system))
	}
	return out
}

func (f *numberStyle) group(integer string) []string {
	if f.grouping == "" || integer == "" {
		return []string{integer}
	}
	first, next := 3, 3
	if f.locale.Get("n.grouping") == "3,2" {
		next = 2
	}
	least := 1
	if f.grouping == "min2" || f.grouping == "auto" && f.locale.Get("n.mingroup") == "2" {
		least = 2
	}
	if len(integer) < first+least {
		return []string{integer}
	}
	var groups []string
	size := first
	for len(integer) > size {
		groups = append([]string{integer[len(integer)-size:]}, groups...)
		integer, size = integer[:len(integer)-size], next
	}
	return append([]string{integer}, groups...)
}

// arabic are the symbols of the numbering system arab, which the tables of Latin
// digits do not have.
var arabic = map[string]string{"n.decimal": "٫", "n.group": "٬", "n.percent": "٪\u061c", "n.minus": "\u061c-", "n.plus": "\u061c+"}

func (f *numberStyle) symbol(key string) string {
	if f.system == "arab" && f.locale.Get("n.nu") != "arab" {
		if s, ok := arabic[key]; ok {
			return s
		}
	}
	return f.locale.Get(key)
}

// wrap puts the sign and what the style adds around a number.
func (f *numberStyle) wrap(number parts, sign byte, category string) parts {
	body := func() parts { return number }
	switch f.style {
	case "percent":
		return f.affix(f.signed("n.percentpattern", "n.percentnegative", sign), sign, "", body)
	case "currency":
		if f.currencyDisplay == "name" {
			pattern := f.locale.Plural("c.name", category)
			return f.affix(f.plainSign(pattern, sign), sign, f.currencyName(category), body)
		}
		symbol := f.currencySymbol()
		kind := "c.symbol."
		if letterAt(symbol) {
			kind = "c.code."
		}
		negative := kind + "negative"
		if f.currencySign == "accounting" && sign == '-' {
			negative = kind + "accounting"
		}
		return f.affix(f.signed(kind+"positive", negative, sign), sign, symbol, body)
	case "unit":
		return f.withUnit(number, sign, category)
	}
	return f.affix(f.plainSign("{0}", sign), sign, "", body)
}

// letterAt reports whether a currency symbol ends with a letter, and so needs a space.
func letterAt(symbol string) bool {
	r, _ := utf8.DecodeLastRuneInString(symbol)
	return unicode.IsLetter(r)
}

func (f *numberStyle) plainSign(pattern string, sign byte) string {
	if sign == 0 {
		return pattern
	}
	return f.negative(pattern)
}

// negative is the pattern of a negative number around another.
func (f *numberStyle) negative(pattern string) string {
	return strings.Replace(f.locale.Get("n.negative"), "{0}", pattern, 1)
}

func (f *numberStyle) signed(positive, negative string, sign byte) string {
	if sign == 0 {
		return f.locale.Get(positive)
	}
	return f.locale.Get(negative)
}

// affix fills a pattern with {0} for the number and - ¤ % for the symbols.
func (f *numberStyle) affix(pattern string, sign byte, symbol string, number func() parts) parts {
	var out parts
	literal := ""
	flush := func() {
		out.add("literal", literal)
		literal = ""
	}
	for len(pattern) > 0 {
		if rest, ok := strings.CutPrefix(pattern, "{0}"); ok {
			flush()
			out = append(out, number()...)
			pattern = rest
			continue
		}
		r, size := utf8.DecodeRuneInString(pattern)
		pattern = pattern[size:]
		switch r {
		case '-':
			flush()
			if sign == '+' {
				out.add("plusSign", f.symbol("n.plus"))
			} else {
				out.add("minusSign", f.symbol("n.minus"))
			}
		case '¤':
			flush()
			out.add("currency", symbol)
		case '%':
			flush()
			out.add("percentSign", f.symbol("n.percent"))
		default:
			literal += string(r)
		}
	}
	flush()
	return out
}

func (f *numberStyle) currencySymbol() string {
	if f.currencyDisplay == "code" {
		return f.currency
	}
	forms := f.locale.List("c." + f.currency)
	if forms == nil {
		return f.currency
	}
	if f.currencyDisplay == "narrowSymbol" {
		return forms[1]
	}
	return forms[0]
}

func (f *numberStyle) currencyName(category string) string {
	forms := strings.SplitN(f.locale.Get("c."+f.currency), "|", 4)
	if len(forms) < 4 {
		return f.currency
	}
	return cldr.ChoosePlural(forms[3], category)
}

// withUnit puts the unit beside a number.
func (f *numberStyle) withUnit(number parts, sign byte, category string) parts {
	signed := f.affix(f.plainSign("{0}", sign), sign, "", func() parts { return number })
	if p := f.locale.Plural("u."+f.unit+"."+f.unitDisplay, category); p != "" {
		return fillUnit(p, func() parts { return signed })
	}
	// A compound: the numerator's text within the pattern of the denominator.
	numerator, denominator, _ := strings.Cut(f.unit, "-per-")
	inner := f.locale.Plural("u."+numerator+"."+f.unitDisplay, category)
	if inner == "" {
		inner = "{0} " + numerator
	}
	outer := f.locale.Get("u.per-" + denominator + "." + f.unitDisplay)
	if outer == "" {
		of := f.locale.Plural("u."+denominator+"."+f.unitDisplay, "one")
		outer = "{0}/" + strings.TrimSpace(strings.ReplaceAll(of, "{0}", ""))
	}
	return fillUnit(strings.Replace(outer, "{0}", inner, 1), func() parts { return signed })
}

func fillUnit(pattern string, number func() parts) parts { return fillAffix(pattern, "unit", number) }

// fillAffix fills a pattern whose text beside {0} is a part of its own kind, apart from
// the space between them.
func fillAffix(pattern, kind string, number func() parts) parts {
	before, after, ok := strings.Cut(pattern, "{0}")
	if !ok { // as in "mille"
		return parts{{kind: kind, value: pattern}}
	}
	var out parts
	text := strings.TrimRightFunc(before, isSpace)
	out.add(kind, text)
	out.add("literal", before[len(text):])
	out = append(out, number()...)
	text = strings.TrimLeftFunc(after, isSpace)
	out.add("literal", after[:len(after)-len(text)])
	out.add(kind, text)
	return out
}
