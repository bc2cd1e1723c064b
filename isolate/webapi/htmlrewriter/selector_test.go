package htmlrewriter

import (
	"strings"
	"testing"
)

func TestParseSelector(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"*", "*"},
		{" A ", "a"},
		{"a.b#c[d]", `a[class~="b"][id="c"][d]`},
		{"a>b c", "a > b c"},
		{"a , b", "a, b"},
		{"a/* , */b", "!! Parser error: Unexpected token in selector."},
		{"a/**/ b", "a b"},
		{`[a=b][a~="b"][a^='b'][a$=b][a*=b][a|=b]`, `[a="b"][a~="b"][a^="b"][a$="b"][a*="b"][a|="b"]`},
		{`[ A = "b" i ][a="b"s]`, `[a="b" i][a="b"]`},
		{`[a="\"\41 b"]`, `[a="\22 Ab"]`},
		{`.\31 x`, `[class~="1x"]`},
		{`.a\:b`, `[class~="a:b"]`},
		{"é", "é"},
		{"--x", `\2d \2d x`},
		{":nth-child(2)", ":nth-child(0n+2)"},
		{":nth-child( 2N + 1 )", ":nth-child(2n+1)"},
		{":nth-child(odd):nth-of-type(even)", ":nth-child(2n+1):nth-of-type(2n+0)"},
		{":nth-child(-n+3)", ":nth-child(-1n+3)"},
		{":nth-child(n-1)", ":nth-child(1n-1)"},
		{":first-child:first-of-type", ":nth-child(0n+1):nth-of-type(0n+1)"},
		{"a:not(.b, #c):not(:not(d))", `a:not([class~="b"], [id="c"]):not(:not(d))`},
		{"[a", "[a]"}, // the end closes what is open
		{":not(a", ":not(a)"},

		{"", "!! Parser error: The selector is empty."},
		{",a", "!! Parser error: The selector is empty."},
		{"a,", "!! Parser error: The selector is empty."},
		{"a >", "!! Parser error: Dangling combinator in selector."},
		{"> a", "!! Parser error: Dangling combinator in selector."},
		{"a > > b", "!! Parser error: Unexpected token in selector."},
		{"a + b", "!! Parser error: Unsupported combinator `+` in selector."},
		{"a ~ b", "!! Parser error: Unsupported combinator `~` in selector."},
		{"a:hover", "!! Parser error: Unsupported pseudo-class or pseudo-element in selector."},
		{"a::before", "!! Parser error: Unsupported pseudo-class or pseudo-element in selector."},
		{":last-child", "!! Parser error: Unsupported pseudo-class or pseudo-element in selector."},
		{":not(a b)", "!! Parser error: Unsupported pseudo-class or pseudo-element in selector."},
		{":nth-child(x)", "!! Parser error: Unexpected token in selector."},
		{":nth-child(2n++1)", "!! Parser error: Unexpected token in selector."},
		{"a:", "!! Parser error: Unexpected end of selector."},
		{"a|b", "!! Parser error: Selectors with explicit namespaces are not supported."},
		{"[a|b]", "!! Parser error: Selectors with explicit namespaces are not supported."},
		{"[]", "!! Parser error: Missing attribute name in attribute selector."},
		{"[a!=b]", "!! Parser error: Unexpected token in the attribute selector."},
		{"[a=]", "!! Parser error: Unexpected token in the attribute selector."},
		{"[a=b x]", "!! Parser error: Unexpected token in the attribute selector."},
		{".1", "!! Parser error: Invalid or unescaped class name in selector."},
		{"#1", "!! Parser error: Unexpected token in selector."},
		{"1", "!! Parser error: Unexpected token in selector."},
		{"a)", "!! Parser error: Unexpected token in selector."},
		{strings.Repeat(":not(", maxNegation+1) + "a", "!! Parser error: Nested negation in selector."},
		{strings.Repeat("a", maxSelector+1), "!! Parser error: The selector is longer than the limit of 16384 bytes."},
	} {
		got := ""
		if s, err := ParseSelector(c.source); err != nil {
			got = "!! " + err.Error()
		} else {
			got = s.String()
		}
		if got != c.want {
			t.Errorf("%.40q:\n got %s\nwant %s", c.source, got, c.want)
		}
	}
}

