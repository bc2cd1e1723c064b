package host

import (
	"context"
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
	version *pool.Version
	event   *worker.Event
	seed    outside.Report // what the server knows of the event
	upload  *outStream     // the body of the request, if it is a stream

	answer chan answer     // capacity 1
	ctx    context.Context // of its calls; made with the first one
	cancel context.CancelCauseFunc

	mu       sync.Mutex
	settled  bool // an answer has been given, or never will be
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
	report   *outside.Report // to be published by the one who waits; nil if it is still to come
}

// launch gives an event to the child. errGone says that it cannot take one.
func (c *child) launch(k kind, v *pool.Version, e *worker.Event, seed outside.Report, message []byte, upload *outStream) (*flight, error) {
	f := &flight{child: c, version: v, event: e, seed: seed, upload: upload, answer: make(chan answer, 1)}
	s := &f.seed
	s.Account, s.Script, s.Version = v.Account, v.Script, v.Version
	s.Entrypoint, s.Invocation, s.Internal = e.Entrypoint, e.Call.Invocation, e.Internal
	s.Start = time.Now()
	if s.Entrypoint == "" {
		s.Entrypoint = "default"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead || c.condemned != "" {
		return nil, errGone
	}
	number, err := c.know(v)
	if err != nil {
		return nil, err
	}
	f.number = number
	c.last++
	f.id = c.last
	f.slot = c.takeSlot()
	c.flights[f.id] = f
	c.busy.Add(1)
	b := appendUint(make([]byte, 0, 64+len(e.Entrypoint)+len(e.Call.Invocation)+len(e.Call.Traceparent)), uint64(number))
	b = appendUint(b, uint64(f.slot))
	b = appendBool(b, e.Internal)
	b = appendInt(b, int64(e.CPU))
	b = appendString(b, e.Entrypoint)
	// With c.mu held, so that the version is not retired in between.
	c.link.send2(k, f.id, appendCall(b, &e.Call), message)
	return f, nil
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

// land takes an event off the child's list, once.
func (c *child) land(id uint32) *flight {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.flights[id]
	if f == nil {
		return nil
	}
	delete(c.flights, id)
	c.busy.Add(-1)
	if f.slot != unknownSlot {
		c.free = append(c.free, uint16(f.slot))
	}
	return f
}

// fetch gives the child a request and waits for the response.
func (c *child) fetch(v *pool.Version, e *worker.Event, req *outside.Request) (*outside.Response, error) {
	seed := outside.Report{Event: outside.EventFetch, Method: req.Method, URL: req.URL, Header: req.Header, CF: req.CF}
	if n := req.Body.Len(); n > 0 {
		seed.BytesIn = n
	}
	message, upload := c.link.appendRequest(make([]byte, 0, 1024), req)
	if upload != nil {
		upload.kept = true
	}
	f, err := c.launch(kFetch, v, e, seed, message, upload)
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
	f, err := c.launch(k, v, e, seed, message, nil)
	if err != nil {
		return nil, err
	}
	a := f.wait()
	return a.data, a.err
}

// wait returns the answer. The goroutine that waits publishes a report that came with it.
func (f *flight) wait() answer {
	var a answer
	if ctx := f.event.Context; ctx == nil {
		a = <-f.answer
	} else {
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
	if a.report != nil {
		f.publish(a.report)
	}
	return a
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
		r := f.seed
		d.report(&r)
		a.report = &r
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
	if a.report != nil || !run {
		c.land(f.id)
		f.release()
	}
	f.answer <- a
	return nil
}

// reported takes the report of an event that ended after its answer.
func (f *flight) reported(d *decoder) {
	r := f.seed
	d.report(&r)
	if d.bad {
		f.lost(outside.OutcomeInternalError, "The host process sent a malformed report.", true)
		return
	}
	f.release()
	f.publish(&r)
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
func (f *flight) publish(r *outside.Report) {
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
	r := f.seed
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
		f.answer <- answer{err: err, report: &r}
		return
	}
	f.publish(&r)
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
