package intl

import (
	"github.com/dop251/goja"
	"golang.org/x/text/language"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// pluralRulesObject is https://tc39.es/ecma402/#pluralrules-objects
type pluralRulesObject struct {
	webidl.Handle
	rules    pluralRules
	rounding rounding
	name     string // of the locale
}

var pluralRulesClass = service("PluralRules", 0, false, newPluralRules,
	member[*pluralRulesObject]{"resolvedOptions", 0, false, (*pluralRulesObject).resolvedOptions},
	member[*pluralRulesObject]{"select", 1, false, func(p *pluralRulesObject, js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return js.String(p.choose(decimalOf(c.Argument(0).ToNumber().ToFloat())))
	}},
	member[*pluralRulesObject]{"selectRange", 2, false, func(p *pluralRulesObject, js *webidl.Realm, c goja.FunctionCall) goja.Value {
		if goja.IsUndefined(c.Argument(0)) || goja.IsUndefined(c.Argument(1)) {
			js.Throw(webidl.TypeError("startRange or endRange is undefined"))
		}
		a, b := decimalOf(c.Argument(0).ToNumber().ToFloat()), decimalOf(c.Argument(1).ToNumber().ToFloat())
		if a.nan || b.nan {
			js.Throw(webidl.RangeError("Invalid argument"))
		}
		return js.String(p.choose(b)) // nearly all languages go by the end of a range
	}},
)

func newRules(r resolution, ordinal bool) pluralRules {
	return pluralRules{tag: language.Make(r.tag.base()), lang: r.tag.language, ordinal: ordinal}
}

// newPluralRules is https://tc39.es/ecma402/#sec-intl.pluralrules
func newPluralRules(js *webidl.Realm, locales, opts goja.Value) *pluralRulesObject {
	r := resolveLocale(requestedLocales(js, locales))
	o := coerceOptions(js, opts)
	o.text("localeMatcher", "best fit", "lookup", "best fit")
	p := &pluralRulesObject{name: r.locale}
	p.rules = newRules(r, o.text("type", "cardinal", "cardinal", "ordinal") == "ordinal")
	p.rounding = readRounding(o, 0, 3, false)
	return p
}

func (p *pluralRulesObject) choose(d decimal) string {
	if d.nan || d.inf {
		return "other"
	}
	return p.rules.selectShown(p.rounding.apply(d), 0)
}

func (p *pluralRulesObject) resolvedOptions(js *webidl.Realm, _ goja.FunctionCall) goja.Value {
	kind := "cardinal"
	if p.rules.ordinal {
		kind = "ordinal"
	}
	o := object(js, "locale", p.name, "type", kind)
	p.rounding.describe(o)
	must(o.Set("pluralCategories", js.Strings(p.rules.categories())))
	p.rounding.describeRounding(o)
	return o
}
