package isolate

import (
	"sync/atomic"
	"time"
)

// Reading a thread's CPU clock takes a system call, which costs as much as a good part
// of what a small worker does. So it is not read where wall time, which is never less, will do.
const (
	// brief is how much wall time is charged as CPU time. It is hardly ever more: only if
	// another thread had the core for a moment that is shorter still.
	brief = 50 * time.Microsecond
	// briefs is after how many brief stretches in a row the clock is not read at the start
	// of a turn. If that one is longer, what is before the watchdog's first look at it is
	// charged by the wall clock too, up to watchInterval.
	briefs = 16
)

// unread is a thread's CPU time that was not asked for.
const unread time.Duration = -1

// epoch is a moment on the machine's monotonic clock, whatever clock an isolate has.
var epoch = time.Now()

// A Pace is how long the turns of a script's isolates have been of late.
type Pace struct {
	brief atomic.Int32 // stretches in a row, up to briefs or a little over
}

// note takes the length of a stretch into account.
func (p *Pace) note(brief bool) {
	switch n := p.brief.Load(); {
	case !brief:
		p.brief.Store(0)
	case n < briefs: // then the cores need not pass the number around
		p.brief.Add(1)
	}
}

// A meter measures the CPU time of the stretches of an isolate's turns. It belongs to
// the turn.
type meter struct {
	pace *Pace
	mark time.Duration // CPU time of the thread up to which the turn is charged, or unread
	at   time.Duration // wall time of mark, since epoch
}

// start begins the first stretch of a turn.
func (m *meter) start() {
	m.mark, m.at = unread, time.Since(epoch)
	if m.pace.brief.Load() < briefs {
		m.mark = cpuTime()
	}
}

// read ends a stretch of a turn of iso, begins the next and returns the CPU time used.
func (m *meter) read(iso *Isolate) time.Duration {
	now := time.Since(epoch)
	used := now - m.at
	m.at = now
	m.pace.note(used < brief)
	if used < brief {
		if m.mark != unread {
			m.mark += used
		}
		return used
	}
	cpu, mark := cpuTime(), m.mark
	if mark == unread && iso.watchdog != nil {
		mark = iso.watchdog.mark(&iso.turn)
	}
	m.mark = cpu
	if mark == unread {
		return min(used, watchInterval)
	}
	return max(cpu-mark, 0)
}

// estimate is what mark was if the thread has had a core since, of which watchInterval at
// most is taken for granted. cpu is the thread's CPU time now.
func estimate(cpu, at time.Duration) time.Duration {
	return cpu - min(time.Since(epoch)-at, watchInterval)
}
