package intl

import (
	"strconv"
	"strings"
	"time"
)

// format is PartitionDateTimePattern: https://tc39.es/ecma402/#sec-partitiondatetimepattern
// ms are milliseconds since 1970.
func (f *dateStyle) format(ms int64) parts {
	t := time.UnixMilli(ms).In(f.zone)
	var out parts
	for _, token := range f.pattern {
		if token.letter == 0 {
			out.add("literal", token.literal)
			continue
		}
		kind, value := f.field(t, token)
		out.add(kind, value)
	}
	return out
}

// field returns the kind and text of a field of a pattern:
// https://unicode.org/reports/tr35/tr35-dates.html#Date_Field_Symbol_Table
func (f *dateStyle) field(t time.Time, token dateToken) (kind, value string) {
	name := func(key string, i int) string {
		if list := f.locale.List(key); i < len(list) {
			return list[i]
		}
		return ""
	}
	number := func(n int) string {
		text := strconv.Itoa(n)
		if token.width == 2 && len(text) < 2 {
			text = "0" + text
		}
		return numerals(text, f.system)
	}
	switch token.letter {
	case 'G':
		era := 1
		if t.Year() < 1 {
			era = 0
		}
		return "era", name("d.era."+widthName(token.width, "short"), era)
	case 'y':
		year := t.Year()
		if year < 1 && f.shows('G') {
			year = 1 - year
		}
		if token.width == 2 {
			year = (year%100 + 100) % 100
		}
		return "year", number(year)
	case 'M', 'L':
		if token.width < 3 {
			return "month", number(int(t.Month()))
		}
		return "month", f.named("d.month", token.letter == 'M', token.width, int(t.Month())-1)
	case 'E', 'c':
		return "weekday", f.named("d.weekday", token.letter == 'E', token.width, int(t.Weekday()))
	case 'd':
		return "day", number(t.Day())
	case 'a':
		return "dayPeriod", name("d.ampm", t.Hour()/12)
	case 'B':
		width := f.fields.dayPeriod
		if width == "" {
			width = "short"
		}
		list := f.locale.List("d.dayperiod." + width) // by hour; "" is as the hour before
		for h := min(t.Hour(), len(list)-1); h >= 0; h-- {
			if list[h] != "" {
				return "dayPeriod", list[h]
			}
		}
	case 'h':
		return "hour", number(f.hour(t.Hour()))
	case 'm':
		return "minute", number(t.Minute())
	case 's':
		return "second", number(t.Second())
	case 'S':
		return "fractionalSecond", numerals((strconv.Itoa(1000+t.Nanosecond()/1e6) + "000")[1:1+token.width], f.system)
	case 'z':
		style := f.fields.timeZoneName
		if style == "" {
			style = "short"
			if f.timeStyle == "full" {
				style = "long"
			}
		}
		return "timeZoneName", f.nameOfZone(t, style)
	}
	return "literal", ""
}

// shows reports whether the pattern has a field.
func (f *dateStyle) shows(letter byte) bool {
	for _, t := range f.pattern {
		if t.letter == letter {
			return true
		}
	}
	return false
}

func widthName(width int, otherwise string) string {
	switch width {
	case 4:
		return "long"
	case 5:
		return "narrow"
	}
	return otherwise
}

// named is a month or day in the form that it has in a date, or alone.
func (f *dateStyle) named(key string, inDate bool, width, i int) string {
	w := "." + widthName(width, "short")
	list := f.locale.List(key + w)
	if inDate {
		if l := f.locale.List(key + "format" + w); l != nil {
			list = l
		}
	}
	return list[i]
}

func (f *dateStyle) hour(h int) int {
	switch f.hourCycle {
	case "h11":
		return h % 12
	case "h12":
		return (h+11)%12 + 1
	case "h24":
		return (h+23)%24 + 1
	}
	return h
}

// formatRange is PartitionDateTimeRangePattern: https://tc39.es/ecma402/#sec-partitiondatetimerangepattern
// Dates that show the same are one; a common date stands once; else both are written out.
func (f *dateStyle) formatRange(start, end int64) parts {
	a, b := f.format(start), f.format(end)
	if a.String() == b.String() {
		return a.from("shared")
	}
	separator := part{"literal", f.locale.Get("d.range"), "shared", ""}
	first, last := timeSpan(a), timeSpan(b)
	if first != nil && last != nil && a[:first[0]].String() == b[:last[0]].String() && a[first[1]:].String() == b[last[1]:].String() && first[1]-first[0] < len(a) {
		var out parts
		out = append(out, a[:first[0]].from("shared")...)
		out = append(out, a[first[0]:first[1]].from("startRange")...)
		out = append(out, separator)
		out = append(out, b[last[0]:last[1]].from("endRange")...)
		return append(out, a[first[1]:].from("shared")...)
	}
	out := append(parts{}, a.from("startRange")...)
	out = append(out, separator)
	return append(out, b.from("endRange")...)
}

// timeSpan finds the parts of the time of day.
func timeSpan(p parts) []int {
	first, last := -1, -1
	for i, x := range p {
		switch x.kind {
		case "hour", "minute", "second", "dayPeriod", "fractionalSecond":
			if first < 0 {
				first = i
			}
			last = i + 1
		}
	}
	if first < 0 {
		return nil
	}
	return []int{first, last}
}

func (f *dateStyle) offset(t time.Time, long bool) string {
	_, seconds := t.Zone()
	if zero := f.locale.List("z.zero"); seconds == 0 && len(zero) == 2 {
		if long {
			return numerals(zero[1], f.system)
		}
		return numerals(zero[0], f.system)
	}
	pattern := f.locale.Get("z.east")
	if seconds < 0 {
		pattern, seconds = f.locale.Get("z.west"), -seconds
	}
	two := func(n int) string { return strconv.Itoa(100 + n)[1:] }
	hours, minutes, rest := seconds/3600, seconds/60%60, seconds%60
	text := strconv.Itoa(hours)
	if long {
		text = two(hours)
	}
	if long || minutes != 0 || rest != 0 {
		text += ":" + two(minutes)
	}
	if rest != 0 {
		text += ":" + two(rest)
	}
	return strings.ReplaceAll(pattern, "{0}", numerals(text, f.system))
}
