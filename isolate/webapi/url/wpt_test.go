package url

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The tests in this file read the data files of a web-platform-tests checkout,
// which MAYFLY_WPT names. Data of July 2021 and of July 2026 were tried.

// deviations are the tests of either checkout that are not passed, with the reason.
var deviations = func() map[string]string {
	byReason := map[string][]string{
		"2021: Punycode in a domain that is all ASCII was validated": {
			`"http://a.b.c.xn--pokxncvks" against "about:blank"`,
			`"http://10.0.0.xn--pokxncvks" against "about:blank"`,
			`"file://xn--/p" against "about:blank"`,
			`domain "xn--a"`, `domain "xn--a.xn--nxa"`, `domain "xn--1ug.example"`,
			`domain "xn--a-yoc"`, `domain "xn--zn7c.com"`, `domain "xn--"`,
		},
		"2021: a domain whose last label is a number could be no IPv4 address": {
			`"http://0..0x300/" against "about:blank"`,
			`"http://256.256.256.256.256" against "http://other.com/"`,
			`"http://0177.0.0.0189" against "about:blank"`,
		},
		"2021: domains could hold C0 controls": {
			`"http://\x1f!\"$&'()*+,-.;=_` + "`" + `{}~/" against "about:blank"`,
		},
		"2021: the path percent-encode set lacked U+005E (^)": {
			`"foo://host/ !\"$%&'()*+,-./:;<=>@[\\]^_` + "`" + `{|}~" against "about:blank"`,
			`"wss://host/ !\"$%&'()*+,-./:;<=>@[\\]^_` + "`" + `{|}~" against "about:blank"`,
			`<a:/>.pathname = "\x00\x01\t\n\r\x1f !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_` + "`" + `az{|}~\x7f\u0080\u0081Éé"`,
		},
		"2026: set operations of the flag v, which Go's regular expressions lack": {
			`[[{"pathname":"/([[a-z]--a])"}],[{"pathname":"/z"}]]`,
			`[[{"pathname":"/([\\d\u0026\u0026[0-1]])"}],[{"pathname":"/0"}]]`,
		},
		"2026: CJK ideographs of Unicode 17, which the tables of package idna lack before Go 1.27": {
			`domain "\U0003293120.音.ꡦ1."`, `domain "\U00032b9a9ꍩ៓.ss"`, `domain "\U00032b9a9ꍩ៓.SS"`,
		},
	}
	deviations := make(map[string]string)
	for reason, names := range byReason {
		for _, name := range names {
			deviations[name] = reason
		}
	}
	return deviations
}()

// hostEnding encodes what would end the host in a URL.
var hostEnding = strings.NewReplacer("/", "%2F", "\\", "%5C", "?", "%3F", "#", "%23", ":", "%3A", "@", "%40")

