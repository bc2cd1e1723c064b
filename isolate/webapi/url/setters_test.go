package url

import "testing"

func TestSetters(t *testing.T) {
	for _, test := range []struct{ href, attribute, value, want string }{
		{"https://h/a", "protocol", "http", "http://h/a"},
		{"https://h/a", "protocol", "HTTP:ignored", "http://h/a"},
		{"https://h:80/a", "protocol", "http", "http://h/a"},
		{"https://h/a", "protocol", "other", "https://h/a"},
		{"other://h/a", "protocol", "https", "other://h/a"},
		{"https://u@h/a", "protocol", "file", "https://u@h/a"},
		{"https://h:1/a", "protocol", "file", "https://h:1/a"},
		{"https://h/a", "protocol", "file", "file://h/a"},
		{"file:///a", "protocol", "https", "file:///a"},
		{"https://h/a", "protocol", "", "https://h/a"},
		{"https://h/a", "protocol", " http", "https://h/a"},
		{"https://h/a", "protocol", "1http", "https://h/a"},
		{"https://h/a", "protocol", "ht tp", "https://h/a"},
		{"other:a", "protocol", "b", "b:a"},

		{"https://h/", "username", "u:v@w", "https://u%3Av%40w@h/"},
		{"https://u:p@h/", "username", "", "https://:p@h/"},
		{"https://u:p@h/", "password", "", "https://u@h/"},
		{"https://h/", "password", "p q", "https://:p%20q@h/"},
		{"file://h/", "username", "u", "file://h/"},
		{"other:///a", "username", "u", "other:///a"},
		{"other:a", "password", "p", "other:a"},

		{"https://h/a", "host", "i:8", "https://i:8/a"},
		{"https://h:8/a", "host", "i", "https://i:8/a"},
		{"https://h:8/a", "host", "i:443", "https://i/a"},
		{"https://h:8/a", "host", "i:99999", "https://i:8/a"},
		{"https://h:8/a", "host", "i:9x", "https://i:9/a"},
		{"https://h/a", "host", "i/ignored", "https://i/a"},
		{"https://h/a", "host", "", "https://h/a"},
		{"https://h/a", "host", "bad host", "https://h/a"},
		{"https://h/a", "host", "[::1]:8", "https://[::1]:8/a"},
		{"https://h/a", "host", "0x7f000001", "https://127.0.0.1/a"},
		{"https://h/a", "host", "u@i", "https://h/a"},
		{"other://h/a", "host", "", "other:///a"},
		{"other://u@h/a", "host", "", "other://u@h/a"},
		{"other:/.//a", "host", "h", "other://h//a"},
		{"other:a", "host", "h", "other:a"},
		{"file:///a", "host", "h", "file://h/a"},
		{"file://h/a", "host", "localhost", "file:///a"},
		{"file://h/a", "host", "i:8", "file://h/a"},
		{"https://h:8/a", "hostname", "i:9", "https://h:8/a"},
		{"https://h:8/a", "hostname", "i", "https://i:8/a"},

		{"https://h/", "port", "8", "https://h:8/"},
		{"https://h/", "port", "8x", "https://h:8/"},
		{"https://h/", "port", "x8", "https://h/"},
		{"https://h:8/", "port", "443", "https://h/"},
		{"https://h:8/", "port", "", "https://h/"},
		{"https://h:8/", "port", "65536", "https://h:8/"},
		{"https://h:8/", "port", "\t", "https://h:8/"},
		{"file://h/", "port", "8", "file://h/"},
		{"other:///", "port", "8", "other:///"},

		{"https://h/a?b#c", "pathname", "d", "https://h/d?b#c"},
		{"https://h/a", "pathname", "", "https://h/"},
		{"https://h/a", "pathname", "/b/../c?d#e", "https://h/c%3Fd%23e"},
		{"https://h/a", "pathname", `\b`, "https://h/b"},
		{"other:/a", "pathname", "", "other:/"},
		{"other://h/a", "pathname", "", "other://h"},
		{"other:/a", "pathname", "//b", "other:/.//b"},
		{"other:a", "pathname", "b", "other:a"},
		{"file:///a", "pathname", "C|/b", "file:///C:/b"},

		{"https://h/?a#b", "search", "c d'e#f", "https://h/?c%20d%27e%23f#b"},
		{"https://h/?a#b", "search", "?c", "https://h/?c#b"},
		{"https://h/?a#b", "search", "?", "https://h/?#b"},
		{"https://h/?a#b", "search", "", "https://h/#b"},
		{"other:a", "search", "b'", "other:a?b'"},

		{"https://h/#a", "hash", "#b c", "https://h/#b%20c"},
		{"https://h/#a", "hash", "#", "https://h/#"},
		{"https://h/#a", "hash", "", "https://h/"},
		{"other:a", "hash", "b", "other:a#b"},

		{"https://h/", "href", "other:a", "other:a"},
		{"https://h/", "href", "a", "https://h/"},
	} {
		r := mustParse(t, test.href)
		set(t, r, test.attribute, test.value)
		if r.Href() != test.want {
			t.Errorf("<%s>.%s = %q gives %q, want %q", test.href, test.attribute, test.value, r.Href(), test.want)
		}
		if again := mustParse(t, r.Href()); *again != *r {
			t.Errorf("<%s>.%s = %q gives %+v, parsed again %+v", test.href, test.attribute, test.value, *r, *again)
		}
	}
}

func TestSetQuery(t *testing.T) {
	r := mustParse(t, "https://h/a?b#c")
	r.SetQuery("d=e+f", true)
	if r.Href() != "https://h/a?d=e+f#c" {
		t.Errorf("href is %q", r.Href())
	}
	r.SetQuery("ignored", false)
	if r.Href() != "https://h/a#c" {
		t.Errorf("href is %q", r.Href())
	}
}
