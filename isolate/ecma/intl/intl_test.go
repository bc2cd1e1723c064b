package intl_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

var update = flag.Bool("update", false, "rewrite testdata/differences")

var globals = webidl.NewGlobals(ecma.Globals)

func newRealm() *webidl.Realm {
	js := webidl.NewRealm(goja.New(), webidl.Options{Globals: globals})
	ecma.Install(js, nil)
	return js
}

// lines returns the lines of a file under testdata that are no comments, split at the tab.
func lines(t *testing.T, name string) [][2]string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out [][2]string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimRight(line, "\n"); line == "" || line[0] == '#' {
			continue
		}
		a, b, _ := strings.Cut(line, "\t")
		out = append(out, [2]string{a, b})
	}
	return out
}

// TestAnswers compares with the answers of an engine with full ICU data (ICU 78, CLDR 48).
// Where golang.org/x/text or the tables differ, testdata/differences has what is answered
// here and why; a difference that is gone must go from that list.
func TestAnswers(t *testing.T) {
	if *update {
		writeDifferences(t)
	}
	differences := map[string]string{}
	for _, d := range lines(t, "differences") {
		differences[d[0]] = d[1]
	}
	for _, name := range []string{"number.txt", "date.txt", "other.txt"} {
		t.Run(strings.TrimSuffix(name, ".txt"), func(t *testing.T) {
			js := newRealm()
			for _, c := range lines(t, name) {
				script, want := c[0], ""
				if err := json.Unmarshal([]byte(c[1]), &want); err != nil {
					t.Fatalf("%s: %v", script, err)
				}
				got := evaluate(js, script)
				known, differs := differences[script]
				switch {
				case got == want && differs:
					t.Errorf("%s: is no difference any more", script)
				case got != want && !differs:
					t.Errorf("%s\n got %q\nwant %q", script, got, want)
				case differs:
					if text, _ := json.Marshal(got); string(text) != known {
						t.Errorf("%s\n got %s\nthe list of differences has %s", script, text, known)
					}
				}
			}
		})
	}
}

func evaluate(js *webidl.Realm, script string) string {
	v, err := js.VM.RunString(script)
	if ex, ok := err.(*goja.Exception); ok {
		return ex.Value().ToObject(js.VM).Get("name").String()
	}
	if err != nil {
		return err.Error()
	}
	return v.String()
}

// writeDifferences rewrites the list of differences, but for the comment above it.
func writeDifferences(t *testing.T) {
	b, err := os.ReadFile("testdata/differences")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(b)) {
		if line[0] == '#' {
			out.WriteString(line)
		}
	}
	for _, name := range []string{"number.txt", "date.txt", "other.txt"} {
		js := newRealm()
		for _, c := range lines(t, name) {
			got, _ := json.Marshal(evaluate(js, c[0]))
			if string(got) != c[1] && !sameText(string(got), c[1]) {
				out.WriteString(c[0] + "\t" + string(got) + "\n")
			}
		}
	}
	if err := os.WriteFile("testdata/differences", []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sameText compares two JSON strings.
func sameText(a, b string) bool {
	var x, y string
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && x == y
}

// TestMentioned shows that a script gets the methods that it names, and no others.
func TestMentioned(t *testing.T) {
	js := webidl.NewRealm(goja.New(), webidl.Options{Globals: globals})
	ecma.Install(js, func(word string) bool { return word == "toLocaleString" })
	for script, want := range map[string]string{
		`(1234.5).toLocaleString()`:                  "1,234.5",
		`typeof Intl.NumberFormat`:                   "function",
		`"prototype" in Intl.Locale`:                 "true",
		`Intl.PluralRules = 5; Intl.PluralRules`:     "5",
		`delete Intl.Collator; typeof Intl.Collator`: "undefined",
	} {
		if got := evaluate(js, script); got != want {
			t.Errorf("%s: got %q, want %q", script, got, want)
		}
	}
}

func BenchmarkFormat(b *testing.B) {
	for _, c := range []struct{ name, script string }{
		{"number", `var f = new Intl.NumberFormat("de-DE", {style: "currency", currency: "EUR"}); () => f.format(1234567.891)`},
		{"date", `var f = new Intl.DateTimeFormat("en-US", {dateStyle: "medium", timeStyle: "short"}); () => f.format(0)`},
		{"toLocaleString", `() => (1234.5).toLocaleString()`},
		{"new NumberFormat", `() => new Intl.NumberFormat("de-DE", {style: "currency", currency: "EUR"})`},
		{"new DateTimeFormat", `() => new Intl.DateTimeFormat("en-US", {dateStyle: "medium", timeZone: "Europe/Berlin"})`},
		{"compare", `() => "résumé".localeCompare("resume")`},
	} {
		b.Run(c.name, func(b *testing.B) {
			v, err := newRealm().VM.RunString(c.script)
			if err != nil {
				b.Fatal(err)
			}
			f, _ := goja.AssertFunction(v)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f(goja.Undefined()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
