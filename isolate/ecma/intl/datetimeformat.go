package intl

import (
	"math"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// dateTimeFormat is https://tc39.es/ecma402/#datetimeformat-objects
type dateTimeFormat struct {
	webidl.Handle
	style dateStyle
	name  string // of the locale
	bound goja.Value
}

var dateTimeFormatClass = service("DateTimeFormat", 0, true, func(js *webidl.Realm, locales, opts goja.Value) *dateTimeFormat {
	return newDateTimeFormat(js, locales, opts, "any", "date")
},
	member[*dateTimeFormat]{"resolvedOptions", 0, false, (*dateTimeFormat).resolvedOptions},
	member[*dateTimeFormat]{"formatToParts", 1, false, func(f *dateTimeFormat, js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return f.style.format(toTime(js, c.Argument(0))).toArray(js)
	}},
	member[*dateTimeFormat]{"format", 0, true, func(f *dateTimeFormat, js *webidl.Realm, _ goja.FunctionCall) goja.Value {
		if f.bound == nil {
			f.bound = js.Function("", 1, func(c goja.FunctionCall) goja.Value {
				return js.String(f.style.format(toTime(js, c.Argument(0))).String())
			})
		}
		return f.bound
	}},
	member[*dateTimeFormat]{"formatRange", 2, false, func(f *dateTimeFormat, js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return js.String(f.rangeOf(js, c).String())
	}},
	member[*dateTimeFormat]{"formatRangeToParts", 2, false, func(f *dateTimeFormat, js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return f.rangeOf(js, c).toArray(js)
	}},
)

func (f *dateTimeFormat) rangeOf(js *webidl.Realm, c goja.FunctionCall) parts {
	if goja.IsUndefined(c.Argument(0)) || goja.IsUndefined(c.Argument(1)) {
		js.Throw(webidl.TypeError("startDate or endDate cannot be undefined"))
	}
	a, b := toTime(js, c.Argument(0)), toTime(js, c.Argument(1))
	return f.style.formatRange(a, b)
}

// toTime returns milliseconds since 1970: https://tc39.es/ecma402/#sec-datetime-format-functions
func toTime(js *webidl.Realm, v goja.Value) int64 {
	if goja.IsUndefined(v) {
		return now(js)
	}
	x := math.Trunc(v.ToNumber().ToFloat())
	if !(math.Abs(x) <= 8.64e15) {
		js.Throw(webidl.RangeError("Invalid time value"))
	}
	return int64(x)
}

// now asks the script's own Date, whose clock the isolate decides.
func now(js *webidl.Realm) int64 {
	date, ok := js.Global("Date").(*goja.Object)
	if !ok {
		return time.Now().UnixMilli()
	}
	f, ok := goja.AssertFunction(date.Get("now"))
	if !ok {
		return time.Now().UnixMilli()
	}
	v, err := f(date)
	if err != nil {
		js.Throw(err)
	}
	return v.ToInteger()
}

// newDateTimeFormat is https://tc39.es/ecma402/#sec-createdatetimeformat; required and
// defaults are its arguments of these names.
func newDateTimeFormat(js *webidl.Realm, locales, opts goja.Value, required, defaults string) *dateTimeFormat {
	requested := requestedLocales(js, locales)
	o := coerceOptions(js, opts)
	o.text("localeMatcher", "best fit", "lookup", "best fit")
	o.sequence("calendar")
	system := o.sequence("numberingSystem")
	hour12, hasHour12 := o.flag("hour12")
	cycle := o.text("hourCycle", "", "h11", "h12", "h23", "h24")
	if hasHour12 {
		cycle = ""
	}
	isCycle := func(s string) bool { return s == "h11" || s == "h12" || s == "h23" || s == "h24" }
	r := resolveLocale(requested,
		relevantKey{"ca", "", func(s string) bool { return s == "gregory" }},
		relevantKey{"hc", cycle, isCycle}, relevantKey{"nu", system, isNumberingSystem})
	f := &dateTimeFormat{name: r.locale}
	s := &f.style
	s.locale = r.data
	if s.system = r.keywords["nu"]; s.system == "" {
		s.system = r.data.Get("n.nu")
	}
	zone := o.get("timeZone")
	s.zone, s.zoneName = time.UTC, "UTC"
	if zone != nil {
		var err error
		if s.zone, s.zoneName, err = findZone(zone.String()); err != nil {
			js.Throw(webidl.RangeError("%s", err))
		}
	}
	s.fields.read(o)
	o.text("formatMatcher", "best fit", "basic", "best fit")
	s.dateStyle = o.text("dateStyle", "", "full", "long", "medium", "short")
	s.timeStyle = o.text("timeStyle", "", "full", "long", "medium", "short")
	if s.dateStyle+s.timeStyle != "" {
		if s.fields.hasDate() || s.fields.hasTime() || s.fields.timeZoneName != "" {
			js.Throw(webidl.TypeError("Can't set option %s when %s is used", s.fields.first(), map[bool]string{true: "dateStyle", false: "timeStyle"}[s.dateStyle != ""]))
		}
		if required == "date" && s.timeStyle != "" || required == "time" && s.dateStyle != "" {
			js.Throw(webidl.TypeError("Invalid option : %s", map[bool]string{true: "timeStyle", false: "dateStyle"}[required == "date"]))
		}
	} else {
		s.fields.fill(required, defaults)
	}
	if s.fields.hour != "" || s.timeStyle != "" {
		s.hourCycle = r.data.Get("d.cycle")
		if c := r.keywords["hc"]; c != "" {
			s.hourCycle = c
		}
		if hasHour12 {
			s.hourCycle = "h23"
			if hour12 {
				s.hourCycle = r.data.Get("d.cycle12")
			}
		}
	}
	s.compile()
	return f
}

// read takes the component options in the order of the standard.
func (x *dateFields) read(o options) {
	x.weekday = o.text("weekday", "", "narrow", "short", "long")
	x.era = o.text("era", "", "narrow", "short", "long")
	x.year = o.text("year", "", "2-digit", "numeric")
	x.month = o.text("month", "", "2-digit", "numeric", "narrow", "short", "long")
	x.day = o.text("day", "", "2-digit", "numeric")
	x.dayPeriod = o.text("dayPeriod", "", "narrow", "short", "long")
	x.hour = o.text("hour", "", "2-digit", "numeric")
	x.minute = o.text("minute", "", "2-digit", "numeric")
	x.second = o.text("second", "", "2-digit", "numeric")
	x.fraction = o.number("fractionalSecondDigits", 1, 3, 0)
	x.timeZoneName = o.text("timeZoneName", "", "short", "long", "shortOffset", "longOffset", "shortGeneric", "longGeneric")
}

// first names the first option that is set.
func (x *dateFields) first() string {
	for _, f := range []struct{ name, value string }{
		{"weekday", x.weekday}, {"era", x.era}, {"year", x.year}, {"month", x.month}, {"day", x.day}, {"dayPeriod", x.dayPeriod},
		{"hour", x.hour}, {"minute", x.minute}, {"second", x.second},
	} {
		if f.value != "" {
			return f.name
		}
	}
	if x.fraction > 0 {
		return "fractionalSecondDigits"
	}
	return "timeZoneName"
}

// fill sets what is shown if nothing of what is required was asked for.
func (x *dateFields) fill(required, defaults string) {
	need := true
	if (required == "date" || required == "any") && x.weekday+x.year+x.month+x.day != "" {
		need = false
	}
	if (required == "time" || required == "any") && x.hasTime() {
		need = false
	}
	if !need {
		return
	}
	if defaults == "date" || defaults == "all" {
		x.year, x.month, x.day = "numeric", "numeric", "numeric"
	}
	if defaults == "time" || defaults == "all" {
		x.hour, x.minute, x.second = "numeric", "numeric", "numeric"
	}
}

func (f *dateTimeFormat) resolvedOptions(js *webidl.Realm, _ goja.FunctionCall) goja.Value {
	s := &f.style
	o := object(js, "locale", f.name, "calendar", "gregory", "numberingSystem", s.system, "timeZone", s.zoneName)
	if s.hourCycle != "" {
		must(o.Set("hourCycle", s.hourCycle))
		must(o.Set("hour12", s.twelve()))
	}
	if s.dateStyle+s.timeStyle == "" {
		s.describe(o)
	}
	for _, p := range [][2]string{{"dateStyle", s.dateStyle}, {"timeStyle", s.timeStyle}} {
		if p[1] != "" {
			must(o.Set(p[0], p[1]))
		}
	}
	return o
}

// describe tells how the pattern shows each field.
func (s *dateStyle) describe(o *goja.Object) {
	width := map[byte]dateToken{}
	for _, t := range s.pattern {
		width[t.letter] = t
	}
	for _, f := range []struct {
		name    string
		letters string
	}{
		{"weekday", "Ec"}, {"era", "G"}, {"year", "y"}, {"month", "ML"}, {"day", "d"}, {"dayPeriod", "B"}, {"hour", "h"}, {"minute", "m"}, {"second", "s"}, {"fractionalSecondDigits", "S"}, {"timeZoneName", "z"},
	} {
		for i := range f.letters {
			t, ok := width[f.letters[i]]
			if !ok {
				continue
			}
			var v any
			switch {
			case f.name == "fractionalSecondDigits":
				v = t.width
			case f.name == "timeZoneName":
				v = s.fields.timeZoneName
			case f.name == "dayPeriod":
				v = s.fields.dayPeriod
			case f.name == "weekday" || f.name == "era" || f.name == "month" && t.width > 2:
				v = widthName(t.width, "short")
			case t.width == 2:
				v = "2-digit"
			default:
				v = "numeric"
			}
			must(o.Set(f.name, v))
		}
	}
}
