package intl

import "testing"

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		text      string
		places    int
		increment int
		mode      string
		want      string
	}{
		{"0", 2, 1, "halfExpand", "0."},
		{"1.005", 2, 1, "halfExpand", "1.01"},
		{"1.005", 2, 1, "halfEven", "1."},
		{"9.999", 2, 1, "halfExpand", "10."},
		{"0.0049", 2, 1, "halfExpand", "0."},
		{"0.0001", 2, 1, "expand", "0.01"},
		{"12345", -3, 1, "halfExpand", "12000."},
		{"500", -3, 1, "halfExpand", "1000."},
		{"499", -3, 1, "ceil", "1000."},
		{"1.125", 2, 5, "halfExpand", "1.15"},
		{"1.12", 2, 5, "halfExpand", "1.1"},
		{"0x1F", 0, 1, "trunc", "31."},
		{"  -1e-2\n", 2, 1, "trunc", "0.01"},
		{"1e400", 0, 1, "trunc", "1" + zeros(400) + "."},
	} {
		integer, fraction := parseDecimal(c.text).round(c.places, c.increment, c.mode).text(1, 0)
		got := integer + "." + fraction
		if got != c.want {
			t.Errorf("%s rounded to %d places by %d, %s: got %s, want %s", c.text, c.places, c.increment, c.mode, got, c.want)
		}
	}
}

func zeros(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0'
	}
	return string(b)
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"1.5", "-0", "1e99999999999999999999", "0b101", "Infinity", "..", "1e", "+0x1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := parseDecimal(s)
		if d.nan || d.inf {
			return
		}
		for _, mode := range roundingModes {
			r := d.round(2, 5, mode)
			if again := r.round(2, 5, mode); again != r {
				t.Errorf("%q %s: %v rounded again is %v", s, mode, r, again)
			}
		}
	})
}

func FuzzParseTag(f *testing.F) {
	for _, s := range []string{"en-US", "zh-Hant-TW-u-ca-buddhist-nu-latn", "de-1996-x-a-b", "en-t-de-t0-und", "sl-rozaj-biske", "a-b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := parseTag(s)
		if err != nil {
			return
		}
		b, err := parseTag(a.String())
		if err != nil || b.String() != a.String() {
			t.Errorf("%q gives %q, which gives %q, %v", s, a.String(), b.String(), err)
		}
		_, _ = a.maximized(), a.minimized()
		resolveLocale([]tag{a}, relevantKey{"nu", "", isNumberingSystem})
	})
}