// loadWPT reads a JSON file of the checkout into v.
func loadWPT(t *testing.T, v any, path ...string) {
	t.Helper()
	root := os.Getenv("MAYFLY_WPT")
	if root == "" {
		t.Skip("MAYFLY_WPT does not name a web-platform-tests checkout")
	}
	text, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
	if err != nil {
		t.Skip("the checkout lacks this file: ", err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
}

// tally counts subtests and reports the failures that are not deviations.
type tally struct {
	t                   *testing.T
	passed, old, failed int
}

func newTally(t *testing.T) *tally {
	c := &tally{t: t}
	t.Cleanup(func() {
		t.Logf("%d passed, %d deviations, %d failed", c.passed, c.old, c.failed)
	})
	return c
}

// check counts the subtest with this name; diff says what is wrong, if anything.
func (c *tally) check(name, diff string) {
	c.t.Helper()
	switch _, old := deviations[name]; {
	case diff == "":
		c.passed++
	case old:
		c.old++
	default:
		c.failed++
		c.t.Errorf("%s: %s", name, diff)
	}
}

// attributes are the values of the URL class's attributes by name.
func attributes(r *Record) map[string]string {
	return map[string]string{
		"href": r.Href(), "origin": r.Origin(), "protocol": r.Protocol(),
		"username": r.Username(), "password": r.Password(),
		"host": r.Host(), "hostname": r.Hostname(), "port": r.Port(),
		"pathname": r.Pathname(), "search": r.Search(), "hash": r.Hash(),
	}
}

// difference names the attributes of r that are not as in want.
func difference(r *Record, want map[string]any) string {
	diff := ""
	for name, got := range attributes(r) {
		if expected, is := want[name].(string); is && expected != got {
			diff += fmt.Sprintf("%s is %q, want %q; ", name, got, expected)
		}
	}
	return diff
}

func TestWPTParse(t *testing.T) {
	var cases []any
	loadWPT(t, &cases, "url", "resources", "urltestdata.json")
	c := newTally(t)
	for _, entry := range cases {
		test, is := entry.(map[string]any)
		if !is {
			continue // a comment
		}
		input := test["input"].(string)
		baseText, hasBase := test["base"].(string)
		name := fmt.Sprintf("%q against %q", input, baseText)
		var base *Record
		if hasBase && baseText != "" && baseText != "about:blank" || hasBase && test["relativeTo"] == nil {
			var err error
			if base, err = Parse(baseText, nil); err != nil {
				base = nil
				if test["failure"] != true {
					c.check(name, "base: "+err.Error())
					continue
				}
			}
		}
		got, err := Parse(input, base)
		if CanParse(input, base) != (err == nil) {
			c.check(name, "CanParse does not agree with Parse")
			continue
		}
		switch {
		case test["failure"] == true && err == nil:
			c.check(name, "parsed as "+got.Href())
		case test["failure"] == true:
			c.check(name, "")
		case err != nil:
			c.check(name, err.Error())
		default:
			c.check(name, difference(got, test))
		}
	}
}

func TestWPTSetters(t *testing.T) {
	var cases map[string]json.RawMessage
	loadWPT(t, &cases, "url", "resources", "setters_tests.json")
	c := newTally(t)
	for attribute, text := range cases {
		if attribute == "comment" {
			continue
		}
		var tests []struct {
			Href     string
			NewValue string `json:"new_value"`
			Expected map[string]any
		}
		if err := json.Unmarshal(text, &tests); err != nil {
			t.Fatal(err)
		}
		for _, test := range tests {
			name := fmt.Sprintf("<%s>.%s = %q", test.Href, attribute, test.NewValue)
			r, err := Parse(test.Href, nil)
			if err != nil {
				c.check(name, err.Error())
				continue
			}
			set(t, r, attribute, test.NewValue)
			c.check(name, difference(r, test.Expected))
		}
	}
}

// set calls the setter of an attribute.
func set(t *testing.T, r *Record, attribute, value string) {
	t.Helper()
	setters := map[string]func(string){
		"href":     func(v string) { _ = r.SetHref(v) },
		"protocol": r.SetProtocol, "username": r.SetUsername, "password": r.SetPassword,
		"host": r.SetHost, "hostname": r.SetHostname, "port": r.SetPort,
		"pathname": r.SetPathname, "search": r.SetSearch, "hash": r.SetHash,
	}
	setter := setters[attribute]
	if setter == nil {
		t.Fatalf("no attribute %q", attribute)
	}
	setter(value)
}

func TestWPTToASCII(t *testing.T) {
	for _, file := range []string{"toascii.json", "IdnaTestV2.json", "IdnaTestV2-removed.json"} {
		t.Run(file, func(t *testing.T) {
			var cases []any
			loadWPT(t, &cases, "url", "resources", file)
			c := newTally(t)
			for _, entry := range cases {
				test, is := entry.(map[string]any)
				if !is {
					continue
				}
				input := test["input"].(string)
				name := fmt.Sprintf("domain %q", input)
				want, valid := test["output"].(string)
				if valid && want == "" {
					valid = false // no URL has an empty domain
				}
				r, err := Parse("https://"+hostEnding.Replace(input)+"/x", nil)
				if input == "" {
					r, err = Parse("https://", nil)
				}
				switch {
				case valid && err != nil:
					c.check(name, err.Error())
				case valid && r.Hostname() != want:
					c.check(name, fmt.Sprintf("is %q, want %q", r.Hostname(), want))
				case !valid && err == nil:
					c.check(name, "is "+r.Hostname()+", want failure")
				default:
					c.check(name, "")
				}
			}
		})
	}
}

func TestWPTPercentEncoding(t *testing.T) {
	var cases []any
	loadWPT(t, &cases, "url", "resources", "percent-encoding.json")
	c := newTally(t)
	for _, entry := range cases {
		test, is := entry.(map[string]any)
		if !is {
			continue
		}
		input := test["input"].(string)
		want := test["output"].(map[string]any)["utf-8"].(string)
		r, err := Parse("http://doesnotmatter.invalid/?"+input+"#"+input, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.check(fmt.Sprintf("%q", input), difference(r, map[string]any{"search": "?" + want, "hash": "#" + want}))
	}
}
