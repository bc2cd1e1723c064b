package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A promise is a promise of the standard's algorithms. Most of them no script ever
// sees, so the JavaScript promise is made only when one is asked for; reactions still
// run in the microtasks in which those of a JavaScript promise would.
type promise struct {
	state     promiseState
	handled   bool       // [[PromiseIsHandled]]: a rejection is not reported
	value     goja.Value // the result, once settled
	foreign   goja.Value // a script's native promise that stands for this one
	object    *webidl.Promise
	reactions []promiseReaction
}

type promiseState uint8

const (
	pending promiseState = iota
	fulfilled
	rejected
)

// promiseReaction is a pair of steps, or the JavaScript promise to settle.
type promiseReaction struct {
	fulfilled, rejected func(goja.Value)
	object              *webidl.Promise
}

func newPromise() *promise { return &promise{} }

// done returns a promise fulfilled with undefined.
func done() *promise { return &promise{state: fulfilled, value: goja.Undefined()} }

// failed returns a promise rejected with reason.
func failed(reason goja.Value) *promise { return &promise{state: rejected, value: reason} }

// promiseFor returns a promise resolved with v
// (https://webidl.spec.whatwg.org/#a-promise-resolved-with).
func promiseFor(js *webidl.Realm, v goja.Value) *promise {
	if _, ok := v.(*goja.Object); !ok {
		if v == nil {
			v = goja.Undefined()
		}
		return &promise{state: fulfilled, value: v}
	}
	p, err := js.PromiseResolve(v)
	if err != nil {
		return failed(thrown(js, err))
	}
	return &promise{foreign: p}
}

// thrown returns the JavaScript value of an error that a script may handle.
func thrown(js *webidl.Realm, err error) goja.Value {
	if webidl.Interrupted(err) {
		panic(err)
	}
	return js.ErrorValue(err)
}

// call calls a script's function and returns its result as a promise.
func call(js *webidl.Realm, f *webidl.Callback, this goja.Value, args ...goja.Value) *promise {
	v, err := f.Call(this, args...)
	if err != nil {
		return failed(thrown(js, err))
	}
	return promiseFor(js, v)
}

// then runs one of the steps as a microtask once the promise is settled.
func (p *promise) then(js *webidl.Realm, onFulfilled, onRejected func(goja.Value)) {
	p.handled = true
	switch {
	case p.foreign != nil:
		js.Then(p.foreign, onFulfilled, onRejected)
	case p.state == pending:
		p.reactions = append(p.reactions, promiseReaction{fulfilled: onFulfilled, rejected: onRejected})
	default:
		p.schedule(js, promiseReaction{fulfilled: onFulfilled, rejected: onRejected})
	}
}

func (p *promise) schedule(js *webidl.Realm, r promiseReaction) {
	v := p.value
	step := r.fulfilled
	if p.state == rejected {
		step = r.rejected
	}
	js.Microtask(func() { step(v) })
}

// derive is the promise for what the steps make of the settled promise.
func (p *promise) derive(js *webidl.Realm, onFulfilled, onRejected func(goja.Value) *promise) *promise {
	q := newPromise()
	follow := func(step func(goja.Value) *promise) func(goja.Value) {
		return func(v goja.Value) { q.follow(js, step(v)) }
	}
	p.then(js, follow(onFulfilled), follow(onRejected))
	return q
}

// ignoring is the promise for the settling of p with its value replaced by undefined.
func (p *promise) ignoring(js *webidl.Realm) *promise {
	return p.derive(js, func(goja.Value) *promise { return done() }, failed)
}

// follow settles the promise as another one is settled.
func (p *promise) follow(js *webidl.Realm, other *promise) {
	switch {
	case other.foreign != nil || other.state == pending:
		other.then(js, func(v goja.Value) { p.fulfill(js, v) }, func(e goja.Value) { p.reject(js, e) })
	case other.state == fulfilled:
		p.fulfill(js, other.value)
	default:
		p.reject(js, other.value)
	}
}

func (p *promise) fulfill(js *webidl.Realm, v goja.Value) { p.settle(js, fulfilled, v) }

func (p *promise) resolve(js *webidl.Realm) { p.settle(js, fulfilled, goja.Undefined()) }

func (p *promise) reject(js *webidl.Realm, reason goja.Value) { p.settle(js, rejected, reason) }

func (p *promise) settle(js *webidl.Realm, state promiseState, v goja.Value) {
	if p.state != pending {
		return
	}
	p.state, p.value = state, v
	reactions := p.reactions
	p.reactions = nil
	for _, r := range reactions {
		if r.object != nil {
			p.pass(r.object)
			continue
		}
		p.schedule(js, r)
	}
}

// pass settles the JavaScript promise as this one is settled.
func (p *promise) pass(object *webidl.Promise) {
	if p.state == fulfilled {
		object.Resolve(p.value)
		return
	}
	if p.handled {
		object.MarkHandled()
	}
	object.RejectValue(p.value)
}

// script returns the promise as scripts see it.
func (p *promise) script(js *webidl.Realm) *webidl.Promise {
	if p.object != nil {
		return p.object
	}
	if p.foreign != nil {
		p.object = webidl.PromiseOf(js, p.foreign)
		return p.object
	}
	p.object = js.NewPromise()
	if p.state == pending {
		p.reactions = append(p.reactions, promiseReaction{object: p.object})
	} else {
		p.pass(p.object)
	}
	return p.object
}
