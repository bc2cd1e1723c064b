package cron

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/kv"
)

// A rig is a scheduler with a store in memory, a clock that stands still and a runner
// that notes what it was asked to run.
type rig struct {
	*Scheduler
	t  testing.TB
	db *kv.DB

	mu    sync.Mutex
	clock time.Time
	ran   []string
	hold  chan struct{} // when not nil, runs end when it is closed
	begun chan struct{}
}

func newRig(t testing.TB) *rig {
	db, err := kv.Open(kv.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	r := &rig{t: t, db: db, clock: at("2026-03-14 15:09"), begun: make(chan struct{}, 1000)}
	r.restart()
	return r
}

func (r *rig) restart() { r.Scheduler = New(r.db, r, Options{Now: r.now}) }

func (r *rig) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.clock
}

func (r *rig) Run(ctx context.Context, t Trigger, scheduled time.Time) Result {
	r.mu.Lock()
	r.ran = append(r.ran, t.Script+" "+scheduled.Format(layout))
	hold := r.hold
	r.mu.Unlock()
	r.begun <- struct{}{}
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return Result{Outcome: outside.OutcomeCanceled, Error: ctx.Err().Error()}
		}
	}
	return Result{Outcome: outside.OutcomeOK, CPU: time.Millisecond, Wall: 2 * time.Millisecond}
}

// advance moves the clock, starts what is due and returns how long nothing will be.
func (r *rig) advance(d time.Duration) time.Duration {
	r.mu.Lock()
	r.clock = r.clock.Add(d)
	r.mu.Unlock()
	return r.start(r.t.Context())
}

// want compares what was run since the last call.
func (r *rig) want(runs ...string) {
	r.t.Helper()
	r.runs.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if fmt.Sprint(r.ran) != fmt.Sprint(runs) {
		r.t.Errorf("ran %v, want %v", r.ran, runs)
	}
	r.ran = nil
}

func (r *rig) set(triggers ...Trigger) {
	r.t.Helper()
	if err := r.Set(triggers); err != nil {
		r.t.Fatal(err)
	}
}

func every(script, cron string) Trigger { return Trigger{"acct", script, cron} }

func TestStartsWhatIsDue(t *testing.T) {
	r := newRig(t)
	r.set(every("a", "*/5 * * * *"), every("b", "0 16 * * *"))
	if wait := r.advance(0); wait != time.Minute {
		t.Errorf("waits %v", wait)
	}
	r.want()
	if wait := r.advance(30 * time.Second); wait != 30*time.Second {
		t.Errorf("waits %v", wait)
	}
	r.advance(30 * time.Second)
	r.want("a 2026-03-14 15:10")
	r.advance(59 * time.Second)
	r.want()
	if next := r.Next(every("a", "*/5 * * * *")); !next.Equal(at("2026-03-14 15:15")) {
		t.Errorf("next %v", next)
	}
	if next := r.Next(every("c", "*/5 * * * *")); !next.IsZero() {
		t.Errorf("next %v of nothing", next)
	}
	runs, err := r.Runs("acct", "a")
	if err != nil || len(runs) != 1 {
		t.Fatal(runs, err)
	}
	want := Run{every("a", "*/5 * * * *"), at("2026-03-14 15:10"), at("2026-03-14 15:10"), 0, Result{outside.OutcomeOK, time.Millisecond, 2 * time.Millisecond, ""}}
	if runs[0] != want {
		t.Errorf("%+v, want %+v", runs[0], want)
	}
}

func TestMissedRunsOnce(t *testing.T) {
	r := newRig(t)
	r.set(every("a", "*/5 * * * *"))
	r.advance(time.Minute)
	r.want("a 2026-03-14 15:10")
	// The server is down for two days and comes back at 15:12.
	r.restart()
	r.advance(48*time.Hour + 2*time.Minute)
	r.set(every("a", "*/5 * * * *"))
	r.advance(0)
	r.want("a 2026-03-16 15:10")
	r.advance(time.Minute)
	r.want()
	// A restart in between makes up for nothing.
	r.restart()
	r.set(every("a", "*/5 * * * *"))
	r.advance(0)
	r.want()
	r.advance(2 * time.Minute)
	r.want("a 2026-03-16 15:15")
}

func TestNewTriggerMakesUpForNothing(t *testing.T) {
	r := newRig(t)
	r.set(every("a", "*/5 * * * *"))
	r.set()
	r.advance(time.Hour)
	r.set(every("a", "*/5 * * * *")) // deployed again: what was in between was not missed
	r.advance(0)
	r.want()
	r.advance(time.Minute)
	r.want("a 2026-03-14 16:10")
}

