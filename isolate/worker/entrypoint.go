package worker

import (
	"sync"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// entrypoint is what handles one event: the default export, or an instance of an
// exported WorkerEntrypoint class made for this event.
type entrypoint struct {
	instance         *goja.Object // nil for a default export that is an object
	fetch, scheduled goja.Callable
}

// entrypoint finds the handlers of a named export, "" being the default.
func (w *Worker) entrypoint(js *webidl.Realm, name string, inv *isolate.Invocation) (entrypoint, error) {
	h := &w.handlers
	if name == "" || name == "default" {
		if h.class == nil {
			return entrypoint{fetch: h.fetch, scheduled: h.scheduled}, nil
		}
		return w.instantiate(js, h.class, inv)
	}
	class, ok := w.exports.Get(name).(*goja.Object)
	if !ok || !w.isEntrypoint(js, class) {
		return entrypoint{}, webidl.TypeError("The worker does not export an entrypoint named \"%s\".", name)
	}
	construct, _ := goja.AssertConstructor(class)
	return w.instantiate(js, construct, inv)
}

// instantiate makes an instance of an entrypoint class: new Class(ctx, env).
func (w *Worker) instantiate(js *webidl.Realm, construct goja.Constructor, inv *isolate.Invocation) (e entrypoint, err error) {
	ctx := ExecutionContext.Wrap(js, &executionContext{invocation: inv})
	if e.instance, err = construct(nil, ctx, w.environment(js)); err != nil {
		return e, err
	}
	err = js.Catch(func() {
		e.fetch, _ = goja.AssertFunction(e.instance.Get("fetch"))
		e.scheduled, _ = goja.AssertFunction(e.instance.Get("scheduled"))
	})
	return e, err
}

// The base classes of cloudflare:workers keep their arguments as properties. They are
// written in JavaScript because scripts extend them with private fields, which only
// ordinary objects can have.
var workersProgram = sync.OnceValue(func() *goja.Program {
	return goja.MustCompile("cloudflare:workers", `({
	WorkerEntrypoint: class WorkerEntrypoint { constructor(ctx, env) { this.ctx = ctx; this.env = env } },
	DurableObject: class DurableObject { constructor(ctx, env) { this.ctx = ctx; this.env = env } },
	RpcTarget: class RpcTarget {},
})`, true)
})

// workersModule is the module cloudflare:workers.
func (w *Worker) workersModule(js *webidl.Realm) *goja.Object {
	v, err := js.VM.RunProgram(workersProgram())
	if err != nil {
		panic(err)
	}
	module := v.(*goja.Object)
	set := func(name string, v goja.Value) {
		if err := module.Set(name, v); err != nil {
			panic(err)
		}
	}
	set("env", w.environment(js))
	set("waitUntil", js.Function("waitUntil", 1, func(call goja.FunctionCall) goja.Value {
		inv, err := isolate.Need(js)
		if err != nil {
			js.Throw(err)
		}
		inv.WaitUntil(call.Argument(0))
		return goja.Undefined()
	}))
	return module
}

// isEntrypoint reports whether o is a class that extends WorkerEntrypoint.
func (w *Worker) isEntrypoint(js *webidl.Realm, o *goja.Object) bool {
	module, ok := w.modules["cloudflare:workers"].(*goja.Object)
	if !ok {
		return false
	}
	if _, ok := goja.AssertConstructor(o); !ok {
		return false
	}
	base := module.Get("WorkerEntrypoint")
	for p := o.Prototype(); p != nil; p = p.Prototype() {
		if p == base {
			return true
		}
	}
	return false
}

// module is host(): it returns the module of a name that the script imports.
func (w *Worker) module(name string) goja.Value {
	js := w.isolate.Realm
	if m, ok := w.modules[name]; ok {
		return m
	}
	m := w.makeModule(js, name)
	if w.modules == nil {
		w.modules = map[string]goja.Value{}
	}
	w.modules[name] = m
	return m
}
