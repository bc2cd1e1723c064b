package intl

import (
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/intl/cldr"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// numberFormat is https://tc39.es/ecma402/#numberformat-objects
type numberFormat struct {
	webidl.Handle
	numberStyle
	name  string // of the locale
	bound goja.Value
}

var numberFormatClass = service("NumberFormat", 0, true, newNumberFormat,
	member[*numberFormat]{"resolvedOptions", 0, false, (*numberFormat).resolvedOptions},
	member[*numberFormat]{"formatToParts", 1, false, func(f *numberFormat, js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return f.format(toDecimal(js, c.Argument(0))).toArray(js)
	}},
	member[*numberFormat]{"format", 0, true, func(f *numberFormat, js *webidl.Realm, _ goja.FunctionCall) goja.Value {
		if f.bound == nil {
			f.bound = js.Function("", 1, func(c goja.FunctionCall) goja.Value {
				return js.String(f.format(toDecimal(js, c.Argument(0))).String())
			})
		}
		return f.bound
	}},
	member[*numberFormat]{"formatRange", 2, false, func(f *numberFormat, js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return js.String(f.rangeOf(js, c).String())
	}},
	member[*numberFormat]{"formatRangeToParts", 2, false, func(f *numberFormat, js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return f.rangeOf(js, c).toArray(js)
	}},
)

var sanctionedUnits = []string{
	"acre", "bit", "byte", "celsius", "centimeter", "day", "degree", "fahrenheit", "fluid-ounce", "foot", "gallon", "gigabit", "gigabyte", "gram", "hectare",
	"hour", "inch", "kilobit", "kilobyte", "kilogram", "kilometer", "liter", "megabit", "megabyte", "meter", "microsecond", "mile", "mile-scandinavian",
	"milliliter", "millimeter", "millisecond", "minute", "month", "nanosecond", "ounce", "percent", "petabyte", "pound", "second", "stone", "terabit",
	"terabyte", "week", "yard", "year",
}

// wellFormedUnit is https://tc39.es/ecma402/#sec-iswellformedunitidentifier
func wellFormedUnit(unit string) bool {
	if slices.Contains(sanctionedUnits, unit) {
		return true
	}
	numerator, denominator, ok := strings.Cut(unit, "-per-")
	return ok && slices.Contains(sanctionedUnits, numerator) && slices.Contains(sanctionedUnits, denominator)
}

var currencyCode = regexp.MustCompile(`^[A-Za-z]{3}$`)

// newNumberFormat is https://tc39.es/ecma402/#sec-intl.numberformat
func newNumberFormat(js *webidl.Realm, locales, opts goja.Value) *numberFormat {
	requested := requestedLocales(js, locales)
	o := coerceOptions(js, opts)
	o.text("localeMatcher", "best fit", "lookup", "best fit")
	r := resolveLocale(requested, relevantKey{"nu", o.sequence("numberingSystem"), isNumberingSystem})
	f := &numberFormat{name: r.locale}
	f.locale, f.rules = r.data, newRules(r, false)
	if f.system = r.keywords["nu"]; f.system == "" {
		f.system = r.data.Get("n.nu")
	}
	f.readUnit(o)
	currencyDigits := 2
	if f.currency != "" {
		currencyDigits = cldr.CurrencyDigits(f.currency)
	}
	f.notation = o.text("notation", "standard", "standard", "scientific", "engineering", "compact")
	least, most := 0, 3
	if f.style == "currency" && f.notation == "standard" {
		least, most = currencyDigits, currencyDigits
	} else if f.style == "percent" {
		most = 0
	}
	f.rounding = readRounding(o, least, most, f.notation == "compact")
	f.compactDisplay = o.text("compactDisplay", "short", "short", "long")
	f.grouping = readGrouping(o, f.notation)
	f.signDisplay = o.text("signDisplay", "auto", "auto", "never", "always", "exceptZero", "negative")
	if f.style != "currency" {
		f.currency = ""
	}
	return f
}

// readUnit is https://tc39.es/ecma402/#sec-setnumberformatunitoptions
func (f *numberFormat) readUnit(o options) {
	f.style = o.text("style", "decimal", "decimal", "percent", "currency", "unit")
	f.currency = o.text("currency", "")
	if o.get("currency") == nil {
		if f.style == "currency" {
			o.js.Throw(webidl.TypeError("Currency code is required with currency style."))
		}
	} else if !currencyCode.MatchString(f.currency) {
		o.js.Throw(webidl.RangeError("Invalid currency code : %s", f.currency))
	}
	f.currency = strings.ToUpper(f.currency)
	f.currencyDisplay = o.text("currencyDisplay", "symbol", "code", "symbol", "narrowSymbol", "name")
	f.currencySign = o.text("currencySign", "standard", "standard", "accounting")
	f.unit = o.text("unit", "")
	if o.get("unit") == nil {
		if f.style == "unit" {
			o.js.Throw(webidl.TypeError("Unit is required with unit style."))
		}
	} else if !wellFormedUnit(f.unit) {
		o.js.Throw(webidl.RangeError("Invalid unit argument for Intl.NumberFormat() '%s'", f.unit))
	}
	f.unitDisplay = o.text("unitDisplay", "short", "short", "narrow", "long")
}

func readGrouping(o options, notation string) string {
	otherwise := "auto"
	if notation == "compact" {
		otherwise = "min2"
	}
	v := o.get("useGrouping")
	switch {
	case v == nil:
		return otherwise
	case !v.ToBoolean():
		return ""
	case v.StrictEquals(o.js.VM.ToValue(true)):
		return "always"
	}
	s := o.text("useGrouping", "", "min2", "auto", "always", "true", "false")
	if s == "true" || s == "false" {
		return otherwise
	}
	return s
}

// toDecimal is https://tc39.es/ecma402/#sec-tointlmathematicalvalue
func toDecimal(js *webidl.Realm, v goja.Value) decimal {
	if o, ok := v.(*goja.Object); ok {
		v = primitive(js, o)
	}
	switch x := v.(type) {
	case *goja.Symbol:
		js.Throw(webidl.TypeError("Cannot convert a Symbol value to a number"))
	case goja.String:
		return parseDecimal(x.String())
	}
	if b, ok := v.Export().(*big.Int); ok {
		return decimalOfInt(b)
	}
	return decimalOf(v.ToFloat())
}

// primitive is ToPrimitive with the hint number.
func primitive(js *webidl.Realm, o *goja.Object) goja.Value {
	if b, ok := o.Export().(*big.Int); ok {
		return js.VM.ToValue(b)
	}
	return o.ToNumber()
}

func (f *numberFormat) rangeOf(js *webidl.Realm, c goja.FunctionCall) parts {
	if goja.IsUndefined(c.Argument(0)) || goja.IsUndefined(c.Argument(1)) {
		js.Throw(webidl.TypeError("start or end is undefined"))
	}
	a, b := toDecimal(js, c.Argument(0)), toDecimal(js, c.Argument(1))
	if a.nan || b.nan {
		js.Throw(webidl.RangeError("Invalid argument"))
	}
	return f.formatRange(a, b)
}

// formatRange is https://tc39.es/ecma402/#sec-partitionnumberrangepattern
func (f *numberStyle) formatRange(a, b decimal) parts {
	start, end := f.format(a), f.format(b)
	if start.String() == end.String() {
		out := parts{{kind: "approximatelySign", value: f.locale.Get("n.approximately")}}
		return append(out, start...).from("shared")
	}
	// What stands after both numbers stands once.
	tail := 0
	affix := func(kind string) bool {
		return kind == "currency" || kind == "unit" || kind == "compact" || kind == "percentSign" || kind == "literal"
	}
	for tail < len(start) && tail < len(end) && start[len(start)-1-tail] == end[len(end)-1-tail] && affix(start[len(start)-1-tail].kind) {
		tail++
	}
	separator := f.locale.Get("n.range")
	if tail == 0 && (len(start) > 0 && start[0].kind != "integer" || len(end) > 0 && end[0].kind != "integer") {
		separator = " " + strings.TrimSpace(separator) + " "
	}
	out := append(parts{}, start[:len(start)-tail].from("startRange")...)
	out = append(out, part{kind: "literal", value: separator, source: "shared"})
	out = append(out, end[:len(end)-tail].from("endRange")...)
	return append(out, start[len(start)-tail:].from("shared")...)
}

func (f *numberFormat) resolvedOptions(js *webidl.Realm, _ goja.FunctionCall) goja.Value {
	o := object(js, "locale", f.name, "numberingSystem", f.system, "style", f.style)
	if f.style == "currency" {
		must(o.Set("currency", f.currency))
		must(o.Set("currencyDisplay", f.currencyDisplay))
		must(o.Set("currencySign", f.currencySign))
	}
	if f.style == "unit" {
		must(o.Set("unit", f.unit))
		must(o.Set("unitDisplay", f.unitDisplay))
	}
	f.rounding.describe(o)
	if f.grouping == "" {
		must(o.Set("useGrouping", false))
	} else {
		must(o.Set("useGrouping", f.grouping))
	}
	must(o.Set("notation", f.notation))
	if f.notation == "compact" {
		must(o.Set("compactDisplay", f.compactDisplay))
	}
	must(o.Set("signDisplay", f.signDisplay))
	f.rounding.describeRounding(o)
	return o
}
