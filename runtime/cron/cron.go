package cron

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/kv"
)

// A Trigger is one cron expression of one script.
type Trigger struct {
	Account string `json:"account"`
	Script  string `json:"script"`
	Cron    string `json:"cron"`
}

// A Result is how a run ended.
type Result struct {
	Outcome outside.Outcome `json:"outcome"`
	CPU     time.Duration   `json:"cpu_ns"`
	Wall    time.Duration   `json:"wall_ns"`
	Error   string          `json:"error,omitempty"`
}

// A Runner delivers a scheduled event to a script and waits until it is done. It is called
// by several goroutines at once, but never twice at once for one trigger. ctx is done when
// the server cannot wait any longer.
type Runner interface {
	Run(ctx context.Context, trigger Trigger, scheduled time.Time) Result
}

// Options configures a [Scheduler]. The zero value is a good default.
type Options struct {
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// After is how Run waits; nil is time.After.
	After func(time.Duration) <-chan time.Time
	// Drain is how long runs may take to end after the scheduler was stopped; 0 is 30 s.
	Drain time.Duration
	// Logger takes what goes wrong with the store; nil is slog.Default().
	Logger *slog.Logger
}

// A Scheduler starts triggers when they are due. Its methods may be called from any goroutine.
type Scheduler struct {
	db     *kv.DB
	runner Runner
	opts   Options
	wake   chan struct{} // tells Run that the triggers have changed

	mu      sync.Mutex
	entries map[Trigger]*entry
	running map[Trigger]bool // also of triggers that are gone
	runs    sync.WaitGroup
}

// An entry is a trigger and its state.
type entry struct {
	schedule Schedule
	mark     time.Time // up to here it was started, or had not been set
	next     time.Time
	passed   int // due times passed over because it was running
}

// New returns a scheduler without triggers that keeps its state in db.
func New(db *kv.DB, runner Runner, opts Options) *Scheduler {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.After == nil {
		opts.After = time.After
	}
	if opts.Drain == 0 {
		opts.Drain = 30 * time.Second
	}
	if opts.Logger == nil {
		opts.Logger = slog.Default()
	}
	return &Scheduler{db: db, runner: runner, opts: opts, wake: make(chan struct{}, 1), entries: make(map[Trigger]*entry), running: make(map[Trigger]bool)}
}

// Set makes triggers all that there are. Those that were there before keep their state,
// also over a restart; the state of others is forgotten. On an error, a *[SyntaxError] or
// one of the store, nothing changes.
func (s *Scheduler) Set(triggers []Trigger) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := make(map[Trigger]*entry, len(triggers))
	for _, t := range triggers {
		schedule, err := Parse(t.Cron)
		if err != nil {
			return err
		}
		if entries[t] = s.entries[t]; entries[t] == nil {
			entries[t] = &entry{schedule: schedule}
		}
	}
	if err := s.loadMarks(entries); err != nil {
		return err
	}
	for _, e := range entries {
		if e.next.IsZero() {
			e.next = e.schedule.Next(e.mark)
		}
	}
	s.entries = entries
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return nil
}

// Run starts triggers until ctx is done, then waits for those that run. It must be called
// once.
func (s *Scheduler) Run(ctx context.Context) {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	for {
		wait := s.start(running)
		select {
		case <-s.opts.After(wait):
		case <-s.wake:
		case <-ctx.Done():
			ended := make(chan struct{})
			go func() { s.runs.Wait(); close(ended) }()
			select {
			case <-ended:
			case <-s.opts.After(s.opts.Drain):
				cancel()
				<-ended
			}
			return
		}
	}
}

// longestWait bounds how late a change of the clock is noticed.
const longestWait = time.Minute

// start starts what is due and returns how long nothing will be.
func (s *Scheduler) start(ctx context.Context) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	wait := longestWait
	for t, e := range s.entries {
		if !e.next.IsZero() && !e.next.After(now) {
			// However many due times have passed, there is one run, for the last of them.
			due := e.schedule.latest(now)
			e.mark, e.next = due, e.schedule.Next(due)
			if s.running[t] {
				e.passed++
			} else {
				s.running[t] = true
				run := Run{Trigger: t, Scheduled: due, Started: now, Passed: e.passed}
				e.passed = 0
				s.runs.Go(func() { s.run(ctx, run) })
			}
		}
		if !e.next.IsZero() {
			wait = min(wait, max(e.next.Sub(now), 0))
		}
	}
	return wait
}

func (s *Scheduler) run(ctx context.Context, run Run) {
	if err := s.saveMark(run.Trigger, run.Scheduled); err != nil {
		s.opts.Logger.Error("the start of a scheduled run was not stored; it may run again after a restart", "script", run.Script, "cron", run.Cron, "error", err)
	}
	run.Result = s.runner.Run(ctx, run.Trigger, run.Scheduled)
	if err := s.saveRun(run); err != nil {
		s.opts.Logger.Error("a scheduled run was not stored", "script", run.Script, "cron", run.Cron, "error", err)
	}
	s.mu.Lock()
	delete(s.running, run.Trigger)
	s.mu.Unlock()
}

// Next returns when a trigger is due next, or the zero time if there is no such trigger.
func (s *Scheduler) Next(t Trigger) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[t]; e != nil {
		return e.next
	}
	return time.Time{}
}
