package wpt

import (
	"bufio"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Expectations are the known failures: for each file, with its variant, the subtests
// that do not pass and why. The subtest Whole stands for the file as such, which does not
// end with OK, and All for every subtest: none passes.
type Expectations map[string]map[string]string

// Names of what is not a subtest. Those of subtests are quoted in files.
const (
	Whole = "harness"
	All   = "*"
)

// ReadExpectations reads the *.txt files of a directory. A line is one of
//
//	FILE :: "SUBTEST" # REASON
//	FILE :: harness # REASON
//	FILE :: * # REASON
//
// with the subtest quoted as in Go. Empty lines and those that begin with # say nothing.
func ReadExpectations(dir fs.FS) (Expectations, error) {
	e := Expectations{}
	names, err := fs.Glob(dir, "*.txt")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		f, err := dir.Open(name)
		if err != nil {
			return nil, err
		}
		err = e.read(name, bufio.NewScanner(f))
		f.Close()
		if err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (e Expectations) read(name string, lines *bufio.Scanner) error {
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		file, subtest, reason, err := parseExpectation(line)
		if err == nil && e[file][subtest] != "" {
			err = fmt.Errorf("a second reason for %q", subtest)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
		e.add(file, subtest, reason)
	}
	return lines.Err()
}

func parseExpectation(line string) (file, subtest, reason string, err error) {
	file, rest, ok := strings.Cut(line, " :: ")
	if !ok {
		return "", "", "", fmt.Errorf("no \" :: \" in %q", line)
	}
	quoted, err := strconv.QuotedPrefix(rest)
	if err == nil {
		rest = rest[len(quoted):]
		if subtest, err = strconv.Unquote(quoted); err != nil {
			return "", "", "", err
		}
	} else if subtest, _, _ = strings.Cut(rest, " "); subtest == Whole || subtest == All {
		rest = rest[len(subtest):]
	} else {
		return "", "", "", fmt.Errorf("%q is neither a quoted name nor %s nor %s", rest, Whole, All)
	}
	reason, ok = strings.CutPrefix(rest, " # ")
	if reason = strings.TrimSpace(reason); !ok || reason == "" {
		return "", "", "", fmt.Errorf("no reason: want \" # \" and why %q fails", subtest)
	}
	return file, subtest, reason, nil
}

func (e Expectations) add(file, subtest, reason string) {
	if e[file] == nil {
		e[file] = map[string]string{}
	}
	e[file][subtest] = reason
}

// A Surprise is a difference between what happened and what was expected.
type Surprise struct {
	File, Subtest string
	// Expected is why it was known to fail; "" if it was to pass.
	Expected string
	// Message says what happened.
	Message string
}

func (s Surprise) String() string {
	if s.Expected == "" {
		return fmt.Sprintf("%s :: %s: unexpected failure: %s", s.File, quoteName(s.Subtest), s.Message)
	}
	return fmt.Sprintf("%s :: %s: %s, but was known to fail: %s", s.File, quoteName(s.Subtest), s.Message, s.Expected)
}

// Check compares a run with what was expected of the files that it ran.
func (e Expectations) Check(r *Report) (found []Surprise) {
	for _, result := range r.Results {
		known := e[result.File]
		failed := failures(result)
		for _, subtest := range slices.Sorted(maps.Keys(failed)) {
			if known[subtest] == "" && (subtest == Whole || known[All] == "") {
				found = append(found, Surprise{File: result.File, Subtest: subtest, Message: failed[subtest]})
			}
		}
		for _, subtest := range slices.Sorted(maps.Keys(known)) {
			message := "it passed"
			switch {
			case failed[subtest] != "":
				continue
			case subtest == All:
				n := result.Passed()
				if n == 0 {
					continue
				}
				message = fmt.Sprintf("%d of %d subtests passed", n, len(result.Subtests))
			case subtest != Whole && !slices.ContainsFunc(result.Subtests, func(s Subtest) bool { return s.Name == subtest }):
				message = "there is no such subtest"
			}
			found = append(found, Surprise{File: result.File, Subtest: subtest, Expected: known[subtest], Message: message})
		}
	}
	return found
}

// failures lists what failed of a result with its messages, none of which is empty.
func failures(r *Result) map[string]string {
	list := map[string]string{}
	if r.Status != OK {
		list[Whole] = fmt.Sprintf("%s %s", r.Status, r.Message)
	}
	for _, s := range r.Subtests {
		if s.Status != Pass {
			list[s.Name] = fmt.Sprintf("%s %s", s.Status, s.Message)
		}
	}
	return list
}

// Update makes e what the run shows: entries of files that it ran are replaced, and
// those that stay keep their reasons. The reason of a new one is the test's message,
// until somebody writes a better one.
func (e Expectations) Update(r *Report) {
	for _, result := range r.Results {
		old := e[result.File]
		delete(e, result.File)
		failed := failures(result)
		if len(result.Subtests) > 1 && result.Passed() == 0 {
			message := failed[result.Subtests[0].Name]
			for _, s := range result.Subtests {
				delete(failed, s.Name)
			}
			failed[All] = message
		}
		for subtest, message := range failed {
			reason := old[subtest]
			if reason == "" {
				reason = shorten(message)
			}
			e.add(result.File, subtest, reason)
		}
	}
}

// shorten makes a reason of a message.
func shorten(message string) string {
	message = strings.Join(strings.Fields(strings.ToValidUTF8(message, "?")), " ")
	const most = 160
	if len(message) > most {
		message = strings.ToValidUTF8(message[:most], "") + "…"
	}
	return message
}

// Write writes one file for each area to a directory, and removes those of areas in
// which nothing is known to fail.
func (e Expectations) Write(dir string) error {
	texts := map[string]*strings.Builder{}
	for _, file := range slices.Sorted(maps.Keys(e)) {
		area, _, _ := strings.Cut(file, "/")
		b := texts[area]
		if b == nil {
			b = &strings.Builder{}
			texts[area] = b
			fmt.Fprintf(b, "# Known failures of %s, each with its reason. They may only shrink.\n", area)
		}
		for _, subtest := range slices.Sorted(maps.Keys(e[file])) {
			fmt.Fprintf(b, "%s :: %s # %s\n", file, quoteName(subtest), e[file][subtest])
		}
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if texts[strings.TrimSuffix(filepath.Base(name), ".txt")] == nil {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	for area, b := range texts {
		if err := os.WriteFile(filepath.Join(dir, area+".txt"), []byte(b.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func quoteName(subtest string) string {
	if subtest == Whole || subtest == All {
		return subtest
	}
	return strconv.Quote(subtest)
}
