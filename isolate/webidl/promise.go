package webidl

import (
	"context"

	"github.com/dop251/goja"
)

// A Promise is a JavaScript promise made by Go. It may only be touched on the
// isolate's turn.
type Promise struct {
	js      *Realm
	value   goja.Value
	resolve func(any) error
	reject  func(any) error
	settled bool
}

// NewPromise returns a pending promise.
func (js *Realm) NewPromise() *Promise {
	p, resolve, reject := js.VM.NewPromise()
	return &Promise{js: js, value: js.VM.ToValue(p), resolve: resolve, reject: reject}
}

// PromiseOf returns v as a Promise that Go only passes on: v itself is handed to
// JavaScript, and Resolve and Reject do nothing.
func PromiseOf(js *Realm, v goja.Value) *Promise { return &Promise{js: js, value: v, settled: true} }

// Resolved returns a promise resolved with v; nil stands for undefined.
func Resolved(js *Realm, v goja.Value) *Promise {
	if v == nil {
		v = goja.Undefined()
	}
	if o, ok := v.(*goja.Object); !ok || js.lacksThen(o) {
		if p := js.Heap().Fulfilled(v); p != nil {
			return PromiseOf(js, p)
		}
	}
	p := js.NewPromise()
	p.Resolve(v)
	return p
}

// lacksThen reports whether o has no property then. A getter of that name may throw: that
// is for the promise to find.
func (js *Realm) lacksThen(o *goja.Object) bool {
	var then goja.Value
	return js.Catch(func() { then = o.Get("then") }) == nil && then == nil
}

// Rejected returns a promise rejected with err.
func Rejected(js *Realm, err error) *Promise {
	p := js.NewPromise()
	p.Reject(err)
	return p
}

// Value is the promise as JavaScript sees it.
func (p *Promise) Value() goja.Value { return p.value }

// Settled reports whether Resolve or Reject was called.
func (p *Promise) Settled() bool { return p.settled }

// Resolve resolves the promise with v; nil stands for undefined. Only the first call
// of Resolve or Reject counts.
func (p *Promise) Resolve(v goja.Value) {
	if p.settled {
		return
	}
	p.settled = true
	if v == nil {
		v = goja.Undefined()
	}
	p.js.settle(p.resolve, v)
}

// Reject rejects the promise with err.
func (p *Promise) Reject(err error) {
	if !p.settled {
		p.RejectValue(p.js.ErrorValue(err))
	}
}

// RejectValue rejects the promise with the JavaScript value v.
func (p *Promise) RejectValue(v goja.Value) {
	if p.settled {
		return
	}
	p.settled = true
	p.js.settle(p.reject, v)
}

// settle calls one of goja's resolving functions, which run the microtasks when no
// JavaScript is on the stack; an interrupt there ends the turn.
func (js *Realm) settle(f func(any) error, v goja.Value) {
	if err := f(v); err != nil {
		panic(err)
	}
}

// MarkHandled keeps a rejection of the promise from being reported as unhandled.
func (p *Promise) MarkHandled() {
	p.js.Then(p.value, func(goja.Value) {}, func(goja.Value) {})
}

// Await runs work on a goroutine of its own and settles the promise with its result,
// turned into a JavaScript value by then on the loop. A nil then resolves with undefined.
func Await[R any](js *Realm, work func(context.Context) (R, error), then func(*Realm, R) (goja.Value, error)) *Promise {
	p := js.NewPromise()
	err := js.Go(func(ctx context.Context) func() {
		r, err := work(ctx)
		return func() {
			var v goja.Value
			if err == nil && then != nil {
				if ex := js.Catch(func() { v, err = then(js, r) }); ex != nil {
					err = ex
				}
			}
			if err != nil {
				p.Reject(err)
				return
			}
			p.Resolve(v)
		}
	}, p.Reject)
	if err != nil {
		p.Reject(err)
	}
	return p
}

// PromiseState returns the state and the result of a native promise; ok is false when
// v is anything else.
func PromiseState(v goja.Value) (state goja.PromiseState, result goja.Value, ok bool) {
	o, isObject := v.(*goja.Object)
	if !isObject || o.ExportType() != promiseType {
		return 0, nil, false
	}
	p, ok := o.Export().(*goja.Promise)
	if !ok {
		return 0, nil, false
	}
	return p.State(), p.Result(), true
}
