package isolate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// What scripts and logs are told.
var (
	errHung   = errors.New("The script will never generate a response: its promise is pending and nothing is left that could settle it.")
	errGlobal = webidl.PlainError("Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and generating random values are not allowed within global scope. To fix this error, perform this operation within a handler.")
)

// An Invocation is one event being handled. It ends when its response is out and
// everything passed to waitUntil is settled, or when it fails; then its Report goes out.
//
// Its methods belong to the isolate's turn unless they say otherwise.
type Invocation struct {
	isolate *Isolate
	async   webidl.AsyncContext
	out     outside.Outside
	call    outside.Call
	report  outside.Report
	first   eventloop.Task // see Enter
	start   func()

	cpuLimit   time.Duration
	logBytes   int
	cacheCalls int

	limit    time.Duration // of CPU time for one event
	holds    int           // the handler, waitUntil promises, response streams and sockets not done
	open     int           // of those, what belongs to the response
	answered bool
	ended    bool
	failure  error
	answer   chan struct{} // closed when answered; nil while nobody waits
	wall     eventloop.Alarm
	finished func(*outside.Report)
	drained  func() // see OnDrained

	caller context.Context // ends when nobody waits for the answer any more; may be nil

	mu     sync.Mutex // guards the context, which operations read from their goroutines
	ctx    context.Context
	cancel context.CancelCauseFunc
	over   bool
}

// InvocationOptions describe one event.
type InvocationOptions struct {
	// Context ends when the one who waits for the answer has gone; nil never ends. It is
	// only looked at while Wait waits, and on that goroutine.
	Context context.Context
	Outside outside.Outside
	Call    outside.Call
	// CPU overrides the limit of the isolate if positive.
	CPU time.Duration
	// Finished is called once, at the end, after the report went out.
	Finished func(*outside.Report)
}

// NewInvocation begins an invocation; Enter runs code in it. It may be called from any
// goroutine, and so may Report until Enter is: the caller puts there what is known at
// the start.
func (iso *Isolate) NewInvocation(o InvocationOptions) *Invocation {
	inv := new(Invocation)
	iso.Begin(inv, o)
	return inv
}

// Begin is NewInvocation for a zero Invocation that is part of something larger.
func (iso *Isolate) Begin(inv *Invocation, o InvocationOptions) {
	inv.isolate, inv.out, inv.call, inv.caller, inv.finished = iso, o.Outside, o.Call, o.Context, o.Finished
	inv.limit = iso.limits.CPU
	if o.CPU > 0 {
		inv.limit = o.CPU
	}
	inv.cpuLimit = inv.limit
	inv.holds = 1
	inv.async.Owner = inv
	inv.report.Start = iso.Loop.Clock().Now()
}

// Current returns the invocation whose code runs, or nil at the top level of a script.
func Current(js *webidl.Realm) *Invocation {
	c := js.Context()
	if c == nil {
		return nil
	}
	inv, _ := c.Owner.(*Invocation)
	return inv
}

// Need is Current for operations that the top level of a script must not use.
func Need(js *webidl.Realm) (*Invocation, error) {
	if inv := Current(js); inv != nil {
		return inv, nil
	}
	return nil, errGlobal
}

// ambient gives operations their context.
func (iso *Isolate) ambient() (context.Context, error) {
	inv, err := Need(iso.Realm)
	if err != nil {
		return nil, err
	}
	return inv.Context(), nil
}

// Isolate returns the isolate that the invocation runs in.
func (inv *Invocation) Isolate() *Isolate { return inv.isolate }

// Outside returns what the invocation may reach.
func (inv *Invocation) Outside() outside.Outside { return inv.out }

// Call returns on whose behalf the invocation asks for things outside.
func (inv *Invocation) Call() *outside.Call { return &inv.call }

// Report returns the report as it stands. Only the event's own fields may be changed,
// and only before the invocation ends.
func (inv *Invocation) Report() *outside.Report { return &inv.report }

// Context is done when the invocation has ended. It may be called from any goroutine.
func (inv *Invocation) Context() context.Context {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if inv.ctx == nil {
		// Not the caller's: work may go on after the answer.
		inv.ctx, inv.cancel = context.WithCancelCause(context.Background())
		if inv.over {
			inv.cancel(errEnded)
		}
	}
	return inv.ctx
}

