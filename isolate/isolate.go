package isolate

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Why an isolate is condemned, or a turn ended.
var (
	errExceededCPU   = errors.New("CPU time limit exceeded")
	errStackOverflow = errors.New("Maximum call stack size exceeded")
	// ErrCondemned is returned when an isolate cannot be entered any more.
	ErrCondemned = errors.New("isolate is condemned")
)

// ExceededCPU reports whether err says that a CPU limit was exceeded.
func ExceededCPU(err error) bool { return errors.Is(err, errExceededCPU) }

// Options are what an isolate is made from.
type Options struct {
	Name     string // of what runs in it, for Name
	Limits   Limits
	Clock    eventloop.Clock // nil: the machine's
	Globals  *webidl.Globals // nil: ECMAScript only
	Watchdog *Watchdog       // nil: CPU limits are only checked between turns, and memory is not limited
	Pace     *Pace           // shared by the isolates of one script; nil: its own
}

// An Isolate is one JavaScript runtime with its event loop. Its exported fields belong
// to the turn: only code that runs in one may touch them.
type Isolate struct {
	VM    *goja.Runtime
	Realm *webidl.Realm
	Loop  *eventloop.Loop

	// Rejected is called at the end of a turn for each promise that was rejected in it
	// and has no handler. nil records the reason as a log line of the invocation.
	Rejected func(promise, reason goja.Value)

	name     string
	limits   Limits
	watchdog *Watchdog
	turn     turn
	meter    meter
	inTurn   bool
	startup  time.Duration // CPU time of code that no invocation owns

	account   *account
	allocated int64 // bytes, see Allocating

	inflight  []*Invocation
	ended     []*Invocation // in this turn
	rejected  []*goja.Promise
	condemned atomic.Pointer[error]
	overflown atomic.Bool // a stack overflow has unwound the engine, see overflow

	hooks hooks
}

// New makes an isolate. Nothing has run in it yet.
func New(o Options) *Isolate {
	iso := &Isolate{VM: goja.New(), name: o.Name, limits: o.Limits.withDefaults(), watchdog: o.Watchdog}
	iso.turn.isolate = iso
	if iso.meter.pace = o.Pace; o.Pace == nil {
		iso.meter.pace = new(Pace)
	}
	if o.Watchdog != nil {
		iso.account = o.Watchdog.memory.open(iso, iso.limits.Memory)
	} else {
		iso.account = nobody()
	}
	iso.VM.SetParserOptions(parser.WithDisableSourceMaps)
	iso.VM.SetMaxCallStackSize(iso.limits.CallDepth)
	iso.VM.SetPromiseRejectionTracker(iso.trackRejection)
	iso.Loop = eventloop.New(eventloop.Options{Clock: o.Clock, Turn: iso.run, Drained: iso.drained})
	iso.Realm = webidl.NewRealm(iso.VM, webidl.Options{
		Loop: iso.Loop, Globals: o.Globals, Switched: iso.switched, Ambient: iso.ambient,
	})
	webidl.Slot(iso.Realm, slotKey, func() *Isolate { return iso })
	return iso
}

type isolateKey struct{}

var slotKey = isolateKey{}

// Of returns the isolate of a realm, or nil for a realm without one.
func Of(js *webidl.Realm) *Isolate {
	return webidl.Slot(js, slotKey, func() *Isolate { return nil })
}

// Name returns what the options said.
func (iso *Isolate) Name() string { return iso.name }

// Limits returns the isolate's limits, defaults filled in.
func (iso *Isolate) Limits() Limits { return iso.limits }

// Condemned returns why the isolate must not be used any more, or nil.
func (iso *Isolate) Condemned() error {
	if p := iso.condemned.Load(); p != nil {
		return *p
	}
	if iso.account.over.Load() {
		return iso.account.why() // found since its last turn
	}
	if iso.overflown.Load() {
		return errStackOverflow
	}
	return nil
}

