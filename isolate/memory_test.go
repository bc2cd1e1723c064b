package isolate_test

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// The isolate that holds too much is ended, whether it grows by small objects or by
// buffers that it announces; the one beside it is not.
func TestMemoryLimit(t *testing.T) {
	for _, c := range []struct{ name, src string }{
		{"objects", `var kept = []; for (;;) kept.push({x: [1, 2, 3]})`},
		{"strings", `var kept = []; for (var i = 0;; i++) kept.push(("x" + i).repeat(10000))`},
		{"callbacks", `var kept = []; (function f(d) { if (d) [1].forEach(() => f(d - 1)); else for (;;) kept.push("x".repeat(10000) + kept.length) })(6)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dog := isolate.NewWatchdog()
			defer dog.Close()
			limits := isolate.Limits{CPU: time.Minute, Memory: 24 << 20}
			neighbour := newRig(t, limits, dog)
			neighbour.start("innocent", `var kept = []; for (var i = 0; i < 1000; i++) kept.push("x".repeat(5000) + i); answer()`, isolate.InvocationOptions{})
			r := newRig(t, limits, dog)
			var report *outside.Report
			inv := r.start("a", c.src, isolate.InvocationOptions{Finished: func(p *outside.Report) { report = p }})
			if err := inv.Wait(); !isolate.ExceededMemory(err) || isolate.ExceededCPU(err) {
				t.Errorf("error %v", err)
			}
			if report == nil || report.Outcome != outside.OutcomeExceededMemory {
				t.Errorf("report %+v", report)
			}
			if !isolate.ExceededMemory(r.Condemned()) {
				t.Errorf("condemned: %v", r.Condemned())
			}
			if err := neighbour.Condemned(); err != nil {
				t.Errorf("the neighbour: %v", err)
			}
		})
	}
}

// Garbage is nobody's.
func TestGarbageIsNotHeld(t *testing.T) {
	dog := isolate.NewWatchdog()
	defer dog.Close()
	r := newRig(t, isolate.Limits{CPU: time.Minute, Memory: 16 << 20}, dog)
	inv := r.start("a", `for (var i = 0; i < 10000; i++) "x".repeat(20000) + i; answer()`, isolate.InvocationOptions{})
	if err := inv.Wait(); err != nil {
		t.Error(err)
	}
}

func TestAllocating(t *testing.T) {
	dog := isolate.NewWatchdog()
	defer dog.Close()
	iso := isolate.New(isolate.Options{Limits: isolate.Limits{Memory: 16 << 20}, Watchdog: dog})
	defer iso.Close()
	var kept [][]byte
	_, err := iso.Start(func() {
		for range 1000 {
			if !iso.Allocating(1 << 20) {
				return
			}
			kept = append(kept, make([]byte, 1<<20))
		}
	})
	if !isolate.ExceededMemory(err) {
		t.Errorf("error %v", err)
	}
	if n := len(kept); n < 12 || n > 32 {
		t.Errorf("stopped after %d MB", n)
	}
}

// What an isolate over its limit held is collected when it is closed, though nothing is
// allocated that would make a collection due.
func TestMemoryIsGivenBack(t *testing.T) {
	dog := isolate.NewWatchdog()
	defer dog.Close()
	collected := make(chan struct{})
	func() {
		iso := isolate.New(isolate.Options{Limits: isolate.Limits{CPU: time.Minute, Startup: time.Minute, Memory: 16 << 20}, Watchdog: dog})
		defer iso.Close()
		runtime.AddCleanup(iso.VM, func(c chan struct{}) { close(c) }, collected)
		_, err := iso.Start(func() {
			_, _ = iso.VM.RunString(`var kept = []; for (var i = 0;; i++) kept.push(("x" + i).repeat(10000))`)
			debug.SetGCPercent(-1) // what the limit needs, it asks for itself
		})
		if !isolate.ExceededMemory(err) {
			t.Errorf("error %v", err)
		}
	}()
	defer debug.SetGCPercent(100)
	select {
	case <-collected:
	case <-time.After(20 * time.Second):
		t.Error("the isolate is still in memory")
	}
}
