package intl

import (
	"regexp"
	"strings"

	"github.com/dop251/goja"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/mayfly-edge/mayfly/isolate/ecma/intl/cldr"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// displayNames is https://tc39.es/ecma402/#intl-displaynames-objects
type displayNames struct {
	webidl.Handle
	data                                   *cldr.Locale
	tag                                    language.Tag
	name, style, kind, fallback, languages string
}

var displayNamesClass = service("DisplayNames", 2, false, newDisplayNames,
	member[*displayNames]{"resolvedOptions", 0, false, func(d *displayNames, js *webidl.Realm, _ goja.FunctionCall) goja.Value {
		return object(js, "locale", d.name, "style", d.style, "type", d.kind, "fallback", d.fallback, "languageDisplay", d.languages)
	}},
	member[*displayNames]{"of", 1, false, func(d *displayNames, js *webidl.Realm, c goja.FunctionCall) goja.Value {
		code, ok := d.canonical(c.Argument(0).String())
		if !ok {
			js.Throw(webidl.RangeError("Invalid argument to Intl.DisplayNames.prototype.of"))
		}
		if s := d.of(code); s != "" {
			return js.String(s)
		}
		if d.fallback == "code" {
			return js.String(code)
		}
		return goja.Undefined()
	}},
)

// newDisplayNames is https://tc39.es/ecma402/#sec-Intl.DisplayNames
func newDisplayNames(js *webidl.Realm, locales, opts goja.Value) *displayNames {
	requested := requestedLocales(js, locales)
	if goja.IsUndefined(opts) {
		js.Throw(webidl.TypeError("Cannot convert undefined or null to object"))
	}
	o := objectOptions(js, opts)
	o.text("localeMatcher", "best fit", "lookup", "best fit")
	r := resolveLocale(requested)
	d := &displayNames{data: r.data, name: r.locale, tag: r.tag.text()}
	d.style = o.text("style", "long", "narrow", "short", "long")
	if d.kind = o.text("type", "", "language", "region", "script", "currency", "calendar", "dateTimeField"); d.kind == "" {
		js.Throw(webidl.TypeError("Required option \"type\" must not be undefined"))
	}
	d.fallback = o.text("fallback", "code", "code", "none")
	languages := o.text("languageDisplay", "dialect", "dialect", "standard")
	if d.kind == "language" {
		d.languages = languages
	}
	return d
}

var (
	regionCode = regexp.MustCompile(`^([A-Za-z]{2}|[0-9]{3})$`)
	scriptCode = regexp.MustCompile(`^[A-Za-z]{4}$`)
)

// canonical is https://tc39.es/ecma402/#sec-canonicalcodefordisplaynames
func (d *displayNames) canonical(code string) (string, bool) {
	switch d.kind {
	case "language":
		t, err := parseTag(code)
		return t.String(), err == nil && len(t.extensions)+len(t.keywords)+len(t.attributes) == 0 && t.private == ""
	case "region":
		return strings.ToUpper(code), regionCode.MatchString(code)
	case "script":
		if !scriptCode.MatchString(code) {
			return "", false
		}
		return strings.ToUpper(code[:1]) + strings.ToLower(code[1:]), true
	case "currency":
		return strings.ToUpper(code), currencyCode.MatchString(code)
	case "calendar":
		return strings.ToLower(code), typeSequence(code)
	}
	return code, d.data.Get("f."+code) != ""
}

// of returns a name, or "" if there is none.
func (d *displayNames) of(code string) string {
	switch d.kind {
	case "language":
		t, err := language.Parse(code)
		if err != nil {
			return ""
		}
		if name := display.Tags(d.tag).Name(t); d.languages == "dialect" && name != "" {
			return name
		}
		base, script, region := t.Raw()
		name := display.Languages(d.tag).Name(base)
		var rest []string
		if s := script.String(); s != "Zzzz" {
			rest = append(rest, display.Scripts(d.tag).Name(script))
		}
		if s := region.String(); s != "ZZ" {
			rest = append(rest, display.Regions(d.tag).Name(region))
		}
		if len(rest) > 0 {
			name += " (" + strings.Join(rest, ", ") + ")"
		}
		return name
	case "region":
		r, err := language.ParseRegion(code)
		if err != nil {
			return ""
		}
		return display.Regions(d.tag).Name(r)
	case "script":
		s, err := language.ParseScript(code)
		if err != nil {
			return ""
		}
		return display.Scripts(d.tag).Name(s)
	case "currency":
		forms := d.data.List("c." + code)
		switch {
		case forms == nil:
			return ""
		case d.style == "long":
			return forms[2]
		case d.style == "narrow":
			return forms[1]
		}
		return forms[0]
	case "dateTimeField":
		return d.data.List("f." + code)[map[string]int{"long": 0, "short": 1, "narrow": 2}[d.style]]
	}
	return ""
}
