package host

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// errGone says that the child has died, or was dying, before it had begun the event.
var errGone = errors.New("the host process has ended")

// A flight is an event that a child has been given.
type flight struct {
	child   *child
	id      uint32
	slot    int
	number  uint32
	cost    time.Duration // CPU time that it may need
	version *pool.Version
	start   time.Time
	event   worker.Event
	report  outside.Report // what the server knows of the event, and then all of it
	upload  *outStream     // the body of the request, if it is a stream

	answer chan answer     // capacity 2: at most one that says late comes before the last
	ctx    context.Context // of its calls; made with the first one
	cancel context.CancelCauseFunc

	mu       sync.Mutex
	settled  bool // an answer has been given, or never will be
	late     bool // the one who waits knows
	ended    bool // reported
	response *outside.Response
	logs     []outside.LogLine
	logBytes int
}

// answer is what the one who waits is told.
type answer struct {
	response *outside.Response
	data     []byte
	err      error
	report   bool // is known, and to be published by the one who waits
	late     bool // nothing else: the answer takes its time
}

// launch gives an event to the child. errGone says that it cannot take one. message is
// what appendEvent wrote, and what belongs to the kind of event.
func (f *flight) launch(c *child, k kind, message []byte) error {
	f.child = c
	f.answer = c.owner.answers.Get().(chan answer)
	r, v, e := &f.report, f.version, &f.event
	r.Account, r.Script, r.Version = v.Account, v.Script, v.Version
	r.Entrypoint, r.Invocation, r.Internal = e.Entrypoint, e.Call.Invocation, e.Internal
	f.start = time.Now()
	r.Start = f.start
	if r.Entrypoint == "" {
		r.Entrypoint = "default"
	}
	c.mu.Lock()
	if c.dead || c.condemned != "" {
		c.mu.Unlock()
		return errGone
	}
	s, err := c.know(v)
	if err != nil {
		c.mu.Unlock()
		return err
	}
	f.number, f.cost = s.number, s.cost
	c.last++
	f.id = c.last
	f.slot = c.takeSlot()
	c.flights[f.id] = f
	c.busy.Add(1)
	c.load.Add(int64(f.cost))
	var head [2 * binary.MaxVarintLen64]byte
	// With c.mu held, so that the version is not retired in between.
	write := c.link.queue(k, f.id, appendUint(appendUint(head[:0], uint64(f.number)), uint64(f.slot)), message)
	c.mu.Unlock()
	if write {
		c.link.writeOut()
	}
	return nil
}

// appendEvent writes what a child is told of an event of whatever kind.
func appendEvent(b []byte, e *worker.Event) []byte {
	b = appendBool(b, e.Internal)
	b = appendInt(b, int64(e.CPU))
	b = appendString(b, e.Entrypoint)
	return appendCall(b, &e.Call)
}

// takeSlot returns a free slot, its mark cleared. c.mu is held.
func (c *child) takeSlot() int {
	slot := unknownSlot
	if n := len(c.free); n > 0 {
		slot = int(c.free[n-1])
		c.free = c.free[:n-1]
	} else if c.fresh < slots {
		slot = c.fresh
		c.fresh++
	}
	if slot != unknownSlot {
		c.page.begun[slot].Store(0)
	}
	return slot
}

// land takes an event off the child's list. It has taken so much CPU time if its report
// is known.
func (c *child) land(f *flight, reported bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flights, f.id)
	c.busy.Add(-1)
	c.load.Add(-int64(f.cost))
	if f.slot != unknownSlot {
		c.free = append(c.free, uint16(f.slot))
	}
	if s := c.numbers[f.number]; s != nil && reported {
		s.took(f.report.CPU)
	}
}

// fetch gives the child a request and waits for the response.
func (c *child) fetch(v *pool.Version, e *worker.Event, req *outside.Request) (*outside.Response, error) {
	f := &flight{version: v, event: *e, report: outside.Report{
		Event: outside.EventFetch, Method: req.Method, URL: req.URL, Header: req.Header, CF: req.CF, BytesIn: max(req.Body.Len(), 0),
	}}
	buf := c.owner.buffers.Get().(*[]byte)
	message, upload := c.link.appendRequest(appendEvent((*buf)[:0], e), req)
	if f.upload = upload; upload != nil {
		upload.kept = true
	}
	err := f.launch(c, kFetch, message)
	*buf = message
	c.owner.buffers.Put(buf)
	if err != nil {
		if upload != nil {
			upload.takeBack() // nobody can have begun to read it
		}
		return nil, err
	}
	if upload != nil {
		go upload.pump()
	}
	a := f.wait()
	return a.response, a.err
}

// handOver gives the child an event without a body and waits for its result.
func (c *child) handOver(k kind, v *pool.Version, e *worker.Event, seed outside.Report, message []byte) ([]byte, error) {
	f := &flight{version: v, event: *e, report: seed}
	if err := f.launch(c, k, append(appendEvent(nil, e), message...)); err != nil {
		return nil, err
	}
	a := f.wait()
	return a.data, a.err
}

