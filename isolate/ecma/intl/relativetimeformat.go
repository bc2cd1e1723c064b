package intl

import (
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// relativeTimeFormat is https://tc39.es/ecma402/#relativetimeformat-objects
type relativeTimeFormat struct {
	webidl.Handle
	number         numberStyle
	style, numeric string
	name           string // of the locale
}

var relativeTimeFormatClass = service("RelativeTimeFormat", 0, false, newRelativeTimeFormat,
	member[*relativeTimeFormat]{"resolvedOptions", 0, false, func(f *relativeTimeFormat, js *webidl.Realm, _ goja.FunctionCall) goja.Value {
		return object(js, "locale", f.name, "style", f.style, "numeric", f.numeric, "numberingSystem", f.number.system)
	}},
	member[*relativeTimeFormat]{"format", 2, false, func(f *relativeTimeFormat, js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return js.String(f.format(js, c).String())
	}},
	member[*relativeTimeFormat]{"formatToParts", 2, false, func(f *relativeTimeFormat, js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return f.format(js, c).toArray(js)
	}},
)

// newRelativeTimeFormat is https://tc39.es/ecma402/#sec-intl.relativetimeformat
func newRelativeTimeFormat(js *webidl.Realm, locales, opts goja.Value) *relativeTimeFormat {
	requested := requestedLocales(js, locales)
	o := coerceOptions(js, opts)
	o.text("localeMatcher", "best fit", "lookup", "best fit")
	r := resolveLocale(requested, relevantKey{"nu", o.sequence("numberingSystem"), isNumberingSystem})
	f := &relativeTimeFormat{name: r.locale}
	f.style = o.text("style", "long", "long", "short", "narrow")
	f.numeric = o.text("numeric", "always", "always", "auto")
	f.number = plainNumber(r)
	return f
}

// plainNumber is the style of numbers within other formats.
func plainNumber(r resolution) numberStyle {
	n := numberStyle{locale: r.data, rules: newRules(r, false), system: r.keywords["nu"], style: "decimal", notation: "standard", signDisplay: "auto", grouping: "auto",
		rounding: rounding{minInteger: 1, maxFraction: 3, kind: "fractionDigits", increment: 1, mode: "halfExpand"}}
	if n.system == "" {
		n.system = r.data.Get("n.nu")
	}
	return n
}

// format is https://tc39.es/ecma402/#sec-PartitionRelativeTimePattern
func (f *relativeTimeFormat) format(js *webidl.Realm, c goja.FunctionCall) parts {
	d := decimalOf(c.Argument(0).ToNumber().ToFloat())
	unit := strings.TrimSuffix(c.Argument(1).String(), "s")
	switch unit {
	case "second", "minute", "hour", "day", "week", "month", "quarter", "year":
	default:
		js.Throw(webidl.RangeError("Invalid unit argument for format() '%s'", c.Argument(1)))
	}
	if d.nan || d.inf {
		js.Throw(webidl.RangeError("Invalid time value"))
	}
	key := "r." + unit + "." + f.style
	if f.numeric == "auto" {
		named := f.number.locale.List(key + ".auto")
		if i := d.float(); named != nil && i == float64(int(i)) && i >= -2 && i <= 2 && named[int(i)+2] != "" {
			return parts{{kind: "literal", value: named[int(i)+2]}}
		}
	}
	direction := ".future"
	if d.negative {
		direction = ".past"
	}
	d.negative = false
	s := f.number.rounding.apply(d)
	number := f.number.format(d)
	for i := range number {
		number[i].unit = unit
	}
	pattern := f.number.locale.Plural(key+direction, f.number.rules.selectShown(s, 0))
	return fill(pattern, func(string) parts { return number })
}

// listFormat is https://tc39.es/ecma402/#listformat-objects
type listFormat struct {
	webidl.Handle
	separators  []string // of two, at the start, in the middle, at the end
	kind, style string
	name        string // of the locale
	language    string
}

var listFormatClass = service("ListFormat", 0, false, newListFormat,
	member[*listFormat]{"resolvedOptions", 0, false, func(f *listFormat, js *webidl.Realm, _ goja.FunctionCall) goja.Value {
		return object(js, "locale", f.name, "type", f.kind, "style", f.style)
	}},
	member[*listFormat]{"format", 1, false, func(f *listFormat, js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return js.String(f.format(textList(js, c.Argument(0))).String())
	}},
	member[*listFormat]{"formatToParts", 1, false, func(f *listFormat, js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return f.format(textList(js, c.Argument(0))).toArray(js)
	}},
)

// newListFormat is https://tc39.es/ecma402/#sec-Intl.ListFormat
func newListFormat(js *webidl.Realm, locales, opts goja.Value) *listFormat {
	requested := requestedLocales(js, locales)
	o := objectOptions(js, opts)
	o.text("localeMatcher", "best fit", "lookup", "best fit")
	r := resolveLocale(requested)
	f := &listFormat{name: r.locale, language: r.tag.language}
	f.kind = o.text("type", "conjunction", "conjunction", "disjunction", "unit")
	f.style = o.text("style", "long", "long", "short", "narrow")
	f.separators = r.data.List("l." + f.kind + "." + f.style)
	return f
}

// textList is https://tc39.es/ecma402/#sec-createstringlistfromiterable
func textList(js *webidl.Realm, v goja.Value) []string {
	if goja.IsUndefined(v) {
		return nil
	}
	var list []string
	js.VM.ForOf(v, func(item goja.Value) bool {
		s, ok := item.(goja.String)
		if !ok {
			js.Throw(webidl.TypeError("Iterable yielded %s which is not a string", item))
		}
		list = append(list, s.String())
		return true
	})
	return list
}

// format is https://tc39.es/ecma402/#sec-createpartsfromlist
func (f *listFormat) format(list []string) parts {
	var out parts
	for i, item := range list {
		if i > 0 {
			separator := f.separators[2]
			switch {
			case len(list) == 2:
				separator = f.separators[0]
			case i == len(list)-1:
				separator = f.separators[3]
			case i == 1:
				separator = f.separators[1]
			}
			if f.language == "es" && i == len(list)-1 {
				separator = euphonic(separator, item)
			}
			out = append(out, part{kind: "literal", value: separator})
		}
		out = append(out, part{kind: "element", value: item})
	}
	return out
}

// euphonic changes the Spanish "y" and "o" before a word that begins with their sound.
func euphonic(separator, next string) string {
	next = strings.ToLower(next)
	switch {
	case strings.Contains(separator, " y ") && (strings.HasPrefix(next, "i") || strings.HasPrefix(next, "hi") && !strings.HasPrefix(next, "hie") && !strings.HasPrefix(next, "hia")):
		return strings.Replace(separator, " y ", " e ", 1)
	case strings.Contains(separator, " o ") && (strings.HasPrefix(next, "o") || strings.HasPrefix(next, "ho") || strings.HasPrefix(next, "8") || eleven(next)):
		return strings.Replace(separator, " o ", " u ", 1)
	}
	return separator
}

// eleven reports whether a text begins with the number 11, spoken "once".
func eleven(s string) bool {
	if !strings.HasPrefix(s, "11") {
		return false
	}
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(s[:end])
	return err == nil && n == 11
}