// Enter runs f as the invocation's first turn, and returns when that turn is over.
// It may be called from any goroutine.
func (inv *Invocation) Enter(f func()) error {
	inv.start = f
	inv.first = eventloop.Task{Context: &inv.async, Run: inv.enter}
	err := inv.isolate.Loop.Do(&inv.first)
	if err != nil || inv.isolate.Condemned() != nil && !inv.answered && inv.answer == nil {
		if err == nil {
			err = inv.isolate.Condemned()
		}
		return fmt.Errorf("%w: %w", ErrCondemned, err)
	}
	return nil
}

// enter is the first turn.
func (inv *Invocation) enter() {
	inv.isolate.inflight = append(inv.isolate.inflight, inv)
	if limit := inv.isolate.limits.Wall; limit > 0 {
		inv.wall = inv.isolate.Loop.Clock().AfterFunc(limit, inv.overtime)
	}
	inv.start()
	inv.start = nil
	if !inv.answered {
		inv.answer = make(chan struct{})
	}
}

// Wait returns once the invocation is answered, and then why it failed, if it did. It
// follows Enter on the same goroutine.
func (inv *Invocation) Wait() error {
	if inv.answer != nil {
		var gone <-chan struct{}
		if inv.caller != nil {
			gone = inv.caller.Done()
		}
		select {
		case <-inv.answer:
		case <-gone:
			why := context.Cause(inv.caller)
			inv.Post(func() { inv.Fail(outside.OutcomeCanceled, why) })
			<-inv.answer
		}
	}
	return inv.failure
}

// Post runs f as a turn of the invocation. It may be called from any goroutine.
func (inv *Invocation) Post(f func()) {
	inv.isolate.Loop.Post(&eventloop.Task{Context: &inv.async, Run: f})
}

// Answer tells that the response, or whatever the event asks for, is ready. The
// handler's own hold on the invocation ends.
func (inv *Invocation) Answer() {
	if inv.answered {
		return
	}
	inv.answered = true
	inv.report.Wall = inv.isolate.Loop.Clock().Now().Sub(inv.report.Start)
	if inv.wall != nil {
		inv.wall.Stop()
	}
	if inv.answer != nil {
		close(inv.answer)
	}
	inv.Release()
	inv.grace()
}

// grace starts the time that waitUntil work has once the response is out.
func (inv *Invocation) grace() {
	if inv.answered && !inv.ended && inv.open == 0 {
		inv.wall = inv.isolate.Loop.Clock().AfterFunc(inv.isolate.limits.WaitUntil, func() { inv.Post(inv.end) })
	}
}

// OnDrained sets what is called, outside of any turn, when nothing is left that could
// run and the invocation has no answer: it may Answer instead of failing. It must not
// run script code.
func (inv *Invocation) OnDrained(f func()) { inv.drained = f }

// Hold keeps the invocation from ending until Release.
func (inv *Invocation) Hold() { inv.holds++ }

// Release ends one Hold.
func (inv *Invocation) Release() {
	inv.holds--
	if inv.holds == 0 {
		inv.end()
	}
}

// WaitUntil keeps the invocation from ending until v, a promise or any other value, is
// settled. A rejection makes the outcome an exception.
func (inv *Invocation) WaitUntil(v goja.Value) {
	if inv.ended {
		return
	}
	inv.Hold()
	inv.isolate.Realm.Then(v,
		func(goja.Value) { inv.Release() },
		func(reason goja.Value) {
			inv.exception(reason)
			if inv.report.Outcome == "" {
				inv.report.Outcome = outside.OutcomeException
			}
			inv.Release()
		})
}

// Fail ends the invocation without a response; the first failure counts. After the
// answer it only decides the outcome.
func (inv *Invocation) Fail(outcome outside.Outcome, err error) {
	if inv.ended {
		return
	}
	if inv.report.Outcome == "" {
		inv.report.Outcome = outcome
	}
	if inv.failure == nil && !inv.answered {
		inv.failure = err
		var thrown *Thrown
		if !errors.As(err, &thrown) && err != nil && outcome != outside.OutcomeCanceled {
			inv.report.Exceptions = append(inv.report.Exceptions, outside.Exception{
				Time: inv.isolate.Loop.Clock().Now(), Name: "Error", Message: err.Error(),
			})
		}
	}
	inv.Answer()
	inv.end()
}

