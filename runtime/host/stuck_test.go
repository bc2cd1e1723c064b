package host_test

import (
	"slices"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/host/hosttest"
)

// TestStuckInTime has a native function ignore the interrupt, and asks at which reading of
// the thread's CPU clock the process was ended: within 100 ms past the limit. A single
// one may be late on a machine with other things to do.
func TestStuckInTime(t *testing.T) {
	p := newProcess(t, host.Options{Hosts: 1, Memory: 256 << 20})
	testStuck(t, p, 5, func() {})
}

// TestStuckAfterSleep does so in processes that had nothing to do for so long that all
// that watches them is asleep.
func TestStuckAfterSleep(t *testing.T) {
	p := newProcess(t, host.Options{Hosts: 1, Memory: 256 << 20})
	testStuck(t, p, 3, func() {
		tick := time.NewTicker(100 * time.Millisecond) // several times what lies between two beats
		defer tick.Stop()
		for last := []uint64(nil); ; <-tick.C {
			beats := p.Beats()
			if slices.Equal(beats, last) {
				return
			}
			last = beats
		}
	})
}

func testStuck(t *testing.T, p *host.Process, runs int, before func()) {
	if raceEnabled {
		t.Skip("the race detector slows the watchdog down")
	}
	const limit = 30 * time.Millisecond
	bad := hosttest.New(t, p, handler(`let n = 10n ** 1000000n; n = n ** 1000n`), isolate.Limits{CPU: limit})
	var overs []time.Duration
	for range runs {
		before()
		p.Release(bad.Version.Account, bad.Version.Script)
		start := time.Now()
		a := bad.Get("/")
		wall := time.Since(start)
		if !host.ExceededCPU(a.Err) || a.Report.Outcome != outside.OutcomeExceededCPU {
			t.Fatalf("error %v, report %+v", a.Err, a.Report)
		}
		over := a.Report.CPU - limit
		t.Logf("ended at %v of CPU time, %v past the limit; answered after %v", a.Report.CPU, over, wall)
		if over <= 0 {
			t.Errorf("ended %v before the limit", -over)
		}
		overs = append(overs, over)
	}
	slices.Sort(overs)
	if typical := overs[runs/2]; typical > 100*time.Millisecond {
		t.Errorf("ended %v past the limit", typical)
	}
}
