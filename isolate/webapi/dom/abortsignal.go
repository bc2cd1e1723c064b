package dom

import (
	"context"
	"slices"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// AbortSignal tells operations that they are not wanted any more. The zero value is
// not aborted. It may only be touched on the isolate's turn.
type AbortSignal struct {
	EventTarget
	aborted    bool
	reason     goja.Value // once aborted
	algorithms []*algorithm
	dependent  bool           // made by any
	sources    []*AbortSignal // of a dependent signal
	dependents []*AbortSignal
}

// An algorithm is one of the abort algorithms of a signal.
type algorithm struct{ run func() }

// Wrap implements Target.
func (s *AbortSignal) Wrap(js *webidl.Realm) *goja.Object { return AbortSignalClass.Wrap(js, s) }

// Aborted reports whether the signal is aborted.
func (s *AbortSignal) Aborted() bool { return s.aborted }

// Reason returns why the signal was aborted, or undefined.
func (s *AbortSignal) Reason() goja.Value {
	if s.reason == nil {
		return goja.Undefined()
	}
	return s.reason
}

// OnAbort calls f when the signal is aborted, before any event is fired
// (https://dom.spec.whatwg.org/#abortsignal-add). On an aborted signal f is never
// called. It returns a function that takes f out again.
func (s *AbortSignal) OnAbort(f func()) (remove func()) {
	if s.aborted {
		return func() {}
	}
	a := &algorithm{f}
	s.algorithms = append(s.algorithms, a)
	return func() {
		if i := slices.Index(s.algorithms, a); i >= 0 {
			s.algorithms = slices.Concat(s.algorithms[:i], s.algorithms[i+1:])
		}
	}
}

// Context returns a context that is canceled when parent is or the signal is aborted.
// cancel must be called on the isolate's turn when the operation is over.
func (s *AbortSignal) Context(parent context.Context) (ctx context.Context, cancel func()) {
	ctx, stop := context.WithCancel(parent)
	if s.aborted {
		stop()
		return ctx, stop
	}
	remove := s.OnAbort(stop)
	return ctx, func() {
		remove()
		stop()
	}
}

// Signal is AbortSignal as an argument or a dictionary member.
var Signal = webidl.NewType("AbortSignal", func(_ *webidl.Realm, v goja.Value) (*AbortSignal, error) {
	s, ok := webidl.As[*AbortSignal](v)
	if !ok {
		return nil, webidl.TypeError("member signal is not of type 'AbortSignal'.")
	}
	return s, nil
})

// AbortSignalClass is the AbortSignal interface: https://dom.spec.whatwg.org/#interface-AbortSignal
var AbortSignalClass = &webidl.Class[*AbortSignal]{
	Name:    "AbortSignal",
	Extends: EventTargetClass,
	Members: []webidl.Member[*AbortSignal]{
		webidl.Static1[*AbortSignal]("abort", abortedSignal, webidl.OptionalAny),
		webidl.Static1[*AbortSignal]("timeout", timeoutSignal, webidl.UnsignedLongLongEnforced),
		webidl.Static1[*AbortSignal]("any", anySignal, webidl.Sequence(Signal)),
		webidl.ReadOnly("aborted", func(s *AbortSignal, _ *webidl.Realm) (bool, error) { return s.aborted, nil }),
		webidl.ReadOnly("reason", func(s *AbortSignal, _ *webidl.Realm) (goja.Value, error) { return s.Reason(), nil }),
		webidl.Proc0("throwIfAborted", (*AbortSignal).throwIfAborted),
		EventHandler[*AbortSignal]("abort"),
	},
}

// wrapTarget makes t's object without naming its class, which would be an
// initialization cycle in what the class itself refers to.
func wrapTarget(js *webidl.Realm, t Target) *goja.Object { return t.Wrap(js) }

// https://dom.spec.whatwg.org/#dom-abortsignal-abort
func abortedSignal(js *webidl.Realm, reason goja.Value) (*goja.Object, error) {
	return wrapTarget(js, &AbortSignal{aborted: true, reason: reasonOr(js, reason)}), nil
}

// https://dom.spec.whatwg.org/#dom-abortsignal-timeout
func timeoutSignal(js *webidl.Realm, ms uint64) (*goja.Object, error) {
	if _, err := js.Ambient(); err != nil {
		return nil, err
	}
	s := &AbortSignal{}
	const longest = 1 << 31 // ms; nothing here lives for 24 days
	context := js.Context()
	var owner any
	if context != nil {
		owner = context.Owner
	}
	js.Loop.SetTimer(time.Duration(min(ms, longest))*time.Millisecond, false, owner, context, func() {
		s.abort(js, js.NewDOMException("TimeoutError", "The operation was aborted due to timeout"))
	})
	return wrapTarget(js, s), nil
}

// https://dom.spec.whatwg.org/#dom-abortsignal-any
func anySignal(js *webidl.Realm, signals []*AbortSignal) (*goja.Object, error) {
	return wrapTarget(js, AnySignal(signals...)), nil
}

// AnySignal returns a signal that is aborted when any of signals is:
// https://dom.spec.whatwg.org/#create-a-dependent-abort-signal
func AnySignal(signals ...*AbortSignal) *AbortSignal {
	result := &AbortSignal{dependent: true}
	// 2. If one is aborted, so is the result.
	for _, s := range signals {
		if s.aborted {
			result.aborted, result.reason = true, s.reason
			return result
		}
	}
	// 4. Depend on what is not itself dependent.
	for _, s := range signals {
		if !s.dependent {
			s.addDependent(result)
			continue
		}
		for _, source := range s.sources {
			source.addDependent(result)
		}
	}
	return result
}

func (s *AbortSignal) addDependent(d *AbortSignal) {
	if !slices.Contains(d.sources, s) {
		if n := len(s.dependents); n >= 64 && n&(n-1) == 0 {
			// Those that another source has aborted need not be told any more.
			s.dependents = slices.DeleteFunc(s.dependents, (*AbortSignal).Aborted)
		}
		d.sources = append(d.sources, s)
		s.dependents = append(s.dependents, d)
	}
}

// https://dom.spec.whatwg.org/#dom-abortsignal-throwifaborted
func (s *AbortSignal) throwIfAborted(*webidl.Realm) error {
	if s.aborted {
		return webidl.Throw(s.reason)
	}
	return nil
}

func reasonOr(js *webidl.Realm, reason goja.Value) goja.Value {
	if reason == nil || goja.IsUndefined(reason) {
		return js.NewDOMException("AbortError", "The operation was aborted")
	}
	return reason
}

// abort is https://dom.spec.whatwg.org/#abortsignal-signal-abort
func (s *AbortSignal) abort(js *webidl.Realm, reason goja.Value) {
	// 1. If signal is aborted, then return.
	if s.aborted {
		return
	}
	// 2. Set signal's abort reason.
	s.aborted, s.reason = true, reasonOr(js, reason)
	// 4. Set the reason of the dependent signals first, so that all agree.
	var dependents []*AbortSignal
	for _, d := range s.dependents {
		if !d.aborted {
			d.aborted, d.reason = true, s.reason
			dependents = append(dependents, d)
		}
	}
	s.dependents = nil
	// 5. Run the abort steps for signal, 6. and for the dependent signals.
	s.runAbortSteps(js)
	for _, d := range dependents {
		d.runAbortSteps(js)
	}
}

// runAbortSteps is https://dom.spec.whatwg.org/#run-the-abort-steps
func (s *AbortSignal) runAbortSteps(js *webidl.Realm) {
	algorithms := s.algorithms
	s.algorithms, s.sources = nil, nil
	for _, a := range algorithms {
		a.run()
	}
	Fire(js, s, "abort")
}
