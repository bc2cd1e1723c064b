package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/ecma"
	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/node"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webapi/websocket"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A Worker is a worker loaded in an isolate of its own.
type Worker struct {
	isolate *isolate.Isolate
	spec    *Spec
	env     *goja.Object

	// exports is the main module's namespace; nil for a service worker.
	exports  *goja.Object
	handlers handlers
	modules  map[string]goja.Value // what host() has returned
	classic  bool                  // a service-worker script
	// uncaught takes the exceptions of the listeners of the event that is being fired.
	uncaught func(exception goja.Value, from dom.AnyEvent) (taken bool)
	startup  time.Duration
}

// handlers are what the default export offers.
type handlers struct {
	object           *goja.Object // the default export, or nil
	class            goja.Constructor
	fetch, scheduled goja.Callable
	lambda           goja.Callable // of a Lambda function, else nil
	lambdaArity      int           // how many parameters it declares
}

// Options are what a Worker shares with others of its process.
type Options struct {
	Watchdog *isolate.Watchdog
	Pace     *isolate.Pace // shared by the workers of one script; nil: the worker's own
	Clock    eventloop.Clock
}

// A LoadError says why a script was refused.
type LoadError struct {
	Reason Reason
	outside.Exception
	Err error // what is behind it, if no exception of the script's
}

// A Reason is a kind of LoadError.
type Reason uint8

const (
	Threw          Reason = iota // the top level threw
	ExceededCPU                  // the top level used too much CPU
	NoHandlers                   // there is nothing to call
	NeverEvaluated               // a top-level await waits for what cannot come
)

func (e *LoadError) Error() string {
	switch {
	case e.Err != nil:
		return e.Err.Error()
	case e.Stack != "":
		return "Uncaught " + e.Stack
	}
	return fmt.Sprintf("Uncaught %s: %s", e.Name, e.Message)
}

func (e *LoadError) Unwrap() error { return e.Err }

// Load runs the script's top level in a new isolate. The error is a *LoadError.
func Load(p *compiler.Program, spec *Spec, o Options) (*Worker, error) {
	w := &Worker{spec: spec}
	w.isolate = isolate.New(isolate.Options{Name: spec.Version, Limits: spec.Limits, Clock: o.Clock, Watchdog: o.Watchdog, Pace: o.Pace, Globals: globals(spec)})
	var failure error
	startup, err := w.isolate.Start(func() { failure = w.load(p) })
	w.startup = startup
	if err != nil {
		reason := Threw
		if isolate.ExceededCPU(err) {
			reason = ExceededCPU
			err = fmt.Errorf("Script startup exceeded CPU time limit: the limit is %v and %v were used", w.isolate.Limits().Startup, startup.Round(time.Microsecond))
		}
		failure = &LoadError{Reason: reason, Err: err}
	}
	if failure != nil {
		w.Close()
		return nil, failure
	}
	return w, nil
}

// load is the turn in which the top level runs.
func (w *Worker) load(p *compiler.Program) error {
	js := w.isolate.Realm
	intrinsics := make([]goja.Value, len(p.Intrinsics))
	for i, name := range p.Intrinsics {
		intrinsics[i] = ecma.Intrinsic(js, string(name), p.Shapes)
	}
	ecma.Install(js, p.Mentions)
	ecma.ShowSources(js, p.Patterns)
	ecma.ForbidCodeGeneration(js)
	websocket.Install(js)
	w.observe(js)
	if !slices.ContainsFunc(tagWords, p.Mentions) {
		js.TagsWait()
	}
	if !p.Classic && !slices.ContainsFunc(globalWords, p.Mentions) {
		js.GlobalsWait()
	}
	if w.spec.NodeCompat {
		node.SetEnvironment(js, w.variables)
	}
	v, err := js.VM.RunProgram(p.Program)
	if err != nil {
		return w.threw(err)
	}
	run, _ := goja.AssertFunction(v)
	host, meta := goja.Undefined(), goja.Undefined()
	if p.UsesHost {
		host = js.Function("import", 1, func(call goja.FunctionCall) goja.Value { return w.module(call.Argument(0).String()) })
	}
	if p.Classic {
		w.classic = true
		w.bindGlobals(js)
		if _, err := run(goja.Undefined(), append([]goja.Value{host}, intrinsics...)...); err != nil {
			return w.threw(err)
		}
		if !w.listens("fetch") && !w.listens("scheduled") {
			return noHandlers()
		}
		return nil
	}
	if p.UsesMeta {
		meta = js.VM.NewObject()
	}
	register := goja.Undefined()
	if p.UsesRegister {
		register = compiler.Register(js.VM, func(namespace *goja.Object) { w.exports = namespace })
	}
	done, err := run(goja.Undefined(), append([]goja.Value{register, host, meta}, intrinsics...)...)
	if err != nil {
		return w.threw(err)
	}
	state, result, waits := webidl.PromiseState(done)
	if !waits {
		result = done
	}
	if w.exports == nil {
		w.exports, _ = result.(*goja.Object)
	}
	switch {
	case waits && state == goja.PromiseStateRejected:
		webidl.PromiseOf(js, done).MarkHandled()
		return &LoadError{Reason: Threw, Exception: isolate.Describe(js, w.isolate.Loop.Clock().Now(), result)}
	case waits && state == goja.PromiseStatePending, w.exports == nil:
		return &LoadError{Reason: NeverEvaluated, Err: errors.New("Top-level await in module is unsettled: the script waits for what cannot happen before its first event")}
	}
	return w.findHandlers()
}

