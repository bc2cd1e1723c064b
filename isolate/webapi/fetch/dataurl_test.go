package fetch

import (
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/webapi/mimesniff"
)

func TestParseDataURL(t *testing.T) {
	const plain = "text/plain;charset=US-ASCII"
	for _, c := range []struct{ url, contentType, body string }{
		{"data:,a%20b", plain, "a b"},
		{"data:,a#b", plain, "a"},
		{"data:text/html,<p>", "text/html", "<p>"},
		{"data:;charset=x,a", "text/plain;charset=x", "a"},
		{"data:nonsense,a", plain, "a"},
		{"data:a/b;base64,YQ==", "a/b", "a"},
		{"data:a/b;base64,Y Q", "a/b", "a"},
		{"data:a/b;BASE64,%59Q", "a/b", "a"},
		{"data:a/b; base64,YQ", "a/b", "a"},
		{"data:a/bbase64,YQ", "a/bbase64", "YQ"},
		{"data:a/b;base64;c=d,YQ", "a/b;c=d", "YQ"},
		{"data:,%4%zz%41", plain, "%4%zzA"},
		{"data:,%", plain, "%"},
		{"data:a/b;base64,Y", "", ""},
		{"data:a/b;base64,Y*==", "", ""},
		{"data:a", "", ""},
	} {
		contentType, body, ok := parseDataURL(c.url)
		if ok != (c.contentType != "") || contentType != c.contentType || string(body) != c.body {
			t.Errorf("%s: got %q, %q, %v", c.url, contentType, body, ok)
		}
	}
}

func FuzzParseDataURL(f *testing.F) {
	f.Add("data:a/b;c=d;base64,YQ==#x")
	f.Add("data:,%41")
	f.Fuzz(func(t *testing.T, u string) {
		contentType, _, ok := parseDataURL(u)
		if _, err := mimesniff.Parse(contentType); ok && err != nil {
			t.Errorf("%q has the type %q", u, contentType)
		}
	})
}
