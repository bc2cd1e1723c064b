package router

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

func mustTable(t testing.TB, e Entries) *Table {
	t.Helper()
	table, err := NewTable(e)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// match renders the answer to "host/path?query" on https, or on http when written so.
func match(table *Table, url string) string {
	https := true
	if rest, ok := strings.CutPrefix(url, "http://"); ok {
		https, url = false, rest
	}
	host, target := url, ""
	if i := strings.IndexByte(url, '/'); i >= 0 {
		host, target = url[:i], url[i:]
	}
	m, err := table.Match(https, []byte(host), []byte(target))
	if err != nil {
		return err.Error()
	}
	if m.Preview != "" {
		return string(m.Script) + "@" + m.Preview
	}
	return string(m.Script)
}

func TestMatch(t *testing.T) {
	no, unknown, malformed := ErrNoRoute.Error(), ErrUnknownHost.Error(), ErrMalformedHost.Error()
	tests := []struct {
		name   string
		routes string // "pattern script" pairs, "-" for no script
		want   map[string]string
	}{
		{"both schemes", "example.com/* a", map[string]string{"http://example.com/foo.jpg": "a", "example.com/foo.jpg": "a"}},
		{"one scheme", "http://example.com/* a https://example.com/* b", map[string]string{"http://example.com/x": "a", "example.com/x": "b"}},
		{"only https", "https://example.com/* b", map[string]string{"http://example.com/x": no, "example.com/x": "b"}},
		{"implied slash", "example.com a", map[string]string{"example.com/": "a", "example.com": "a", "example.com/x": no}},
		{"suffix host", "*example.com/ a", map[string]string{"example.com/": "a", "www.example.com/": "a", "myexample.com/": "a", "example.org/": unknown}},
		{"subdomains", "*.example.com/ a", map[string]string{"example.com/": unknown, "www.example.com/": "a", "a.b.example.com/": "a", "myexample.com/": unknown}},
		{"international", "*glöd.se/* a", map[string]string{"glöd.se/": "a", "www.glöd.se/": "a", "WWW.XN--GLD-TNA.SE/": "a", "GLÖD.se:80/": "a"}},
		{"international subdomains", "*.glöd.se/* a", map[string]string{"glöd.se/": unknown, "www.glöd.se/": "a"}},
		{"path prefix", "https://example.com/path* a", map[string]string{"example.com/path": "a", "example.com/path2": "a", "example.com/path/readme.txt": "a", "example.com/notpath": no}},
		{"exact host first", "www.example.com/* a *.example.com/* b", map[string]string{"www.example.com/": "a", "x.example.com/": "b"}},
		{"longer path first", "example.com/* a example.com/hello/* b", map[string]string{"example.com/hello/world": "b", "example.com/hello": "a"}},
		{"scheme breaks a tie", "example.com/* a https://example.com/* b", map[string]string{"example.com/hello": "b", "http://example.com/hello": "a"}},
		{"longer breaks a tie", "example.com/pa* a example.com/path* b", map[string]string{"example.com/p": no, "example.com/pa": "a", "example.com/pat": "a", "example.com/path": "b"}},
		{"query", "example.com/hello/* a example.com/a b", map[string]string{"example.com/hello/world?foo=bar": "a", "example.com/a": "b", "example.com/a?x=1": no, "example.com/a?": "b"}},
		{"case of paths", "example.com/images/* a example.com/Images/* b", map[string]string{"EXAMPLE.com/images/x": "a", "example.COM/Images/x": "b"}},
		{"no regular expressions", "example.com/* a", map[string]string{"example2com/": unknown}},
		{"trailing slash quirk", "example.com/images/* a example.com/images* b", map[string]string{"example.com/images": "b", "example.com/images123": "b", "example.com/images/hello": "b"}},
		{"host outweighs path", "a.example.com/* a *.example.com/a b", map[string]string{"a.example.com/a": "a", "b.example.com/a": "b"}},
		{"everything", "*/* a", map[string]string{"http://example.com/": "a", "miniflare.dev/x?y": "a", "[::1]:8787/": "a", "127.0.0.1/": "a"}},
		{"suffix beats exact by length", "example.com/* a *example.com/* b", map[string]string{"example.com/x": "b"}},
		{"many parts outweigh a label", "*.example.com/" + strings.Repeat("x/", 60) + "* deep a.example.com/* a", map[string]string{
			"a.example.com/" + strings.Repeat("x/", 60): "deep", "a.example.com/x/": "a"}},
		{"negated", "example.com/* a example.com/static/* -", map[string]string{"example.com/x": "a", "example.com/static/x": ErrNegated.Error()}},
		{"dot segments", "example.com/* a example.com/private/* -", map[string]string{
			"example.com/x/../private/y": ErrNegated.Error(), "example.com/%2e/private/y": ErrNegated.Error(), `example.com/x/..\private\y`: ErrNegated.Error(), "example.com/.well-known/x": "a"}},
		{"malformed hosts", "*/* a", map[string]string{
			"/": malformed, "a b/": malformed, "a@b/": malformed, "a..b/": malformed, ".a/": malformed, "a:b/": malformed, "a:99999/": malformed, "a:80:80/": malformed, "[::1/": malformed,
			"[zz]/": malformed, "a%41/": malformed, "a\x00/": malformed, "\xff/": malformed, "./": malformed, strings.Repeat("a.", 127) + "/": "a", strings.Repeat("a.", 127) + "a/": malformed, "a./": "a", "a:/": "a"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			table := mustTable(t, Entries{Routes: routes(test.routes)})
			for url, want := range test.want {
				if got := match(table, url); got != want {
					t.Errorf("%s: %s, want %s", url, got, want)
				}
			}
		})
	}
}

func routes(text string) []Route {
	var out []Route
	f := strings.Fields(text)
	for i := 0; i < len(f); i += 2 {
		out = append(out, Route{f[i], Script(strings.TrimPrefix(f[i+1], "-"))})
	}
	return out
}

func TestDomainsDefaultsAndPreviews(t *testing.T) {
	table := mustTable(t, Entries{
		Routes:  routes("shop.example.com/api/* api shop.example.com/raw/* - hello.localhost/old/* - *.example.com/any/* any"),
		Domains: []Domain{{"shop.example.com", "shop"}, {"Bücher.example", "books"}},
		Defaults: []DefaultHost{
			{"hello.localhost", "hello", true, true},
			{"my-app.localhost", "app", true, true},
			{"app.localhost", "short", true, true},
			{"off.localhost", "off", false, false},
			{"quiet.localhost", "quiet", false, true},
			{"abc-hello.localhost", "exact", true, false},
		},
	})
	for url, want := range map[string]string{
		"shop.example.com/api/x":             "api",
		"shop.example.com/any/x":             "any",
		"shop.example.com/":                  "shop",
		"shop.example.com/raw/x":             "shop", // the domain is the origin behind its routes
		"xn--bcher-kva.example/":             "books",
		"bücher.example/":                    "books",
		"Hello.Localhost:8787/x?y":           "hello",
		"hello.localhost/old/x":              ErrNegated.Error(),
		"off.localhost/":                     ErrUnknownHost.Error(),
		"x-off.localhost/":                   ErrUnknownHost.Error(),
		"quiet.localhost/":                   ErrUnknownHost.Error(),
		"1234abcd-quiet.localhost/":          "quiet@1234abcd",
		"1234ABCD-hello.localhost/":          "hello@1234abcd",
		"1234abcd-my-app.localhost/":         "app@1234abcd",
		"my-alias-app.localhost/":            "short@my-alias",
		"abc-hello.localhost/":               "exact",
		"-hello.localhost/":                  ErrUnknownHost.Error(),
		"nobody.localhost/":                  ErrUnknownHost.Error(),
		"1234abcd-hello.localhost.example/x": ErrUnknownHost.Error(),
	} {
		if got := match(table, url); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
	if s, ok := table.Domain([]byte("SHOP.example.com:443")); s != "shop" || !ok {
		t.Errorf("Domain: %q %v", s, ok)
	}
	if s, ok := table.Domain([]byte("hello.localhost")); ok {
		t.Errorf("a default host is not a custom domain, got %q", s)
	}
	m, err := table.Match(true, []byte("shop.example.com"), []byte("/api/x"))
	if err != nil || m.Route != "shop.example.com/api/*" || m.Source != FromRoute {
		t.Errorf("%+v %v", m, err)
	}
}

func TestConflicts(t *testing.T) {
	tests := []struct {
		entries     Entries
		text, other string
	}{
		{Entries{Routes: routes("example.com/* a example.com/* b")}, "example.com/*", "a"},
		{Entries{Routes: routes("example.com a Example.COM/ b")}, "Example.COM/", "a"},
		{Entries{Routes: routes("glöd.se/* a xn--gld-tna.se/* b")}, "xn--gld-tna.se/*", "a"},
		{Entries{Routes: routes("example.com/* - example.com/* b")}, "example.com/*", ""},
		{Entries{Domains: []Domain{{"a.com", "a"}, {"A.com", "b"}}}, "A.com", "a"},
		{Entries{Defaults: []DefaultHost{{Host: "a.localhost", Script: "x/a"}, {Host: "A.localhost", Script: "y/A"}}}, "A.localhost", "x/a"},
	}
	for _, test := range tests {
		_, err := NewTable(test.entries)
		var c *Conflict
		if !errors.As(err, &c) || c.Text != test.text || string(c.Other) != test.other {
			t.Errorf("%+v: %v", test.entries, err)
		}
	}
	table := mustTable(t, Entries{Routes: routes("example.com/* a Example.com/* a http://example.com/* b none.com/* -")})
	if err := table.Check(Route{"EXAMPLE.com/*", "a"}); err != nil {
		t.Error(err)
	}
	err := table.Check(Route{"EXAMPLE.com/*", "b"})
	if err == nil || err.Error() != `"EXAMPLE.com/*" is already assigned to a` {
		t.Error(err)
	}
	if err := table.Check(Route{"none.com/*", "b"}); err == nil || !strings.Contains(err.Error(), "no script") {
		t.Error(err)
	}
	if err := table.Check(Route{"a*b/", "b"}); !errors.Is(err, ErrInfixWildcard) {
		t.Error(err)
	}
	if s, ok := table.Owner("HTTP://Example.com/*"); s != "b" || !ok {
		t.Error(s, ok)
	}
	if _, ok := table.Owner("https://example.com/*"); ok {
		t.Error("https only was never assigned")
	}
	if _, err := NewTable(Entries{Routes: routes("example.com/*/x a")}); !errors.Is(err, ErrInfixWildcard) {
		t.Error(err)
	}
	if _, err := NewTable(Entries{Domains: []Domain{{"*.x", "a"}}}); !errors.Is(err, ErrWildcard) {
		t.Error(err)
	}
	if _, err := NewTable(Entries{Defaults: []DefaultHost{{Host: "a/b", Script: "a"}}}); !errors.Is(err, ErrPath) {
		t.Error(err)
	}
}

// naive is the definition: sort by score, length and text, take the first that matches.
type naive struct {
	text, scheme, host, path string
	script                   Script
}

func newNaive(routes []Route) []naive {
	var out []naive
	for _, r := range routes {
		n := naive{text: r.Pattern, script: r.Script}
		rest := r.Pattern
		if s, after, ok := strings.Cut(rest, "://"); ok {
			n.scheme, rest = s, after
		}
		host, path, _ := strings.Cut(rest, "/")
		n.host, n.path = strings.ToLower(host), "/"+path
		out = append(out, n)
	}
	score := func(n naive) int {
		labels, parts := strings.Split(n.host, "."), strings.Split(n.path, "/")
		h, p := len(labels), len(parts)
		if labels[0] == "*" {
			h -= 2
		}
		if parts[p-1] == "*" {
			return 26*h + p - 2
		}
		return 26*h + p
	}
	slices.SortFunc(out, func(a, b naive) int {
		return cmp.Or(score(b)-score(a), len(b.text)-len(a.text))
	})
	return out
}

func (n naive) matches(scheme, host, target string) bool {
	if n.scheme != "" && n.scheme != scheme {
		return false
	}
	if suffix, ok := strings.CutPrefix(n.host, "*"); ok {
		if !strings.HasSuffix(host, suffix) {
			return false
		}
	} else if host != n.host {
		return false
	}
	if prefix, ok := strings.CutSuffix(n.path, "*"); ok {
		return strings.HasPrefix(target, prefix)
	}
	return target == n.path
}

func TestMatchAgainstDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pick := func(s ...string) string { return s[rng.IntN(len(s))] }
	word := func() string { return pick("a", "b", "ab", "abc", "ba", "c") }
	path := func() string {
		s := ""
		for range rng.IntN(4) {
			s += "/" + word()
		}
		return cmp.Or(s+pick("", "", "/"), "/")
	}
	labels := 0 // few hosts have many routes each, many hosts few
	host := func() string {
		s := word()
		for range rng.IntN(labels + 1) {
			s += "." + word()
		}
		return s
	}
	found := 0
	for round := range 400 {
		labels = round % 3
		seen := map[string]bool{}
		var rs []Route
		for i := range 1 + rng.IntN(200) {
			p := pick("", "", "", "http://", "https://") + pick("", "", "*", "*.") + host() + path() + pick("", "*", "*")
			if rng.IntN(40) == 0 {
				p = "*" + path() + "*"
			}
			if seen[p] {
				continue
			}
			seen[p] = true
			rs = append(rs, Route{p, Script(fmt.Sprint(i))})
		}
		table, defined := mustTable(t, Entries{Routes: rs}), newNaive(rs)
		for range 100 {
			scheme, h, target := pick("http", "https"), host(), path()+pick("", "", "?x=/a", "?")
			want := ErrNoRoute.Error()
			asURL := strings.TrimSuffix(target, "?")
			// What is equal in score and length has no defined order between the routes.
			var wants []string
			for i, n := range defined {
				if !n.matches(scheme, h, asURL) {
					continue
				}
				wants = append(wants, string(n.script))
				for _, other := range defined[i+1:] {
					if other.matches(scheme, h, asURL) && len(other.text) == len(n.text) && sameScore(n.text, other.text) {
						wants = append(wants, string(other.script))
					}
				}
				break
			}
			m, err := table.Match(scheme == "https", []byte(strings.ToUpper(h)+":80"), []byte(target))
			if len(wants) == 0 {
				if err == nil || m != (Match{}) {
					t.Fatalf("round %d: %s://%s%s: %+v, want %s", round, scheme, h, target, m, want)
				}
				continue
			}
			found++
			if err != nil || !slices.Contains(wants, string(m.Script)) {
				t.Fatalf("round %d: %s://%s%s: %+v %v, want %v of %v", round, scheme, h, target, m, err, wants, rs)
			}
		}
	}
	if found < 1000 {
		t.Fatalf("only %d of the random requests matched anything", found)
	}
}

func sameScore(a, b string) bool {
	p, _ := ParsePattern(a)
	q, _ := ParsePattern(b)
	return p.score == q.score
}

func TestOrderOfEntriesDoesNotMatter(t *testing.T) {
	rs := routes("a.b/x* 1 *.b/x* 2 *b/xy 3 a.b/xy 4 http://a.b/x 5 *a.b/x* 6 */x* 7 a.b/yx* 8")
	urls := []string{"a.b/x", "a.b/xy", "http://a.b/x", "q.b/xy", "qa.b/x", "a.b/yx", "c/x"}
	var first []string
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		table := mustTable(t, Entries{Routes: rs})
		var got []string
		for _, u := range urls {
			got = append(got, match(table, u))
		}
		if first == nil {
			first = got
		}
		if !slices.Equal(got, first) {
			t.Fatalf("%v, then %v", first, got)
		}
		rng.Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
	}
}

