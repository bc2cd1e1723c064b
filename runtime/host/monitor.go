package host

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/rawio"
)

// The isolates' own watchdog interrupts a turn at its CPU limit, which the engine sees
// between two of its instructions, but not within a native function, and tells of turns
// that go on. A monitor ends the child because of them. It also finds, from the stacks of
// a child that is busy all the time, what no watchdog sees, such as a compiler that does
// not come to an end, and looks after the memory.
type monitor struct {
	guest  *guest
	memory int64 // limit, or 0
	start  time.Time
	quit   func() // ends the process

	inflight atomic.Int64
	asleep   atomic.Bool
	wake     chan struct{}

	cost    time.Duration // of the last look
	turns   map[string]*seenTurn
	stacks  []byte
	samples []metrics.Sample
	percent int64 // as was set last
}

const (
	monitorTick = 20 * time.Millisecond
	// grace is how much CPU time over its limit a turn may use before it counts as stuck.
	grace = 100 * time.Millisecond
	// monitorLinger is how long the monitor goes on without events before it sleeps.
	monitorLinger = time.Second
	// compileLimit is the CPU time that compiling a bundle may take; 1 MB takes 40 ms.
	compileLimit = 3 * time.Second
	// exitStuck is the status with which a child ends itself.
	exitStuck = 86
)

func startMonitor(g *guest, memory int64) *monitor {
	m := &monitor{
		guest: g, memory: memory, start: time.Now(), wake: make(chan struct{}, 1), turns: map[string]*seenTurn{},
		quit:    func() { os.Exit(exitStuck) },
		samples: []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}, {Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}},
		percent: gcPercent,
	}
	m.asleep.Store(true)
	go m.run()
	return m
}

// enter counts an event in flight.
func (m *monitor) enter() {
	if m.inflight.Add(1) == 1 && m.asleep.Load() {
		select {
		case m.wake <- struct{}{}:
			rawio.Announce() // or the monitor would not run before the event lets it
		default:
		}
	}
}

func (m *monitor) leave() { m.inflight.Add(-1) }

func (m *monitor) run() {
	tick := time.NewTicker(monitorTick)
	defer tick.Stop()
	var quiet, cpu, snapshot time.Duration
	last := m.start
	for {
		if quiet > monitorLinger {
			m.guest.page.idle.Store(m.guest.pool.Idle())
			m.asleep.Store(true)
			if m.inflight.Load() == 0 {
				tick.Stop()
				select {
				case <-m.wake:
				case <-m.guest.link.ended:
					return
				}
				tick.Reset(monitorTick)
			}
			m.asleep.Store(false)
			quiet, last, cpu = 0, time.Now(), processCPU()
		}
		select {
		case <-tick.C:
		case <-m.guest.link.ended:
			return
		}
		now := time.Now()
		used := processCPU()
		passed, spent := now.Sub(last), used-cpu
		last, cpu = now, used
		full := m.publish()
		if m.inflight.Load() == 0 {
			quiet += passed
			clear(m.turns)
			continue
		}
		quiet = 0
		if full {
			m.exhausted()
		}
		// A stuck turn has a thread for itself, as far as the machine lets it.
		if spent < passed/4 {
			if len(m.turns) == 0 {
				continue
			}
		} else if len(m.turns) == 0 && !m.old(now) {
			continue
		}
		if snapshot += spent; snapshot < m.pause() {
			continue
		}
		m.look(snapshot)
		snapshot = 0
		cpu = processCPU() // a look is nobody's doing
		m.cost = cpu - used
	}
}

// idleTicks is how many ticks go by between two counts of the idle isolates.
const idleTicks = 64

// publish writes the figures that the server reads, and reports whether the memory is
// used up.
func (m *monitor) publish() bool {
	p := m.guest.page
	if p.beat.Add(1)%idleTicks == 0 {
		p.idle.Store(m.guest.pool.Idle())
	}
	metrics.Read(m.samples)
	heap := int64(m.samples[0].Value.Uint64() + m.samples[1].Value.Uint64())
	m.pace(int64(m.samples[2].Value.Uint64() + m.samples[3].Value.Uint64()))
	p.heap.Store(heap)
	s := m.guest.pool.Counts()
	p.live.Store(s.Live)
	p.made.Store(s.Made)
	p.evicted.Store(s.Evicted)
	if heap > m.memory/2 {
		writeMark(&p.largest, m.markOf(m.guest.pool.Suspect()))
	} else {
		p.largest.Store(0)
	}
	return m.memory > 0 && heap > m.memory/100*fullAt
}

const (
	// gcPercent is how much garbage there may be for each 100 bytes in use before it is
	// collected: isolates are small and many.
	gcPercent = 400
	// fewGarbage is how much there may be in any case: a child whose workers hold a few
	// megabytes would collect ten times a second.
	fewGarbage = 64 << 20
)

// percentFor returns how much garbage there may be for each 100 bytes in use, if so many
// are and the child has a limit of memory or none.
func percentFor(used, memory int64) int64 {
	few := int64(fewGarbage)
	if memory > 0 {
		few = min(few, memory/16)
	}
	return max(gcPercent, few*100/max(used, 1<<20))
}

