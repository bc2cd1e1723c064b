package mimesniff_test

import (
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/webapi/mimesniff"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"text/html":                            "text/html",
		" TEXT/HTML ;CharSet=UTF-8 ":           "text/html;charset=UTF-8",
		"a/b;c=\"d e\"":                        "a/b;c=\"d e\"",
		"a/b;c=\"d\\\"e\\\\\"":                 "a/b;c=\"d\\\"e\\\\\"",
		"a/b;c=d;c=e":                          "a/b;c=d",
		"a/b;c;d=e":                            "a/b;d=e",
		"a/b;c=;d=e":                           "a/b;d=e",
		"a/b;c=\"\"":                           "a/b;c=\"\"",
		"a/b;c=\"d\"junk;e=f":                  "a/b;c=d;e=f",
		"a/b;c=\"unended":                      "a/b;c=unended",
		"a/b; ;=x;c =d":                        "a/b",
		"a/b;c=d ":                             "a/b;c=d",
		"a/b;c=\u00e9":                         "a/b;c=\"\u00e9\"",
		"a/b;c=\u0142;d=e":                     "a/b;d=e",
		"multipart/form-data; boundary=----x1": "multipart/form-data;boundary=----x1",
		"":                                     "",
		"text":                                 "",
		"text/":                                "",
		"/html":                                "",
		"te xt/html":                           "",
		"text/ht ml":                           "",
		"text/html,text/css":                   "",
	} {
		got := ""
		if m, err := mimesniff.Parse(in); err == nil {
			got = m.String()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// FuzzParse checks that a type reads as itself once written.
func FuzzParse(f *testing.F) {
	f.Add("text/html;charset=utf-8")
	f.Add("a/b;c=\"d\\\"\";e=f g")
	f.Fuzz(func(t *testing.T, s string) {
		m, err := mimesniff.Parse(s)
		if err != nil {
			return
		}
		again, err := mimesniff.Parse(m.String())
		if err != nil || again.String() != m.String() {
			t.Errorf("%q is written as %q, which reads as %q, %v", s, m, again, err)
		}
	})
}
