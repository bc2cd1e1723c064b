package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// Options configure a Process. Zero is a good default.
type Options struct {
	// Command starts a child; it must call Main. nil is this binary with Command.
	Command []string
	// Environment is added to the environment of a child, which is empty otherwise.
	Environment []string

	// Hosts is how many children serve the scripts that have none of their own. 0 means
	// one for each core.
	Hosts int
	// DefaultAccount is the account whose scripts run in all of them.
	DefaultAccount string
	// HostsPerAccount is in how many of them the scripts of any other account run. 0
	// means one.
	HostsPerAccount int
	// MaxOwn is how many children of one script there may be; a script for which there
	// is no room is turned away. 0 means 64.
	MaxOwn int

	// Memory is how many bytes a child may hold. 0 means 1 GiB.
	Memory int64
	// Threads is how many threads of a child run Go code at once. 0 means one.
	Threads int
	// Idle is how long an isolate, or a child of one script, is kept without requests.
	// 0 means 60 s.
	Idle time.Duration
	// BuildTimeout is how long bundling or validating an upload may take. 0 means 30 s.
	BuildTimeout time.Duration

	// Marks, if not nil, are those of the KV entries that an Outside gives with a
	// KVMark: children keep these.
	Marks *Marks

	// NoSandbox leaves children what the kernel could withhold from them. For tests
	// under tools that need it, such as the race detector.
	NoSandbox bool

	Log *slog.Logger
	// Now is the clock for strikes; nil means time.Now.
	Now func() time.Time
}

func (o *Options) setDefaults() error {
	if o.Command == nil {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("host processes: %w", err)
		}
		o.Command = []string{self, Command}
	}
	if o.Hosts == 0 {
		o.Hosts = runtime.GOMAXPROCS(0)
	}
	if o.Hosts < 0 || o.HostsPerAccount < 0 || o.MaxOwn < 0 || o.Memory < 0 || o.Threads < 0 {
		return errors.New("host processes: no number may be negative")
	}
	if o.Memory > 0 && o.Memory < minMemory {
		return fmt.Errorf("host processes: %d bytes of memory are too few: at least %d are needed", o.Memory, minMemory)
	}
	setDefault(&o.HostsPerAccount, 1)
	setDefault(&o.MaxOwn, 64)
	setDefault(&o.Memory, 1<<30)
	setDefault(&o.Threads, 1)
	setDefault(&o.Idle, time.Minute)
	setDefault(&o.BuildTimeout, 30*time.Second)
	o.HostsPerAccount = min(o.HostsPerAccount, o.Hosts)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return nil
}