func TestRouterSwap(t *testing.T) {
	var r Router
	if _, err := r.Match(true, []byte("a.b"), []byte("/")); err != ErrUnknownHost {
		t.Fatal(err)
	}
	tables := []*Table{
		mustTable(t, Entries{Routes: routes("a.b/* 1 *.c/* 1")}),
		mustTable(t, Entries{Routes: routes("a.b/* 2 *.c/* 2")}),
	}
	r.Swap(tables[0])
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 2000 {
				if i%50 == 0 {
					r.Swap(tables[i/50%2])
				}
				table := r.Table()
				a, _ := table.Match(true, []byte("a.b"), []byte("/"))
				c, _ := table.Match(true, []byte("x.c"), []byte("/"))
				if a.Script == "" || a.Script != c.Script {
					t.Errorf("half of a change: %q and %q", a.Script, c.Script)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzMatch(f *testing.F) {
	table := mustTable(f, Entries{
		Routes:   routes("*/* all *.example.com/a/* sub example.com/a exact *.glöd.se/* idn"),
		Defaults: []DefaultHost{{"hello.localhost", "hello", true, true}},
	})
	f.Add([]byte("example.com:80"), []byte("/a?x"))
	f.Add([]byte("[::1]:1"), []byte("//../%2e%2e/"))
	f.Add([]byte("GLÖD.se"), []byte(`/\.\..`))
	f.Add([]byte("a-hello.localhost."), []byte("*"))
	f.Add([]byte("Ö.."), []byte("/"))
	f.Fuzz(func(t *testing.T, host, target []byte) {
		h, g := string(host), string(target)
		m, err := table.Match(true, host, target)
		if string(host) != h || string(target) != g {
			t.Fatal("the request was changed")
		}
		if err != nil {
			if m != (Match{}) || err != ErrMalformedHost {
				t.Fatalf("%+v %v", m, err)
			}
			return
		}
		var room [512]byte
		name, err := appendHost(room[:0], host)
		if err != nil {
			t.Fatal(err)
		}
		again, err := appendHost(nil, name)
		if err != nil || string(again) != string(name) {
			t.Fatalf("normal form %q becomes %q, %v", name, again, err)
		}
		path, _ := splitTarget(target)
		if len(path) == 0 || path[0] != '/' {
			t.Fatalf("path %q", path)
		}
		if p, _ := splitTarget(path); string(p) != string(path) {
			t.Fatalf("path %q becomes %q", path, p)
		}
	})
}