// pace has the collector go by what was in use when it ran last.
func (m *monitor) pace(used int64) {
	percent := percentFor(used, m.memory)
	// To set it stops the world.
	if percent > m.percent+m.percent/4 || percent < m.percent-m.percent/4 {
		m.percent = percent
		debug.SetGCPercent(int(percent))
	}
}

// old reports whether an event is in flight since the last tick or longer, or an errand.
func (m *monitor) old(now time.Time) bool {
	since := now.Sub(m.start)
	g := m.guest
	g.mu.Lock()
	defer g.mu.Unlock()
	if m.inflight.Load() > int64(len(g.events)) {
		return true // an errand
	}
	for _, r := range g.events {
		if begun := time.Duration(r.started.Load()); begun > 0 && since-begun >= monitorTick {
			return true
		}
	}
	return false
}

func cpuLimit(l *isolate.Limits) time.Duration {
	if l.CPU == 0 {
		return 50 * time.Millisecond
	}
	return l.CPU
}

func startupLimit(l *isolate.Limits) time.Duration {
	if l.Startup == 0 {
		return time.Second
	}
	return l.Startup
}

// pause is the CPU time between two looks, for a look stops the world for some
// microseconds with every goroutine.
func (m *monitor) pause() time.Duration {
	return monitorTick + time.Duration(runtime.NumGoroutine())*200*time.Microsecond + 20*m.cost
}

// seenTurn is a turn that was running at each look since the first.
type seenTurn struct {
	first  time.Duration // since the monitor's start
	used   time.Duration // CPU time between the looks
	marked bool
}

// read finds the turns that are running now.
func (m *monitor) read() []runningTurn {
	text := allStacks(m.stacks)
	m.stacks = text[:cap(text)]
	return runningTurns(text)
}

// allStacks returns the stacks of all goroutines, in buf if that is large enough.
func allStacks(buf []byte) []byte {
	if buf == nil {
		buf = make([]byte, 256<<10)
	}
	n := runtime.Stack(buf, true)
	for n == len(buf) && n < 8<<20 {
		buf = make([]byte, 2*n)
		n = runtime.Stack(buf, true)
	}
	return buf[:n]
}

// look compares the turns that are running with those of the looks before. spent is the
// process's CPU time since the last one.
func (m *monitor) look(spent time.Duration) {
	running := m.read()
	if len(running) == 1 {
		writeMark(&m.guest.page.turn, running[0].mark)
	}
	for _, t := range running {
		seen := m.turns[t.key]
		if seen == nil {
			m.turns[t.key] = &seenTurn{marked: true, first: time.Since(m.start)}
			continue
		}
		seen.marked = true
		// Turns that run side by side share the time.
		seen.used += spent / time.Duration(len(running))
		if seen.used >= m.limit(t)+grace {
			if t.mark == unmarked {
				t.mark = m.suspect(seen.first)
			}
			m.guest.page.over.Store(int64(seen.used - m.limit(t)))
			writeMark(&m.guest.page.stuck, t.mark)
			m.quit()
		}
	}
	for key, t := range m.turns {
		if !t.marked {
			delete(m.turns, key)
		}
		t.marked = false
	}
}

// stuck ends the process because of a turn that nothing else ends. o is the event's, or
// nil if it is the start of a script, and over how much CPU time its limit is overrun by.
func (m *monitor) stuck(o outside.Outside, over time.Duration) {
	who := unmarked
	if r, ok := o.(*remote); ok {
		who = mark{r.slot, r.number}
	} else {
		for _, t := range runningTurns(allStacks(nil)) {
			if t.kind == startupTurn {
				who = t.mark
			}
		}
	}
	m.guest.page.over.Store(int64(over))
	writeMark(&m.guest.page.stuck, who)
	m.quit()
}

// limit is the CPU time that a turn may use.
func (m *monitor) limit(t runningTurn) time.Duration {
	if t.kind == compileTurn {
		return compileLimit
	}
	var limit time.Duration
	g := m.guest
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.events {
		if t.mark != unmarked && r.number != t.mark.version {
			continue
		}
		l := max(cpuLimit(&r.version.Spec.Limits), r.cpu)
		if t.kind == startupTurn {
			l = startupLimit(&r.version.Spec.Limits)
		}
		limit = max(limit, l)
	}
	if limit == 0 { // an errand, or work left by an event that has ended
		limit = time.Second
	}
	return limit
}

// suspect finds whose turn it is that no label names, such as that of a timer: the event
// has been in flight since before the turn. It returns unmarked if there are events of
// several versions of which that is true.
func (m *monitor) suspect(since time.Duration) mark {
	found := unmarked
	g := m.guest
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.events {
		if time.Duration(r.started.Load()) > since {
			continue
		}
		switch {
		case found == unmarked:
			found = mark{r.slot, r.number}
		case found.version != r.number:
			return unmarked
		}
	}
	if found.slot >= slots {
		return unmarked
	}
	return found
}