func setDefault[T int | int64 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// minMemory is what a child needs to be of use.
const minMemory = 64 << 20

// Process runs isolates in child processes. Make one with NewProcess.
type Process struct {
	o      Options
	blame  *blame
	groups *groups

	seed    maphash.Seed
	answers sync.Pool // of chan answer, empty
	buffers sync.Pool // of *[]byte, for messages

	mu       sync.Mutex
	closed   bool
	shared   []*child
	spare    *child
	own      map[scriptID]*ownChild
	builder  *child
	building chan struct{} // holds a token while an upload is being built
	accounts map[string][]int
	kept     map[string]kept // by version
	deaths   int64
	failures int           // children in a row that never became ready
	placed   chan struct{} // closed when a child has taken a place that was empty
	stop     chan struct{}
	watching sync.WaitGroup
}

var _ Host = (*Process)(nil)

// ownChild is the child of one script.
type ownChild struct {
	*child
	used time.Time
}

// NewProcess starts the children and waits until they are ready; Close ends them.
func NewProcess(ctx context.Context, o Options) (*Process, error) {
	if err := o.setDefaults(); err != nil {
		return nil, err
	}
	p := &Process{
		o: o, blame: newBlame(o.Now), groups: openGroups(!o.NoSandbox), seed: maphash.MakeSeed(), shared: make([]*child, o.Hosts), own: map[scriptID]*ownChild{},
		building: make(chan struct{}, 1), accounts: map[string][]int{}, kept: map[string]kept{}, placed: make(chan struct{}), stop: make(chan struct{}),
	}
	p.answers.New = func() any { return make(chan answer, 2) }
	p.buffers.New = func() any { return new(make([]byte, 0, 1024)) }
	err := p.startAll(ctx)
	if err != nil {
		p.Close()
		return nil, err
	}
	for _, part := range p.Status() {
		if !part.Active {
			p.o.Log.Warn("part of the containment is missing", "part", part.Name, "reason", part.Reason)
		}
	}
	p.watching.Go(p.watch)
	return p, nil
}

func (p *Process) startAll(ctx context.Context) error {
	p.mu.Lock()
	var err error
	for i := 0; i < len(p.shared) && err == nil; i++ {
		p.shared[i], err = startChild(p)
	}
	if err == nil {
		p.spare, err = startChild(p)
	}
	all := append([]*child{p.spare}, p.shared...)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	for _, c := range all {
		select {
		case <-c.ready: // or dead
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		c.mu.Lock()
		dead := c.dead
		c.mu.Unlock()
		if dead {
			return fmt.Errorf("a host process ended before it was ready: %s", c.words.text())
		}
	}
	return nil
}

// started is told of each child that is ready.
func (p *Process) started() {
	p.mu.Lock()
	p.failures = 0
	p.mu.Unlock()
}

// Close implements Host.
func (p *Process) Close() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.closed = true
	close(p.stop)
	all := p.children()
	p.mu.Unlock()
	for _, c := range all {
		_ = c.cmd.Process.Kill()
	}
	for _, c := range all {
		<-c.gone
	}
	p.watching.Wait()
}

// children lists all there are. p.mu is held.
func (p *Process) children() []*child {
	var all []*child
	for _, c := range append([]*child{p.spare, p.builder}, p.shared...) {
		if c != nil {
			all = append(all, c)
		}
	}
	for _, c := range p.own {
		all = append(all, c.child)
	}
	return all
}

func (p *Process) log(message string, c *child, args ...any) {
	p.o.Log.Info(message, append([]any{"pid", c.cmd.Process.Pid}, args...)...)
}

// maxTries bounds how often an event is given to another child because the one it was
// given to died before it had begun it.
const maxTries = 5

// Fetch implements Host.
func (p *Process) Fetch(v *pool.Version, e worker.Event, req *outside.Request) (*outside.Response, error) {
	for range maxTries {
		c, err := p.pick(e.Context, v)
		if err != nil {
			return nil, &pool.NotRun{Err: err}
		}
		if res, err := c.fetch(v, &e, req); err != errGone {
			return res, err
		}
		if err := p.outlive(e.Context, c); err != nil {
			return nil, &pool.NotRun{Err: err}
		}
	}
	return nil, &pool.NotRun{Err: errNoHost}
}

// Scheduled implements Host.
func (p *Process) Scheduled(v *pool.Version, e worker.Event, cron string, at time.Time) error {
	seed := outside.Report{Event: outside.EventScheduled, Cron: cron, Time: at}
	_, err := p.handOver(kScheduled, v, e, seed, appendTime(appendString(nil, cron), at))
	return err
}

// RPC implements Host.
func (p *Process) RPC(v *pool.Version, e worker.Event, method string, args []byte) ([]byte, error) {
	seed := outside.Report{Event: outside.EventRPC, RPCMethod: method}
	return p.handOver(kRPC, v, e, seed, appendBytes(appendString(nil, method), args))
}

// Invoke implements Host.
func (p *Process) Invoke(v *pool.Version, e worker.Event, event []byte) ([]byte, error) {
	seed := outside.Report{Event: outside.EventLambda, BytesIn: int64(len(event))}
	return p.handOver(kInvoke, v, e, seed, appendBytes(nil, event))
}

func (p *Process) handOver(k kind, v *pool.Version, e worker.Event, seed outside.Report, message []byte) ([]byte, error) {
	for range maxTries {
		c, err := p.pick(e.Context, v)
		if err != nil {
			return nil, &pool.NotRun{Err: err}
		}
		if data, err := c.handOver(k, v, &e, seed, message); err != errGone {
			return data, err
		}
		if err := p.outlive(e.Context, c); err != nil {
			return nil, &pool.NotRun{Err: err}
		}
	}
	return nil, &pool.NotRun{Err: errNoHost}
}

// outlive waits until a child that takes no more events is gone from its place, so that
// it is not picked again and again meanwhile. ctx may be nil.
func (p *Process) outlive(ctx context.Context, c *child) error {
	var left <-chan struct{}
	if ctx != nil {
		left = ctx.Done()
	}
	select {
	case <-c.gone:
		return nil
	case <-left:
		return context.Cause(ctx)
	case <-p.stop:
		return errClosed
	}
}

var errNoHost = errors.New("no host process lived long enough to begin the event")

// Keep implements Host: the isolates are spread over the children where the version may run.
func (p *Process) Keep(v *pool.Version, n int) {
	p.mu.Lock()
	if n > 0 {
		p.kept[v.Version] = kept{v, n}
	} else {
		delete(p.kept, v.Version)
	}
	p.mu.Unlock()
	list, _, err := p.candidates(v)
	if err != nil {
		return // it is not run
	}
	for _, c := range list {
		if c != nil {
			c.keep(v, share(n, len(list)))
		}
	}
}

// kept is a version of which isolates are kept.
type kept struct {
	version *pool.Version
	n       int
}

// share is what each of so many children has of n.
func share(n, children int) int { return (n + children - 1) / children }

// Prewarm implements Host: it makes isolates in each child where the version may run.
func (p *Process) Prewarm(ctx context.Context, v *pool.Version, n int) error {
	list, _, err := p.candidates(v)
	if err != nil {
		return err
	}
	for _, c := range list {
		if c == nil {
			continue
		}
		if _, err := c.errand(ctx, errandPrewarm, v, appendUint(nil, uint64(share(n, len(list))))); err != nil {
			return err
		}
	}
	return nil
}

// Build implements Host. It is done in a child that serves no requests, one upload at a
// time, so that an upload that takes it down is known.
func (p *Process) Build(ctx context.Context, src compiler.Source) (*compiler.Bundle, error) {
	text, err := json.Marshal(src)
	if err != nil {
		return nil, err
	}
	if len(text) > maxFrame/2 {
		return nil, uploadError("The upload is too large.")
	}
	d, err := p.inBuilder(ctx, errandBuild, nil, appendBytes(nil, text))
	if err == errGone || errors.Is(err, errBuildTime) {
		return nil, uploadError("The script could not be compiled: its nesting or size is more than the parser can take.")
	}
	if err != nil {
		return nil, err
	}
	b, err := d.bundle()
	if err == nil {
		err = d.done()
	}
	return b, err
}

func uploadError(text string) error {
	return &compiler.Error{Diagnostics: []compiler.Diagnostic{{Text: text}}}
}

// Validate implements Host.
func (p *Process) Validate(ctx context.Context, v *pool.Version) (pool.Validation, error) {
	d, err := p.inBuilder(ctx, errandValidate, v, nil)
	if err == errGone || errors.Is(err, errBuildTime) {
		return pool.Validation{}, &worker.LoadError{Reason: worker.Threw, Err: errors.New("The script could not be started: its top level took down the process that ran it.")}
	}
	if err != nil {
		return pool.Validation{}, err
	}
	found := pool.Validation{Handlers: d.strings(), Entrypoints: d.strings(), Startup: d.duration()}
	return found, d.done()
}

var errBuildTime = errors.New("the upload took too long")

// inBuilder runs an errand in the child that is there for uploads.
func (p *Process) inBuilder(ctx context.Context, e errand, v *pool.Version, args []byte) (*decoder, error) {
	select {
	case p.building <- struct{}{}:
		defer func() { <-p.building }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-p.stop:
		return nil, errClosed
	}
	c, err := p.builderChild()
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, p.o.BuildTimeout, errBuildTime)
	defer cancel()
	d, err := c.errand(limited, e, v, args)
	if limited.Err() != nil {
		c.kill(outside.OutcomeExceededCPU) // it may be at work for ever
	}
	if v != nil {
		c.retire(v.Version)
	}
	return d, err
}