// InFlight returns the number of unfinished invocations. It may be called from a turn only.
func (iso *Isolate) InFlight() int { return len(iso.inflight) }

// Close ends the isolate: queued work and timers are dropped.
func (iso *Isolate) Close() {
	iso.Loop.Close()
	if iso.watchdog != nil {
		iso.watchdog.memory.close(iso.account)
	}
	iso.hooks.close()
}

// Start runs f, the loading of a script, as a turn under the startup limit. It returns
// the CPU time used so far outside invocations, and an error if the isolate is
// condemned by it.
func (iso *Isolate) Start(f func()) (time.Duration, error) {
	if err := iso.Loop.Do(&eventloop.Task{Run: f}); err != nil {
		return iso.startup, err
	}
	return iso.startup, iso.Condemned()
}

// run is one turn.
func (iso *Isolate) run(t *eventloop.Task) {
	if iso.condemned.Load() != nil {
		return
	}
	c, _ := t.Context.(*webidl.AsyncContext)
	left := iso.budget(c)
	if left <= 0 {
		iso.owner(c).exceeded()
		return
	}
	iso.hooks.begin()
	defer iso.hooks.end()
	if iso.account.over.Load() {
		iso.condemn(iso.account.why(), iso.owner(c))
		return
	}
	runtime.LockOSThread()
	iso.account.running.Store(iso)
	iso.meter.start()
	if iso.watchdog != nil {
		iso.watchdog.begin(&iso.turn, outsideOf(iso.owner(c)), threadID(), &iso.meter, left)
	}
	failure := iso.through(c, t.Run)
	current := iso.owner(iso.Realm.Context())
	iso.charge(iso.Realm.Context())
	overflow := current != nil && errors.Is(failure, errStackOverflow) && iso.unwound()
	iso.inTurn = false
	iso.Realm.Enter(nil) // nothing runs between turns
	interrupted := iso.watchdog != nil && iso.watchdog.end(&iso.turn)
	iso.account.running.Store(nil)
	runtime.UnlockOSThread()
	if len(iso.ended) > 0 {
		iso.publish()
	}
	switch {
	case iso.account.over.Load():
		iso.condemn(iso.account.why(), iso.owner(c))
	case interrupted:
		iso.condemn(errExceededCPU, iso.owner(c))
	case overflow:
		iso.overflow(current)
	case failure != nil:
		iso.condemn(failure, iso.owner(c))
	}
}

// publish sends out the reports of the invocations that the turn has ended.
func (iso *Isolate) publish() {
	for i, inv := range iso.ended {
		iso.ended[i] = nil
		inv.publish()
	}
	iso.ended = iso.ended[:0]
}

// protect runs f in the asynchronous context c and the microtasks that it leaves, and
// returns what makes the isolate unusable, if anything.
func (iso *Isolate) protect(c *webidl.AsyncContext, f func()) (failure error) {
	defer func() {
		if r := recover(); r != nil {
			failure = asFailure(r)
		}
	}()
	iso.Realm.Enter(c)
	iso.inTurn = true
	f()
	iso.Realm.Drain()
	if len(iso.rejected) > 0 {
		iso.reportRejections()
		iso.Realm.Drain()
	}
	return nil
}

// asFailure names what came out of the engine as a panic. Exceptions of the script's
// end up here only when nothing on the way was there to take them.
func asFailure(r any) error {
	switch r := r.(type) {
	case *goja.InterruptedError:
		if err, ok := r.Value().(error); ok {
			return err
		}
		return errors.New(r.String())
	case *goja.StackOverflowError:
		return errStackOverflow
	case error:
		if errors.Is(r, errExceededCPU) {
			return errExceededCPU
		}
		return fmt.Errorf("the engine failed: %w", r)
	}
	return fmt.Errorf("the engine failed: %v", r)
}

