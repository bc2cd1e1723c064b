package host

import (
	"sync"
	"time"
)

// What a script's doing leads to.
const (
	// solitaryAfter is how many processes a script may take down before it is put in
	// one of its own.
	solitaryAfter = 2
	// refusedAfter is how many it may take down within blameWindow before it is not
	// run any more.
	refusedAfter = 5
	blameWindow  = 10 * time.Minute
)

type scriptID struct{ account, name string }

// A record is what is known against a script.
type record struct {
	kills    []time.Time // of version, within blameWindow
	version  string
	suspect  int // deaths at which it was one of several that may have been at fault
	solitary bool
	refused  string // the version that is refused, or ""
}

// blame remembers which scripts took processes down. Its methods may be called from any
// goroutine.
type blame struct {
	now func() time.Time

	mu      sync.RWMutex
	records map[scriptID]*record // nearly always empty
}

func newBlame(now func() time.Time) *blame {
	return &blame{now: now, records: map[scriptID]*record{}}
}

// strike records that a script took a process down.
func (b *blame) strike(s scriptID, version string) (kills int, refused bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.record(s)
	now := b.now()
	if r.version != version { // another version is given its chances anew, but alone
		r.solitary = r.solitary || r.version != ""
		r.version, r.kills = version, nil
	}
	recent := r.kills[:0]
	for _, t := range r.kills {
		if now.Sub(t) < blameWindow {
			recent = append(recent, t)
		}
	}
	r.kills = append(recent, now)
	if len(r.kills) >= solitaryAfter {
		r.solitary = true
	}
	if len(r.kills) >= refusedAfter {
		r.refused = version
	}
	return len(r.kills), r.refused != ""
}

// suspect records that a process died and that any of several scripts may have been at
// fault. Twice a suspect is put in a process of its own, whose next death is clear.
func (b *blame) suspect(s scriptID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.record(s)
	r.suspect++
	if r.suspect >= solitaryAfter {
		r.solitary = true
	}
}

func (b *blame) record(s scriptID) *record {
	r := b.records[s]
	if r == nil {
		r = new(record)
		b.records[s] = r
	}
	return r
}

// verdict says whether a version may run, and whether only in a process of its own.
func (b *blame) verdict(account, script, version string) (solitary bool, refused *Refused) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if len(b.records) == 0 {
		return false, nil
	}
	r := b.records[scriptID{account, script}]
	if r == nil {
		return false, nil
	}
	if r.refused != "" && r.refused == version {
		return true, &Refused{Account: account, Script: script, Version: version, Kills: len(r.kills)}
	}
	return r.solitary, nil
}

// release forgets a script.
func (b *blame) release(s scriptID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.records, s)
}

// refused counts the scripts that are not run.
func (b *blame) refused() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	n := 0
	for _, r := range b.records {
		if r.refused != "" {
			n++
		}
	}
	return n
}
