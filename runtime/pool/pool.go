package pool

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// Options configure a Pool. Zero is a good default.
type Options struct {
	// Programs is the cache of compiled programs; nil makes one with its defaults.
	Programs *compiler.Cache
	// IdleTimeout is how long an isolate without requests is kept. 0 means 60 s.
	IdleTimeout time.Duration
	// SpreadTo is how many isolates of one version are made before requests share
	// those whose requests wait. 0 means four for each core.
	SpreadTo int
	// MaxIsolates is how many isolates of one version there may be. 0 means 1000.
	MaxIsolates int
	// Wait is how long an event waits for an isolate when those that there are, or are
	// being made, have no room. 0 means 5 s.
	Wait time.Duration
	// Stuck is told of a turn that goes on in spite of its interrupt: see
	// isolate.Watchdog.OnStuck. nil leaves it alone.
	Stuck func(o outside.Outside, over time.Duration)
	// Now is the clock for idle times; nil means time.Now.
	Now func() time.Time
}

// ErrFull says that every isolate a version may have is at its limit of requests, and
// was for Options.Wait.
var ErrFull = errors.New("all isolates of the script are at their limit of concurrent requests")

// A Pool lends isolates. Its methods may be called from any goroutine.
type Pool struct {
	o        Options
	watchdog *isolate.Watchdog

	mu       sync.RWMutex
	versions map[string]*set
	closed   bool

	live    atomic.Int64 // isolates
	made    atomic.Int64
	evicted atomic.Int64
	stop    chan struct{}
	done    chan struct{}
}

