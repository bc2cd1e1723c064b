package wpt

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// A row counts the results of a directory.
type row struct {
	files, ok, passed, subtests int
}

// Print writes the table of files and subtests by directory.
func (r *Report) Print(w io.Writer) {
	rows := map[string]*row{}
	var all row
	var last *Test
	for _, result := range r.Results {
		name := result.test.Directory()
		t := rows[name]
		if t == nil {
			t = &row{}
			rows[name] = t
		}
		for _, t := range []*row{t, &all} {
			if result.test != last {
				t.files++
				if r.fine(result.test) {
					t.ok++
				}
			}
			t.passed += result.Passed()
			t.subtests += len(result.Subtests)
		}
		last = result.test
	}
	names := slices.SortedFunc(maps.Keys(rows), func(a, b string) int {
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	})
	width := len("directory")
	for _, n := range names {
		width = max(width, len(n))
	}
	rule := fmt.Sprintf("%s  -----  ----------  ------  --------  ------\n", strings.Repeat("-", width))
	fmt.Fprintf(w, "%-*s  files  harness OK  passed  subtests    rate\n%s", width, "directory", rule)
	line := func(name string, t *row) {
		rate := 0.0
		if t.subtests > 0 {
			rate = 100 * float64(t.passed) / float64(t.subtests)
		}
		fmt.Fprintf(w, "%-*s  %5d  %10d  %6d  %8d  %5.1f%%\n", width, name, t.files, t.ok, t.passed, t.subtests, rate)
	}
	for _, n := range names {
		line(n, rows[n])
	}
	fmt.Fprint(w, rule)
	line("ALL", &all)
	var left []string
	for _, reason := range slices.Sorted(maps.Keys(r.Skipped)) {
		left = append(left, fmt.Sprintf("%d %s", r.Skipped[reason], reason))
	}
	if len(left) > 0 {
		fmt.Fprintf(w, "\nleft out: %s\n", strings.Join(left, "; "))
	}
}

// fine reports whether all variants of a test ran to their end.
func (r *Report) fine(t *Test) bool {
	return !slices.ContainsFunc(r.Results, func(x *Result) bool { return x.test == t && x.Status != OK })
}

// WriteJSON writes all results.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "\t")
	return e.Encode(struct {
		Results []*Result      `json:"results"`
		Skipped map[string]int `json:"skipped"`
	}{r.Results, r.Skipped})
}
