package cron

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A field is one of the five parts of an expression.
type field struct {
	name     string
	min, max int
	names    []string // of the values from min on
	note     string   // added when a value is out of range
}

func fields() [5]field {
	return [5]field{
		{name: "minute", min: 0, max: 59},
		{name: "hour", min: 0, max: 23},
		{name: "day-of-month", min: 1, max: 31},
		{name: "month", min: 1, max: 12, names: []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}},
		{name: "day-of-week", min: 1, max: 7, names: []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}, note: "; 1 is Sunday and 7 is Saturday"},
	}
}

// Parse parses a cron expression of five fields: minute, hour, day of month, month, day of
// week. Each takes "*", numbers, ranges (which may wrap around: FRI-SUN), steps and lists;
// months and weekdays also names. Days of the month further take L (last), L-n, nW
// (weekday nearest to n), LW and L-nW; weekdays take nL (last of the month), n#k
// (k-th of the month) and L (Saturday); none of these can be in a list. Weekdays are 1 to
// 7 from Sunday on. Every error is a *[SyntaxError].
func Parse(text string) (Schedule, error) {
	s := Schedule{text: text}
	p := parser{text: text}
	var parts []part
	for i := 0; i < len(text); {
		if text[i] == ' ' || text[i] == '\t' {
			i++
			continue
		}
		end := i
		for end < len(text) && text[end] != ' ' && text[end] != '\t' {
			end++
		}
		parts = append(parts, part{text[i:end], i})
		i = end
	}
	if len(parts) != 5 {
		hint := ""
		switch {
		case strings.HasPrefix(strings.TrimSpace(text), "@"):
			hint = "; names such as @daily are not supported"
		case len(parts) == 6:
			hint = "; there is no field for seconds or years"
		}
		return Schedule{}, &SyntaxError{Text: text, Reason: fmt.Sprintf("it has %d fields, want 5: minute hour day-of-month month day-of-week%s", len(parts), hint)}
	}
	f := fields()
	s.minutes = p.list(&f[0], parts[0])
	s.hours = p.list(&f[1], parts[1])
	s.days = p.days(&f[2], parts[2])
	s.months = p.list(&f[3], parts[3])
	s.weekdays = p.weekdays(&f[4], parts[4])
	if p.err != nil {
		return Schedule{}, p.err
	}
	if s.Next(time.Unix(0, 0)).IsZero() {
		return Schedule{}, &SyntaxError{Text: text, Reason: "there is no such day in these months, it would never run"}
	}
	return s, nil
}

// A part is a piece of the expression and where it begins.
type part struct {
	text string
	at   int
}

// cut splits p around the first sep.
func (p part) cut(sep string) (before, after part, found bool) {
	i := strings.Index(p.text, sep)
	if i < 0 {
		return p, part{at: p.at + len(p.text)}, false
	}
	return part{p.text[:i], p.at}, part{p.text[i+len(sep):], p.at + i + len(sep)}, true
}

// A parser keeps the first error.
type parser struct {
	text string
	err  error
}

func (p *parser) fail(f *field, at part, format string, args ...any) {
	if p.err == nil {
		p.err = &SyntaxError{Text: p.text, Field: f.name, At: at.at, Reason: fmt.Sprintf(format, args...)}
	}
}

// list parses the comma separated form that every field has.
func (p *parser) list(f *field, in part) (set uint64) {
	if in.text == "*" {
		return p.span(f, f.min, f.max, 1)
	}
	for more := true; more && p.err == nil; {
		var item part
		item, in, more = in.cut(",")
		set |= p.item(f, item)
	}
	return set
}