// wait returns the answer. The goroutine that waits publishes a report that came with it.
func (f *flight) wait() answer {
	a := <-f.answer
	if a.late {
		// It is only now worth while to look whether somebody still waits for it.
		ctx := f.event.Context
		select {
		case a = <-f.answer:
		case <-ctx.Done():
			f.child.link.send(kCancel, f.id, appendError(nil, context.Cause(ctx)))
			a = <-f.answer
			var thrown *isolate.Thrown
			var none *pool.NotRun
			switch {
			case a.err == nil, a.err == errGone, errors.As(a.err, &thrown):
			case errors.As(a.err, &none):
				a.err = &pool.NotRun{Err: context.Cause(ctx)}
			default:
				a.err = context.Cause(ctx) // not its copy
			}
		}
	}
	f.child.owner.answers.Put(f.answer) // nothing more comes
	if a.report {
		f.publish()
	}
	return a
}

// overdue tells the one who waits that the answer takes its time.
func (f *flight) overdue() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.late && !f.settled && f.event.Context != nil {
		f.late = true
		f.answer <- answer{late: true}
	}
}

// answered takes the child's answer. It runs on the link's reading goroutine.
func (f *flight) answered(d *decoder) error {
	c := f.child
	var a answer
	run := true
	switch d.byte() {
	case answerResponse:
		a.response = c.link.response(d)
		a.response.Socket = c.link.socket(d)
	case answerData:
		a.data = d.bytes()
	case answerFailed:
		a.err = decodeError(d)
	case answerNotRun:
		a.err = &pool.NotRun{Err: decodeError(d)}
		run = false
	default:
		return errMalformed
	}
	if run && d.bool() {
		d.report(&f.report)
		a.report = true
	}
	if err := d.done(); err != nil {
		return err
	}
	f.mu.Lock()
	if f.settled {
		f.mu.Unlock()
		return errMalformed
	}
	f.settled = true
	f.response = a.response
	f.mu.Unlock()
	if a.report || !run {
		c.land(f, a.report)
		f.release()
	}
	f.answer <- a
	return nil
}

// reported takes the report of an event that ended after its answer.
func (f *flight) reported(d *decoder) error {
	d.report(&f.report)
	f.mu.Lock()
	answered := f.settled
	f.mu.Unlock()
	if d.done() != nil || !answered {
		return errMalformed // of which the child dies, and the event with it
	}
	f.child.land(f, true)
	f.release()
	f.publish()
	return nil
}

// maxLogs bounds what the server keeps of an event's log lines. The child has a limit of
// its own, which is lower.
const maxLogs = 4 << 20

func (f *flight) logged(line outside.LogLine) error {
	f.mu.Lock()
	f.logBytes += len(line.Text) + len(line.Message) + 64
	over := f.logBytes > maxLogs
	if !over {
		f.logs = append(f.logs, line)
	}
	f.mu.Unlock()
	if over {
		return errors.New("more log lines than an event may have")
	}
	f.event.Outside.Log(&f.event.Call, &line)
	return nil
}

// release ends what the event had under way.
func (f *flight) release() {
	f.mu.Lock()
	cancel := f.cancel
	f.mu.Unlock()
	if cancel != nil {
		cancel(errEventEnded)
	}
	if f.upload != nil {
		if source, ok := f.upload.takeBack(); ok {
			_ = source.Close()
		} else {
			f.upload.stop()
		}
	}
}

var errEventEnded = errors.New("the event has ended")

// publish sends the report out, once.
func (f *flight) publish() {
	r := &f.report
	f.mu.Lock()
	if f.ended {
		f.mu.Unlock()
		return
	}
	f.ended = true
	r.Logs = f.logs
	f.mu.Unlock()
	f.event.Outside.Report(r)
	if f.event.Finished != nil {
		f.event.Finished(r)
	}
}

// again takes an event of a dead child back that had not begun. Its request, whose body
// nobody has read, may be given to another child.
func (f *flight) again() bool {
	if f.upload == nil {
		return true
	}
	_, ok := f.upload.takeBack()
	return ok
}

// lost settles an event that ended with its process. The event is off the child's list.
func (f *flight) lost(outcome outside.Outcome, message string, bystander bool) {
	err := &Failure{Outcome: outcome, Message: message, Bystander: bystander}
	r := &f.report
	r.Outcome = outcome
	r.Wall = time.Since(r.Start)
	r.Exceptions = []outside.Exception{{Time: r.Start.Add(r.Wall), Name: "Error", Message: message}}
	f.mu.Lock()
	first := !f.settled
	f.settled = true
	if f.response != nil {
		r.Status = f.response.Status
	}
	f.mu.Unlock()
	f.release()
	if first {
		f.answer <- answer{err: err, report: true}
		return
	}
	f.publish()
}

// returned tells the one who waits that the event has not begun.
func (f *flight) returned() {
	f.mu.Lock()
	first := !f.settled
	f.settled = true
	f.mu.Unlock()
	if f.cancel != nil {
		f.cancel(errEventEnded)
	}
	if first {
		f.answer <- answer{err: errGone}
	}
}

// context is that of the event's calls.
func (f *flight) context() context.Context {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ctx == nil {
		f.ctx, f.cancel = context.WithCancelCause(context.Background())
	}
	return f.ctx
}
