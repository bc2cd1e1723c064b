package webidl

import (
	"sync"

	"github.com/dop251/goja"
)

// reactor is what a realm keeps to react to promises: the engine's own then, and
// reaction functions that are used again and again, since most of the cost of a
// reaction is making its two function objects.
type reactor struct {
	promise *goja.Object // %Promise%
	then    func(goja.FunctionCall) goja.Value
	settled *goja.Object // a promise fulfilled with undefined
	make    goja.Callable
	free    []*reaction
	queued  bool // a reaction was added since the last Drain
}

// A reaction is a pair of function objects of which the engine calls one, once.
type reaction struct {
	js                  *Realm
	fulfilled, rejected func(goja.Value)
	resolved, thrown    goja.Value // the function objects
	context             *AsyncContext
}

// reactorProgram makes function objects whose bodies are script functions: while
// native code runs below one the engine sees a script on its stack, and so does not
// run microtasks in the middle of it.
var reactorProgram = sync.OnceValue(func() *goja.Program {
	return goja.MustCompile("mayfly:reaction", `(function (native) { return function (value) { native(value) } })`, true)
})

// get captures %Promise% and its then on the first use. As with other intrinsics a
// script that has changed them before harms only itself.
func (r *reactor) get(vm *goja.Runtime) *reactor {
	if r.then != nil {
		return r
	}
	p, resolve, _ := vm.NewPromise()
	must(resolve(goja.Undefined()))
	r.settled = vm.ToValue(p).(*goja.Object)
	prototype := r.settled.Prototype()
	r.promise = prototype.Get("constructor").(*goja.Object)
	r.then = prototype.Get("then").Export().(func(goja.FunctionCall) goja.Value)

	// Nobody sees the promise that then derives from the settled one. Its species is
	// therefore a class whose instance is always the same, which is cheaper to make.
	ignore := vm.ToValue(func(goja.FunctionCall) goja.Value { return nil })
	nobody := vm.NewObject()
	species := vm.ToValue(func(call goja.ConstructorCall) *goja.Object {
		executor := call.Argument(0).Export().(func(goja.FunctionCall) goja.Value)
		executor(goja.FunctionCall{Arguments: []goja.Value{ignore, ignore}})
		return nobody
	}).(*goja.Object)
	must(species.DefineDataPropertySymbol(goja.SymSpecies, species, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
	must(r.settled.DefineDataProperty("constructor", species, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
	return r
}

func (js *Realm) newReaction(fulfilled, rejected func(goja.Value)) *reaction {
	r := &js.reactor
	r.queued = true
	if n := len(r.free); n > 0 {
		f := r.free[n-1]
		r.free = r.free[:n-1]
		f.fulfilled, f.rejected, f.context = fulfilled, rejected, js.current
		return f
	}
	f := &reaction{js: js, fulfilled: fulfilled, rejected: rejected, context: js.current}
	f.resolved = js.trampoline(func(c goja.FunctionCall) goja.Value { f.run(f.fulfilled, c.Argument(0)); return nil })
	f.thrown = js.trampoline(func(c goja.FunctionCall) goja.Value { f.run(f.rejected, c.Argument(0)); return nil })
	return f
}

// keptReactions bounds the function objects that a realm keeps for later.
const keptReactions = 256

func (f *reaction) run(call func(goja.Value), v goja.Value) {
	js, context := f.js, f.context
	f.fulfilled, f.rejected, f.context = nil, nil, nil
	if len(js.reactor.free) < keptReactions {
		js.reactor.free = append(js.reactor.free, f)
	}
	if context == js.current {
		call(v)
		return
	}
	js.Run(context, func() { call(v) })
}

func (js *Realm) trampoline(f func(goja.FunctionCall) goja.Value) goja.Value {
	r := &js.reactor
	if r.make == nil {
		make, err := js.VM.RunProgram(reactorProgram())
		must(err)
		r.make, _ = goja.AssertFunction(make)
	}
	v, err := r.make(goja.Undefined(), js.VM.ToValue(f))
	must(err)
	return v
}

// Then calls fulfilled or rejected as a microtask once v, a promise or any other
// value, is settled. It is PromiseResolve and PerformPromiseThen of ECMAScript: no
// changed Promise.prototype.then is seen for a true promise, and the reaction runs in
// the very microtask in which a reaction of a script would.
func (js *Realm) Then(v goja.Value, fulfilled, rejected func(goja.Value)) {
	p, err := js.PromiseResolve(v)
	if err != nil {
		if interrupted(err) {
			panic(err)
		}
		reason := js.ErrorValue(err)
		js.Microtask(func() { rejected(reason) })
		return
	}
	f := js.newReaction(fulfilled, rejected)
	js.reactor.get(js.VM).then(goja.FunctionCall{This: p, Arguments: []goja.Value{f.resolved, f.thrown}})
}

// Microtask runs f as a microtask, after those that are queued already.
func (js *Realm) Microtask(f func()) {
	r := js.newReaction(func(goja.Value) { f() }, nil)
	engine := js.reactor.get(js.VM)
	engine.then(goja.FunctionCall{This: engine.settled, Arguments: []goja.Value{r.resolved}})
}

// PromiseResolve returns v itself if it is a native promise, and otherwise a promise
// resolved with it (https://tc39.es/ecma262/#sec-promise-resolve). It fails only if a
// script's getter throws.
func (js *Realm) PromiseResolve(v goja.Value) (p *goja.Object, err error) {
	if o, ok := v.(*goja.Object); ok && o.ExportType() == promiseType {
		same := false
		if err := js.Catch(func() { same = o.Get("constructor") == goja.Value(js.reactor.get(js.VM).promise) }); err != nil {
			return nil, err
		}
		if same {
			return o, nil
		}
	}
	made := js.NewPromise()
	made.Resolve(v)
	return made.value.(*goja.Object), nil
}

// Atomically runs f as though a script had called it: microtasks that f leaves run when it
// has returned, not at the first promise that it settles. A loop task that does more
// than settle one promise runs its steps in Atomically.
func (js *Realm) Atomically(f func()) {
	r := js.newReaction(func(goja.Value) { f() }, nil)
	call, _ := goja.AssertFunction(r.resolved)
	if _, err := call(goja.Undefined()); err != nil {
		panic(err)
	}
}

// nothingProgram is empty: the engine runs its microtasks when it has run.
var nothingProgram = sync.OnceValue(func() *goja.Program { return goja.MustCompile("mayfly:nothing", ``, true) })

// Drain runs the microtasks that reactions of Go's have left. Whoever runs a turn calls
// it at the end; inside a script's call it does nothing that would not happen anyway.
func (js *Realm) Drain() {
	if !js.reactor.queued {
		return
	}
	js.reactor.queued = false
	if _, err := js.VM.RunProgram(nothingProgram()); err != nil {
		panic(err)
	}
}
