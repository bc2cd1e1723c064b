package cron

import (
	"errors"
	"strings"
	"testing"
	"time"
)

const layout = "2006-01-02 15:04"

func at(s string) time.Time {
	t, err := time.Parse(layout, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestNext(t *testing.T) {
	tests := []struct {
		cron, after string
		want        string // due times, by comma
	}{
		// The examples of Cloudflare's documentation.
		{"* * * * *", "2026-12-31 23:58", "2026-12-31 23:59,2027-01-01 00:00,2027-01-01 00:01"},
		{"*/30 * * * *", "2026-03-14 15:09", "2026-03-14 15:30,2026-03-14 16:00"},
		{"45 * * * *", "2026-03-14 15:45", "2026-03-14 16:45,2026-03-14 17:45"},
		{"0 17 * * sun", "2026-03-14 15:09", "2026-03-15 17:00,2026-03-22 17:00"},
		{"0 17 * * 1", "2026-03-14 15:09", "2026-03-15 17:00,2026-03-22 17:00"},
		{"10 7 * * mon-fri", "2026-03-13 07:10", "2026-03-16 07:10,2026-03-17 07:10"},
		{"10 7 * * 2-6", "2026-03-13 07:10", "2026-03-16 07:10,2026-03-17 07:10"},
		{"0 15 1 * *", "2026-03-14 15:09", "2026-04-01 15:00,2026-05-01 15:00"},
		{"0 18 * * 6L", "2026-03-14 15:09", "2026-03-27 18:00,2026-04-24 18:00,2026-05-29 18:00"},
		{"0 18 * * friL", "2026-03-14 15:09", "2026-03-27 18:00"},
		{"59 23 LW * *", "2026-03-14 15:09", "2026-03-31 23:59,2026-04-30 23:59,2026-05-29 23:59"},
		// Lists, ranges, steps, names.
		{"0,15,30-32 12 * * *", "2026-03-14 12:10", "2026-03-14 12:15,2026-03-14 12:30,2026-03-14 12:31,2026-03-14 12:32,2026-03-15 12:00"},
		{"58-1 0 * * *", "2026-03-14 00:00", "2026-03-14 00:01,2026-03-14 00:58,2026-03-14 00:59,2026-03-15 00:00"},
		{"50/5 0 * * *", "2026-03-14 00:00", "2026-03-14 00:50,2026-03-14 00:55,2026-03-15 00:50"},
		{"0 10-20/5 * * *", "2026-03-14 00:00", "2026-03-14 10:00,2026-03-14 15:00,2026-03-14 20:00,2026-03-15 10:00"},
		{"0 22-3/2 * * *", "2026-03-14 00:00", "2026-03-14 02:00,2026-03-14 22:00,2026-03-15 00:00"},
		{"7,*/30 0 * * *", "2026-03-14 00:00", "2026-03-14 00:07,2026-03-14 00:30,2026-03-15 00:00"},
		{"0 0 1 jan,Jul *", "2026-03-14 00:00", "2026-07-01 00:00,2027-01-01 00:00"},
		{"0 0 1 11-2 *", "2026-03-14 00:00", "2026-11-01 00:00,2026-12-01 00:00,2027-01-01 00:00,2027-02-01 00:00,2027-11-01 00:00"},
		{"0 0 * * FRI-SUN", "2026-03-09 00:00", "2026-03-13 00:00,2026-03-14 00:00,2026-03-15 00:00,2026-03-20 00:00"},
		{"0 0 * * */3", "2026-03-14 12:00", "2026-03-15 00:00,2026-03-18 00:00,2026-03-21 00:00"},
		{"0 0 31 * *", "2026-03-31 00:00", "2026-05-31 00:00,2026-07-31 00:00"},
		{"0 0 29 2 *", "2026-03-14 00:00", "2028-02-29 00:00,2032-02-29 00:00"},
		{"0 0 29 2 *", "2096-03-01 00:00", "2104-02-29 00:00"},
		// Either field for days is enough.
		{"0 0 13 * FRI", "2026-03-09 00:00", "2026-03-13 00:00,2026-03-20 00:00,2026-03-27 00:00,2026-04-03 00:00,2026-04-10 00:00,2026-04-13 00:00"},
		{"0 0 L * 2#1", "2026-03-09 00:00", "2026-03-31 00:00,2026-04-06 00:00,2026-04-30 00:00"},
		// L, W and #.
		{"0 0 L * *", "2026-01-31 00:00", "2026-02-28 00:00,2026-03-31 00:00"},
		{"0 0 L-3 * *", "2026-02-01 00:00", "2026-02-25 00:00,2026-03-28 00:00"},
		{"0 0 L-30 * *", "2026-01-02 00:00", "2026-03-01 00:00,2026-05-01 00:00"},
		{"0 0 L-3W * *", "2026-03-01 00:00", "2026-03-27 00:00,2026-04-27 00:00,2026-05-28 00:00"},
		{"0 0 L-30W * *", "2026-07-30 00:00", "2026-08-03 00:00"}, // the 1st is a Saturday
		{"0 0 15W * *", "2026-02-01 00:00", "2026-02-16 00:00,2026-03-16 00:00,2026-04-15 00:00"},
		{"0 0 14W * *", "2026-03-01 00:00", "2026-03-13 00:00"},
		{"0 0 1W * *", "2026-07-30 00:00", "2026-08-03 00:00"},
		{"0 0 31W * *", "2026-05-01 00:00", "2026-05-29 00:00,2026-07-31 00:00"}, // the 31st is a Sunday; June has none
		{"0 0 * * L", "2026-03-09 00:00", "2026-03-14 00:00,2026-03-21 00:00"},
		{"0 0 * * 2#1", "2026-03-09 00:00", "2026-04-06 00:00"},
		{"0 0 * * mon#5", "2026-03-01 00:00", "2026-03-30 00:00,2026-06-29 00:00"},
		{"0 0 * 2 MON#5", "2088-03-01 00:00", "2112-02-29 00:00"},
		{"0 0 * 2 SUN#5", "2088-03-01 00:00", "2128-02-29 00:00"},
		{" 0\t0  1 1 * ", "2026-03-01 00:00", "2027-01-01 00:00"},
	}
	for _, test := range tests {
		s, err := Parse(test.cron)
		if err != nil {
			t.Error(err)
			continue
		}
		var got []string
		now := at(test.after)
		for range strings.Split(test.want, ",") {
			now = s.Next(now)
			got = append(got, now.Format(layout))
		}
		if g := strings.Join(got, ","); g != test.want {
			t.Errorf("%q after %s:\n got %s\nwant %s", test.cron, test.after, g, test.want)
		}
	}
}

func TestNextIsInUTC(t *testing.T) {
	s, err := Parse("0 12 * * *")
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("east", 5*3600)
	got := s.Next(time.Date(2026, 3, 14, 16, 59, 59, 999, zone)) // 11:59:59 UTC
	if got.Format(time.RFC3339) != "2026-03-14T12:00:00Z" {
		t.Error(got)
	}
	if !(&Schedule{}).Next(got).IsZero() {
		t.Error("the zero schedule is due")
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ cron, want string }{
		{"", "it has 0 fields"},
		{"* * * *", "it has 4 fields, want 5"},
		{"0 * * * * *", "no field for seconds"},
		{"@daily", "@daily are not supported"},
		{"60 * * * *", `minute field, column 1: "60" is not a number from 0 to 59`},
		{"* 24 * * *", `hour field, column 3: "24"`},
		{"* * 0 * *", `day-of-month field, column 5: "0" is not a number from 1 to 31`},
		{"* * 32 * *", `"32"`},
		{"* * * 13 *", `month field, column 7: "13" is not a number from 1 to 12`},
		{"* * * foo *", `"foo" is neither a number from 1 to 12 nor a name from JAN to DEC`},
		{"* * * * 0", `day-of-week field, column 9: "0" is not a number from 1 to 7; 1 is Sunday and 7 is Saturday`},
		{"* * * * 8", `"8" is not`},
		{"* * * * funday", `"funday"`},
		{"1,,2 * * * *", "column 3: a value is missing"},
		{"1- * * * *", "column 3: a value is missing"},
		{"*/0 * * * *", `column 3: the step "0" must be a number from 1 to 59`},
		{"*/60 * * * *", `the step "60"`},
		{"*/x * * * *", `the step "x"`},
		{"1/ * * * *", `the step ""`},
		{"1,* * * * *", "* already means all values"},
		{"*,1 * * * *", "* already means all values"},
		{"*-5 * * * *", `"*" is not a number`},
		{"-5 * * * *", "a value is missing"},
		{"1-2-3 * * * *", `"2-3" is not a number`},
		{"1000 * * * *", `"1000"`},
		{"+1 * * * *", `"+1"`},
		{"L * * * *", "L, W and # stand alone"},
		{"* * L,5 * *", "after L"},
		{"* * L-31 * *", "n from 1 to 30"},
		{"* * L-0 * *", "n from 1 to 30"},
		{"* * L3 * *", "after L"},
		{"* * 1,15W * *", "W goes with one day"},
		{"* * W * *", "a value is missing"},
		{"* * 5,L * *", "stand alone"},
		{"* * * * 2#0", `"0" after #`},
		{"* * * * 2#6", `"6" after #`},
		{"* * * * 2#1,3#1", "not in a list"},
		{"* * * * #1", "a value is missing"},
		{"* * * * 2,6L", "stand alone"},
		{"* * 31 11 *", "it would never run"},
		{"* * 30 2 *", "it would never run"},
		{"* * 30W FEB *", "it would never run"},
	}
	for _, test := range tests {
		_, err := Parse(test.cron)
		var se *SyntaxError
		if !errors.As(err, &se) || !strings.Contains(err.Error(), test.want) || se.Text != test.cron {
			t.Errorf("%q: %v, want %s", test.cron, err, test.want)
		}
	}
}

func TestAtMostHourly(t *testing.T) {
	for cron, want := range map[string]bool{"0 * * * *": true, "5 3 * * 1": true, "*/30 * * * *": false, "0,59 1 * * *": false} {
		s, err := Parse(cron)
		if err != nil || s.AtMostHourly() != want || s.String() != cron {
			t.Errorf("%s: %v %v", cron, s.AtMostHourly(), err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"* * * * *", "*/5 1-3,7 L-3W jan-mar/2 friL", "0 0 15W * 2#3", "58-1 22-3/2 L * L", "0 0 29 2 *"} {
		f.Add(s, int64(1773500966))
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		s, err := Parse(text)
		if err != nil {
			var se *SyntaxError
			if !errors.As(err, &se) || se.At < 0 || se.At > len(text) || se.Reason == "" {
				t.Fatalf("imprecise error %#v", err)
			}
			return
		}
		now := time.Unix(unix%(1<<33), 0).UTC()
		next := s.Next(now)
		if !next.After(now) || next.Second() != 0 {
			t.Fatalf("%q: %v comes after %v", text, next, now)
		}
		if again := s.Next(next.Add(-time.Second)); !again.Equal(next) {
			t.Fatalf("%q: %v, but from just before it %v", text, next, again)
		}
		if last := s.latest(next.Add(30 * time.Second)); !last.Equal(next) {
			t.Fatalf("%q: the latest due time at %v is %v", text, next, last)
		}
		// No day is left out: none between now and next is due.
		for day := now.Truncate(24*time.Hour).AddDate(0, 0, 1); day.Before(next.Truncate(24*time.Hour)) && day.Before(now.AddDate(0, 2, 0)); day = day.AddDate(0, 0, 1) {
			if s.months>>day.Month()&1 != 0 && s.daysOf(day.Year(), day.Month())>>day.Day()&1 != 0 {
				t.Fatalf("%q: %v was passed over between %v and %v", text, day, now, next)
			}
		}
	})
}

func BenchmarkNext(b *testing.B) {
	s, err := Parse("*/5 9-17 * * mon-fri")
	if err != nil {
		b.Fatal(err)
	}
	now := at("2026-03-14 15:09")
	b.ReportAllocs()
	for b.Loop() {
		now = s.Next(now)
	}
}
