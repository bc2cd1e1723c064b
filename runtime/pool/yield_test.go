package pool

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestCost(t *testing.T) {
	var c cost
	mean := func() time.Duration { return time.Duration(c.mean.Load()) }
	c.add(yieldOver)
	if mean() != 0 {
		t.Errorf("cheap requests are averaged: %v", mean())
	}
	for range 100 {
		c.add(10 * time.Millisecond)
	}
	if m := mean(); m < 9*time.Millisecond || m > 10*time.Millisecond {
		t.Errorf("after many requests of 10 ms the mean is %v", m)
	}
	for range 100 {
		c.add(0)
	}
	if m := mean(); m > yieldOver {
		t.Errorf("after many requests of nothing the mean is %v", m)
	}
}

// On one processor a goroutine runs to its end before the next begins. Nevertheless the
// requests that are there at the same time see that the place is taken.
func TestYield(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var c cost
	c.mean.Store(int64(10 * time.Millisecond))
	const requests = 32
	var taken atomic.Bool
	var shed atomic.Int64
	var wg sync.WaitGroup
	for range requests {
		wg.Go(func() {
			if !taken.CompareAndSwap(false, true) {
				shed.Add(1)
				return
			}
			c.yield()
			taken.Store(false)
		})
	}
	wg.Wait()
	// The scheduler may let the one in the place go on before it has let all others in.
	if shed.Load() < requests/2 {
		t.Errorf("%d of %d requests were turned away, want nearly all", shed.Load(), requests)
	}
}
