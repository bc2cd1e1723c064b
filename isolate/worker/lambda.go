package worker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/ecma/json"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// HandlerLambda is the name in Handlers of a Lambda function: a module that exports a
// function named handler, and no default export that takes fetch events.
const HandlerLambda = "handler"

// MaxLambdaBody is the size of a request or an event that a Lambda function takes, in bytes.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const MaxLambdaBody = 6 << 20

// lambdaTime is how long a function may take where there is no limit: Lambda's own.
const lambdaTime = 15 * time.Minute

// Invoke hands a Lambda function an event, JSON text, and returns the JSON text of its
// answer. What the function throws is an *isolate.Thrown. Errors are otherwise those of Fetch.
func (w *Worker) Invoke(e Event, event []byte) ([]byte, error) {
	l := &lambda{worker: w, event: event}
	w.begin(&l.invocation, &e, outside.EventLambda).BytesIn = int64(len(event))
	if err := l.invocation.Enter(l.start); err != nil {
		return nil, err
	}
	if err := l.invocation.Wait(); err != nil {
		return nil, err
	}
	return l.result, nil
}

// serveLambda hands a Lambda function an HTTP request as the event of a function URL.
func (w *Worker) serveLambda(e *Event, req *outside.Request) (*outside.Response, error) {
	l := &lambda{worker: w, request: req}
	received(w.begin(&l.invocation, e, outside.EventLambda), req)
	if err := l.invocation.Enter(l.start); err != nil {
		return nil, err
	}
	if err := l.invocation.Wait(); err != nil {
		return nil, err
	}
	return l.response, nil
}

// lambda is one event of a Lambda function on its way.
type lambda struct {
	worker     *Worker
	invocation isolate.Invocation
	request    *outside.Request // of a function URL, or nil
	event      []byte           // JSON text

	context *goja.Object // the handler's second argument
	settled bool         // it is known how the event ends
	result  []byte       // the answer's JSON text
	failure *outside.Exception

	response *outside.Response
}

// start is the first turn.
func (l *lambda) start() {
	js, inv := l.worker.isolate.Realm, &l.invocation
	if l.request == nil {
		l.call(js)
		return
	}
	body := l.request.Body
	if body.Stream == nil {
		l.translate(js, body.Bytes)
		return
	}
	p := webidl.Await(js, func(context.Context) ([]byte, error) { return readBody(body.Stream) },
		func(js *webidl.Realm, b []byte) (goja.Value, error) {
			l.translate(js, b)
			return goja.Undefined(), nil
		})
	js.Then(p.Value(), func(goja.Value) {}, inv.Throw)
}

func readBody(stream io.ReadCloser) ([]byte, error) {
	defer stream.Close()
	b, err := io.ReadAll(io.LimitReader(stream, MaxLambdaBody+1))
	if err == nil && len(b) > MaxLambdaBody {
		err = errBodyTooLarge
	}
	return b, err
}

var errBodyTooLarge = errors.New("the request body is over 6 MB, which is the most a Lambda function takes")

// translate makes the event of the request and calls the handler.
func (l *lambda) translate(js *webidl.Realm, body []byte) {
	w, r := l.worker, l.invocation.Report()
	r.BytesIn = int64(len(body))
	var err error
	if l.event, err = newFunctionURLEvent(l.request, body, w.spec.Account, w.spec.Script, l.invocation.Call().Invocation, r.Start); err != nil {
		l.invocation.Raise(err)
		return
	}
	l.call(js)
}

