package router

import (
	"errors"
	"strings"
	"testing"
)

func TestParsePattern(t *testing.T) {
	tests := []struct {
		text, key string
		score     int
	}{
		{"example.com", "example.com/", 2*26 + 2},
		{"example.com/", "example.com/", 2*26 + 2},
		{"EXAMPLE.com/Path", "example.com/Path", 2*26 + 2},
		{"example.com/*", "example.com/*", 2 * 26},
		{"example.com/a/*", "example.com/a/*", 2*26 + 1},
		{"example.com/a*", "example.com/a*", 2*26 + 2},
		{"*.example.com/*", "*.example.com/*", 26},
		{"*example.com/*", "*example.com/*", 2 * 26},
		{"*/*", "*/*", -26},
		{"*", "*/", -26 + 2},
		{"HTTPS://example.com/*", "https://example.com/*", 2 * 26},
		{"http://localhost/*", "http://localhost/*", 26},
		{"*.glöd.se/*", "*.xn--gld-tna.se/*", 26},
		{"*glöd.se/*", "*xn--gld-tna.se/*", 2 * 26},
		{"GLÖD.se/ü", "xn--gld-tna.se/%C3%BC", 2*26 + 2},
		{"example.com/a/../b/./c", "example.com/b/c", 2*26 + 3},
		{"example.com./", "example.com/", 2*26 + 2},
		{"my_app.example.com/*", "my_app.example.com/*", 3 * 26},
		{"[::0001]/*", "[::1]/*", 26},
	}
	for _, test := range tests {
		p, err := ParsePattern(test.text)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if p.key != test.key || p.score != test.score {
			t.Errorf("%q: key %q score %d, want %q %d", test.text, p.key, p.score, test.key, test.score)
		}
		if p.String() != test.text {
			t.Errorf("%q: String() = %q", test.text, p.String())
		}
	}
}

func TestParsePatternErrors(t *testing.T) {
	tests := []struct {
		text string
		err  error
		at   int
	}{
		{"", ErrHost, 0},
		{"/path", ErrHost, 0},
		{"https:///path", ErrHost, 8},
		{"ftp://example.com/*", ErrScheme, 0},
		{"example.com/?foo=*", ErrQueryString, 12},
		{"example.com?x", ErrQueryString, 11},
		{"example.com/*?x=1", ErrQueryString, 13},
		{"example.com/a#b", ErrFragment, 13},
		{"example.com/*.jpg", ErrInfixWildcard, 12},
		{"example.com/**", ErrInfixWildcard, 12},
		{"www.*.com/", ErrInfixWildcard, 4},
		{"**.com/", ErrInfixWildcard, 1},
		{"https://a*.com/", ErrInfixWildcard, 9},
		{"example.com:8080/*", ErrPort, 11},
		{"*.example.com:80/*", ErrPort, 13},
		{"user@example.com/*", ErrHost, 0},
		{"exam ple.com/*", ErrHost, 4},
		{"a..com/*", ErrHost, 2},
		{".example.com/*", ErrHost, 0},
		{"*..example.com/*", ErrHost, 2},
		{"*./*", ErrHost, 2},
		{"ex%41mple.com/", ErrHost, 2},
		{strings.Repeat("a", 64) + ".com/", ErrHost, 0},
		{strings.Repeat("a.", 130) + "com/", ErrHost, 0},
		{"[::1/", ErrHost, 0},
		{"*[::1]/", ErrWildcard, 0},
	}
	for _, test := range tests {
		_, err := ParsePattern(test.text)
		var pe *PatternError
		if !errors.As(err, &pe) || !errors.Is(err, test.err) {
			t.Errorf("%q: error %v, want %v", test.text, err, test.err)
			continue
		}
		if pe.At != test.at || pe.Text != test.text || pe.Fix == "" {
			t.Errorf("%q: %+v, want it at %d", test.text, pe, test.at)
		}
	}
	_, err := ParsePattern("example.com/*.jpg")
	const want = `"example.com/*.jpg": wildcard in the middle at column 13: * may only be the first character of the host and the last of the path`
	if err.Error() != want {
		t.Errorf("got %s\nwant %s", err, want)
	}
}

func TestParseDomain(t *testing.T) {
	tests := []struct {
		text, host string
		err        error
	}{
		{"Api.Example.com", "api.example.com", nil},
		{"bücher.example", "xn--bcher-kva.example", nil},
		{"*.example.com", "", ErrWildcard},
		{"example.com/", "", ErrPath},
		{"example.com/a", "", ErrPath},
		{"https://example.com", "", ErrScheme},
		{"example.com:443", "", ErrPort},
		{"", "", ErrHost},
		{"a b", "", ErrHost},
	}
	for _, test := range tests {
		host, err := ParseDomain(test.text)
		if host != test.host || !errors.Is(err, test.err) {
			t.Errorf("%q: %q, %v; want %q, %v", test.text, host, err, test.host, test.err)
		}
	}
}

func FuzzParsePattern(f *testing.F) {
	for _, s := range []string{"example.com/*", "*.glöd.se/ü*", "㉀0", "http://*a/../b", "[::1]/", "*", "a.b/%2e%2E/c", `x\y`, "xn--*gld-tna.se/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePattern(text)
		if err != nil {
			var pe *PatternError
			if !errors.As(err, &pe) || pe.Fix == "" || pe.Text != text || pe.At < 0 || pe.At > len(text) {
				t.Fatalf("imprecise error %#v", err)
			}
			return
		}
		again, err := ParsePattern(p.key)
		if err != nil {
			t.Fatalf("normal form %q of %q is refused: %v", p.key, text, err)
		}
		if again.key != p.key || again.score != p.score {
			t.Fatalf("%q: %q (%d) becomes %q (%d)", text, p.key, p.score, again.key, again.score)
		}
		// A pattern matches the host and path it is written with.
		host := strings.TrimPrefix(p.host, ".")
		if p.suffix && p.host != "" && p.host[0] == '.' {
			host = "w." + host
		}
		if host == "" {
			host = "w"
		}
		if len(host) > maxHost {
			return
		}
		table, err := NewTable(Entries{Routes: []Route{{text, "s"}}})
		if err != nil {
			t.Fatal(err)
		}
		m, err := table.Match(p.scheme&schemeHTTPS != 0, []byte(host), []byte(p.path))
		// Cutting the wildcard off can leave a dot segment, which no request has.
		if cleanPath(p.path) == p.path && (err != nil || m.Script != "s") {
			t.Fatalf("%q does not match %q %q: %v", text, host, p.path, err)
		}
	})
}
