package wpt

import (
	"bufio"
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ReadExpectations reads the *.txt files of a directory, one for each area. A line that
// is not indented is a reason, and the indented ones after it say what fails for it:
//
//	The engine has no such thing.
//		FILE :: "SUBTEST"
//		FILE :: `SUB*`
//		FILE :: `SUB*` 12
//		FILE :: *
//		FILE :: harness
//
// A subtest is quoted as in Go. Between backquotes, as in FILE, * stands for any text, and
// all subtests that match fail, or as many as the number says. A * alone is every subtest;
// harness is the file as such, which does not end with OK. Empty lines and those that
// begin with # say nothing.
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
	a := strings.TrimSuffix(name, ".txt")
	var cause *Cause
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), " \t\r")
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] != '\t' && line[0] != ' ' {
			if cause != nil && len(cause.Entries) == 0 {
				return fmt.Errorf("%s:%d: a reason for which nothing fails", name, n-1)
			}
			cause = &Cause{Reason: line}
			e[a] = append(e[a], cause)
			continue
		}
		entry, err := parseEntry(strings.TrimLeft(line, " \t"))
		switch {
		case err != nil:
		case cause == nil:
			err = fmt.Errorf("%q comes before any reason", line)
		case area(entry.File) != a:
			err = fmt.Errorf("%s belongs into %s.txt", entry.File, area(entry.File))
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
		cause.Entries = append(cause.Entries, entry)
	}
	return lines.Err()
}

func parseEntry(line string) (Entry, error) {
	file, name, ok := strings.Cut(line, " :: ")
	if !ok {
		return Entry{}, fmt.Errorf("no \" :: \" in %q", line)
	}
	entry := Entry{File: file}
	switch {
	case name == "*":
		entry.Kind = Every
	case name == harness:
		entry.Kind = Harness
	case strings.HasPrefix(name, "`"):
		pattern, count, ok := strings.Cut(name[1:], "`")
		if !ok {
			return Entry{}, fmt.Errorf("no backquote ends %s", name)
		}
		entry.Kind, entry.Name = Matching, pattern
		if count != "" {
			n, err := strconv.ParseUint(strings.TrimPrefix(count, " "), 10, 31)
			if err != nil || n == 0 {
				return Entry{}, fmt.Errorf("%q is not how many fail", count)
			}
			entry.Count = int(n)
		}
	default:
		text, err := strconv.Unquote(name)
		if err != nil {
			return Entry{}, fmt.Errorf("%q is neither a quoted name nor * nor %s", name, harness)
		}
		entry.Name = text
	}
	return entry, nil
}

// what is the entry without its file, as it is written.
func (e *Entry) what() string {
	switch e.Kind {
	case Every:
		return "*"
	case Harness:
		return harness
	case Matching:
		if e.Count > 0 {
			return fmt.Sprintf("`%s` %d", e.Name, e.Count)
		}
		return "`" + e.Name + "`"
	}
	return quote(e.Name)
}

// quote writes the name of a subtest.
func quote(name string) string { return strconv.Quote(name) }

// entryOf is the entry of one name among the failures of a file.
func entryOf(file, name string) Entry {
	if name == harness {
		return Entry{File: file, Kind: Harness}
	}
	text, err := strconv.Unquote(name)
	if err != nil {
		panic(err) // it comes from quote
	}
	return Entry{File: file, Kind: Exactly, Name: text}
}

// Write writes one file for each area to a directory, and removes those of areas in
// which nothing is known to fail.
func (e Expectations) Write(dir string) error {
	old, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if e[strings.TrimSuffix(filepath.Base(name), ".txt")] == nil {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	for a, causes := range e {
		if err := os.WriteFile(filepath.Join(dir, a+".txt"), []byte(text(a, causes)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func text(area string, causes []*Cause) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Known failures of web-platform-tests in %s, by reason. They may only shrink.\n", area)
	for _, c := range causes {
		slices.SortFunc(c.Entries, func(x, y Entry) int {
			return cmp.Or(strings.Compare(x.File, y.File), cmp.Compare(x.Kind, y.Kind), strings.Compare(x.Name, y.Name))
		})
		fmt.Fprintf(&b, "\n%s\n", c.Reason)
		for _, entry := range c.Entries {
			fmt.Fprintf(&b, "\t%s :: %s\n", entry.File, entry.what())
		}
	}
	return b.String()
}
