package intl

import (
	"strings"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/ecma/intl/cldr"
)

// A dateStyle is the resolved options of a DateTimeFormat.
type dateStyle struct {
	locale               *cldr.Locale
	system               string // numbering system
	zone                 *time.Location
	zoneName             string
	hourCycle            string // "" without an hour
	dateStyle, timeStyle string
	fields               dateFields
	pattern              []dateToken
}

// dateFields are the component options: https://tc39.es/ecma402/#table-datetimeformat-components
type dateFields struct {
	weekday, era, year, month, day, dayPeriod, hour, minute, second, timeZoneName string
	fraction                                                                      int // digits of the second
}

func (f *dateFields) hasDate() bool { return f.weekday+f.era+f.year+f.month+f.day != "" }
func (f *dateFields) hasTime() bool {
	return f.dayPeriod+f.hour+f.minute+f.second != "" || f.fraction > 0
}

// A dateToken is a literal or a field of a date pattern, named by its CLDR letter.
type dateToken struct {
	literal string
	letter  byte
	width   int
}

// compile chooses the pattern that shows the fields or styles:
// https://tc39.es/ecma402/#sec-basicformatmatcher, by the tables of the locale.
func (f *dateStyle) compile() {
	var text string
	switch {
	case f.dateStyle != "" && f.timeStyle != "":
		text = join(f.locale.Get("d.join."+f.dateStyle), f.locale.Get("d.date."+f.dateStyle), f.timePattern())
	case f.dateStyle != "":
		text = f.locale.Get("d.date." + f.dateStyle)
	case f.timeStyle != "":
		text = f.timePattern()
	default:
		text = f.fieldsPattern()
	}
	f.pattern = tokens(text)
}

// join fills a pattern that has {0} and {1}.
func join(pattern, one, zero string) string {
	return strings.NewReplacer("{0}", zero, "{1}", one).Replace(pattern)
}

// twelve reports whether hours are counted to twelve.
func (f *dateStyle) twelve() bool { return f.hourCycle == "h12" || f.hourCycle == "h11" }

func (f *dateStyle) timePattern() string {
	if f.twelve() {
		return f.locale.Get("d.time12." + f.timeStyle)
	}
	return f.locale.Get("d.time24." + f.timeStyle)
}

func (f *dateStyle) fieldsPattern() string {
	date, at := f.dateFieldsPattern(), f.timeFieldsPattern()
	if f.fields.timeZoneName != "" && (f.fields.hour == "" || f.fields.dayPeriod != "") {
		switch {
		case at != "":
			at += " {z}"
		case date != "":
			date += ", {z}"
		default:
			date = "{z}"
		}
	}
	switch {
	case at == "":
		return date
	case date == "":
		return at
	}
	month := f.fields.month
	switch month {
	case "2-digit":
		month = "numeric"
	case "narrow":
		month = "short"
	case "long":
		if f.fields.weekday != "" {
			month = "full"
		}
	case "":
		month = "none"
	}
	return join(f.locale.Get("d.joinfields."+month), date, at)
}

func (f *dateStyle) dateFieldsPattern() string {
	x := &f.fields
	if !x.hasDate() {
		return ""
	}
	skeleton, weekday := "s.", ""
	if x.era != "" {
		skeleton += "G"
	}
	if x.year != "" || x.era != "" {
		skeleton += "y"
	}
	switch x.month {
	case "numeric", "2-digit":
		skeleton += "M"
	case "short", "narrow":
		skeleton += "MMM"
	case "long":
		skeleton += "MMMM"
	}
	switch x.weekday {
	case "short", "narrow":
		weekday = "EEE"
	case "long":
		weekday = "EEEE"
	}
	before := ""
	if x.era != "" && weekday != "" { // the tables have no such pattern
		before, weekday = "{"+weekday+"}, ", ""
	}
	skeleton += weekday
	if x.day != "" {
		skeleton += "d"
	}
	text := before + f.locale.Get(skeleton)
	widen := func(short, long string) { text = strings.ReplaceAll(text, short, long) }
	if x.year == "2-digit" {
		widen("{y}", "{yy}")
	}
	if x.month == "2-digit" {
		widen("{M}", "{MM}")
	}
	if x.day == "2-digit" {
		widen("{d}", "{dd}")
	}
	if x.month == "narrow" {
		for _, wide := range []string{"{MMMM}", "{MMM}", "{LLLL}", "{LLL}"} {
			widen(wide, "{MMMMM}")
		}
	}
	if x.weekday == "narrow" {
		for _, wide := range []string{"{EEEE}", "{EEE}", "{cccc}", "{ccc}"} {
			widen(wide, "{EEEEE}")
		}
	}
	if x.era == "long" {
		widen("{G}", "{GGGG}")
	} else if x.era == "narrow" {
		widen("{G}", "{GGGGG}")
	}
	return text
}

func (f *dateStyle) timeFieldsPattern() string {
	x := &f.fields
	if !x.hasTime() {
		return ""
	}
	text := ""
	switch {
	case x.hour != "":
		key := "H"
		if f.twelve() {
			key = "h"
			if x.dayPeriod != "" {
				key = "Bh"
			}
		}
		if x.minute != "" || x.second != "" {
			key += "m"
		}
		if x.second != "" {
			key += "s"
		}
		if x.timeZoneName != "" && x.dayPeriod == "" {
			key += "z"
		}
		text = f.locale.Get("s." + key)
		if x.hour == "2-digit" {
			text = strings.ReplaceAll(text, "{h}", "{hh}")
		}
	case x.minute != "" && x.second != "":
		text = f.locale.Get("s.ms")
	case x.minute != "":
		text = "{m}"
	case x.second != "":
		text = "{s}"
	case x.dayPeriod != "":
		return "{B}"
	}
	if x.fraction > 0 {
		fraction := "{" + strings.Repeat("S", x.fraction) + "}"
		for _, s := range []string{"{ss}", "{s}"} {
			if strings.Contains(text, s) {
				return strings.Replace(text, s, s+f.locale.Get("n.decimal")+fraction, 1)
			}
		}
		text += fraction
	}
	return text
}

// tokens reads a pattern whose fields stand in braces.
func tokens(pattern string) []dateToken {
	var out []dateToken
	for {
		before, rest, ok := strings.Cut(pattern, "{")
		if before != "" {
			out = append(out, dateToken{literal: before})
		}
		if !ok {
			return out
		}
		field, after, _ := strings.Cut(rest, "}")
		if field != "" {
			out = append(out, dateToken{letter: field[0], width: len(field)})
		}
		pattern = after
	}
}