// item parses value, first-last, value/step, first-last/step or */step.
func (p *parser) item(f *field, item part) uint64 {
	bounds, step, stepped := item.cut("/")
	by := 1
	if stepped {
		limit := f.max - f.min
		n, ok := number(step.text)
		if !ok || n < 1 || n > limit {
			p.fail(f, step, "the step %q must be a number from 1 to %d", step.text, limit)
			return 0
		}
		by = n
	}
	if bounds.text == "*" {
		if !stepped {
			p.fail(f, bounds, "* already means all values, it cannot be in a list")
			return 0
		}
		return p.span(f, f.min, f.max, by)
	}
	low, high, ranged := bounds.cut("-")
	first := p.value(f, low)
	last := first
	if ranged {
		last = p.value(f, high)
	} else if stepped {
		last = f.max
	}
	if p.err != nil {
		return 0
	}
	return p.span(f, first, last, by)
}

// span is every step-th value from first to last, around the end if last is before first.
func (p *parser) span(f *field, first, last, step int) (set uint64) {
	size := f.max - f.min + 1
	for n := 0; n <= (last-first+size)%size; n += step {
		set |= 1 << (f.min + (first-f.min+n)%size)
	}
	return set
}

func (p *parser) value(f *field, v part) int {
	n, ok := number(v.text)
	for i, name := range f.names {
		if strings.EqualFold(name, v.text) {
			n, ok = f.min+i, true
		}
	}
	switch {
	case v.text == "":
		p.fail(f, v, "a value is missing")
	case !ok && strings.ContainsAny(v.text, "LW#"):
		p.fail(f, v, "%q: L, W and # stand alone and only in the fields for days", v.text)
	case !ok && f.names != nil && strings.Trim(v.text, "0123456789") != "":
		p.fail(f, v, "%q is neither a number from %d to %d nor a name from %s to %s%s", v.text, f.min, f.max, f.names[0], f.names[len(f.names)-1], f.note)
	case !ok || n < f.min || n > f.max:
		p.fail(f, v, "%q is not a number from %d to %d%s", v.text, f.min, f.max, f.note)
	}
	return n
}

// number reads at most three digits.
func number(s string) (int, bool) {
	if len(s) == 0 || len(s) > 3 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

func (p *parser) days(f *field, in part) dayRule {
	switch {
	case in.text == "*":
		return dayRule{any: true}
	case strings.HasPrefix(in.text, "L"):
		r := dayRule{single: true, last: true}
		rest := part{in.text[1:], in.at + 1}
		rest.text, r.near = strings.CutSuffix(rest.text, "W")
		if rest.text != "" {
			offset, minus := strings.CutPrefix(rest.text, "-")
			n, ok := number(offset)
			if !minus || !ok || n < 1 || n > 30 {
				p.fail(f, rest, "%q after L: want L, LW, L-n or L-nW with n from 1 to 30, not in a list", rest.text)
			}
			r.day = n
		}
		return r
	case strings.HasSuffix(in.text, "W"):
		day := part{strings.TrimSuffix(in.text, "W"), in.at}
		if strings.ContainsAny(day.text, ",-/") {
			p.fail(f, in, "W goes with one day, not with a list or range")
		}
		return dayRule{single: true, near: true, day: p.value(f, day)}
	}
	return dayRule{set: p.list(f, in)}
}

func (p *parser) weekdays(f *field, in part) weekdayRule {
	if in.text == "*" {
		return weekdayRule{any: true}
	}
	if in.text == "L" {
		return weekdayRule{set: 1 << time.Saturday}
	}
	if day, nth, ok := in.cut("#"); ok {
		n, ok := number(nth.text)
		if !ok || n < 1 || n > 5 {
			p.fail(f, nth, "%q after # must be a number from 1 to 5, not in a list", nth.text)
		}
		return weekdayRule{day: p.value(f, day) - 1, nth: n}
	}
	if day, ok := strings.CutSuffix(in.text, "L"); ok && !strings.ContainsAny(day, ",-/") {
		return weekdayRule{day: p.value(f, part{day, in.at}) - 1, last: true}
	}
	// The field counts from 1, Go's weekdays from 0.
	return weekdayRule{set: p.list(f, in) >> 1}
}
