package compiler

import (
	"testing"
	"unicode/utf8"

	"github.com/dop251/goja"
)

func TestUnicodeProperties(t *testing.T) {
	for _, c := range []struct {
		pattern, flags, text string
		want                 bool
	}{
		{`^\p{L}+$`, "u", "aβж漢", true},
		{`^\p{L}+$`, "u", "a1", false},
		{`\p{L}`, "", "p{L}", true},
		{`^\P{L}+$`, "u", "12", true},
		{`^[\P{L}]$`, "u", "a", false},
		{`^[^\P{L}]$`, "u", "a", true},
		{`^[\p{L}\p{N}_-]+$`, "u", "é1_-", true},
		{`^[\p{Lu}a-c]+$`, "u", "ÀbB", true},
		{`^\p{Lu}\p{Script=Greek}+$`, "u", "Aβγ", true},
		{`^\p{sc=Grek}$`, "u", "β", true},
		{`^\p{scx=Deva}$`, "u", "\u0964", true},
		{`^\p{sc=Deva}$`, "u", "\u0964", false},
		{`^\p{Script=Han}$`, "u", "\U00020000", true},
		{`^\p{General_Category=Uppercase_Letter}$`, "u", "Ж", true},
		{`^\p{gc=Lu}$`, "u", "ж", false},
		{`^\p{ID_Start}\p{ID_Continue}*$`, "u", "aé_1", true},
		{`^\p{XIDS}$`, "u", "\u0e33", false},
		{`^\p{IDS}$`, "u", "\u0e33", true},
		{`^\p{White_Space}$`, "u", "\u3000", true},
		{`^\p{space}$`, "u", "x", false},
		{`^\p{Alphabetic}$`, "u", "\u0345", true},
		{`^\p{Emoji}$`, "u", "😀", true},
		{`^\p{Emoji_Presentation}$`, "u", "1", false},
		{`^\p{Extended_Pictographic}$`, "u", "❤", true},
		{`^\p{RI}{2}$`, "u", "🇩🇪", true},
		{`^\p{Any}$`, "u", "\U0010FFFF", true},
		{`^\p{Cn}$`, "u", "\uFFFF", true},
		{`^\p{ASCII}$`, "u", "é", false},
		{`(?<=\p{L})\d`, "u", "é1", true},
		{`^\\p{L}$`, "u", "", false},
		{`^\p{Lowercase}$`, "u", "ª", true},
		{`^\p{Changes_When_Uppercased}$`, "u", "ß", true},
		{`^(?:\p{L})\p{Pd}\p{Sc}$`, "u", "x-€", true},
	} {
		expanded, err := ExpandUnicodeProperties(c.pattern, c.flags)
		if c.pattern == `^\\p{L}$` {
			if expanded != c.pattern || err != nil {
				t.Errorf("an escaped backslash: %s, %v", expanded, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("/%s/%s: %v", c.pattern, c.flags, err)
			continue
		}
		vm := goja.New()
		vm.Set("p", expanded)
		vm.Set("f", c.flags)
		vm.Set("s", c.text)
		v, err := vm.RunString("new RegExp(p, f).test(s)")
		if err != nil || v.ToBoolean() != c.want {
			t.Errorf("/%s/%s on %q: %v, %v, want %v", c.pattern, c.flags, c.text, v, err, c.want)
		}
	}
}

func TestUnicodePropertyErrors(t *testing.T) {
	for pattern, want := range map[string]string{
		`\p{Foo}`:          "Invalid property name",
		`\p{}`:             "Invalid property name",
		`\p`:               "Invalid property name",
		`\pL`:              "Invalid property name",
		`\p{L`:             "Invalid property name",
		`\p{Script=Foo}`:   "Invalid property name",
		`\p{Script}`:       "Invalid property name",
		`\p{Lu=Lu}`:        "Invalid property name",
		`\p{letter}`:       "Invalid property name",
		`\p{Other_Math}`:   "Invalid property name",
		`[\p{L}-z]`:        "Invalid character class",
		`[a-\p{L}]`:        "Invalid character class",
		`[\p{L}-\p{N}]`:    "Invalid character class",
		`[\p{L}-]`:         "",
		`[-\p{L}]`:         "",
		`[\]\p{L}]`:        "",
		`[a-b-\p{L}]`:      "",
		`\p{gc=Nope}x`:     "Invalid property name",
		`\P{Script=}`:      "Invalid property name",
		`\p{Hyphen}`:       "Invalid property name",
		`\p{gc=Any}`:       "Invalid property name",
		`\p{scx=Unknown1}`: "Invalid property name",
	} {
		_, err := ExpandUnicodeProperties(pattern, "u")
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("/%s/u: %q, want %q", pattern, got, want)
		}
	}
}

// The members of each set, counted, against the counts of Unicode 15 and later
// for sets that are not growing.
func TestPropertySizes(t *testing.T) {
	for name, want := range map[string]int{
		"ASCII": 128, "Any": 0x110000, "ASCII_Hex_Digit": 22, "White_Space": 25, "Regional_Indicator": 26,
		"Emoji_Modifier": 5, "Join_Control": 2, "Cs": 2048, "Co": 137468, "Noncharacter_Code_Point": 66,
		"Cc": 65, "Lt": 31, "Zs": 17, "Pattern_White_Space": 11, "Emoji_Component": 146,
	} {
		set, err := property(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		n := 0
		for _, s := range set {
			n += int(s.high-s.low) + 1
		}
		if n != want {
			t.Errorf("%s has %d members, want %d", name, n, want)
		}
	}
	for _, table := range []map[string]string{binaryAliases, scriptAliases} {
		for short, long := range table {
			if _, ok := scriptAliases[short]; ok {
				short, long = "sc="+short, "sc="+long
			}
			a, err1 := property(short)
			b, err2 := property(long)
			if err1 != nil || err2 != nil || len(a) != len(b) || len(a) == 0 {
				t.Errorf("%s and %s differ: %v %v", short, long, err1, err2)
			}
		}
	}
}

func TestRewrittenPatterns(t *testing.T) {
	for _, c := range []struct{ pattern, flags, want string }{
		{`(?:a)(?<n>b)`, "", `(?:a)(?<n>b)`},
		{`(?i:a-1)`, "", `(?:[aA]-1)`},
		{`a(?i:(?<ab>b)\k<ab>)c`, "", `a(?:(?<ab>[bB])\k<ab>)c`},
		{`(?i:[^a-c-]|[-x])`, "", `(?:[^aAaAbBcCa-c-]|[xX\-x])`},
		{`(?i:a(?-i:b))c`, "", `(?:[aA](?:b))c`},
		{`(?i:\x61\u{62}\u0031\cA\n)`, "u", `(?:[aA][bB]\u0031\cA\n)`},
		{`(?i:\p{Lu}\u{2})`, "", `(?:\p{Lu}\u{2})`},
		{`(?s:.)(?m:^$)`, "", `(?:[\s\S])(?:(?<![^\n\r\u2028\u2029])(?![^\n\r\u2028\u2029]))`},
		{`[a-c--b]`, "v", `[\u{61}\u{63}]`},
		{`[[a-z]&&[b-y]]`, "v", `[\u{62}-\u{79}]`},
		{`[^\d]`, "v", `[\u{0}-\u{2f}\u{3a}-\u{10ffff}]`},
		{`[\q{ab|c|}]`, "v", `(?:\u{61}\u{62}|[\u{63}]|)`},
		{`[]`, "v", `(?!)`},
		{`[^]`, "v", `[\u{0}-\u{10ffff}]`},
		{`[\uD83D\uDCA9\u{1F600}\x41\cA\-]`, "v", `[\u{1}\u{2d}\u{41}\u{1f4a9}\u{1f600}]`},
	} {
		got, err := ExpandUnicodeProperties(c.pattern, c.flags)
		if err != nil {
			t.Errorf("/%s/%s: %v", c.pattern, c.flags, err)
		} else if got != c.want {
			t.Errorf("/%s/%s: got %s, want %s", c.pattern, c.flags, got, c.want)
		}
	}
}

func TestExpandWithoutPropertiesDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { _, _ = ExpandUnicodeProperties(`^[a-z]+\d$`, "u") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzExpandUnicodeProperties(f *testing.F) {
	for _, s := range []string{`\p{L}`, `[^\P{Lu}a-z]`, `[\p{L}-]`, `\\p{L}`, `\p{scx=Latn}+?`, `[`, `\`, `\p{`, `[a-\p`, `(?<x>\p{Emoji})`, `(?i:[a-z]\k<x>)`, `[[a--b]&&\q{c|d}]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		if sets, err := ExpandUnicodeProperties(pattern, "v"); err == nil && utf8.ValidString(pattern) && !utf8.ValidString(sets) {
			t.Errorf("%q with sets became %q", pattern, sets)
		}
		out, err := ExpandUnicodeProperties(pattern, "u")
		if err != nil {
			return
		}
		if utf8.ValidString(pattern) && !utf8.ValidString(out) {
			t.Errorf("%q became %q", pattern, out)
		}
		again, err := ExpandUnicodeProperties(out, "u")
		if err != nil || again != out {
			t.Errorf("%q: not a fixed point: %v", pattern, err)
		}
	})
}

func BenchmarkExpandUnicodeProperties(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ExpandUnicodeProperties(`^\p{L}+$`, "u"); err != nil {
			b.Fatal(err)
		}
	}
}
