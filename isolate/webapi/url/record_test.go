package url

import (
	"errors"
	"strings"
	"testing"
)

// parseCases go from the shape every page uses to the odd ones. An href that
// starts with "!" is the failure that is wanted.
var parseCases = []struct{ input, base, href string }{
	// Already serialized.
	{"https://example.com/", "", "https://example.com/"},
	{"https://user:secret@example.com:8443/a/b?c=d#e", "", "https://user:secret@example.com:8443/a/b?c=d#e"},
	{"data:text/plain,hello world", "", "data:text/plain,hello world"},
	{"file:///etc/hosts", "", "file:///etc/hosts"},
	// Case, white space, default ports.
	{"HTTPS://EXAMPLE.com", "", "https://example.com/"},
	{" \x00https://example.com/ \n", "", "https://example.com/"},
	{"ht\ntps://exa\tmple.com/a\rb", "", "https://example.com/ab"},
	{"https://example.com:443/", "", "https://example.com/"},
	{"http://example.com:0080/", "", "http://example.com/"},
	{"http://example.com:/", "", "http://example.com/"},
	{"ws://example.com:443/", "", "ws://example.com:443/"},
	{"other://example.com:443/", "", "other://example.com:443/"},
	{"http://example.com:65536/", "", "!port greater than 65535"},
	{"http://example.com:99999999999999999999/", "", "!port greater than 65535"},
	{"http://example.com:8a/", "", "!invalid port"},
	// Slashes.
	{`https:\\example.com\a\b?c\d`, "", `https://example.com/a/b?c\d`},
	{"https:example.com", "", "https://example.com/"},
	{"https:////example.com", "", "https://example.com/"},
	{`other://example.com\a`, "", `!invalid character in host`},
	// Credentials.
	{"https://a@b@c@example.com/", "", "https://a%40b%40c@example.com/"},
	{"https://u:p:q@example.com/", "", "https://u:p%3Aq@example.com/"},
	{"https://:p@example.com/", "", "https://:p@example.com/"},
	{"https://@example.com/", "", "https://example.com/"},
	{"https://u@/", "", "!missing host"},
	{"https://u|^;=@example.com/", "", "https://u%7C%5E%3B%3D@example.com/"},
	// Hosts.
	{"https://", "", "!missing host"},
	{"https://:80/", "", "!missing host"},
	{"https://exa mple.com/", "", "!invalid character in host"},
	{"https://exa%20mple.com/", "", "!invalid character in host"},
	{"https://a%b/", "", "!invalid character in host"},
	{"https://a\x7fb/", "", "!invalid character in host"},
	{"https://%65xample.com/", "", "https://example.com/"},
	{"https://bücher.example/", "", "https://xn--bcher-kva.example/"},
	{"https://b%C3%BCcher.example/", "", "https://xn--bcher-kva.example/"},
	{"https://faß.example/", "", "https://xn--fa-hia.example/"},
	{"https://FAẞ.example/", "", "https://xn--fa-hia.example/"},
	{"https://日本語。ＪＰ/", "", "https://xn--wgv71a119e.jp/"},
	{"https://a\u00adb/", "", "https://ab/"},
	{"https://\u00ad/", "", "!invalid international domain name"},
	{"https://ｘｎ－－/", "", "!invalid international domain name"},
	{"https://xn--/", "", "https://xn--/"},
	{"https://a..b/", "", "https://a..b/"},
	{"https://a.b./", "", "https://a.b./"},
	{"https://-a_b-/", "", "https://-a_b-/"},
	{"https://\ufffd/", "", "!invalid international domain name"},
	{"https://" + strings.Repeat("é", maxInternational) + "/", "", "!invalid international domain name"},
	{"https://≠/", "", "https://xn--1ch/"},
	{"other://Ünï/", "", "other://%C3%9Cn%C3%AF/"},
	{"other://a%b/", "", "other://a%b/"},
	{"other://a b/", "", "!invalid character in host"},
	{"other:///a", "", "other:///a"},
	// IPv4.
	{"http://192.168.257", "", "http://192.168.1.1/"},
	{"http://0x7f.1/", "", "http://127.0.0.1/"},
	{"http://017700000001/", "", "http://127.0.0.1/"},
	{"http://4294967295/", "", "http://255.255.255.255/"},
	{"http://4294967296/", "", "!invalid IPv4 address"},
	{"http://18446744073709551617/", "", "!invalid IPv4 address"},
	{"http://1.2.3.4./", "", "http://1.2.3.4/"},
	{"http://1.2.3.4../", "", "http://1.2.3.4../"},
	{"http://1.2.3.256/", "", "!invalid IPv4 address"},
	{"http://256.1.1.1/", "", "!invalid IPv4 address"},
	{"http://1.2.3.4.5/", "", "!invalid IPv4 address"},
	{"http://1..2/", "", "!invalid IPv4 address"},
	{"http://foo.09/", "", "!invalid IPv4 address"},
	{"http://foo.0x/", "", "!invalid IPv4 address"},
	{"http://foo.0xg/", "", "http://foo.0xg/"},
	{"http://0x/", "", "http://0.0.0.0/"},
	{"http://１２７.１/", "", "http://127.0.0.1/"},
	{"other://127.1/", "", "other://127.1/"},
	// IPv6.
	{"http://[::1]:80/", "", "http://[::1]/"},
	{"http://[2001:DB8:0:0:1:0:0:0001]/", "", "http://[2001:db8::1:0:0:1]/"},
	{"http://[1:0:0:2:0:0:0:3]/", "", "http://[1:0:0:2::3]/"},
	{"http://[::]/", "", "http://[::]/"},
	{"http://[1::]/", "", "http://[1::]/"},
	{"http://[1:2:3:4:5:6:7::]/", "", "http://[1:2:3:4:5:6:7:0]/"},
	{"http://[::ffff:192.0.2.1]/", "", "http://[::ffff:c000:201]/"},
	{"http://[::192.0.2.01]/", "", "!invalid IPv6 address"},
	{"http://[::192.0.2]/", "", "!invalid IPv6 address"},
	{"http://[::192.0.2.1.5]/", "", "!invalid IPv6 address"},
	{"http://[1:2:3:4:5:6:7:1.2.3.4]/", "", "!invalid IPv6 address"},
	{"http://[1:2:3:4:5:6:7:8:9]/", "", "!invalid IPv6 address"},
	{"http://[1:2]/", "", "!invalid IPv6 address"},
	{"http://[1::2::3]/", "", "!invalid IPv6 address"},
	{"http://[:1]/", "", "!invalid IPv6 address"},
	{"http://[1:]/", "", "!invalid IPv6 address"},
	{"http://[]/", "", "!invalid IPv6 address"},
	{"http://[::1/", "", "!invalid IPv6 address"},
	{"http://[::1%25eth0]/", "", "!invalid IPv6 address"},
	{"http://[12345::]/", "", "!invalid IPv6 address"},
	{"other://[::1]/", "", "other://[::1]/"},
	// Paths.
	{"https://h/a/./b/../c", "", "https://h/a/c"},
	{"https://h/a/%2e/b/%2E%2e/c", "", "https://h/a/c"},
	{"https://h/a/..", "", "https://h/"},
	{"https://h/a/.", "", "https://h/a/"},
	{"https://h/../../a", "", "https://h/a"},
	{"https://h/a/...", "", "https://h/a/..."},
	{"https://h/a/.b/..c", "", "https://h/a/.b/..c"},
	{"https://h//a//../b", "", "https://h//a/b"},
	{"https://h/%2f%zz%", "", "https://h/%2f%zz%"},
	{"https://h/ü \"<>`{}^|", "", "https://h/%C3%BC%20%22%3C%3E%60%7B%7D%5E|"},
	{"other:/a/../../b", "", "other:/b"},
	{"other:/.//a", "", "other:/.//a"},
	{"other:/a/..//b", "", "other:/.//b"},
	{"other://h", "", "other://h"},
	{"other://h?q", "", "other://h?q"},
	{"other:a/../b", "", "other:a/../b"},
	{"other:a ?b", "", "other:a%20?b"},
	{"other:a  #b", "", "other:a %20#b"},
	// Query and fragment.
	{"https://h?a'b#c'd", "", "https://h/?a%27b#c'd"},
	{"other://h?a'b", "", "other://h?a'b"},
	{"https://h/?\"<>#`\"<>", "", "https://h/?%22%3C%3E#%60%22%3C%3E"},
	{"https://h/?#", "", "https://h/?#"},
	{"https://h/#a#b", "", "https://h/#a#b"},
	// File.
	{"file:c:\\a\\..\\..\\b", "", "file:///c:/b"},
	{"file:///C|/a", "", "file:///C:/a"},
	{"file://C|/a", "", "file:///C:/a"},
	{"file://localhost/a", "", "file:///a"},
	{"file://server/share", "", "file://server/share"},
	{"file:", "", "file:///"},
	{"/x", "file:///C:/a/b", "file:///C:/x"},
	{"/D:/x", "file:///C:/a/b", "file:///D:/x"},
	{"D|/x", "file:///C:/a/b", "file:///D:/x"},
	{"..", "file:///C:/", "file:///C:/"},
	{"//h/x", "file:///C:/a", "file://h/x"},
	{"?q", "file:///a?b#c", "file:///a?q"},
	{"#f", "file:///a?b#c", "file:///a?b#f"},
	{"", "file:///a?b#c", "file:///a?b"},
	// Relative.
	{"", "https://u:p@h:1/a/b?c#d", "https://u:p@h:1/a/b?c"},
	{"#x", "https://u:p@h:1/a/b?c#d", "https://u:p@h:1/a/b?c#x"},
	{"?x", "https://u:p@h:1/a/b?c#d", "https://u:p@h:1/a/b?x"},
	{"x", "https://u:p@h:1/a/b?c#d", "https://u:p@h:1/a/x"},
	{"../x", "https://h/a/b/c", "https://h/a/x"},
	{"/x", "https://u:p@h:1/a/b?c#d", "https://u:p@h:1/x"},
	{`\x`, "https://h/a/b", "https://h/x"},
	{"//other/x", "https://u:p@h:1/a/b", "https://other/x"},
	{"https:x", "https://h/a/b", "https://h/a/x"},
	{"http:x", "https://h/a/b", "http://x/"},
	{"x", "other:/a/b", "other:/a/x"},
	{"x", "other:opaque", "!relative URL with a base that has an opaque path"},
	{"#x", "other:opaque?q#f", "other:opaque?q#x"},
	{"x", "", "!relative URL without a base"},
	{"", "", "!relative URL without a base"},
	{"1https://h", "", "!relative URL without a base"},
}

