package url

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// patternInit makes a dictionary of names and values.
func patternInit(t *testing.T, members ...string) *PatternInit {
	t.Helper()
	init := new(PatternInit)
	for i := 0; i < len(members); i += 2 {
		c := ComponentProtocol
		for c.String() != members[i] {
			c++
		}
		init.Set(c, members[i+1])
	}
	return init
}

func TestPatternString(t *testing.T) {
	base := "https://example.com/dir/page?query#hash"
	for _, test := range []struct {
		input string
		base  *string
		want  string // the components, space-separated
	}{
		{"https://example.com/users/:id", nil, "https * * example.com  /users/:id * *"},
		{"https://example.com", nil, "https * * example.com  * * *"},
		{"https://example.com/?q=*", nil, "https * * example.com  / q=* *"},
		{"https://example.com#h", nil, "https * * example.com  /  h"},
		{"https://user\\:pass@example.com:8080/", nil, "https user pass example.com 8080 / * *"},
		{"http{s}?://*.example.com/*", nil, "http{s}? * * *.example.com  /* * *"},
		{"https://example.com:443/", nil, "https * * example.com  / * *"},
		{"https://[\\:\\:1]/", nil, "https * * [\\:\\:1]  / * *"},
		{"https://Bücher.example/ü", nil, "https * * xn--bcher-kva.example  /%C3%BC * *"},
		{"data\\:text", nil, "data * *   text * *"},
		{"/x", &base, "https * * example.com  /x * *"},
		{"../x", &base, "https * * example.com  /x * *"},
		{"?x", &base, "https * * example.com  /dir/page x *"},
		{"#x", &base, "https * * example.com  /dir/page query x"},
		{"https://h/:a{b}?", nil, "https * * h  {/:a}{b}? * *"},
		{"https://h/{:a}b", nil, "https * * h  /{:a}b * *"},
		{"https://h/([^\\/]+?)", nil, "https * * h  /([^\\/]+?) * *"},
		{"https://h/(.*)/:x(\\d+)+", nil, "https * * h  /*/:x(\\d+)+ * *"},
	} {
		p, err := ParsePattern(test.input, test.base, nil)
		if err != nil {
			t.Errorf("%q: %v", test.input, err)
			continue
		}
		var got []string
		for c := range components {
			got = append(got, p.Component(c))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%q has components %q, want %q", test.input, strings.Join(got, " "), test.want)
		}
	}
}