// New returns an empty pool; Close ends it.
func New(o Options) *Pool {
	if o.Programs == nil {
		o.Programs = compiler.NewCache(compiler.CacheOptions{})
	}
	if o.IdleTimeout == 0 {
		o.IdleTimeout = time.Minute
	}
	if o.SpreadTo == 0 {
		o.SpreadTo = 4 * runtime.GOMAXPROCS(0)
	}
	if o.MaxIsolates == 0 {
		o.MaxIsolates = 1000
	}
	if o.Wait == 0 {
		o.Wait = 5 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Pool{
		o: o, watchdog: isolate.NewWatchdog(), versions: map[string]*set{},
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	p.watchdog.OnStuck(o.Stuck)
	go p.sweep()
	return p
}

// Close drops all isolates. Requests in flight fail.
func (p *Pool) Close() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.closed = true
	sets := p.versions
	p.versions = map[string]*set{}
	p.mu.Unlock()
	close(p.stop)
	<-p.done
	for _, s := range sets {
		s.retire()
	}
	p.watchdog.Close()
}

// NotRun says that an event met no isolate, because none could be had. No invocation
// was begun, so its Finished is not called and there is no report.
type NotRun struct{ Err error }

func (e *NotRun) Error() string { return e.Err.Error() }

func (e *NotRun) Unwrap() error { return e.Err }

// Fetch gives a request to an isolate of v. See worker.Worker.Fetch for the response.
// The error of an event for which there is no isolate is a *NotRun.
func (p *Pool) Fetch(v *Version, e worker.Event, req *outside.Request) (*outside.Response, error) {
	for {
		l, err := p.acquire(&e, v)
		if err != nil {
			return nil, &NotRun{err}
		}
		res, err := l.worker.Fetch(e, req)
		if !l.missed(err) {
			return res, err
		}
	}
}

// Scheduled gives a cron event to an isolate of v. Errors are as those of Fetch.
func (p *Pool) Scheduled(v *Version, e worker.Event, cron string, at time.Time) error {
	for {
		l, err := p.acquire(&e, v)
		if err != nil {
			return &NotRun{err}
		}
		err = l.worker.Scheduled(e, cron, at)
		if !l.missed(err) {
			return err
		}
	}
}

// RPC gives a call of an entrypoint's method to an isolate of v. Errors are as those of Fetch.
func (p *Pool) RPC(v *Version, e worker.Event, method string, args []byte) ([]byte, error) {
	for {
		l, err := p.acquire(&e, v)
		if err != nil {
			return nil, &NotRun{err}
		}
		result, err := l.worker.RPC(e, method, args)
		if !l.missed(err) {
			return result, err
		}
	}
}

// Invoke gives an event to an isolate of v, which is a Lambda function. Errors are as those of Fetch.
func (p *Pool) Invoke(v *Version, e worker.Event, event []byte) ([]byte, error) {
	for {
		l, err := p.acquire(&e, v)
		if err != nil {
			return nil, &NotRun{err}
		}
		result, err := l.worker.Invoke(e, event)
		if !l.missed(err) {
			return result, err
		}
	}
}

// Keep sets how many isolates of v are kept however long they are idle; those that are
// lost are made anew. 0, the default, keeps none. Prewarm makes the first ones.
func (p *Pool) Keep(v *Version, n int) { p.set(v).retain(min(n, p.o.MaxIsolates)) }

// Prewarm makes isolates of v until n are there, or as many as there may be.
func (p *Pool) Prewarm(ctx context.Context, v *Version, n int) error {
	s := p.set(v)
	for s.count() < min(n, p.o.MaxIsolates) {
		if err := ctx.Err(); err != nil {
			return err
		}
		i, err := p.load(ctx, s)
		if err != nil {
			return err
		}
		s.add(i)
	}
	return nil
}

// A Validation is what loading a version showed.
type Validation struct {
	Handlers    []string      // the events it handles
	Entrypoints []string      // the names of its exported entrypoint classes
	Startup     time.Duration // CPU time of the top level
}

// Validate loads v in an isolate of its own and drops it again.
func (p *Pool) Validate(ctx context.Context, v *Version) (Validation, error) {
	program, err := p.o.Programs.Load(ctx, v.Hash, v.Bundle)
	if err != nil {
		return Validation{}, err
	}
	w, err := worker.Load(program, &v.Spec, worker.Options{Watchdog: p.watchdog})
	if err != nil {
		return Validation{}, err
	}
	defer w.Close()
	return Validation{Handlers: w.Handlers(), Entrypoints: w.Entrypoints(), Startup: w.Startup()}, nil
}

// Retire drops the isolates of a version: idle ones now, others when their requests
// are done. The version may be used again later.
func (p *Pool) Retire(version string) {
	p.mu.Lock()
	s := p.versions[version]
	delete(p.versions, version)
	p.mu.Unlock()
	if s != nil {
		s.retire()
	}
}

// Stats are the pool's figures.
type Stats struct {
	Live    int64 // isolates that exist
	Idle    int64 // of them, those without requests
	Made    int64 // since the start
	Evicted int64 // dropped because they were idle
}

// Stats returns the pool's figures.
func (p *Pool) Stats() Stats {
	return Stats{Live: p.live.Load(), Idle: p.Idle(), Made: p.made.Load(), Evicted: p.evicted.Load()}
}

// Idle counts the isolates without requests. It looks at each version in use.
func (p *Pool) Idle() (n int64) {
	p.mu.RLock()
	sets := slices.Collect(maps.Values(p.versions))
	p.mu.RUnlock()
	for _, s := range sets {
		s.mu.Lock()
		n += int64(len(s.idle))
		s.mu.Unlock()
	}
	return n
}

// Counts returns the figures that need no look at the versions: Idle is left out.
func (p *Pool) Counts() Stats {
	return Stats{Live: p.live.Load(), Made: p.made.Load(), Evicted: p.evicted.Load()}
}

func (p *Pool) set(v *Version) *set {
	p.mu.RLock()
	s := p.versions[v.Version]
	p.mu.RUnlock()
	if s != nil {
		return s
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s = p.versions[v.Version]; s == nil {
		s = &set{pool: p, version: v}
		if !p.closed {
			p.versions[v.Version] = s
		}
	}
	return s
}

// load makes an isolate.
func (p *Pool) load(ctx context.Context, s *set) (*instance, error) {
	if ctx == nil {
		ctx = context.Background()
	}
	program, err := p.o.Programs.Load(ctx, s.version.Hash, s.version.Bundle)
	if err != nil {
		return nil, err
	}
	w, err := worker.Load(program, &s.version.Spec, worker.Options{Watchdog: p.watchdog, Pace: &s.pace})
	if err != nil {
		return nil, err
	}
	p.live.Add(1)
	p.made.Add(1)
	return &instance{set: s, worker: w}, nil
}

// acquire lends an isolate for e, and arranges its return.
func (p *Pool) acquire(e *worker.Event, v *Version) (*lease, error) {
	s := p.set(v)
	s.cost.yield()
	l := &lease{finished: e.Finished}
	if !v.Pristine {
		i, err := s.lend(e.Context)
		if err != nil {
			return nil, err
		}
		l.instance = i
	}
	e.ColdStart = 0
	if l.instance == nil {
		start := time.Now()
		i, err := p.load(e.Context, s)
		if err != nil {
			s.unreserve()
			return nil, err
		}
		e.ColdStart = time.Since(start)
		i.requests = 1
		if v.Pristine {
			i.single = true
		} else {
			s.adopt(i)
		}
		l.instance = i
	}
	e.Finished = l.done
	return l, nil
}

// sweep drops isolates that have been idle for the idle timeout.
func (p *Pool) sweep() {
	defer close(p.done)
	tick := time.NewTicker(max(p.o.IdleTimeout/4, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
			p.Evict(p.o.Now().Add(-p.o.IdleTimeout))
			p.replenish()
		}
	}
}

// Evict drops the isolates that have been idle since before the given time.
func (p *Pool) Evict(before time.Time) {
	p.mu.RLock()
	sets := make([]*set, 0, len(p.versions))
	for _, s := range p.versions {
		sets = append(sets, s)
	}
	p.mu.RUnlock()
	for _, s := range sets {
		p.evicted.Add(int64(s.evict(before)))
		if s.unused() {
			p.forget(s)
		}
	}
}

// Suspect names the version of the isolate that most likely fills the process's memory,
// as far as was known when the memory was last looked at, or "".
func (p *Pool) Suspect() string {
	if iso := p.watchdog.Suspect(); iso != nil {
		return iso.Name()
	}
	return ""
}

// Largest finds the isolate that most likely fills the process's memory; nil if none
// holds much. See isolate.Watchdog.Largest.
func (p *Pool) Largest() *isolate.Isolate { return p.watchdog.Largest() }

// replenish makes anew what was lost of the isolates that are to be kept.
func (p *Pool) replenish() {
	p.mu.RLock()
	var short []*set
	for _, s := range p.versions {
		if s.missing() > 0 {
			short = append(short, s)
		}
	}
	p.mu.RUnlock()
	for _, s := range short {
		for range s.missing() {
			i, err := p.load(context.Background(), s)
			if err != nil {
				break // the next request shows it
			}
			s.add(i)
		}
	}
}

// forget drops an empty set, unless it has been used meanwhile.
func (p *Pool) forget(s *set) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.unused() && p.versions[s.version.Version] == s {
		delete(p.versions, s.version.Version)
	}
}