// call calls the handler.
func (l *lambda) call(js *webidl.Realm) {
	h := &l.worker.handlers
	event, err := js.ParseJSON(string(bytes.ToValidUTF8(l.event, []byte("\uFFFD"))))
	if err != nil {
		l.invocation.Raise(err)
		return
	}
	l.context = l.newContext(js)
	l.invocation.OnDrained(l.drained)
	callback := js.Function("callback", 2, func(call goja.FunctionCall) goja.Value {
		l.calledBack(js, call.Argument(0), call.Argument(1))
		return goja.Undefined()
	})
	v, err := h.lambda(goja.Undefined(), event, l.context, callback)
	if err != nil {
		if webidl.Interrupted(err) {
			panic(err)
		}
		l.fail(js.ErrorValue(err))
		return
	}
	if o, ok := v.(*goja.Object); ok {
		var then goja.Value
		if err := js.Catch(func() { then = o.Get("then") }); err != nil {
			l.invocation.Raise(err)
			return
		}
		if _, ok := goja.AssertFunction(then); ok {
			js.Then(v, func(v goja.Value) { l.succeed(js, v) }, l.fail)
			return
		}
	}
	if h.lambdaArity < 3 && !goja.IsUndefined(v) {
		l.succeed(js, v)
	}
	// Otherwise the callback answers, or the end of all work does, with null.
}

// calledBack is callback(error, result). The answer goes out when nothing is left to do,
// unless context.callbackWaitsForEmptyEventLoop is false.
func (l *lambda) calledBack(js *webidl.Realm, failure, result goja.Value) {
	if l.settled {
		return
	}
	l.settled = true
	if !goja.IsUndefined(failure) && !goja.IsNull(failure) {
		l.describe(js, failure)
	} else if err := l.keep(js, result); err != nil {
		l.describe(js, js.ErrorValue(err))
	}
	wait := true
	_ = js.Catch(func() { wait = l.context.Get("callbackWaitsForEmptyEventLoop").ToBoolean() })
	if !wait {
		l.finish()
	}
}

// describe keeps why the handler failed.
func (l *lambda) describe(js *webidl.Realm, reason goja.Value) {
	e := isolate.Describe(js, l.worker.isolate.Loop.Clock().Now(), reason)
	l.failure = &e
}

// drained is called when the function has nothing left to do.
func (l *lambda) drained() {
	if !l.settled {
		l.settled, l.result = true, []byte("null")
	}
	l.finish()
}

// succeed takes the value that the handler returned or its promise was fulfilled with.
func (l *lambda) succeed(js *webidl.Realm, v goja.Value) {
	if l.settled {
		return
	}
	l.settled = true
	if err := l.keep(js, v); err != nil {
		l.describe(js, js.ErrorValue(err))
	}
	l.finish()
}

func (l *lambda) fail(reason goja.Value) {
	if l.settled {
		return
	}
	l.settled = true
	l.describe(l.worker.isolate.Realm, reason)
	l.finish()
}

// keep keeps an answer as JSON text; what JSON has no text for is null.
func (l *lambda) keep(js *webidl.Realm, v goja.Value) error {
	text, ok, err := js.StringifyJSON(nil, v, json.Options{})
	if err != nil {
		return err
	}
	if !ok {
		text = []byte("null")
	}
	l.result = text
	return nil
}

// finish answers, by what was kept. It runs no script code.
func (l *lambda) finish() {
	inv := &l.invocation
	report := inv.Report()
	var res *outside.Response
	if l.failure == nil && l.request != nil {
		var err error
		if res, err = functionURLResponse(l.result); err != nil {
			l.failure = &outside.Exception{Time: l.worker.isolate.Loop.Clock().Now(), Name: "Error", Message: err.Error()}
		}
	}
	if l.failure != nil {
		text := l.failure.Stack
		if text == "" {
			text = l.failure.Name + ": " + l.failure.Message
		}
		inv.Log("error", "Uncaught "+text, nil)
		report.Exceptions = append(report.Exceptions, *l.failure)
		report.Outcome = outside.OutcomeException
		if l.request == nil {
			inv.Fail(outside.OutcomeException, &isolate.Thrown{Exception: *l.failure})
			return
		}
		res = errorAnswer()
	}
	if l.request == nil {
		report.BytesOut = int64(len(l.result))
		inv.Answer()
		return
	}
	l.respond(res)
}

func (l *lambda) respond(res *outside.Response) {
	r := l.invocation.Report()
	r.Status, r.BytesOut = res.Status, int64(len(res.Body.Bytes))
	l.response = res
	l.invocation.Answer()
}