func TestPatternError(t *testing.T) {
	for _, test := range []struct{ component, pattern, want string }{
		{"pathname", "/:a/:a", `invalid URL pattern in pathname: "/:a/:a": two groups named a`},
		{"pathname", "/{a", `invalid URL pattern in pathname: "/{a": brace without a closing brace`},
		{"pathname", "/a}", `invalid URL pattern in pathname: "/a}": unexpected "}"`},
		{"pathname", "/a**", ""},
		{"pathname", "/a?", `invalid URL pattern in pathname: "/a?": unexpected "?"`},
		{"pathname", "/:", `invalid URL pattern in pathname: "/:": colon without a name`},
		{"pathname", `/\`, `invalid URL pattern in pathname: "/\\": backslash at the end`},
		{"pathname", "/()", `invalid URL pattern in pathname: "/()": empty regular expression`},
		{"pathname", "/(?a)", `invalid URL pattern in pathname: "/(?a)": regular expression that starts with a question mark`},
		{"pathname", "/((a))", `invalid URL pattern in pathname: "/((a))": capturing group in a regular expression`},
		{"pathname", "/(é)", `invalid URL pattern in pathname: "/(é)": regular expression with a character that is not ASCII`},
		{"pathname", "/(a", `invalid URL pattern in pathname: "/(a": regular expression without closing parenthesis`},
		{"pathname", "/([)", `invalid URL pattern in pathname: "/([)": error parsing regexp: missing closing ]: ` + "`[))$`"},
		{"hostname", "a b", `invalid URL pattern in hostname: "a b": invalid character in host`},
		{"hostname", "a:b", ""},
		{"hostname", "[x]", `invalid URL pattern in hostname: "[x]": invalid IPv6 address`},
		{"port", "x", `invalid URL pattern in port: "x": invalid port`},
		{"port", "65536", `invalid URL pattern in port: "65536": port greater than 65535`},
		{"protocol", "a b", `invalid URL pattern in protocol: "a b": invalid scheme`},
		{"baseURL", "x", `invalid URL pattern in baseURL: "x": relative URL without a base`},
	} {
		_, err := NewPattern(patternInit(t, test.component, test.pattern), nil)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s %q: %v", test.component, test.pattern, err)
			}
			continue
		}
		var e *PatternError
		if !errors.As(err, &e) || err.Error() != test.want {
			t.Errorf("%s %q: error\n%v, want\n%s", test.component, test.pattern, err, test.want)
		}
	}
	for _, input := range []string{"/a", "*", "("} {
		if _, err := ParsePattern(input, nil, nil); err == nil {
			t.Errorf("%q without a base URL is no error", input)
		}
	}
}

func TestPatternMatch(t *testing.T) {
	for _, test := range []struct {
		pathname, input string
		want            string // the groups, or "no"
	}{
		// Decided by steps.
		{"/a", "/a", ""},
		{"/a", "/ab", "no"},
		{"/a", "/A", "no"},
		{"*", "/a/b", "0=/a/b"},
		{"/:a", "/x", "a=x"},
		{"/:a", "/", "no"},
		{"/:a", "/x/", "no"},
		{"/:a/:b", "/x/y", "a=x b=y"},
		{"/:a/:b", "/x", "no"},
		{"/:a/:b", "/x/y/z", "no"},
		{"/u/:id/files/*", "/u/7/files/a/b", "id=7 0=a/b"},
		{"/u/:id/files/*", "/u/7/files/", "id=7 0="},
		{"/u/:id/files/*", "/u/7/files", "no"},
		{"/u/:id/files/*", "/u//files/", "no"},
		// Decided by a regular expression.
		{"/:a.:b", "/x.y", "a=x b=y"},
		{"/:a.:b", "/x.y.z", "a=x b=y.z"},
		{"/*/end", "/a/b/end", "0=a/b"},
		{"/:a?", "/", "no"},
		{"/:a?", "/x", "a=x"},
		{"/b/:a?", "/b", "a!"},
		{"/b/:a+", "/b/x/y", "a=x/y"},
		{"/b/:a+", "/b", "no"},
		{"/b/:a*", "/b", "a!"},
		{"/b/:a*", "/b/x/y/z", "a=x/y/z"},
		{"/b{/c}?", "/b/c", ""},
		{"/b{/c}?", "/b", ""},
		{"/:a(\\d+)", "/12", "a=12"},
		{"/:a(\\d+)", "/x", "no"},
		{"/(a|b)", "/b", "0=b"},
		{"/:a-:b", "/x-y", "a=x b=y"},
		{"/x(.*)?", "/x", "0!"},
	} {
		p, err := NewPattern(patternInit(t, "pathname", test.pathname), nil)
		if err != nil {
			t.Errorf("%q: %v", test.pathname, err)
			continue
		}
		got, input := "no", "https://example.com"+test.input
		result := p.Exec(input, nil)
		if result != nil {
			var groups []string
			for i, name := range result[ComponentPathname].Names {
				if g := result[ComponentPathname].Groups[i]; g.Set {
					groups = append(groups, name+"="+g.Value)
				} else {
					groups = append(groups, name+"!")
				}
			}
			got = strings.Join(groups, " ")
		}
		if got != test.want {
			t.Errorf("%q on %q gives %q, want %q", test.pathname, test.input, got, test.want)
		}
		if p.Test(input, nil) != (result != nil) {
			t.Errorf("%q on %q: Test and Exec do not agree", test.pathname, test.input)
		}
	}
}

func TestPatternInit(t *testing.T) {
	p, err := NewPattern(patternInit(t, "baseURL", "https://example.com/dir/", "pathname", "a/:b"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !p.TestInit(patternInit(t, "protocol", "https:", "hostname", "EXAMPLE.com", "pathname", "/dir/a/x")) {
		t.Error("the components do not match")
	}
	if !p.TestInit(patternInit(t, "baseURL", "https://example.com/dir/page", "pathname", "a/x")) {
		t.Error("the components with a base URL do not match")
	}
	if p.TestInit(patternInit(t, "hostname", "a b")) || p.TestInit(patternInit(t, "baseURL", "x")) || p.ExecInit(patternInit(t, "port", "x")) != nil {
		t.Error("components that are not valid match")
	}
	base := "https://example.com/dir/page"
	bad := "x"
	if !p.Test("a/x", &base) || p.Test("a/x", nil) || p.Test("a/x", &bad) {
		t.Error("a relative URL is not resolved")
	}
}

func TestPatternIgnoreCase(t *testing.T) {
	p, err := NewPattern(patternInit(t, "pathname", "/Foo/:id"), &PatternOptions{IgnoreCase: true})
	if err != nil {
		t.Fatal(err)
	}
	if !p.Test("https://h/fOO/X", nil) {
		t.Error("another case does not match")
	}
}

// wholeRegExp matches one text, to see which engine was asked.
type wholeRegExp string

func (re wholeRegExp) Exec(input string) ([]Group, bool) {
	return []Group{{Value: input, Set: true}}, input == string(re)
}

func TestPatternRegExpCompiler(t *testing.T) {
	var sources []string
	options := &PatternOptions{RegExp: func(source string, ignoreCase bool) (RegExp, error) {
		sources = append(sources, fmt.Sprint(source, " ", ignoreCase))
		return wholeRegExp("/yes"), nil
	}}
	p, err := NewPattern(patternInit(t, "pathname", "/:a([[a-z]--q])", "search", ":x.:y"), options)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{`^(?:\/([[a-z]--q]))$ false`}; !slices.Equal(sources, want) {
		t.Errorf("compiled %q, want %q", sources, want)
	}
	if !p.Test("https://h/yes?a.b", nil) || p.Test("https://h/no?a.b", nil) {
		t.Error("the engine's answer is not used")
	}
	if !p.HasRegExpGroups() {
		t.Error("HasRegExpGroups is false")
	}
	options.RegExp = func(string, bool) (RegExp, error) { return nil, errors.New("no such engine") }
	if _, err := NewPattern(patternInit(t, "hash", "(a)"), options); err == nil || !strings.Contains(err.Error(), "in hash") || !strings.Contains(err.Error(), "no such engine") {
		t.Errorf("error %v", err)
	}
	if p, err := NewPattern(patternInit(t, "pathname", "/:a.:b/*"), nil); err != nil || p.HasRegExpGroups() {
		t.Errorf("HasRegExpGroups of wildcards is true, or %v", err)
	}
}

func TestPatternAllocations(t *testing.T) {
	p, err := ParsePattern("https://example.com/users/:id/files/*", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	const input = "https://example.com/users/7/files/a/b?c"
	if n := testing.AllocsPerRun(100, func() {
		if !p.Test(input, nil) {
			t.Fatal("no match")
		}
	}); n > 0 {
		t.Errorf("Test makes %v allocations", n)
	}
}

// FuzzPattern checks that nothing panics, that a normalized pattern is a pattern
// that stays as it is, and that Test agrees with Exec.
func FuzzPattern(f *testing.F) {
	f.Add("https://example.com/:a/*?b{c}?#(d)", "https://example.com/x/y?b#d")
	f.Add("/:a+/b*", "/x")
	f.Add(":x(\\d+){-:y}*", "1-2")
	f.Fuzz(func(t *testing.T, pattern, input string) {
		base := "https://example.com/"
		if p, err := ParsePattern(pattern, &base, nil); err == nil {
			if p.Test(input, &base) != (p.Exec(input, &base) != nil) {
				t.Fatalf("%q on %q: Test and Exec do not agree", pattern, input)
			}
		}
		init := new(PatternInit)
		init.Set(ComponentPathname, pattern)
		p, err := NewPattern(init, nil)
		if err != nil {
			return
		}
		normal := p.Component(ComponentPathname)
		init.Set(ComponentPathname, normal)
		again, err := NewPattern(init, nil)
		if err != nil {
			t.Fatalf("%q becomes %q, which is not valid: %v", pattern, normal, err)
		}
		if p.Test(input, &base) != again.Test(input, &base) {
			t.Fatalf("%q and its normal form %q differ on %q", pattern, normal, input)
		}
	})
}

func BenchmarkPatternTest(b *testing.B) {
	for _, test := range []struct{ name, pattern string }{
		{"route", "https://example.com/users/:id/files/*"},
		{"regexp", "https://example.com/users/:id(\\d+)/files/*"},
	} {
		b.Run(test.name, func(b *testing.B) {
			p, err := ParsePattern(test.pattern, nil, nil)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				p.Test("https://example.com/users/7/files/a/b?c", nil)
			}
		})
	}
}
