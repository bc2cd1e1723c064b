package cron

import (
	"fmt"
	"math/bits"
	"time"
)

// A Schedule is a parsed cron expression. The zero value never comes due.
type Schedule struct {
	text     string
	minutes  uint64 // bit n is minute n
	hours    uint64
	months   uint64 // bits 1-12
	days     dayRule
	weekdays weekdayRule
}

// A dayRule is the field for days of the month.
type dayRule struct {
	any    bool
	set    uint64 // bits 1-31
	last   bool   // L: day counts back from the last day of the month
	near   bool   // W: the nearest weekday from Monday to Friday
	day    int
	single bool // day is used, not set
}

// A weekdayRule is the field for days of the week, where Sunday is 0 as in [time.Weekday].
type weekdayRule struct {
	any  bool
	set  uint64 // bits 0-6
	day  int    // of nth and last
	nth  int    // #: from 1 to 5
	last bool   // L: the last such day of the month
}

// String returns the expression as it was written.
func (s *Schedule) String() string { return s.text }

// AtMostHourly tells whether there is always an hour or more between two due times, for
// which scripts get more CPU time.
func (s *Schedule) AtMostHourly() bool { return bits.OnesCount64(s.minutes) <= 1 }

// horizon is for how many months a due time is searched: a fifth Monday in February
// can be forty years off, 2088 to 2128.
const horizon = 12*40 + 2

// Next returns the first due time after t, a whole minute in UTC, or the zero time if
// there is none.
func (s *Schedule) Next(t time.Time) time.Time {
	t = t.UTC().Truncate(time.Minute).Add(time.Minute)
	year, month, day := t.Date()
	minute := t.Hour()*60 + t.Minute()
	for range horizon {
		if s.months>>month&1 != 0 {
			for set := s.daysOf(year, month) >> day << day; set != 0; set &= set - 1 {
				d := bits.TrailingZeros64(set)
				if d > day {
					minute = 0
				}
				if m, ok := s.minuteFrom(minute); ok {
					return time.Date(year, month, d, m/60, m%60, 0, 0, time.UTC)
				}
			}
		}
		day, minute = 1, 0
		if month++; month > time.December {
			year, month = year+1, time.January
		}
	}
	return time.Time{}
}

// latest returns the last due time that is not after t, or the zero time.
func (s *Schedule) latest(t time.Time) (last time.Time) {
	for back := time.Minute; back < horizon*31*24*time.Hour; back *= 2 {
		for next := s.Next(t.Add(-back)); !next.IsZero() && !next.After(t); next = s.Next(next) {
			last = next
		}
		if !last.IsZero() {
			return last
		}
	}
	return time.Time{}
}

// minuteFrom returns the first due minute of a day that is not before minute.
func (s *Schedule) minuteFrom(minute int) (int, bool) {
	hour := minute / 60
	if s.hours>>hour&1 != 0 {
		if set := s.minutes >> (minute % 60) << (minute % 60); set != 0 {
			return hour*60 + bits.TrailingZeros64(set), true
		}
	}
	later := s.hours >> (hour + 1) << (hour + 1)
	if later == 0 || s.minutes == 0 {
		return 0, false
	}
	return bits.TrailingZeros64(later)*60 + bits.TrailingZeros64(s.minutes), true
}

// daysOf returns the due days of a month as bits. When both fields for days say something,
// a day that suits either is due.
func (s *Schedule) daysOf(year int, month time.Month) uint64 {
	length := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	first := int(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Weekday())
	all := uint64(1)<<(length+1) - 2
	switch {
	case s.days.any && s.weekdays.any:
		return all
	case s.days.any:
		return s.weekdays.of(first, length)
	case s.weekdays.any:
		return s.days.of(first, length)
	}
	return s.weekdays.of(first, length) | s.days.of(first, length)
}

// of returns the days of a month that begins on weekday first.
func (r *dayRule) of(first, length int) uint64 {
	if !r.single {
		return r.set & (1<<(length+1) - 2)
	}
	day := r.day
	if r.last {
		day = length - r.day
	}
	if day < 1 || day > length {
		return 0
	}
	if r.near {
		switch (first + day - 1) % 7 {
		case int(time.Saturday):
			if day--; day == 0 {
				day = 3
			}
		case int(time.Sunday):
			if day++; day > length {
				day = length - 2
			}
		}
	}
	return 1 << day
}

func (r *weekdayRule) of(first, length int) (days uint64) {
	nth := (r.day-first+7)%7 + 1 // the first such day
	switch {
	case r.last:
		return 1 << (nth + (length-nth)/7*7)
	case r.nth > 0:
		if nth += 7 * (r.nth - 1); nth > length {
			return 0
		}
		return 1 << nth
	}
	for day := 1; day <= length; day++ {
		if r.set>>((first+day-1)%7)&1 != 0 {
			days |= 1 << day
		}
	}
	return days
}

// A SyntaxError says why a cron expression was refused.
type SyntaxError struct {
	Text   string // the expression
	Field  string // such as "minute", or "" when it is about the whole
	At     int    // byte offset in Text
	Reason string
}

func (e *SyntaxError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("invalid cron expression %q: %s", e.Text, e.Reason)
	}
	return fmt.Sprintf("invalid cron expression %q: %s field, column %d: %s", e.Text, e.Field, e.At+1, e.Reason)
}
