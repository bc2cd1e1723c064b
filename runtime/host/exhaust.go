package host

import (
	"runtime"
	"runtime/metrics"
	"time"
)

// In percent of a child's memory: from fullAt on isolates are ended, the largest first,
// and from lostAt on the child, as there may be no time for more.
const (
	fullAt = 85
	lostAt = 95
)

// exhausted makes room if what fills the memory is in use. It ends the isolates that
// nobody uses, then the one that seems to fill the memory, and the process when that does
// not help.
func (m *monitor) exhausted() {
	runtime.GC()
	if m.filled() < fullAt {
		return
	}
	m.guest.pool.Evict(time.Now())
	largest := m.guest.pool.Largest() // which collects garbage
	filled := m.filled()
	if filled < fullAt {
		return
	}
	if largest == nil {
		m.full(m.onlyTurn())
		return
	}
	who := m.markOf(largest.Name())
	if filled >= lostAt || largest.Condemned() != nil {
		m.full(who) // it has been ended before, but its turn goes on
		return
	}
	writeMark(&m.guest.page.largest, who)
	largest.Shed()
}

// filled is how much of the memory is used, in percent.
func (m *monitor) filled() int64 {
	metrics.Read(m.samples)
	return int64(m.samples[0].Value.Uint64()+m.samples[1].Value.Uint64()) / (m.memory / 100)
}

// full ends the process.
func (m *monitor) full(who mark) {
	writeMark(&m.guest.page.full, who)
	m.quit()
}

// onlyTurn marks the turn that is running if there is only one.
func (m *monitor) onlyTurn() mark {
	running := m.read()
	if len(running) != 1 {
		return unmarked
	}
	if running[0].mark == unmarked {
		return m.suspect(time.Since(m.start) - monitorTick)
	}
	return running[0].mark
}

// markOf marks all events of a version.
func (m *monitor) markOf(version string) mark {
	g := m.guest
	g.mu.Lock()
	defer g.mu.Unlock()
	for number, v := range g.versions {
		if v.Version == version {
			return mark{unknownSlot, number}
		}
	}
	for _, r := range g.events { // of one that is retired
		if r.version.Version == version {
			return mark{unknownSlot, r.number}
		}
	}
	return unmarked
}
