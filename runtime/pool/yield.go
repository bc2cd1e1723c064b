package pool

import (
	"runtime"
	"sync/atomic"
	"time"
)

// yieldOver is the CPU time of an event from which on letting others go first costs
// nothing in comparison.
const yieldOver = 500 * time.Microsecond

// cost is about how much CPU time a version's events have taken lately.
type cost struct{ mean atomic.Int64 } // nanoseconds

// add counts an event that took cpu. Of two at the same time one may be lost.
func (c *cost) add(cpu time.Duration) {
	mean := c.mean.Load()
	if mean <= int64(yieldOver) && cpu <= yieldOver {
		return // no need to know: the cores need not pass the number around
	}
	c.mean.Store(mean + (int64(cpu)-mean)/8)
}

// yield lets goroutines that are ready go before an event that will probably compute for
// long. They are those of events that have arrived: each of them takes its place or is
// turned away now, and is run if it is short, not after the computations of all before it,
// for which the queue of the Go scheduler would otherwise be one without a limit.
func (c *cost) yield() {
	if time.Duration(c.mean.Load()) > yieldOver {
		runtime.Gosched()
	}
}
