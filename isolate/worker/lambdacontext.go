package worker

import (
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// LambdaARN is the name by which a function is known to its own code.
func LambdaARN(account, script string) string {
	return "arn:aws:lambda:mayfly:" + account + ":function:" + script
}

// newContext makes the context object of a handler.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
func (l *lambda) newContext(js *webidl.Realm) *goja.Object {
	w, inv := l.worker, &l.invocation
	start := inv.Report().Start
	o := js.VM.NewObject()
	set := func(name string, v goja.Value) {
		if err := o.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE); err != nil {
			panic(err)
		}
	}
	for _, p := range [...]struct{ name, value string }{
		{"functionName", w.spec.Script},
		{"functionVersion", w.spec.Version},
		{"invokedFunctionArn", LambdaARN(w.spec.Account, w.spec.Script)},
		{"memoryLimitInMB", "128"},
		{"awsRequestId", inv.Call().Invocation},
		{"logGroupName", "/aws/lambda/" + w.spec.Script},
		{"logStreamName", start.UTC().Format("2006/01/02/") + "[" + w.spec.Version + "]"},
	} {
		set(p.name, js.String(p.value))
	}
	set("callbackWaitsForEmptyEventLoop", js.VM.ToValue(true))
	set("getRemainingTimeInMillis", js.Function("getRemainingTimeInMillis", 0, func(goja.FunctionCall) goja.Value {
		limit := w.isolate.Limits().Wall
		if limit == 0 {
			limit = lambdaTime
		}
		left := limit - w.isolate.Loop.Clock().Now().Sub(start)
		return js.VM.ToValue(max(0, int64(left/time.Millisecond)))
	}))
	// The ways to answer of Lambda's first Node.js runtime.
	set("done", js.Function("done", 2, func(call goja.FunctionCall) goja.Value {
		l.calledBack(js, call.Argument(0), call.Argument(1))
		return goja.Undefined()
	}))
	set("succeed", js.Function("succeed", 1, func(call goja.FunctionCall) goja.Value {
		l.succeed(js, call.Argument(0))
		return goja.Undefined()
	}))
	set("fail", js.Function("fail", 1, func(call goja.FunctionCall) goja.Value {
		reason := call.Argument(0)
		if goja.IsUndefined(reason) || goja.IsNull(reason) {
			reason = js.ErrorValue(webidl.PlainError("The function failed."))
		}
		l.fail(reason)
		return goja.Undefined()
	}))
	return o
}
