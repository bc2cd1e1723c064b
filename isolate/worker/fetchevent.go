package worker

import (
	"io"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// fetching is one fetch event on its way.
type fetching struct {
	worker     *Worker
	invocation isolate.Invocation
	context    executionContext // the handler's third argument
	entrypoint string
	request    *fetch.Request
	response   outside.Response
}

// start is the first turn.
func (f *fetching) start() {
	w := f.worker
	js := w.isolate.Realm
	request := fetch.RequestClass.Wrap(js, f.request)
	v, err := f.dispatch(js, request)
	if err != nil {
		f.invocation.Raise(err)
		return
	}
	// The fast path: the promise is settled by now, so the answer needs no further turn.
	if state, result, ok := webidl.PromiseState(v); ok && state == goja.PromiseStateFulfilled {
		f.respond(result)
		return
	}
	if _, ok := webidl.As[*fetch.Response](v); ok {
		f.respond(v)
		return
	}
	js.Then(v, f.respond, f.invocation.Throw)
}

// dispatch calls the handler and returns its result.
func (f *fetching) dispatch(js *webidl.Realm, request *goja.Object) (goja.Value, error) {
	w := f.worker
	if w.classic {
		return w.dispatchFetch(js, &f.invocation, request)
	}
	h, err := w.entrypoint(js, f.entrypoint, &f.invocation)
	if err != nil {
		return nil, err
	}
	if h.fetch == nil {
		return nil, webidl.TypeError("Handler does not export a fetch() function.")
	}
	if h.instance != nil {
		return h.fetch(h.instance, request)
	}
	f.context.invocation = &f.invocation
	ctx := ExecutionContext.Wrap(js, &f.context)
	return h.fetch(w.handlers.object, request, w.environment(js), ctx)
}

// respond takes the handler's answer.
func (f *fetching) respond(v goja.Value) {
	js := f.worker.isolate.Realm
	r, ok := webidl.As[*fetch.Response](v)
	if !ok {
		f.invocation.Raise(webidl.TypeError("Incorrect type for Promise: the Promise did not resolve to 'Response'."))
		return
	}
	var err error
	if f.response, err = r.Send(js); err != nil {
		f.invocation.Raise(err)
		return
	}
	res := &f.response
	report := f.invocation.Report()
	report.Status = res.Status
	if res.Body.Stream != nil {
		res.Body.Stream = newOutgoing(&f.invocation, res.Body.Stream)
	} else {
		report.BytesOut = int64(len(res.Body.Bytes))
	}
	f.invocation.Answer()
}

// outgoing is a streamed response body on its way out. The invocation goes on until it
// is read to its end or closed.
type outgoing struct {
	io.ReadCloser
	invocation *isolate.Invocation
	sent       int64
	failed     bool
	over       bool
}

func newOutgoing(inv *isolate.Invocation, stream io.ReadCloser) *outgoing {
	inv.Open()
	return &outgoing{ReadCloser: stream, invocation: inv}
}

func (o *outgoing) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	o.sent += int64(n)
	if err != nil {
		o.failed = err != io.EOF
		o.finish()
	}
	return n, err
}

func (o *outgoing) Close() error {
	err := o.ReadCloser.Close()
	if !o.over {
		o.failed = true // the client left before the end
	}
	o.finish()
	return err
}

// finish tells the isolate that the body is done with.
func (o *outgoing) finish() {
	if o.over {
		return
	}
	o.over = true
	o.invocation.Close(func(r *outside.Report) {
		r.BytesOut = o.sent
		if o.failed && r.Outcome == "" {
			r.Outcome = outside.OutcomeStreamDisconnected
		}
	})
}
