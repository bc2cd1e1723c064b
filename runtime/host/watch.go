package host

import (
	"fmt"
	"slices"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

const (
	watchTick = 25 * time.Millisecond
	// mute is how long a child with events may show no sign of life. It is long,
	// because a machine may be busy with other things: if it is, the child has not had
	// muteCPU of CPU time, and gets until starved.
	mute    = 3 * time.Second
	muteCPU = time.Second
	starved = 5 * mute
)

// watch looks after the children until Close.
func (p *Process) watch() {
	tick := time.NewTicker(watchTick)
	defer tick.Stop()
	lives := map[*child]*life{}
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
		}
		p.look(lives, time.Now())
	}
}

// life is a child's last sign of life.
type life struct {
	beat uint64
	at   time.Time
	cpu  time.Duration // of the child by then
}

// mute reports whether there ought to have been another one by now.
func (l *life) mute(now time.Time, cpu func() time.Duration) bool {
	silence := now.Sub(l.at)
	return silence > mute && cpu()-l.cpu > muteCPU || silence > starved
}

func (p *Process) look(lives map[*child]*life, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.children()
	for c := range lives {
		if !slices.Contains(all, c) {
			delete(lives, c)
		}
	}
	for _, c := range all {
		l := lives[c]
		cpu := func() time.Duration { return cpuTimeOf(c.cmd.Process.Pid) }
		beat := c.page.beat.Load()
		if l == nil || l.beat != beat || c.busy.Load() == 0 {
			lives[c] = &life{beat, now, cpu()}
		} else if l.mute(now, cpu) {
			c.kill(outside.OutcomeExceededCPU)
		}
		if c.busy.Load() == 0 && c != p.builder {
			continue
		}
		c.remind(now)
		if residentMemory(c.cmd.Process.Pid) > p.o.Memory {
			c.kill(outside.OutcomeExceededMemory)
		}
	}
	p.dropOwn(now.Add(-p.o.Idle))
}

// remind tells those who wait for an event that it takes longer than a tick: most do not,
// and need not know when the client leaves.
func (c *child) remind(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.flights {
		if now.Sub(f.start) > watchTick {
			f.overdue()
		}
	}
}

// bury replaces a child that has ended and settles the events it leaves.
func (p *Process) bury(c *child) {
	c.mu.Lock()
	c.dead = true
	end := c.autopsy()
	c.mu.Unlock()

	p.mu.Lock()
	if !p.closed && !c.dismissed {
		p.deaths++
	}
	wasReady := true
	select {
	case <-c.ready:
	default:
		wasReady = p.closed
		p.failures++
		close(c.ready)
	}
	p.replaceDead(c)
	p.mu.Unlock()
	if !wasReady {
		p.o.Log.Error("a host process ended before it was ready", "words", string(c.words.text()))
	}

	c.mu.Lock()
	flights := make([]*flight, 0, len(c.flights))
	for _, f := range c.flights {
		flights = append(flights, f)
	}
	clear(c.flights)
	c.errands = map[uint32]chan<- []byte{}
	c.mu.Unlock()
	p.settle(c, end, flights)
	c.page.unmap()
}

// replaceDead puts the spare in the place of a dead child. p.mu is held.
func (p *Process) replaceDead(c *child) {
	if p.builder == c {
		p.builder = nil
	}
	for s, o := range p.own {
		if o.child == c {
			delete(p.own, s)
		}
	}
	next := p.spare
	if next == c {
		next, p.spare = nil, nil
	}
	if i := slices.Index(p.shared, c); i >= 0 {
		p.replace(i, next)
		p.spare = nil
	}
	if p.spare == nil && !p.closed {
		p.watching.Go(p.makeSpare)
	}
}

// makeSpare starts children until every place is taken and there is a spare.
func (p *Process) makeSpare() {
	for {
		p.mu.Lock()
		wait := time.Duration(0)
		if p.failures > 2 { // do not start what cannot start again and again
			wait = min(10*time.Millisecond<<min(p.failures, 9), 5*time.Second)
		}
		p.mu.Unlock()
		if wait > 0 {
			select {
			case <-time.After(wait):
			case <-p.stop:
				return
			}
		}
		if !p.fillOne() {
			return
		}
	}
}

