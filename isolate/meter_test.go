package isolate_test

import (
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// TestLongAfterBrief has turns follow so many brief ones that the CPU clock was not read
// at their start: they are charged and limited all the same.
func TestLongAfterBrief(t *testing.T) {
	const limit = 20 * time.Millisecond
	for _, c := range []struct {
		name, src string
		watched   bool
		outcome   outside.Outcome
		cpu       time.Duration // at least
	}{
		{"before the watchdog looks", `spin(2)`, false, outside.OutcomeOK, 2 * time.Millisecond},
		{"after it has looked", `spin(15)`, true, outside.OutcomeOK, 0}, // how much is the machine's affair
		{"over the limit", `for (;;) {}`, true, outside.OutcomeExceededCPU, limit},
		{"over the limit in a later turn", `(async () => { await sleep(5); for (;;) {} })()`, true, outside.OutcomeExceededCPU, limit},
	} {
		t.Run(c.name, func(t *testing.T) {
			var dog *isolate.Watchdog
			if c.watched {
				dog = isolate.NewWatchdog()
				defer dog.Close()
			}
			r := newRig(t, isolate.Limits{CPU: limit}, dog)
			if _, err := r.Start(func() {
				r.VM.Set("spin", func(call goja.FunctionCall) goja.Value {
					for end := time.Now().Add(time.Duration(call.Argument(0).ToInteger()) * time.Millisecond); time.Now().Before(end); {
					}
					return nil
				})
			}); err != nil {
				t.Fatal(err)
			}
			for range 100 {
				if err := r.NewInvocation(isolate.InvocationOptions{}).Enter(func() {}); err != nil {
					t.Fatal(err)
				}
			}
			var report *outside.Report
			r.start("a", c.src, isolate.InvocationOptions{Finished: func(p *outside.Report) { report = p }})
			r.clock.Advance(5 * time.Millisecond)
			if report == nil || report.Outcome != c.outcome || report.CPU < c.cpu {
				t.Errorf("report %+v, want %s and at least %v of CPU time", report, c.outcome, c.cpu)
			}
		})
	}
}