// Throw fails the invocation with an uncaught JavaScript exception.
func (inv *Invocation) Throw(reason goja.Value) {
	inv.exception(reason)
	inv.Fail(outside.OutcomeException, &Thrown{Exception: inv.report.Exceptions[len(inv.report.Exceptions)-1]})
}

// Raise fails the invocation with an error of the platform's or one that a call into
// the script returned. An interrupt is passed on: it ends the turn.
func (inv *Invocation) Raise(err error) {
	if webidl.Interrupted(err) {
		panic(err)
	}
	inv.Throw(inv.isolate.Realm.ErrorValue(err))
}

// Uncaught records an exception that nothing in the script was there to take. It does
// not end the invocation.
func (inv *Invocation) Uncaught(reason goja.Value) {
	inv.exception(reason)
	inv.Log("error", "Uncaught "+describe(reason), nil)
}

// Open keeps the invocation going while something of its response is under way, a
// streamed body or a WebSocket, for as long as that takes. Close ends it.
func (inv *Invocation) Open() {
	inv.open++
	inv.Hold()
	inv.isolate.Loop.Begin()
}

// Close ends an Open, from any goroutine. settle may change the report first.
func (inv *Invocation) Close(settle func(*outside.Report)) {
	inv.isolate.Loop.Complete(&eventloop.Task{Context: &inv.async, Run: func() {
		inv.open--
		if inv.ended {
			return
		}
		settle(&inv.report)
		inv.Release()
		inv.grace()
	}})
}

// Refill gives the invocation its full CPU limit anew, for each message of a WebSocket.
func (inv *Invocation) Refill() {
	inv.cpuLimit = inv.report.CPU + inv.limit
}

// A Thrown is an uncaught exception of the script's.
type Thrown struct{ outside.Exception }

func (t *Thrown) Error() string {
	if t.Name == "" {
		return t.Message
	}
	return t.Name + ": " + t.Message
}

func (inv *Invocation) exceeded() {
	inv.Fail(outside.OutcomeExceededCPU, fmt.Errorf("%w: the limit is %v and %v were used", errExceededCPU, inv.cpuLimit, inv.report.CPU.Round(time.Microsecond)))
}

func (inv *Invocation) condemned(why error) {
	switch {
	case errors.Is(why, errExceededCPU):
		inv.exceeded()
	case errors.Is(why, errExceededMemory):
		inv.Fail(outside.OutcomeExceededMemory, fmt.Errorf("%w: the limit is %d MB", why, inv.isolate.limits.Memory>>20))
	case errors.Is(why, errStackOverflow):
		inv.exception(nil)
		inv.Fail(outside.OutcomeException, &Thrown{Exception: outside.Exception{Name: "RangeError", Message: why.Error()}})
	default:
		inv.Fail(outside.OutcomeInternalError, why)
	}
}

// overtime is called when the wall-time limit is over.
func (inv *Invocation) overtime() {
	inv.Post(func() {
		inv.Fail(outside.OutcomeExceededWallTime, fmt.Errorf("wall time limit of %v exceeded", inv.isolate.limits.Wall))
	})
}

// end closes the invocation: its operations are cancelled and its report goes out.
func (inv *Invocation) end() {
	if inv.ended {
		return
	}
	inv.ended = true
	iso := inv.isolate
	for i, other := range iso.inflight {
		if other == inv {
			last := len(iso.inflight) - 1
			iso.inflight[i] = iso.inflight[last]
			iso.inflight[last] = nil
			iso.inflight = iso.inflight[:last]
			break
		}
	}
	if inv.wall != nil {
		inv.wall.Stop()
	}
	iso.Loop.StopTimers(inv)
	inv.mu.Lock()
	inv.over = true
	if inv.cancel != nil {
		inv.cancel(errEnded)
	}
	inv.mu.Unlock()
	if iso.inTurn {
		iso.ended = append(iso.ended, inv) // its CPU time is known when the turn is over
		return
	}
	inv.publish()
}

// publish sends the report out.
func (inv *Invocation) publish() {
	r := &inv.report
	r.Invocation = inv.call.Invocation
	if r.Outcome == "" {
		r.Outcome = outside.OutcomeOK
	}
	if inv.out != nil {
		inv.out.Report(r)
	}
	if inv.finished != nil {
		inv.finished(r)
	}
}

var errEnded = errors.New("the invocation has ended")