// tagWords are the words without which a script can see Symbol.toStringTag of an object
// only in what the object is called as a string.
var tagWords = []string{"toString", "toStringTag", "getOwnPropertySymbols", "ownKeys", "getOwnPropertyDescriptors"}

// globalWords are the words by which a module names the global object.
var globalWords = []string{"globalThis", "self", "global"}

func (w *Worker) threw(err error) error {
	if webidl.Interrupted(err) {
		panic(err)
	}
	var thrown *goja.Exception
	if errors.As(err, &thrown) {
		return &LoadError{Reason: Threw, Exception: isolate.Describe(w.isolate.Realm, w.isolate.Loop.Clock().Now(), thrown.Value())}
	}
	return &LoadError{Reason: Threw, Err: err}
}

func noHandlers() error {
	return &LoadError{Reason: NoHandlers, Err: errors.New("No event handlers were registered. This script does nothing.")}
}

// findHandlers reads the default export: an object with handlers, an instance of a
// class, or a class that extends WorkerEntrypoint.
func (w *Worker) findHandlers() error {
	js := w.isolate.Realm
	var failure error
	if ex := js.Catch(func() {
		h := &w.handlers
		h.object, _ = w.exports.Get("default").(*goja.Object)
		from, entrypoint := h.object, h.object != nil && w.isEntrypoint(js, h.object)
		if from != nil {
			if entrypoint {
				h.class, _ = goja.AssertConstructor(h.object)
				from, _ = h.object.Get("prototype").(*goja.Object)
			}
			h.fetch, _ = goja.AssertFunction(from.Get("fetch"))
		}
		if !entrypoint && h.fetch == nil && h.findLambda(w.exports) {
			return
		}
		if h.object == nil {
			if len(w.exports.Keys()) == 0 {
				failure = noHandlers()
			}
			return
		}
		h.scheduled, _ = goja.AssertFunction(from.Get("scheduled"))
		if h.fetch == nil && h.scheduled == nil && h.class == nil && len(w.exports.Keys()) == 1 {
			failure = noHandlers()
		}
	}); ex != nil {
		return w.threw(ex)
	}
	return failure
}

// findLambda finds the handler of a Lambda function: an export named handler beside no
// default export with a fetch handler, or a property of a CommonJS module's exports.
func (h *handlers) findLambda(exports *goja.Object) bool {
	from := exports
	if h.object != nil && exports.Get("handler") == nil {
		from = h.object
	}
	o, ok := from.Get("handler").(*goja.Object)
	if !ok {
		return false
	}
	if h.lambda, ok = goja.AssertFunction(o); !ok {
		return false
	}
	h.lambdaArity = int(o.Get("length").ToInteger())
	if h.object != nil {
		h.scheduled, _ = goja.AssertFunction(h.object.Get("scheduled"))
	}
	return true
}