// TestMatch counts the elements that a selector matches.
func TestMatch(t *testing.T) {
	const document = `<html lang=en-GB><body class="x  home"><ul><li class=a><li id=i class="A b"></li></li><li></ul>` +
		`<p title="One two" lang=EN></p><p></p><div><p class=b></p><ul><b></b></ul></div></body></html>`
	for _, c := range []struct {
		selector string
		want     int
	}{
		{"*", 12}, {"li", 3}, {"LI", 3}, {"nothing", 0},
		{".a", 1}, {".A", 1}, {".home", 1}, {".hom", 0}, {".b", 2}, {"#i", 1}, {"#I", 0}, {"li.b#i", 1},
		{"[lang]", 2}, {"[LANG]", 2}, {"[lang=en]", 0}, {"[lang=en i]", 1}, {"[lang|=en]", 1}, {"[lang|=en i]", 2}, {"[lang|=en-g]", 0},
		{"[title~=two]", 1}, {"[title~=tw]", 0}, {"[title~='One two']", 0}, {"[title^=One]", 1}, {"[title$=two]", 1}, {"[title*='e t']", 1},
		{"[title*='']", 0}, {"[title^='']", 0}, {"[title='']", 0}, {"[title*=TWO i]", 1},
		{"body p", 3}, {"body > p", 2}, {"body > div > p", 1}, {"html > p", 0}, {"html p", 3}, {"ul li li", 1}, {"ul > li", 2}, {"li > li", 1},
		{"body ul b", 1}, {"div > ul > b", 1}, {"* > b", 1}, {"html body div ul b", 1}, {"div div", 0},
		{"p:first-child", 1}, {"body > p:nth-child(2)", 1}, {"body > p:nth-child(3)", 1}, {"p:first-of-type", 2}, {"p:nth-of-type(2)", 1},
		{":nth-child(odd)", 8}, {"body > :nth-child(-n+2)", 2}, {"ul:nth-of-type(1)", 2},
		{"p:not(.b)", 2}, {"p:not(.b):not([title])", 1}, {"*:not(p, li, ul)", 4}, {":not(*)", 0}, {"p, .b", 4}, {"p, p", 3},
	} {
		got := strings.Count(rewrite(t, "{"+c.selector+"} element before! \x01", strings.NewReader(document)), "\x01")
		if got != c.want {
			t.Errorf("%s: %d elements match, want %d", c.selector, got, c.want)
		}
	}
}

// TestManySelectors matches more selectors than a word has bits.
func TestManySelectors(t *testing.T) {
	var lines []string
	for range 100 {
		lines = append(lines, "{a > b c} element before x", "{a c} element before y", "{b > c} element before z")
	}
	got := rewrite(t, strings.Join(lines, "\n"), strings.NewReader("<a><b><i><c></c></i></b><c></c></a><c></c>"))
	want := "<a><b><i>" + strings.Repeat("xy", 100) + "<c></c></i></b>" + strings.Repeat("y", 100) + "<c></c></a><c></c>"
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// FuzzParseSelector checks that the normal form of a selector is one of its own.
func FuzzParseSelector(f *testing.F) {
	for _, s := range []string{"a > b.c#d[e=f i], *", ":not(a, :nth-child(2n+1))", `[a|="\"\41 "]`, "a/**/ b", ".\\31 x", "--x", "[a", ":nth-child(-n - 3)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		s, err := ParseSelector(source)
		if err != nil {
			return
		}
		form := s.String()
		if len(form) > maxSelector {
			return
		}
		again, err := ParseSelector(form)
		if err != nil {
			t.Fatalf("%q: the normal form %q is refused: %v", source, form, err)
		}
		if got := again.String(); got != form {
			t.Fatalf("%q: %q becomes %q", source, form, got)
		}
	})
}
