package eventloop

import (
	"container/heap"
	"time"
)

// A Timer is one timer of a Loop.
type Timer struct {
	loop  *Loop
	task  Task
	owner any
	when  time.Time
	every time.Duration // 0 for a timer that fires once
	seq   uint64
	index int // in the heap, -1 when not set

	stopped bool
	fired   bool // a one-shot timer that has run
}

// SetTimer runs run as a turn, in the given asynchronous context, once d has passed,
// and then again every d if repeat is set. Timers due at the same moment fire in the
// order in which they were set. owner groups timers for StopTimers.
func (l *Loop) SetTimer(d time.Duration, repeat bool, owner, context any, run func()) *Timer {
	if d < 0 {
		d = 0
	}
	t := &Timer{loop: l, owner: owner, index: -1}
	t.task = Task{Context: context, Run: run}
	if repeat {
		t.every = max(d, time.Millisecond)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.schedule(t, d)
	}
	return t
}

// Stop cancels the timer. It reports whether the timer was still set.
func (t *Timer) Stop() bool {
	l := t.loop
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.stopped || t.fired {
		return false
	}
	t.stopped = true
	if t.index >= 0 {
		heap.Remove(&l.timers, t.index)
	}
	return true
}

// StopTimers cancels every timer of owner.
func (l *Loop) StopTimers(owner any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.timers[:0]
	for _, t := range l.timers {
		if t.owner == owner {
			t.stopped, t.index = true, -1
			continue
		}
		t.index = len(kept)
		kept = append(kept, t)
	}
	clear(l.timers[len(kept):])
	l.timers = kept
	heap.Init(&l.timers)
	l.arm()
}

// Timers returns how many timers are set.
func (l *Loop) Timers() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.timers)
}

// schedule is called with mu held.
func (l *Loop) schedule(t *Timer, d time.Duration) {
	l.lastSeq++
	t.seq = l.lastSeq
	t.when = l.clock.Now().Add(d)
	heap.Push(&l.timers, t)
	if t.index == 0 {
		l.arm()
	}
}

// arm sets the alarm for the earliest timer; mu is held.
func (l *Loop) arm() {
	if l.alarm != nil {
		l.alarm.Stop()
		l.alarm = nil
	}
	if len(l.timers) > 0 {
		l.alarm = l.clock.AfterFunc(l.timers[0].when.Sub(l.clock.Now()), l.fire)
	}
}

// fire queues the timers that are due, each as a turn of its own.
func (l *Loop) fire() {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return
	}
	now := l.clock.Now()
	for len(l.timers) > 0 && !l.timers[0].when.After(now) {
		t := heap.Pop(&l.timers).(*Timer)
		// The pending count keeps the loop from looking drained between here and the turn.
		l.pending++
		l.queue = append(l.queue, &Task{Context: t.task.Context, Run: func() { l.elapsed(t) }})
	}
	l.arm()
	l.enter()
}

// elapsed is the turn of one due timer.
func (l *Loop) elapsed(t *Timer) {
	l.mu.Lock()
	l.pending--
	stopped := t.stopped
	if !stopped && t.every > 0 && !l.closed {
		l.schedule(t, t.every)
	}
	t.fired = t.every == 0
	l.mu.Unlock()
	if !stopped {
		t.task.Run()
	}
}

// timerHeap orders timers by the moment they are due, then by age.
type timerHeap []*Timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if !h[i].when.Equal(h[j].when) {
		return h[i].when.Before(h[j].when)
	}
	return h[i].seq < h[j].seq
}
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *timerHeap) Push(x any) {
	t := x.(*Timer)
	t.index = len(*h)
	*h = append(*h, t)
}
func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.index = -1
	return t
}