// Handlers lists the events that the worker handles.
func (w *Worker) Handlers() []string {
	var list []string
	if w.handlers.lambda != nil {
		list = append(list, HandlerLambda)
	}
	if w.classic {
		for _, event := range []string{"fetch", "scheduled"} {
			if w.listens(event) {
				list = append(list, event)
			}
		}
		return list
	}
	if w.handlers.fetch != nil {
		list = append(list, "fetch")
	}
	if w.handlers.scheduled != nil {
		list = append(list, "scheduled")
	}
	return list
}

// Entrypoints lists the exported classes that extend WorkerEntrypoint, beside the default.
func (w *Worker) Entrypoints() []string {
	var list []string
	if w.exports == nil {
		return nil
	}
	_, _ = w.isolate.Start(func() { // a condemned isolate lists nothing
		for _, name := range w.exports.Keys() {
			if o, ok := w.exports.Get(name).(*goja.Object); ok && name != "default" && w.isEntrypoint(w.isolate.Realm, o) {
				list = append(list, name)
			}
		}
	})
	return list
}

// Startup is the CPU time that the top level took.
func (w *Worker) Startup() time.Duration { return w.startup }

// Condemned reports whether the isolate must be dropped.
func (w *Worker) Condemned() bool { return w.isolate.Condemned() != nil }

// Close ends the worker's isolate.
func (w *Worker) Close() { w.isolate.Close() }

// An Event is what an invocation is begun with.
type Event struct {
	// Context ends when the one who waits for the answer has gone.
	Context context.Context
	Outside outside.Outside
	Call    outside.Call
	// Entrypoint names an exported WorkerEntrypoint class; "" is the default export.
	Entrypoint string
	// CPU overrides the worker's limit of CPU time if positive.
	CPU time.Duration
	// Internal marks an event from another worker.
	Internal bool
	// ColdStart is how long loading took for this event, 0 if the worker was warm.
	ColdStart time.Duration
	// Finished is called once, when the invocation has ended and its report has gone out.
	Finished func(*outside.Report)
}

// begin makes inv the invocation of an event and returns its report.
func (w *Worker) begin(inv *isolate.Invocation, e *Event, kind outside.Event) *outside.Report {
	w.isolate.Begin(inv, isolate.InvocationOptions{Context: e.Context, Outside: e.Outside, Call: e.Call, CPU: e.CPU, Finished: e.Finished})
	r := inv.Report()
	r.Account, r.Script, r.Version = w.spec.Account, w.spec.Script, w.spec.Version
	r.Entrypoint, r.Event, r.Internal, r.ColdStart = e.Entrypoint, kind, e.Internal, e.ColdStart
	if r.Entrypoint == "" {
		r.Entrypoint = "default"
	}
	return r
}

// received puts a request into the report of its event.
func received(r *outside.Report, req *outside.Request) {
	r.Method, r.URL, r.Header, r.CF = req.Method, req.URL, req.Header, req.CF
	r.BytesIn = max(req.Body.Len(), 0)
}

// Fetch hands the worker a request and returns its response. A streamed body of the
// response belongs to the caller, who must close it: until then the invocation goes
// on. If the error wraps isolate.ErrCondemned nothing has run and the event may be
// given to another worker.
func (w *Worker) Fetch(e Event, req *outside.Request) (*outside.Response, error) {
	if w.handlers.lambda != nil && (e.Entrypoint == "" || e.Entrypoint == "default") {
		return w.serveLambda(&e, req)
	}
	f := &fetching{worker: w, entrypoint: e.Entrypoint, request: fetch.Incoming(req)}
	received(w.begin(&f.invocation, &e, outside.EventFetch), req)
	if err := f.invocation.Enter(f.start); err != nil {
		return nil, err
	}
	if err := f.invocation.Wait(); err != nil {
		return nil, err
	}
	return &f.response, nil
}

// Scheduled hands the worker a cron event.
func (w *Worker) Scheduled(e Event, cron string, at time.Time) error {
	inv := new(isolate.Invocation)
	report := w.begin(inv, &e, outside.EventScheduled)
	report.Cron, report.Time = cron, at
	s := &scheduling{worker: w, invocation: inv, entrypoint: e.Entrypoint, cron: cron, at: at}
	if err := inv.Enter(s.start); err != nil {
		return err
	}
	return inv.Wait()
}