func TestParse(t *testing.T) {
	for _, test := range parseCases {
		var base *Record
		if test.base != "" {
			base = mustParse(t, test.base)
		}
		got, err := Parse(test.input, base)
		if CanParse(test.input, base) != (err == nil) {
			t.Errorf("CanParse(%q, %q) does not agree with Parse: %v", test.input, test.base, err)
		}
		if reason, fails := strings.CutPrefix(test.href, "!"); fails {
			var e *Error
			if !errors.As(err, &e) || e.Failure.String() != reason || e.Input != test.input {
				t.Errorf("Parse(%q, %q): error %v, want %s", test.input, test.base, err, reason)
			}
			continue
		}
		if err != nil {
			t.Errorf("Parse(%q, %q): %v", test.input, test.base, err)
			continue
		}
		if got.Href() != test.href {
			t.Errorf("Parse(%q, %q) is %q, want %q", test.input, test.base, got.Href(), test.href)
		}
		if again := mustParse(t, got.Href()); *again != *got {
			t.Errorf("Parse(%q) is %+v, then %+v", test.input, *got, *again)
		}
	}
}

func mustParse(t testing.TB, input string) *Record {
	t.Helper()
	r, err := Parse(input, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAttributes(t *testing.T) {
	names := []string{"origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"}
	for _, test := range []struct {
		href string
		want [10]string
	}{
		{"https://u:p@h:8/a?b#c", [10]string{"https://h:8", "https:", "u", "p", "h:8", "h", "8", "/a", "?b", "#c"}},
		{"https://h/?#", [10]string{"https://h", "https:", "", "", "h", "h", "", "/", "", ""}},
		{"https://u@h/", [10]string{"https://h", "https:", "u", "", "h", "h", "", "/", "", ""}},
		{"https://:p@h/", [10]string{"https://h", "https:", "", "p", "h", "h", "", "/", "", ""}},
		{"wss://[::1]:1/", [10]string{"wss://[::1]:1", "wss:", "", "", "[::1]:1", "[::1]", "1", "/", "", ""}},
		{"ftp://h:0/", [10]string{"ftp://h:0", "ftp:", "", "", "h:0", "h", "0", "/", "", ""}},
		{"file:///a", [10]string{"null", "file:", "", "", "", "", "", "/a", "", ""}},
		{"other:/.//a?b", [10]string{"null", "other:", "", "", "", "", "", "//a", "?b", ""}},
		{"other://u:p@h:1", [10]string{"null", "other:", "u", "p", "h:1", "h", "1", "", "", ""}},
		{"data:a?b#c", [10]string{"null", "data:", "", "", "", "", "", "a", "?b", "#c"}},
		{"blob:https://h:8/id", [10]string{"https://h:8", "blob:", "", "", "", "", "", "https://h:8/id", "", ""}},
		{"blob:https://u:p@h/id", [10]string{"https://h", "blob:", "", "", "", "", "", "https://u:p@h/id", "", ""}},
		{"blob:ws://h/id", [10]string{"null", "blob:", "", "", "", "", "", "ws://h/id", "", ""}},
		{"blob:d3958f5c", [10]string{"null", "blob:", "", "", "", "", "", "d3958f5c", "", ""}},
	} {
		r := mustParse(t, test.href)
		got := attributes(r)
		for i, name := range names {
			if got[name] != test.want[i] {
				t.Errorf("<%s>.%s is %q, want %q", test.href, name, got[name], test.want[i])
			}
		}
		if r.Href() != test.href {
			t.Errorf("<%s>.href is %q", test.href, r.Href())
		}
	}
}

func TestNullAndEmpty(t *testing.T) {
	for _, test := range []struct {
		href                        string
		query, fragment, noFragment string
		hasQuery, hasFragment       bool
	}{
		{"https://h/", "", "", "https://h/", false, false},
		{"https://h/?", "", "", "https://h/?", true, false},
		{"https://h/#", "", "", "https://h/", false, true},
		{"https://h/?a#b", "a", "b", "https://h/?a", true, true},
	} {
		r := mustParse(t, test.href)
		query, hasQuery := r.Query()
		fragment, hasFragment := r.Fragment()
		if query != test.query || hasQuery != test.hasQuery || fragment != test.fragment || hasFragment != test.hasFragment {
			t.Errorf("<%s> has query %q %t, fragment %q %t", test.href, query, hasQuery, fragment, hasFragment)
		}
		if r.WithoutFragment() != test.noFragment {
			t.Errorf("<%s> without fragment is %q", test.href, r.WithoutFragment())
		}
	}
}

// A failed parse must not disturb the record, and a record may be its own base.
func TestParseInto(t *testing.T) {
	r := mustParse(t, "https://h/a/b?c#d")
	if err := r.SetHref("https://"); err == nil || r.Href() != "https://h/a/b?c#d" {
		t.Errorf("after a failure (%v) href is %q", err, r.Href())
	}
	if err := r.Parse("../x", r); err != nil || r.Href() != "https://h/x" || r.Pathname() != "/x" {
		t.Errorf("relative to itself: %v, %q", err, r.Href())
	}
}

func TestParseAllocations(t *testing.T) {
	base := mustParse(t, "https://example.com/a/b")
	for _, test := range []struct {
		name, input string
		base        *Record
		most        float64
	}{
		{"serialized", "https://example.com/path/to/page?query=value", nil, 1},
		{"without path", "https://example.com", nil, 2},
		{"credentials and port", "https://user:pass@example.com:8080/a?b#c", nil, 1},
		{"address", "http://127.0.0.1:8787/", nil, 1},
		{"absolute path", "/path?query", base, 2},
		{"query", "?query", base, 2},
	} {
		if n := testing.AllocsPerRun(100, func() { _, _ = Parse(test.input, test.base) }); n > test.most {
			t.Errorf("%s: %v allocations, want at most %v", test.name, n, test.most)
		}
		if n := testing.AllocsPerRun(100, func() { CanParse(test.input, test.base) }); n > 0 {
			t.Errorf("%s: CanParse makes %v allocations", test.name, n)
		}
	}
	r := mustParse(t, "https://user:pass@example.com:8080/a?b#c")
	if n := testing.AllocsPerRun(100, func() {
		_, _, _, _, _, _, _ = r.Href(), r.Host(), r.Port(), r.Pathname(), r.Search(), r.Hash(), r.Username()
	}); n > 0 {
		t.Errorf("attributes make %v allocations", n)
	}
}

// FuzzParse checks that no input panics, that a serialized URL parses to the
// same record, and that no setter leaves a record that does not.
func FuzzParse(f *testing.F) {
	for _, test := range parseCases {
		f.Add(test.input, test.base, "x")
	}
	f.Add("a:/b", "https://h/", "//c/../:8@?#")
	f.Fuzz(func(t *testing.T, input, baseText, value string) {
		base, err := Parse(baseText, nil)
		if err != nil {
			base = nil
		}
		r, err := Parse(input, base)
		if CanParse(input, base) != (err == nil) {
			t.Fatalf("CanParse(%q, %q) does not agree with %v", input, baseText, err)
		}
		if err != nil {
			return
		}
		checkFixpoint(t, r, "Parse")
		for _, setter := range []func(*Record, string){
			(*Record).SetProtocol, (*Record).SetUsername, (*Record).SetPassword, (*Record).SetHost, (*Record).SetHostname,
			(*Record).SetPort, (*Record).SetPathname, (*Record).SetSearch, (*Record).SetHash,
		} {
			changed := *r
			setter(&changed, value)
			checkFixpoint(t, &changed, "a setter")
		}
		_ = r.Origin()
	})
}

func checkFixpoint(t *testing.T, r *Record, by string) {
	t.Helper()
	again, err := Parse(r.Href(), nil)
	if err != nil {
		t.Fatalf("%q, made by %s, does not parse: %v", r.Href(), by, err)
	}
	if again.Href() != r.Href() || again.Pathname() != r.Pathname() || again.Host() != r.Host() || again.Username() != r.Username() {
		t.Fatalf("%q, made by %s, becomes %q", r.Href(), by, again.Href())
	}
}

func BenchmarkParse(b *testing.B) {
	base := mustParse(b, "https://example.com/a/b")
	for _, test := range []struct {
		name, input string
		base        *Record
	}{
		{"serialized", "https://example.com/path/to/page?query=value&other=1", nil},
		{"normalized", "https://Example.com/path/../to page?query=value", nil},
		{"relative", "/path/to/page?query=value", base},
		{"international", "https://bücher.example/", nil},
	} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = Parse(test.input, test.base)
			}
		})
	}
}
