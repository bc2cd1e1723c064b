package wpt

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Expectations are the known failures, by area: the first folder of the tests' paths.
type Expectations map[string][]*Cause

// A Cause is why some subtests fail.
type Cause struct {
	// Reason is for people: what the platform lacks, where a test is out of date, or
	// what the test needs that a worker does not have.
	Reason  string
	Entries []Entry
}

// An Entry names subtests that fail.
type Entry struct {
	// File is a file with its variant. A * in it stands for any text.
	File string
	Kind EntryKind
	// Name is the subtest's, or a pattern of such names.
	Name string
	// Count is how many of those that match a pattern fail; 0 means all.
	Count int
}

// An EntryKind says what an entry names of its file.
type EntryKind uint8

const (
	// Exactly is the subtest of a name.
	Exactly EntryKind = iota
	// Matching is every subtest whose name matches, where * stands for any text.
	Matching
	// Every is every subtest: none passes.
	Every
	// Harness is the file as such, which does not end with OK.
	Harness
)

// unexplained begins the reason of what Update found, until somebody writes a better one.
const unexplained = "unexplained: "

// harness is the name under which a file's own status is among its failures. It is no
// subtest's, whose names are quoted where they are shown.
const harness = "harness"

// Unexplained lists the reasons that nobody has written yet.
func (e Expectations) Unexplained() (list []string) {
	for _, area := range slices.Sorted(maps.Keys(e)) {
		for _, c := range e[area] {
			if strings.HasPrefix(c.Reason, unexplained) {
				list = append(list, area+": "+c.Reason)
			}
		}
	}
	return list
}

// expected is an entry with its reason.
type expected struct {
	Entry
	reason string
}

// of returns the entries of a file.
func (e Expectations) of(file string) (list []expected) {
	for _, c := range e[area(file)] {
		for _, entry := range c.Entries {
			if matches(entry.File, file) {
				list = append(list, expected{entry, c.Reason})
			}
		}
	}
	return list
}

// area is the first folder of a path.
func area(file string) string {
	folder, _, _ := strings.Cut(file, "/")
	return folder
}

// matches reports whether text is what a pattern says, in which * stands for any text.
func matches(pattern, text string) bool {
	head, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == text
	}
	if !strings.HasPrefix(text, head) {
		return false
	}
	text = text[len(head):]
	for {
		part, more, wild := strings.Cut(rest, "*")
		if !wild {
			return strings.HasSuffix(text, part)
		}
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text, rest = text[i+len(part):], more
	}
}

// covers lists what an entry names in a result: the names that fail and those that pass.
func (e *Entry) covers(r *Result) (failing, passing []string) {
	add := func(name string, passes bool) {
		if passes {
			passing = append(passing, name)
		} else {
			failing = append(failing, name)
		}
	}
	if e.Kind == Harness {
		add(harness, r.Status == OK)
		return failing, passing
	}
	for _, s := range r.Subtests {
		if e.Kind == Every || e.Kind == Exactly && s.Name == e.Name || e.Kind == Matching && matches(e.Name, s.Name) {
			add(quote(s.Name), s.Status == Pass)
		}
	}
	return failing, passing
}

// A Surprise is a difference between what happened and what was expected.
type Surprise struct {
	// File is a file with its variant, and Subtest a quoted name of it or "harness".
	File, Subtest string
	// Expected is why it was known to fail; "" if it was to pass.
	Expected string
	// Message says what happened.
	Message string
}

func (s Surprise) String() string {
	if s.Expected == "" {
		return fmt.Sprintf("%s :: %s: unexpected failure: %s", s.File, s.Subtest, s.Message)
	}
	return fmt.Sprintf("%s :: %s: %s, but was known to fail: %s", s.File, s.Subtest, s.Message, s.Expected)
}

// Check compares a run with what was expected of the files that it ran.
func (e Expectations) Check(r *Report) (found []Surprise) {
	for _, result := range r.Results {
		failed := failures(result)
		for _, x := range e.of(result.File) {
			failing, passing := x.covers(result)
			for _, name := range failing {
				delete(failed, name)
			}
			if x.Count > 0 && len(failing) > 0 {
				if len(failing) != x.Count {
					found = append(found, Surprise{result.File, x.what(), x.reason, fmt.Sprintf("%d fail", len(failing))})
				}
				continue
			}
			for _, name := range passing {
				found = append(found, Surprise{result.File, name, x.reason, "it passed"})
			}
			if len(failing)+len(passing) == 0 {
				found = append(found, Surprise{result.File, x.what(), x.reason, "there is no such subtest"})
			}
		}
		for _, name := range slices.Sorted(maps.Keys(failed)) {
			found = append(found, Surprise{result.File, name, "", failed[name]})
		}
	}
	return found
}

// failures lists what failed of a result, by quoted names, with its messages.
func failures(r *Result) map[string]string {
	list := map[string]string{}
	if r.Status != OK {
		list[harness] = fmt.Sprintf("%s %s", r.Status, r.Message)
	}
	for _, s := range r.Subtests {
		if s.Status != Pass {
			list[quote(s.Name)] = fmt.Sprintf("%s %s", s.Status, s.Message)
		}
	}
	return list
}