func (p *Process) builderChild() (*child, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errClosed
	}
	if p.builder != nil {
		return p.builder, nil
	}
	c, err := startChild(p)
	p.builder = c
	return c, err
}

// Retire implements Host.
func (p *Process) Retire(version string) {
	p.mu.Lock()
	delete(p.kept, version)
	all := p.children()
	p.mu.Unlock()
	for _, c := range all {
		c.retire(version)
	}
}

// Release implements Host.
func (p *Process) Release(account, script string) { p.blame.release(scriptID{account, script}) }

// Stats implements Host.
func (p *Process) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Stats{Deaths: p.deaths, Refused: p.blame.refused()}
	for _, c := range p.children() {
		// A page is there as long as its child is in the list.
		s.Processes++
		s.Live += c.page.live.Load()
		s.Made += c.page.made.Load()
		s.Evicted += c.page.evicted.Load()
		s.Idle += c.page.idle.Load()
		s.Heap += c.page.heap.Load()
	}
	return s
}

// Status implements Host.
func (p *Process) Status() []Part {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := []Part{{Name: "processes", Active: true}}
	for _, c := range p.children() {
		select {
		case <-c.ready: // what holds for one holds for all
			return append(list, c.parts...)
		default:
		}
	}
	return append(list, Part{Name: "sandbox", Reason: "no host process is ready"})
}
