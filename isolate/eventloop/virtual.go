package eventloop

import (
	"sync"
	"time"
)

// A VirtualClock is a Clock that stands still until a test moves it.
// The zero value starts at the zero time.
type VirtualClock struct {
	mu     sync.Mutex
	now    time.Time
	alarms []*virtualAlarm
}

type virtualAlarm struct {
	clock *VirtualClock
	when  time.Time
	f     func()
}

// NewVirtualClock returns a clock that stands at now.
func NewVirtualClock(now time.Time) *VirtualClock { return &VirtualClock{now: now} }

func (c *VirtualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *VirtualClock) AfterFunc(d time.Duration, f func()) Alarm {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := &virtualAlarm{clock: c, when: c.now.Add(d), f: f}
	c.alarms = append(c.alarms, a)
	return a
}

func (a *virtualAlarm) Stop() bool {
	c := a.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.remove(a)
}

func (c *VirtualClock) remove(a *virtualAlarm) bool {
	for i, b := range c.alarms {
		if a == b {
			c.alarms = append(c.alarms[:i], c.alarms[i+1:]...)
			return true
		}
	}
	return false
}

// Advance moves the clock on by d and calls what falls due on the way, in order, on
// the calling goroutine.
func (c *VirtualClock) Advance(d time.Duration) {
	c.mu.Lock()
	end := c.now.Add(d)
	c.mu.Unlock()
	for c.step(end) {
	}
}

// Next moves the clock to the earliest alarm and calls it; it reports whether there was one.
func (c *VirtualClock) Next() bool {
	c.mu.Lock()
	a := c.earliest()
	c.mu.Unlock()
	return a != nil && c.step(a.when)
}

func (c *VirtualClock) earliest() *virtualAlarm {
	var first *virtualAlarm
	for _, a := range c.alarms {
		if first == nil || a.when.Before(first.when) {
			first = a
		}
	}
	return first
}

func (c *VirtualClock) step(end time.Time) bool {
	c.mu.Lock()
	a := c.earliest()
	if a == nil || a.when.After(end) {
		if end.After(c.now) {
			c.now = end
		}
		c.mu.Unlock()
		return false
	}
	if a.when.After(c.now) {
		c.now = a.when
	}
	c.remove(a)
	c.mu.Unlock()
	a.f()
	return true
}
