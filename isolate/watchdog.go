package isolate

import (
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// watchInterval is how often a running turn's clock is read. Together with the time
// the engine takes to notice an interrupt it bounds how far a limit is overrun.
const watchInterval = 4 * time.Millisecond

// stuckAfter is how much CPU time over its limit a turn may use, when it has been
// interrupted, before it counts as stuck. The engine sees an interrupt between two of
// its instructions, but not within a native function.
const stuckAfter = 50 * time.Millisecond

// A Watchdog interrupts turns that are over their CPU limit and isolates that are over
// their memory limit. One serves all isolates of a process. It costs nothing while no
// turn runs.
type Watchdog struct {
	memory memory

	mu      sync.Mutex
	stuck   func(outside.Outside, time.Duration)
	running *turn // doubly linked
	asleep  bool
	closed  bool
	wake    chan struct{}
}

// NewWatchdog starts a watchdog; Close ends it.
func NewWatchdog() *Watchdog {
	w := &Watchdog{wake: make(chan struct{}, 1)}
	go w.watch()
	return w
}

// OnStuck has f called when a turn goes on in spite of its interrupt, with what the
// invocation was begun with that it is charged to, nil for the start of a script, and by
// how much CPU time the limit is overrun. f runs on the watchdog's goroutine. It is for a
// process that can end itself: nothing else stops such a turn.
func (w *Watchdog) OnStuck(f func(o outside.Outside, over time.Duration)) {
	w.mu.Lock()
	w.stuck = f
	w.mu.Unlock()
}

// Close ends the watchdog. Turns begun later are not watched.
func (w *Watchdog) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.closed = true
		close(w.wake)
	}
}

// turn is the turn that an isolate is in, as the watchdog sees it. Its fields are
// guarded by Watchdog.mu.
type turn struct {
	isolate     *Isolate
	thread      int
	mark        time.Duration // CPU time of the thread up to which the turn is charged, or unread
	at          time.Duration // wall time of mark, since epoch
	left        time.Duration // CPU time from mark to the limit
	interrupted bool
	out         outside.Outside // of the invocation that it is charged to
	seen        bool            // by the watchdog before
	prev, next  *turn
}

// begin starts to watch t, which may use as much CPU time as is left.
func (w *Watchdog) begin(t *turn, out outside.Outside, thread int, m *meter, left time.Duration) {
	w.mu.Lock()
	t.out, t.thread, t.mark, t.at, t.left, t.interrupted, t.seen = out, thread, m.mark, m.at, left, false, false
	t.prev, t.next = nil, w.running
	if w.running != nil {
		w.running.prev = t
	}
	w.running = t
	wake := w.asleep && !w.closed
	w.asleep = false
	if wake {
		w.wake <- struct{}{}
	}
	w.mu.Unlock()
}

// move charges a running turn to another invocation.
func (w *Watchdog) move(t *turn, out outside.Outside, m *meter, left time.Duration) {
	w.mu.Lock()
	t.out, t.mark, t.at, t.left = out, m.mark, m.at, left
	w.mu.Unlock()
}

// mark returns the CPU time of its thread up to which t is charged, or unread if the
// watchdog has not looked at it either.
func (w *Watchdog) mark(t *turn) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return t.mark
}

// end stops watching t and reports whether it was interrupted.
func (w *Watchdog) end(t *turn) bool {
	w.mu.Lock()
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		w.running = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	}
	t.prev, t.next, t.out = nil, nil, nil
	interrupted := t.interrupted
	w.mu.Unlock()
	return interrupted
}

func (w *Watchdog) watch() {
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	for {
		w.mu.Lock()
		if w.closed {
			w.mu.Unlock()
			return
		}
		lasting := false
		var report func()
		for t := w.running; t != nil; t = t.next {
			lasting = lasting || t.seen
			t.seen = true
			used := cpuTimeOf(t.thread)
			if t.mark == unread {
				t.mark = estimate(used, t.at)
			}
			deadline := t.mark + t.left
			switch {
			case used < deadline:
			case !t.interrupted:
				t.interrupted = true
				t.isolate.VM.Interrupt(errExceededCPU)
				t.isolate.hooks.interrupted()
			case used >= deadline+stuckAfter && w.stuck != nil:
				stuck, out, over := w.stuck, t.out, used-deadline
				report = func() { stuck(out, over) }
			}
		}
		w.asleep = w.running == nil
		asleep := w.asleep
		w.mu.Unlock()
		if report != nil {
			report()
		}
		w.memory.tick(lasting)
		if asleep {
			tick.Stop()
			<-w.wake
			tick.Reset(watchInterval)
		}
		<-tick.C
	}
}