// budget is the CPU time that a turn of the context's owner may use.
func (iso *Isolate) budget(c *webidl.AsyncContext) time.Duration {
	if inv := iso.owner(c); inv != nil {
		return inv.cpuLimit - inv.report.CPU
	}
	// Work that belongs to no invocation is the script's start.
	return max(iso.limits.Startup-iso.startup, time.Millisecond)
}

func (iso *Isolate) owner(c *webidl.AsyncContext) *Invocation {
	if c == nil {
		return nil
	}
	inv, _ := c.Owner.(*Invocation)
	return inv
}

func outsideOf(inv *Invocation) outside.Outside {
	if inv == nil {
		return nil
	}
	return inv.out
}

// charge bills the CPU time since the last charge to the owner of c.
func (iso *Isolate) charge(c *webidl.AsyncContext) {
	used := iso.meter.read(iso)
	if inv := iso.owner(c); inv != nil {
		inv.report.CPU += used
		return
	}
	iso.startup += used
}

// switched is called when the running code passes from one asynchronous context to another.
func (iso *Isolate) switched(from, to *webidl.AsyncContext) {
	if !iso.inTurn {
		return
	}
	a, b := iso.owner(from), iso.owner(to)
	if a == b {
		return
	}
	iso.charge(from)
	if iso.watchdog != nil && b != nil {
		iso.watchdog.move(&iso.turn, b.out, &iso.meter, max(iso.budget(to), time.Millisecond))
	}
}

// condemn ends the isolate. guilty is the invocation whose turn it was, or nil. The
// memory is held by all of them if it was nobody's turn.
func (iso *Isolate) condemn(why error, guilty *Invocation) {
	iso.condemned.Store(&why)
	for len(iso.inflight) > 0 {
		inv := iso.inflight[len(iso.inflight)-1]
		if inv == guilty || guilty == nil && ExceededMemory(why) {
			inv.condemned(why)
		} else {
			inv.Fail(outside.OutcomeInternalError, fmt.Errorf("another invocation ended the isolate: %w", why))
		}
		inv.end()
	}
	iso.Close()
}

// overflow ends the invocation whose calls were nested too deeply for the engine. Its
// exception cannot be caught by scripts: those that were compiled look at the depth of
// their calls themselves, and few end here. Mostly the engine is whole again once the
// calls are unwound, and the other invocations go on. What was under way in native code
// may be half done: nothing new is begun.
func (iso *Isolate) overflow(guilty *Invocation) {
	iso.overflown.Store(true)
	guilty.condemned(errStackOverflow)
	guilty.end()
}

// unwound reports whether the engine runs microtasks again after a stack overflow. It
// does not if the calls were those of async functions or generators.
func (iso *Isolate) unwound() bool {
	ran := false
	failure := iso.protect(nil, func() { iso.Realm.Microtask(func() { ran = true }) })
	return ran && failure == nil
}

// drained is called when nothing can happen any more unless it comes from outside: an
// invocation that has no response by now will never have one.
func (iso *Isolate) drained() {
	for _, inv := range append([]*Invocation(nil), iso.inflight...) {
		if !inv.answered && inv.drained != nil {
			inv.drained()
		}
		if !inv.answered {
			inv.Fail(outside.OutcomeException, errHung)
		}
		inv.end()
	}
}

func (iso *Isolate) trackRejection(p *goja.Promise, op goja.PromiseRejectionOperation) {
	if op == goja.PromiseRejectionReject {
		iso.rejected = append(iso.rejected, p)
		return
	}
	for i, q := range iso.rejected {
		if p == q {
			iso.rejected = append(iso.rejected[:i], iso.rejected[i+1:]...)
			return
		}
	}
}

func (iso *Isolate) reportRejections() {
	list := iso.rejected
	iso.rejected = nil
	for _, p := range list {
		if iso.Rejected != nil {
			iso.Rejected(iso.VM.ToValue(p), p.Result())
			continue
		}
		if inv := Current(iso.Realm); inv != nil {
			inv.Log("error", "Uncaught (in promise) "+describe(p.Result()), nil)
		}
	}
}
