package wrangler

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// A step is one line of a script, with what is indented below it.
type step struct {
	line int
	verb string // "#", "$", "!", "watch", "write", "want", "set" or "" for an empty line
	rest string
	body []string
}

// parseScript reads a script.
func parseScript(text string) ([]step, error) {
	var steps []step
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if indented, ok := strings.CutPrefix(line, "\t"); ok {
			above := len(steps) - 1
			for above >= 0 && steps[above].verb == "" { // empty lines of a file
				above--
			}
			if above < 0 || steps[above].verb != "write" && steps[above].verb != "watch" {
				return nil, fmt.Errorf("line %d: it is indented below nothing", n+1)
			}
			body := append(steps[above].body, make([]string, len(steps)-1-above)...)
			steps[above].body = append(body, indented)
			steps = steps[:above+1]
			continue
		}
		s := step{line: n + 1}
		s.verb, s.rest, _ = strings.Cut(line, " ")
		switch s.verb {
		case "", "#", "$", "watch", "write", "want":
		case "!":
			var ok bool
			if s.rest, ok = strings.CutPrefix(s.rest, "$ "); !ok {
				return nil, fmt.Errorf("line %d: no command follows the mark", n+1)
			}
		case "set":
			name, pattern, ok := strings.Cut(s.rest, " = ")
			if !ok || regexp.MustCompile(`^[a-z0-9]+$`).FindString(name) == "" {
				return nil, fmt.Errorf("line %d: %q is not NAME = PATTERN", n+1, s.rest)
			}
			if re, err := regexp.Compile(pattern); err != nil || re.NumSubexp() != 1 {
				return nil, fmt.Errorf("line %d: %q is no pattern with one group: %v", n+1, pattern, err)
			}
		default:
			return nil, fmt.Errorf("line %d: nothing is called %q", n+1, s.verb)
		}
		steps = append(steps, s)
	}
	return steps, nil
}

func TestParseScript(t *testing.T) {
	for _, tc := range []struct {
		text, want string // "" for no error
	}{
		{"# a\n\n$ x\nwant y\nset z = (.)\nwrite f\n\ta\n\n! $ x\nwatch w\n\tuntil u\n", ""},
		{"write f\n\ta\n\n\tb\n$ x", ""},
		{"\tx", "line 1: it is indented"},
		{"\n\tx", "line 2: it is indented"},
		{"$ x\n\ty", "line 2: it is indented"},
		{"! x", "line 1: no command"},
		{"set x", "line 1:"},
		{"set x = y", "line 1:"},
		{"set x = (", "line 1:"},
		{"run x", "line 1: nothing is called"},
	} {
		_, err := parseScript(tc.text)
		if got := fmt.Sprint(err); err == nil && tc.want != "" || err != nil && (tc.want == "" || !strings.HasPrefix(got, tc.want)) {
			t.Errorf("%q: %v, want %q", tc.text, err, tc.want)
		}
	}
}

// noise is what differs from run to run in what wrangler prints, and what stands for it.
var noise = []struct {
	pattern     *regexp.Regexp
	replacement string
}{
	{regexp.MustCompile(`\x1b\[[0-9;]*m`), ""},
	{regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`), "<uuid>"},
	{regexp.MustCompile(`<\w+>(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`), "<uuid>"}, // which begins like a name's value
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "<hash>"},
	{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "<id>"},
	{regexp.MustCompile(`\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`), "<time>"},
	{regexp.MustCompile(`\b\d{1,2}/\d{1,2}/20\d\d, \d{1,2}:\d\d:\d\d [AP]M`), "<time>"},
	{regexp.MustCompile(`\b[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d 20\d\d \d\d:\d\d:\d\d GMT\+\d{4} \([^)]*\)`), "<time>"},
	{regexp.MustCompile(`("(?:timestamp|eventTimestamp|wallTime|cpuTime)": )\d+`), "$1<n>"},
	{regexp.MustCompile(`("cf-ray": )"[^"]*"`), `$1"<ray>"`},
	{regexp.MustCompile(`\b\d+(\.\d+)? (ms|sec)\b`), "<n> $2"},
	{regexp.MustCompile(`\b\d+\.\d+ KiB\b`), "<n> KiB"},
	{regexp.MustCompile(`(curl|undici|node)/\d+(\.\d+)*`), "$1/<n>"},
	{regexp.MustCompile(`(?m)^.*newer version of Wrangler available.*$`), ""},  // as of the day of the test
	{regexp.MustCompile(`(?m)^Connected to .*, waiting for logs\.\.\.\n`), ""}, // or not, if items come first
	{regexp.MustCompile(`(?m)^Stopping tail\.\.\.$`), ""},                      // if there is time for it
	{regexp.MustCompile(`(?m)^.*Logs were written to ".*"$`), ""},
	{regexp.MustCompile(`[ \t\r]+(\n|$)`), "$1"},
	{regexp.MustCompile(`\n{3,}`), "\n\n"},
}

// clean removes the noise from what a command has printed.
func clean(text string) string {
	for _, n := range noise {
		text = n.pattern.ReplaceAllString(text, n.replacement)
	}
	return strings.Trim(text, "\n")
}
