package wpt

import (
	"slices"
	"strings"
)

// Update makes e what the run shows. Entries keep their reasons, one that names too much
// is replaced by those that fail of it, and what was not expected gets the test's
// message, until somebody writes a reason.
func (e Expectations) Update(r *Report) {
	for a, causes := range e {
		var kept []*Cause
		for _, c := range causes {
			if c = c.update(r); len(c.Entries) > 0 {
				kept = append(kept, c)
			}
		}
		if e[a] = kept; len(kept) == 0 {
			delete(e, a)
		}
	}
	for _, result := range r.Results {
		failed := failures(result)
		for _, x := range e.of(result.File) {
			names, _ := x.covers(result)
			for _, name := range names {
				delete(failed, name)
			}
		}
		if message, ok := failed[harness]; ok {
			e.add(Entry{File: result.File, Kind: Harness}, message)
			delete(failed, harness)
		}
		if n := len(result.Subtests); n > 1 && len(failed) == n {
			e.add(Entry{File: result.File, Kind: Every}, failed[quote(result.Subtests[0].Name)])
			continue
		}
		for _, s := range result.Subtests {
			if message, ok := failed[quote(s.Name)]; ok {
				e.add(Entry{File: result.File, Kind: Exactly, Name: s.Name}, message)
			}
		}
	}
}

// update returns what is left of a cause. Entries whose files did not run stay.
func (c *Cause) update(r *Report) *Cause {
	left := &Cause{Reason: c.Reason}
	for _, entry := range c.Entries {
		ran, right := false, true
		var exact []Entry
		for _, result := range r.Results {
			if !matches(entry.File, result.File) {
				continue
			}
			ran = true
			failing, passing := entry.covers(result)
			if entry.Count > 0 && len(failing) > 0 {
				exact = append(exact, Entry{File: result.File, Kind: entry.Kind, Name: entry.Name, Count: len(failing)})
				right = right && len(failing) == entry.Count
				continue
			}
			right = right && len(passing) == 0 && len(failing) > 0
			for _, name := range failing {
				exact = append(exact, entryOf(result.File, name))
			}
		}
		if !ran || right {
			exact = []Entry{entry}
		}
		left.Entries = append(left.Entries, exact...)
	}
	return left
}

// add notes a failure that was not expected. Those with the same message are one cause.
func (e Expectations) add(entry Entry, message string) {
	reason, a := unexplained+shorten(message), area(entry.File)
	i := slices.IndexFunc(e[a], func(c *Cause) bool { return c.Reason == reason })
	if i < 0 {
		i = len(e[a])
		e[a] = append(e[a], &Cause{Reason: reason})
	}
	e[a][i].Entries = append(e[a][i].Entries, entry)
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
