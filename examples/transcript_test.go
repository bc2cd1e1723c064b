package examples

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// A step is a command of a transcript and the lines it is said to write.
type step struct {
	line    int
	command string
	want    []string
}

// parseTranscript reads the console blocks of a README: a line that begins with "$ " is a
// command, what follows up to the next one is its output.
func parseTranscript(readme string) ([]*step, error) {
	var steps []*step
	inside := false
	for n, text := range strings.Split(readme, "\n") {
		switch {
		case !inside:
			inside = text == "```console"
		case text == "```":
			inside = false
		case strings.HasPrefix(text, "$ "):
			steps = append(steps, &step{line: n + 1, command: text[2:]})
		case len(steps) == 0:
			return nil, fmt.Errorf("line %d: output without a command", n+1)
		default:
			last := steps[len(steps)-1]
			last.want = append(last.want, text)
		}
	}
	if inside {
		return nil, errors.New("the last console block is not closed")
	}
	return steps, nil
}

// lines cuts output into lines, without regard to whether the last one is ended.
func lines(text string) []string {
	if text = strings.TrimSuffix(text, "\n"); text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// matches compares output with what a transcript says: "..." stands for any text in a
// line or, on a line of its own, for any number of lines.
func matches(want, got []string) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if want[0] == "..." {
		for skip := range len(got) + 1 {
			if matches(want[1:], got[skip:]) {
				return true
			}
		}
		return false
	}
	return len(got) > 0 && matchesLine(want[0], got[0]) && matches(want[1:], got[1:])
}

func matchesLine(want, got string) bool {
	head, rest, wild := strings.Cut(want, "...")
	if !wild {
		return want == got
	}
	after, ok := strings.CutPrefix(got, head)
	if !ok {
		return false
	}
	for i := range len(after) + 1 {
		if matchesLine(rest, after[i:]) {
			return true
		}
	}
	return false
}

func TestMatches(t *testing.T) {
	for _, tc := range []struct {
		want, got string
		match     bool
	}{
		{"", "", true},
		{"a", "a\n", true},
		{"a", "b", false},
		{"a", "a\nb", false},
		{"a ... c", "a b c", true},
		{"a ... c", "a b\nc", false},
		{"...", "", true},
		{"...", "a\nb\n", true},
		{"a\n...\nd", "a\nb\nc\nd\n", true},
		{"a\n...\nd", "a\nd\n", true},
		{"a\n...\nd", "a\nb\nc\n", false},
		{"...\nd", "d", true},
		{"...\nd\n...", "x\nd\ny", true},
		{"a.c", "abc", false},
		{"a\n\nb", "a\n\nb\n", true},
		{"a\n\nb", "a\nb\n", false},
	} {
		if got := matches(lines(tc.want), lines(tc.got)); got != tc.match {
			t.Errorf("matches(%q, %q) = %v", tc.want, tc.got, got)
		}
	}
}
