package isolate_test

import (
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// out is an Outside of which only the reports are used.
type out struct{ outside.Outside }

func (*out) Report(*outside.Report) {}

// TestStuck has a native function that looks at no interrupt use the processor until the
// watchdog says that it is stuck, and asks who is charged and how far the limit was
// overrun.
func TestStuck(t *testing.T) {
	watchdog := isolate.NewWatchdog()
	defer watchdog.Close()
	stuck := make(chan outside.Outside, 1)
	watchdog.OnStuck(func(o outside.Outside, over time.Duration) {
		if over < 50*time.Millisecond {
			t.Errorf("told %v past the limit", over)
		}
		select {
		case stuck <- o:
		default:
		}
	})
	const limit = 20 * time.Millisecond
	r := newRig(t, isolate.Limits{CPU: limit}, watchdog)
	var told outside.Outside
	if _, err := r.Start(func() {
		r.VM.Set("native", func(goja.FunctionCall) goja.Value {
			for patience := time.Now().Add(10 * time.Second); time.Now().Before(patience); {
				select {
				case told = <-stuck:
					return nil
				default:
				}
			}
			return nil
		})
	}); err != nil {
		t.Fatal(err)
	}
	guilty := &out{}
	var report *outside.Report
	r.start("a", "native()", isolate.InvocationOptions{Outside: guilty, Finished: func(r *outside.Report) { report = r }})
	if told != guilty {
		t.Fatalf("told of %v", told)
	}
	if report == nil || report.Outcome != outside.OutcomeExceededCPU || r.Condemned() == nil {
		t.Fatalf("report %+v", report)
	}
	// Not before it is certain, and in time for the process to be ended 100 ms past the
	// limit; the rest is for a machine with other things to do.
	if over := report.CPU - limit; over < 50*time.Millisecond || over > 400*time.Millisecond {
		t.Errorf("the limit was overrun by %v", over)
	}
}
