package intl

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"
	"golang.org/x/text/language"

	"github.com/mayfly-edge/mayfly/isolate/ecma/intl/cldr"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// locale is https://tc39.es/ecma402/#locale-objects
type locale struct {
	webidl.Handle
	tag tag
}

var localeClass = makeLocaleClass()

func makeLocaleClass() *webidl.Class[*locale] {
	var members []member[*locale]
	getter := func(name string, get func(*locale, *webidl.Realm, goja.FunctionCall) goja.Value) {
		members = append(members, member[*locale]{name, 0, true, get})
	}
	getter("baseName", localeText((*tag).base))
	for _, k := range localeKeywords {
		if k.key != "kn" {
			getter(k.option, keywordOf(k.key))
		}
	}
	getter("numeric", func(l *locale, js *webidl.Realm, _ goja.FunctionCall) goja.Value {
		v, ok := l.tag.keyword("kn")
		return js.VM.ToValue(ok && (v == "" || v == "true"))
	})
	getter("language", localeText(func(t *tag) string { return t.language }))
	getter("script", localeText(func(t *tag) string { return t.script }))
	getter("region", localeText(func(t *tag) string { return t.region }))
	getter("weekInfo", (*locale).weekInfo)
	getter("textInfo", (*locale).textInfo)
	members = append(members,
		member[*locale]{"toString", 0, false, localeText((*tag).String)},
		member[*locale]{"getWeekInfo", 0, false, (*locale).weekInfo},
		member[*locale]{"getTextInfo", 0, false, (*locale).textInfo})
	class := service("Locale", 1, false, newLocale, members...)
	class.Members = append(class.Members, webidl.Custom[*locale](func(js *webidl.Realm, constructor, prototype *goja.Object) {
		for name, change := range map[string]func(tag) tag{"maximize": tag.maximized, "minimize": tag.minimized} {
			method(js, prototype, name, 0, func(c goja.FunctionCall) goja.Value {
				l, ok := webidl.As[*locale](c.This)
				if !ok {
					js.Throw(webidl.TypeError("Method Intl.Locale.prototype.%s called on incompatible receiver", name))
				}
				t := change(l.tag)
				o, err := js.VM.New(constructor, js.String(t.String()))
				if err != nil {
					js.Throw(err)
				}
				return o
			})
		}
	}))
	return class
}

// localeKeywords are the keywords that options set, in the order in which they are read.
var localeKeywords = []struct{ key, option string }{
	{"ca", "calendar"}, {"co", "collation"}, {"hc", "hourCycle"}, {"kf", "caseFirst"}, {"kn", "numeric"}, {"nu", "numberingSystem"},
}

func localeText(get func(*tag) string) func(*locale, *webidl.Realm, goja.FunctionCall) goja.Value {
	return func(l *locale, js *webidl.Realm, _ goja.FunctionCall) goja.Value {
		if s := get(&l.tag); s != "" {
			return js.String(s)
		}
		return goja.Undefined()
	}
}

func keywordOf(key string) func(*locale, *webidl.Realm, goja.FunctionCall) goja.Value {
	return func(l *locale, js *webidl.Realm, _ goja.FunctionCall) goja.Value {
		if v, ok := l.tag.keyword(key); ok {
			return js.String(v)
		}
		return goja.Undefined()
	}
}

var languageCode = regexp.MustCompile(`^([A-Za-z]{2,3}|[A-Za-z]{5,8})$`)

// newLocale is https://tc39.es/ecma402/#sec-Intl.Locale
func newLocale(js *webidl.Realm, v, opts goja.Value) *locale {
	_, isString := v.(goja.String)
	_, isObject := v.(*goja.Object)
	if !isString && !isObject {
		js.Throw(webidl.TypeError("First argument to Intl.Locale constructor can't be empty or missing"))
	}
	l := &locale{tag: localeArgument(js, v)}
	o := coerceOptions(js, opts)
	// https://tc39.es/ecma402/#sec-updatelanguageid
	code := func(name string, form *regexp.Regexp) string {
		s := o.text(name, "")
		if o.get(name) != nil && !form.MatchString(s) {
			js.Throw(webidl.RangeError("Incorrect locale information provided"))
		}
		return s
	}
	if s := code("language", languageCode); s != "" {
		l.tag.language = strings.ToLower(s)
	}
	if s := code("script", scriptCode); s != "" {
		l.tag.script = strings.ToUpper(s[:1]) + strings.ToLower(s[1:])
	}
	if s := code("region", regionCode); s != "" {
		l.tag.region = strings.ToUpper(s)
	}
	l.tag.replaceAliases()
	for _, k := range localeKeywords {
		var value string
		given := o.get(k.option) != nil
		switch k.key {
		case "hc":
			value = o.text(k.option, "", "h11", "h12", "h23", "h24")
		case "kf":
			value = o.text(k.option, "", "upper", "lower", "false")
		case "kn":
			if on, _ := o.flag(k.option); !on {
				value = "false"
			}
		default:
			value = o.sequence(k.option)
		}
		if given {
			l.tag.setKeyword(k.key, value)
		}
	}
	return l
}

// maximized is https://tc39.es/ecma402/#sec-Intl.Locale.prototype.maximize
func (t tag) maximized() tag {
	base, script, region := t.text().Raw()
	l, err := language.Compose(base, script, region)
	if err != nil {
		return t
	}
	if b, c := l.Base(); t.language == "und" && c != language.No {
		t.language = b.String()
	}
	if s, c := l.Script(); t.script == "" && c != language.No {
		t.script = s.String()
	}
	if r, c := l.Region(); t.region == "" && c != language.No {
		t.region = r.String()
	}
	return t
}

// minimized is https://tc39.es/ecma402/#sec-Intl.Locale.prototype.minimize
func (t tag) minimized() tag {
	full := t.maximized()
	want := full.base()
	for _, try := range []tag{{language: full.language}, {language: full.language, region: full.region}, {language: full.language, script: full.script}} {
		try.variants = t.variants
		if m := try.maximized(); m.base() == want {
			t.language, t.script, t.region = try.language, try.script, try.region
			return t
		}
	}
	return full
}

// weekInfo is https://tc39.es/proposal-intl-locale-info/#sec-week-info-of-locale
func (l *locale) weekInfo(js *webidl.Realm, _ goja.FunctionCall) goja.Value {
	data, _ := cldr.Lookup(l.tag.language, l.tag.script, l.tag.region)
	if data == nil {
		data, _ = cldr.Lookup("en", "", "GB")
	}
	w := data.List("w")
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	var weekend []any
	for d := range strings.SplitSeq(w[1], ",") {
		weekend = append(weekend, number(d))
	}
	return object(js, "firstDay", number(w[0]), "weekend", js.VM.NewArray(weekend...), "minimalDays", number(w[2]))
}

// textInfo is https://tc39.es/proposal-intl-locale-info/#sec-text-info-of-locale
func (l *locale) textInfo(js *webidl.Realm, _ goja.FunctionCall) goja.Value {
	direction := "ltr"
	switch full := l.tag.maximized(); full.script {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg":
		direction = "rtl"
	}
	return object(js, "direction", direction)
}
