package host

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// remote is one event in a child: what it reaches is at the other end of the link. It is
// the event's context too, which ends when nobody waits for the answer.
type remote struct {
	guest      *guest
	id         uint32
	slot       int
	number     uint32 // of the version
	version    *pool.Version
	call       outside.Call
	entrypoint string
	internal   bool
	cpu        time.Duration // the event's own limit, or 0

	mu       sync.Mutex
	context  context.Context // made when it is first asked for
	end      context.CancelCauseFunc
	gone     error // why nobody waits
	answered bool
	report   *outside.Report // known before the answer
	started  atomic.Int64    // monitor's clock
}

var (
	_ outside.Outside  = (*remote)(nil)
	_ outside.KVMemory = (*remote)(nil)
)

func (r *remote) event() worker.Event {
	return worker.Event{
		Context: r, Outside: r, Call: r.call, Entrypoint: r.entrypoint, CPU: r.cpu, Internal: r.internal, Finished: r.finished,
	}
}

// begin marks the event as begun. Goroutines that come of it carry its label, which a
// traceback shows.
func (r *remote) begin() {
	g := r.guest
	if r.slot < slots {
		g.page.begun[r.slot].Store(1)
		g.labels.set(r.slot, r.number)
	}
	r.started.Store(int64(time.Since(g.monitor.start)))
	g.monitor.enter()
}

// run handles the event and answers.
func (r *remote) run(t *task) {
	r.begin()
	var err error
	var data []byte
	switch p := r.guest.pool; t.kind {
	case kFetch:
		r.fetch(t.request)
		return
	case kScheduled:
		err = p.Scheduled(r.version, r.event(), t.name, t.at)
	case kRPC:
		data, err = p.RPC(r.version, r.event(), t.name, t.data)
	case kInvoke:
		data, err = p.Invoke(r.version, r.event(), t.data)
	}
	if err != nil {
		r.failed(err)
		return
	}
	r.answer(appendBytes([]byte{answerData}, data))
}

func (r *remote) fetch(req *outside.Request) {
	res, err := r.guest.pool.Fetch(r.version, r.event(), req)
	if err != nil {
		r.failed(err)
		return
	}
	l := r.guest.link
	b := append(make([]byte, 0, 512), answerResponse)
	b, body := l.appendResponse(b, res)
	b, lend := l.appendSocket(b, r, res.Socket, false)
	r.answer(b)
	if body != nil {
		go body.pump()
	}
	if lend != nil {
		lend(func() {})
	}
}

// failed answers by an error.
func (r *remote) failed(err error) {
	if none, ok := err.(*pool.NotRun); ok {
		r.leave()
		r.guest.link.hold(kAnswer, r.id, appendError([]byte{answerNotRun}, none.Err))
		return
	}
	r.answer(appendError([]byte{answerFailed}, err))
}

// What an answer is.
const (
	answerResponse = iota
	answerData
	answerFailed
	answerNotRun // no report follows
)

// answer sends the answer, with the report if the event has ended.
func (r *remote) answer(b []byte) {
	r.mu.Lock()
	r.answered = true
	report := r.report
	r.mu.Unlock()
	b = appendBool(b, report != nil)
	if report != nil {
		b = appendReport(b, report)
	}
	r.guest.link.hold(kAnswer, r.id, b)
}

// finished is told that the event has ended.
func (r *remote) finished(report *outside.Report) {
	r.leave()
	r.mu.Lock()
	answered := r.answered
	r.report = report
	r.mu.Unlock()
	if answered {
		r.guest.link.send(kReport, r.id, appendReport(nil, report))
	}
}

func (r *remote) leave() {
	g := r.guest
	g.mu.Lock()
	delete(g.events, r.id)
	g.mu.Unlock()
	g.monitor.leave()
}

// made returns the context, which few events need.
func (r *remote) made() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.context == nil {
		r.context, r.end = context.WithCancelCause(context.Background())
		if r.gone != nil {
			r.end(r.gone)
		}
	}
	return r.context
}

// cancel ends the context.
func (r *remote) cancel(cause error) {
	r.mu.Lock()
	r.gone = cause
	end := r.end
	r.mu.Unlock()
	if end != nil {
		end(cause)
	}
}

// Deadline implements context.Context.
func (r *remote) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done implements context.Context.
func (r *remote) Done() <-chan struct{} { return r.made().Done() }

// Err implements context.Context.
func (r *remote) Err() error { return r.made().Err() }

// Value implements context.Context.
func (r *remote) Value(key any) any { return r.made().Value(key) }
