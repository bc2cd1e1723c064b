package runtime

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

// errShed says that a request was turned away because too many are in flight.
var errShed = errors.New("too many concurrent requests")

// limiter bounds how many requests are in flight. Those over the limit wait in order,
// for a bounded time and in bounded number.
type limiter struct {
	mu      sync.Mutex
	max     int
	inUse   int
	waiting list.List // of chan struct{}
}

// queueFactor is how many requests may wait for each that may run.
const queueFactor = 1

func newLimiter(max int) *limiter { return &limiter{max: max} }

// acquire takes a place, waiting for one for at most timeout, and not at all for 0.
func (l *limiter) acquire(ctx func() context.Context, timeout time.Duration) error {
	l.mu.Lock()
	if l.inUse < l.max {
		l.inUse++
		l.mu.Unlock()
		return nil
	}
	if timeout <= 0 || l.waiting.Len() >= l.max*queueFactor {
		l.mu.Unlock()
		return errShed
	}
	turn := make(chan struct{})
	place := l.waiting.PushBack(turn)
	l.mu.Unlock()

	timer := time.NewTimer(timeout)
	defer timer.Stop()
	var err error
	select {
	case <-turn:
		return nil
	case <-timer.C:
		err = errShed
	case <-ctx().Done():
		err = context.Cause(ctx())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-turn: // handed over at the last moment
		return nil
	default:
	}
	l.waiting.Remove(place)
	return err
}

// release gives a place back, or on to the one who has waited longest.
func (l *limiter) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if first := l.waiting.Front(); first != nil && l.inUse <= l.max {
		close(l.waiting.Remove(first).(chan struct{}))
		return
	}
	l.inUse--
}

// resize changes how many requests may be in flight. Those that are stay.
func (l *limiter) resize(max int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.max = max
	for first := l.waiting.Front(); first != nil && l.inUse < l.max; first = l.waiting.Front() {
		l.inUse++
		close(l.waiting.Remove(first).(chan struct{}))
	}
}

// load returns how many requests are in flight and how many wait.
func (l *limiter) load() (inUse, waiting int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inUse, l.waiting.Len()
}
