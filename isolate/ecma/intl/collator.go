package intl

import (
	"strings"
	"unicode"

	"github.com/dop251/goja"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// collator is https://tc39.es/ecma402/#collator-objects
type collator struct {
	webidl.Handle
	order                               *collate.Collator
	name, usage, sensitivity, caseFirst string
	numeric, ignorePunctuation          bool
	bound                               goja.Value
}

var collatorClass = service("Collator", 0, true, newCollator,
	member[*collator]{"resolvedOptions", 0, false, func(c *collator, js *webidl.Realm, _ goja.FunctionCall) goja.Value {
		return object(js, "locale", c.name, "usage", c.usage, "sensitivity", c.sensitivity, "ignorePunctuation", c.ignorePunctuation,
			"collation", "default", "numeric", c.numeric, "caseFirst", c.caseFirst)
	}},
	member[*collator]{"compare", 0, true, func(c *collator, js *webidl.Realm, _ goja.FunctionCall) goja.Value {
		if c.bound == nil {
			c.bound = js.Function("", 2, func(call goja.FunctionCall) goja.Value {
				return js.VM.ToValue(c.compare(textOf(js, call.Argument(0)), textOf(js, call.Argument(1))))
			})
		}
		return c.bound
	}},
)

// textOf is ToString.
func textOf(js *webidl.Realm, v goja.Value) string {
	if o, ok := v.(*goja.Object); ok {
		v = o.ToString()
	}
	if _, ok := v.(*goja.Symbol); ok {
		js.Throw(webidl.TypeError("Cannot convert a Symbol value to a string"))
	}
	return v.String()
}

// newCollator is https://tc39.es/ecma402/#sec-intl.collator
func newCollator(js *webidl.Realm, locales, opts goja.Value) *collator {
	requested := requestedLocales(js, locales)
	o := coerceOptions(js, opts)
	c := &collator{usage: o.text("usage", "sort", "sort", "search")}
	o.text("localeMatcher", "best fit", "lookup", "best fit")
	o.sequence("collation")
	numeric := ""
	if v, given := o.flag("numeric"); given {
		numeric = map[bool]string{true: "true", false: "false"}[v]
	}
	caseFirst := o.text("caseFirst", "", "upper", "lower", "false")
	boolean := func(s string) bool { return s == "true" || s == "false" }
	r := resolveLocale(requested, relevantKey{"kf", caseFirst, func(s string) bool { return s == "upper" || s == "lower" || s == "false" }}, relevantKey{"kn", numeric, boolean})
	c.name = r.locale
	c.numeric = r.keywords["kn"] == "true"
	if c.caseFirst = r.keywords["kf"]; c.caseFirst == "" {
		c.caseFirst = "false"
	}
	c.sensitivity = o.text("sensitivity", "variant", "base", "accent", "case", "variant")
	c.ignorePunctuation, _ = o.flag("ignorePunctuation")
	c.order = newOrder(r.tag.text(), c.sensitivity, c.numeric)
	return c
}

func newOrder(t language.Tag, sensitivity string, numeric bool) *collate.Collator {
	var list []collate.Option
	switch sensitivity {
	case "base":
		list = append(list, collate.Loose)
	case "accent":
		list = append(list, collate.IgnoreCase)
	}
	if numeric {
		list = append(list, collate.Numeric)
	}
	return collate.New(t, list...)
}

// compare is https://tc39.es/ecma402/#sec-collator-comparestrings
func (c *collator) compare(a, b string) int {
	if a == b {
		return 0
	}
	if c.ignorePunctuation {
		a, b = withoutPunctuation(a), withoutPunctuation(b)
	}
	if c.sensitivity == "case" {
		a, b = withoutMarks(a), withoutMarks(b)
	}
	n := c.order.CompareString(a, b)
	if c.caseFirst == "upper" && n != 0 && strings.EqualFold(a, b) {
		return -n
	}
	return n
}

// withoutMarks is for the sensitivity "case", which golang.org/x/text does not have.
func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

func withoutPunctuation(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPunct(r) || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
