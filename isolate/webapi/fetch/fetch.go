package fetch

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Globals is what the package puts in the global scope.
var Globals = []webidl.Global{
	webidl.Expose(Headers),
	webidl.Expose(RequestClass),
	webidl.Expose(ResponseClass),
	{Name: "fetch", Enumerable: true, Make: func(js *webidl.Realm) goja.Value {
		return js.Function("fetch", 1, func(call goja.FunctionCall) goja.Value {
			return Send(js, call.Arguments, outside.Outside.Fetch).Value()
		})
	}},
}

// A Sender performs a request somewhere outside: the network, a service binding.
type Sender func(out outside.Outside, ctx context.Context, call *outside.Call, req *outside.Request) (*outside.Response, error)

// Send is the fetch method with the given sender. It never throws: errors become
// rejections. https://fetch.spec.whatwg.org/#fetch-method
func Send(js *webidl.Realm, args []goja.Value, send Sender) *webidl.Promise {
	p := js.NewPromise()
	var err error
	if ex := js.Catch(func() { err = start(js, args, send, p) }); ex != nil {
		err = ex
	}
	if err != nil {
		p.Reject(err)
	}
	return p
}

func start(js *webidl.Realm, args []goja.Value, send Sender, p *webidl.Promise) error {
	inv, err := isolate.Need(js)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return webidl.TypeError("Failed to execute 'fetch': 1 argument required, but only 0 present.")
	}
	var options goja.Value = goja.Undefined()
	if len(args) > 1 {
		options = args[1]
	}
	// 2. The Request, whose errors reject the promise.
	r, err := newRequest(js, args[0], options)
	if err != nil {
		return err
	}
	// 4. An aborted signal ends it here.
	if r.signal != nil && r.signal.Aborted() {
		p.RejectValue(r.signal.Reason())
		r.body.cancel(js, r.signal.Reason())
		return nil
	}
	if strings.HasPrefix(r.url, "data:") {
		return fetchData(js, r, p)
	}
	if err := inv.Subrequest(); err != nil {
		return err
	}
	req, err := r.Send(js)
	if err != nil {
		return err
	}
	f := &fetching{js: js, signal: r.signal, promise: p, inv: inv}
	return f.run(req, send)
}

// fetching is one fetch on its way.
type fetching struct {
	js      *webidl.Realm
	signal  *dom.AbortSignal
	promise *webidl.Promise
	cancel  context.CancelFunc
	body    *abortable // of the response
	socket  outside.Socket
	inv     *isolate.Invocation
}

func (f *fetching) run(req *outside.Request, send Sender) error {
	inv := f.inv
	out, call := inv.Outside(), inv.Call()
	var ctx context.Context
	ctx, f.cancel = context.WithCancel(inv.Context())
	if f.signal != nil {
		f.signal.OnAbort(f.abort)
	}
	return f.js.Go(func(context.Context) func() {
		res, err := send(out, ctx, call, req)
		if err != nil {
			f.cancel()
			req.Body.Close()
			return func() { f.promise.Reject(networkError(err)) }
		}
		return func() { f.answered(res) }
	}, f.promise.Reject)
}

// answered is the turn in which the response has come.
func (f *fetching) answered(res *outside.Response) {
	if f.promise.Settled() { // aborted meanwhile
		res.Body.Close()
		if res.Socket != nil {
			_ = res.Socket.Close(closeAbnormal, "")
		}
		return
	}
	if f.signal != nil && len(res.Body.Bytes) > 0 { // the signal ends what is not read yet
		res.Body = outside.Body{Stream: io.NopCloser(bytes.NewReader(res.Body.Bytes)), Length: res.Body.Len()}
	}
	if res.Body.Stream != nil {
		f.body = &abortable{ReadCloser: res.Body.Stream, done: f.cancel}
		res.Body.Stream = f.body
	} else if f.socket = res.Socket; f.socket == nil { // a socket lives as long as the context
		f.cancel()
	}
	r := FromOutside(f.js, res)
	if f.socket != nil {
		r.webSocket = wrapSocket(f.js, f.inv, res)
	}
	f.promise.Resolve(ResponseClass.Wrap(f.js, r))
}

// abort: https://fetch.spec.whatwg.org/#abort-fetch
func (f *fetching) abort() {
	f.promise.RejectValue(f.signal.Reason())
	if f.body != nil {
		f.body.abort(webidl.Throw(f.signal.Reason()))
	}
	if f.socket != nil {
		_ = f.socket.Close(closeAbnormal, "")
	}
	f.cancel()
}

func networkError(err error) error {
	var out *outside.Error
	if errors.As(err, &out) {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return webidl.DOMError("AbortError", "The operation was aborted")
	}
	return webidl.TypeError("Network connection lost: %v", err)
}

// abortable is a response body that can be ended with a reason of the script's.
type abortable struct {
	io.ReadCloser
	done   context.CancelFunc
	reason abortReason
}

func (a *abortable) Read(p []byte) (int, error) {
	if reason := a.reason.get(); reason != nil {
		return 0, reason
	}
	n, err := a.ReadCloser.Read(p)
	if err != nil {
		if reason := a.reason.get(); reason != nil && !errors.Is(err, io.EOF) {
			err = reason
		}
		a.done()
	}
	return n, err
}

func (a *abortable) Close() error {
	err := a.ReadCloser.Close()
	a.done()
	return err
}

func (a *abortable) abort(reason error) {
	a.reason.set(reason)
	a.ReadCloser.Close()
}