func TestNoOverlap(t *testing.T) {
	r := newRig(t)
	r.hold = make(chan struct{})
	r.set(every("a", "* * * * *"))
	r.advance(time.Minute)
	<-r.begun
	r.advance(time.Minute)
	r.set() // removed and set again while it runs
	r.set(every("a", "* * * * *"))
	r.advance(time.Minute)
	r.advance(time.Minute)
	close(r.hold)
	r.want("a 2026-03-14 15:10")
	r.advance(time.Minute)
	r.want("a 2026-03-14 15:14")
	runs, err := r.Runs("acct", "a")
	if err != nil || len(runs) != 2 || runs[0].Passed != 2 || runs[1].Passed != 0 {
		t.Errorf("%+v %v", runs, err)
	}
}

func TestKeepsTheLastRuns(t *testing.T) {
	r := newRig(t)
	r.set(every("a", "* * * * *"), every("ab", "0 * * * *"))
	for range Kept + 30 {
		r.advance(time.Minute)
		r.runs.Wait()
	}
	runs, err := r.Runs("acct", "a")
	if err != nil || len(runs) != Kept {
		t.Fatal(len(runs), err)
	}
	if first := runs[0].Scheduled; !first.Equal(r.now()) {
		t.Errorf("the last run was at %v", first)
	}
	if other, err := r.Runs("acct", "ab"); err != nil || len(other) != 2 {
		t.Errorf("%d runs of the other script, %v", len(other), err)
	}
	if err := r.Forget("acct", "a"); err != nil {
		t.Fatal(err)
	}
	if runs, err := r.Runs("acct", "a"); err != nil || len(runs) != 0 {
		t.Errorf("%d runs after Forget, %v", len(runs), err)
	}
	if other, err := r.Runs("acct", "ab"); err != nil || len(other) != 2 {
		t.Errorf("%d runs of the other script, %v", len(other), err)
	}
}

func TestSetRefusesAll(t *testing.T) {
	r := newRig(t)
	r.set(every("a", "* * * * *"))
	var se *SyntaxError
	if err := r.Set([]Trigger{every("b", "* * * * *"), every("c", "nonsense")}); !errors.As(err, &se) {
		t.Fatal(err)
	}
	r.advance(time.Minute)
	r.want("a 2026-03-14 15:10")
}

func TestRunUntilStopped(t *testing.T) {
	r := newRig(t)
	after := make(chan time.Time)
	waits := make(chan time.Duration)
	r.opts.After = func(d time.Duration) <-chan time.Time {
		waits <- d
		return after
	}
	r.hold = make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	r.set(every("a", "* * * * *"))
	<-r.wake // Run begins with what was set before
	go func() { r.Scheduler.Run(ctx); close(done) }()
	if d := <-waits; d != time.Minute {
		t.Errorf("waits %v", d)
	}
	r.mu.Lock()
	r.clock = r.clock.Add(time.Minute)
	r.mu.Unlock()
	after <- time.Time{}
	<-r.begun
	<-waits
	stop()
	if d := <-waits; d != r.opts.Drain {
		t.Errorf("drains for %v", d)
	}
	after <- time.Time{} // the time to drain is over: the run's context ends
	<-done
	runs, err := r.Runs("acct", "a")
	if err != nil || len(runs) != 1 || runs[0].Outcome != outside.OutcomeCanceled {
		t.Errorf("%+v %v", runs, err)
	}
}

func TestHammer(t *testing.T) {
	r := newRig(t)
	var wg sync.WaitGroup
	var inFlight sync.Map
	r.runner = runnerFunc(func(_ context.Context, t Trigger, at time.Time) Result {
		if _, twice := inFlight.LoadOrStore(t, true); twice {
			r.t.Errorf("%v runs twice at once", t)
		}
		defer inFlight.Delete(t)
		return Result{Outcome: outside.OutcomeOK}
	})
	for w := range 4 {
		wg.Go(func() {
			for i := range 50 {
				triggers := []Trigger{every("a", "* * * * *"), every(fmt.Sprint("s", i%3), "*/2 * * * *")}
				if w == 0 {
					if err := r.Set(triggers); err != nil {
						t.Error(err)
					}
				}
				r.advance(20 * time.Second)
				if _, err := r.Runs("acct", "a"); err != nil {
					t.Error(err)
				}
				r.Next(triggers[0])
			}
		})
	}
	wg.Wait()
	r.runs.Wait()
}

type runnerFunc func(context.Context, Trigger, time.Time) Result

func (f runnerFunc) Run(ctx context.Context, t Trigger, at time.Time) Result { return f(ctx, t, at) }
