package eventloop

import (
	"errors"
	"sync"
)

// ErrClosed is returned by Do once the loop is closed.
var ErrClosed = errors.New("event loop is closed")

// A Task is the work of one turn.
type Task struct {
	Run func()
	// Context is the asynchronous context that the turn starts in; the loop only carries it.
	Context any

	done chan struct{} // closed when the task has run or was dropped; nil for Post
	ran  bool
}

// Options are what a Loop needs from its isolate. All fields may be zero.
type Options struct {
	Clock Clock
	// Turn runs one task and the microtasks it leaves. It must not panic.
	// nil runs the task alone.
	Turn func(*Task)
	// Drained is called inside the loop when no task is queued, no operation is under
	// way and no timer is set: nothing can happen any more unless it is brought from
	// outside. It may post tasks.
	Drained func()
}

// A Loop is the event loop of one isolate. Its methods may be called from any
// goroutine unless they say otherwise.
type Loop struct {
	clock   Clock
	turn    func(*Task)
	drained func()

	mu      sync.Mutex
	queue   []*Task // queue[head:] waits
	head    int
	busy    bool // a goroutine is in the loop
	closed  bool
	pending int // operations begun and not yet completed
	timers  timerHeap
	lastSeq uint64
	alarm   Alarm
}

// New returns an idle loop.
func New(o Options) *Loop {
	l := &Loop{clock: o.Clock, turn: o.Turn, drained: o.Drained}
	if l.clock == nil {
		l.clock = SystemClock{}
	}
	if l.turn == nil {
		l.turn = func(t *Task) { t.Run() }
	}
	return l
}

// Clock returns the loop's clock.
func (l *Loop) Clock() Clock { return l.clock }

// Do runs t as a turn and returns when it has run. On a free loop it runs on the
// calling goroutine without any hand-over; on a busy one it waits for its place.
func (l *Loop) Do(t *Task) error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	if l.busy {
		t.done = make(chan struct{})
		l.queue = append(l.queue, t)
		l.mu.Unlock()
		<-t.done
		if !t.ran {
			return ErrClosed
		}
		return nil
	}
	l.busy = true
	l.mu.Unlock()
	l.turn(t)
	l.leave()
	return nil
}

// Post queues t, and runs it now if the loop is free. After Close the task is dropped.
func (l *Loop) Post(t *Task) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return
	}
	l.queue = append(l.queue, t)
	l.enter()
}

// Begin counts an operation that runs outside the loop and will be answered with Complete.
func (l *Loop) Begin() {
	l.mu.Lock()
	l.pending++
	l.mu.Unlock()
}

// Complete ends an operation started with Begin and brings the task that handles its
// result; a nil task only ends it.
func (l *Loop) Complete(t *Task) {
	l.mu.Lock()
	l.pending--
	if l.closed {
		l.mu.Unlock()
		return
	}
	if t != nil {
		l.queue = append(l.queue, t)
	}
	l.enter()
}

// Close drops queued tasks and timers; later ones are dropped as they come. A turn
// that is running is not stopped.
func (l *Loop) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	for _, t := range l.queue[l.head:] {
		if t.done != nil {
			close(t.done)
		}
	}
	l.queue, l.head, l.timers = nil, 0, nil
	if l.alarm != nil {
		l.alarm.Stop()
	}
}

// enter is called with mu held, after something changed, and unlocks it. It works
// the queue off unless another goroutine is in the loop.
func (l *Loop) enter() {
	if l.busy {
		l.mu.Unlock()
		return
	}
	l.busy = true
	l.mu.Unlock()
	l.work()
}

// leave ends the first turn of Do. What has queued up meanwhile is not the caller's
// to wait for, so another goroutine takes the loop over.
func (l *Loop) leave() {
	l.mu.Lock()
	if l.head < len(l.queue) {
		l.mu.Unlock()
		go l.work()
		return
	}
	if l.drained == nil || !l.quiet() {
		l.busy = false
		l.mu.Unlock()
		return
	}
	l.mu.Unlock()
	l.work()
}

// quiet reports, with mu held, that nothing can happen from inside any more.
func (l *Loop) quiet() bool {
	return l.head == len(l.queue) && l.pending == 0 && len(l.timers) == 0
}

// work runs queued tasks until none is left. The caller owns the loop (busy is set).
func (l *Loop) work() {
	told := false
	for {
		l.mu.Lock()
		if l.head == len(l.queue) {
			l.queue, l.head = l.queue[:0], 0
			if !told && l.drained != nil && !l.closed && l.quiet() {
				told = true
				l.mu.Unlock()
				l.drained()
				continue
			}
			l.busy = false
			l.mu.Unlock()
			return
		}
		t := l.queue[l.head]
		l.queue[l.head] = nil
		l.head++
		l.mu.Unlock()
		told = false
		t.ran = true
		l.turn(t)
		if t.done != nil {
			close(t.done)
		}
	}
}