// fillOne starts one child if one is missing.
func (p *Process) fillOne() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	place := slices.Index(p.shared, nil)
	if p.closed || place < 0 && p.spare != nil {
		return false
	}
	c, err := startChild(p)
	if err != nil {
		p.failures++
		p.o.Log.Error("a host process could not be started", "error", err)
		return true
	}
	if place >= 0 {
		p.replace(place, c)
		close(p.placed)
		p.placed = make(chan struct{})
	} else {
		p.spare = c
	}
	return true
}

// ending is why a child has ended.
type ending struct {
	outcome outside.Outcome // for the event at fault
	message string
	mark    mark          // of the event at fault
	blame   bool          // a script may be at fault
	over    time.Duration // CPU time by which the event has overrun its limit, if that is known
}

// autopsy finds out why the child has ended. c.mu is held.
func (c *child) autopsy() ending {
	if m, stuck := markIn(&c.page.stuck); stuck {
		return ending{outside.OutcomeExceededCPU, "The worker exceeded its CPU time limit in a native function; its host process was ended.", m, true, time.Duration(c.page.over.Load())}
	}
	turn, _ := markIn(&c.page.turn)
	hoarder, known := markIn(&c.page.largest)
	if !known || hoarder == unmarked {
		hoarder = turn
	}
	const memory = "The worker's host process exceeded its memory limit and was ended."
	if m, full := markIn(&c.page.full); full {
		return ending{outside.OutcomeExceededMemory, memory, m, true, 0}
	}
	switch c.condemned {
	case outside.OutcomeExceededMemory:
		return ending{c.condemned, memory, hoarder, true, 0}
	case outside.OutcomeExceededCPU:
		return ending{c.condemned, "The worker's host process stopped responding and was ended.", turn, true, 0}
	}
	words := c.words.text()
	crash := readCrash(words)
	switch {
	case c.owner.groups.full(c.cmd.Process.Pid):
		return ending{outside.OutcomeExceededMemory, memory, hoarder, true, 0}
	case crash.memory:
		return ending{outside.OutcomeExceededMemory, "The worker exceeded the memory or stack of its host process.", crash.mark, true, 0}
	case len(words) > 0:
		return ending{outside.OutcomeInternalError, "The worker's host process has crashed.", crash.mark, true, 0}
	}
	return ending{outside.OutcomeInternalError, "The worker's host process was ended from outside.", unmarked, false, 0}
}

// settle gives the events of a dead child their outcomes: those that had not begun go
// elsewhere, the one at fault gets what it did, the others fail as bystanders.
func (p *Process) settle(c *child, end ending, flights []*flight) {
	var begun []*flight
	for _, f := range flights {
		if f.slot != unknownSlot && c.page.begun[f.slot].Load() == 0 && f.again() {
			f.returned()
			continue
		}
		begun = append(begun, f)
	}
	guilty := end.mark.version
	scripts := map[uint32]*flight{}
	for _, f := range begun {
		scripts[f.number] = f
	}
	if end.mark == unmarked && len(scripts) == 1 {
		guilty = begun[0].number
	}
	if end.blame {
		p.accuse(c, end, guilty, scripts)
	}
	exact := slices.ContainsFunc(begun, func(f *flight) bool { return f.number == guilty && f.slot == end.mark.slot })
	for _, f := range begun {
		if end.blame && f.number == guilty && (!exact || f.slot == end.mark.slot) {
			if end.over > 0 && end.over < time.Minute { // from a page that is not to be trusted
				f.report.CPU = max(cpuLimit(&f.version.Limits), f.event.CPU) + end.over
			}
			f.lost(end.outcome, end.message, false)
			continue
		}
		f.lost(outside.OutcomeInternalError, "The worker's host process has ended while the event was being handled; the event was not at fault.", true)
	}
}

// accuse records who took the child down. scripts has one event of each that was running.
func (p *Process) accuse(c *child, end ending, guilty uint32, scripts map[uint32]*flight) {
	c.mu.Lock()
	known := c.numbers[guilty]
	c.mu.Unlock()
	if known != nil {
		v := known.version
		kills, refused := p.blame.strike(scriptID{v.Account, v.Script}, v.Version)
		p.o.Log.Warn("a script took down its host process", "account", v.Account, "script", v.Script, "version", v.Version,
			"why", fmt.Sprint(end.outcome), "kills", kills, "refused", refused)
		return
	}
	for _, f := range scripts {
		p.blame.suspect(scriptID{f.version.Account, f.version.Script})
	}
}
