package intl

import (
	"math"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/intl/cldr"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// defaultLocale is that of every isolate, as on Workers.
const defaultLocale = "en-US"

// requestedLocales is https://tc39.es/ecma402/#sec-canonicalizelocalelist
func requestedLocales(js *webidl.Realm, v goja.Value) []tag {
	if goja.IsUndefined(v) {
		return nil
	}
	if goja.IsNull(v) {
		js.Throw(webidl.TypeError("Cannot convert undefined or null to object"))
	}
	var list []tag
	add := func(v goja.Value) {
		t := localeArgument(js, v)
		name := t.String()
		for i := range list {
			if list[i].String() == name {
				return
			}
		}
		list = append(list, t)
	}
	if _, ok := v.(goja.String); ok {
		add(v)
		return list
	}
	if _, ok := webidl.As[*locale](v); ok {
		add(v)
		return list
	}
	o := v.ToObject(js.VM)
	n := int64(0)
	if l := o.Get("length"); l != nil {
		n = l.ToInteger()
	}
	for i := int64(0); i < n; i++ {
		if i > 1000 {
			js.Checkpoint()
		}
		item := o.Get(strconv.FormatInt(i, 10))
		if item == nil {
			continue
		}
		_, isString := item.(goja.String)
		_, isObject := item.(*goja.Object)
		if !isString && !isObject {
			js.Throw(webidl.TypeError("Incorrect locale information provided"))
		}
		add(item)
	}
	return list
}

func localeArgument(js *webidl.Realm, v goja.Value) tag {
	if l, ok := webidl.As[*locale](v); ok {
		return l.tag
	}
	t, err := parseTag(v.String())
	if err != nil {
		js.Throw(webidl.RangeError("Incorrect locale information provided"))
	}
	return t
}

// A resolution is what https://tc39.es/ecma402/#sec-resolvelocale finds.
type resolution struct {
	data *cldr.Locale
	tag  tag // without extensions
	// locale is the tag with the keywords that are in force.
	locale   string
	keywords map[string]string
}

// A relevantKey is a keyword that a service understands, with the option of the same
// meaning. ok tells which values there are.
type relevantKey struct {
	key, option string // option is "" if not given
	ok          func(string) bool
}

func resolveLocale(requested []tag, keys ...relevantKey) resolution {
	r := resolution{keywords: map[string]string{}}
	var wanted tag
	for _, t := range requested {
		if data, name := cldr.Lookup(t.language, t.script, t.region); data != nil {
			r.data, wanted = data, t
			r.tag, _ = parseTag(name)
			break
		}
	}
	if r.data == nil {
		r.data, _ = cldr.Lookup("en", "", "US")
		r.tag, _ = parseTag(defaultLocale)
	}
	full := r.tag
	for _, k := range keys {
		value, has := wanted.keyword(k.key)
		if has && value == "" {
			value = "true"
		}
		if has = has && k.ok(value); has {
			r.keywords[k.key] = value
		}
		if k.option != "" && k.ok(k.option) && k.option != value {
			r.keywords[k.key] = k.option
			has = false
		}
		if has {
			if value == "true" {
				value = ""
			}
			full.setKeyword(k.key, value)
		}
	}
	r.locale = full.String()
	return r
}

// supportedLocalesOf is https://tc39.es/ecma402/#sec-supportedlocales
func supportedLocalesOf(js *webidl.Realm, c goja.FunctionCall) goja.Value {
	requested := requestedLocales(js, c.Argument(0))
	coerceOptions(js, c.Argument(1)).text("localeMatcher", "best fit", "lookup", "best fit")
	var names []string
	for _, t := range requested {
		if data, _ := cldr.Lookup(t.language, t.script, t.region); data != nil {
			names = append(names, t.String())
		}
	}
	return js.Strings(names)
}

// options reads an options argument.
type options struct {
	js *webidl.Realm
	o  *goja.Object // nil: all are undefined
}

// coerceOptions is https://tc39.es/ecma402/#sec-coerceoptionstoobject
func coerceOptions(js *webidl.Realm, v goja.Value) options {
	if goja.IsUndefined(v) {
		return options{js: js}
	}
	if goja.IsNull(v) {
		js.Throw(webidl.TypeError("Cannot convert undefined or null to object"))
	}
	return options{js, v.ToObject(js.VM)}
}

// objectOptions is https://tc39.es/ecma262/#sec-getoptionsobject
func objectOptions(js *webidl.Realm, v goja.Value) options {
	if goja.IsUndefined(v) {
		return options{js: js}
	}
	o, ok := v.(*goja.Object)
	if !ok {
		js.Throw(webidl.TypeError("Incorrect options information provided"))
	}
	return options{js, o}
}

func (o options) get(name string) goja.Value {
	if o.o == nil {
		return nil
	}
	v := o.o.Get(name)
	if v == nil || goja.IsUndefined(v) {
		return nil
	}
	return v
}

// text is https://tc39.es/ecma262/#sec-getoption for a string; no values allow any.
func (o options) text(name, otherwise string, values ...string) string {
	v := o.get(name)
	if v == nil {
		return otherwise
	}
	if _, ok := v.(*goja.Symbol); ok {
		o.js.Throw(webidl.TypeError("Cannot convert a Symbol value to a string"))
	}
	s := v.String()
	for _, allowed := range values {
		if s == allowed {
			return s
		}
	}
	if len(values) > 0 {
		o.invalid(name, s)
	}
	return s
}

func (o options) invalid(name, value string) {
	o.js.Throw(webidl.RangeError("Value %s out of range for Intl options property %s", value, name))
}

// sequence is an option in the form of a Unicode keyword's value.
func (o options) sequence(name string) string {
	s := o.text(name, "")
	if s != "" && !typeSequence(s) || s == "" && o.get(name) != nil {
		o.invalid(name, s)
	}
	return strings.ToLower(s)
}

// flag is a boolean option.
func (o options) flag(name string) (value, given bool) {
	v := o.get(name)
	if v == nil {
		return false, false
	}
	return v.ToBoolean(), true
}

// number is https://tc39.es/ecma402/#sec-getnumberoption
func (o options) number(name string, least, most, otherwise int) int {
	return o.inRange(name, o.get(name), least, most, otherwise)
}

// inRange is https://tc39.es/ecma402/#sec-defaultnumberoption
func (o options) inRange(name string, v goja.Value, least, most, otherwise int) int {
	if v == nil || goja.IsUndefined(v) {
		return otherwise
	}
	x := v.ToNumber().ToFloat()
	if math.IsNaN(x) || x < float64(least) || x > float64(most) {
		o.js.Throw(webidl.RangeError("%s value is out of range.", name))
	}
	return int(math.Floor(x))
}
