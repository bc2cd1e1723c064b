package dom

import (
	"slices"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Dispatch dispatches a trusted event, one made by the platform, to target. It returns
// false if a listener canceled it. It must be called on the isolate's turn.
func Dispatch(js *webidl.Realm, target Target, e AnyEvent) bool {
	e.event().trusted = true
	return dispatch(js, target, e)
}

// Fire dispatches a trusted plain event: https://dom.spec.whatwg.org/#concept-event-fire
func Fire(js *webidl.Realm, target Target, typ string) bool {
	if !target.target().HasListener(typ) && !target.target().global {
		return true // nobody can tell
	}
	e := NewEvent(js, typ, EventInit{})
	return Dispatch(js, target, &e)
}

// dispatch is https://dom.spec.whatwg.org/#concept-event-dispatch for targets without parents.
func dispatch(js *webidl.Realm, target Target, any AnyEvent) bool {
	e := any.event()
	// 1. Set event's dispatch flag.
	e.dispatching = true
	e.target, e.current = target, target
	// The flag and the current target are cleared even when an interrupt passes through.
	defer func() {
		// 6. to 8.
		e.dispatching, e.stopped, e.stoppedAtOnce, e.current = false, false, false, nil
	}()
	if !e.stopped {
		// 5.13. and 5.14. Invoke the capturing listeners, then the others.
		list := target.target().listeners
		invoke(js, target, any, list, true)
		if !e.stopped {
			invoke(js, target, any, list, false)
		}
		if target.target().global && !e.stoppedAtOnce {
			invokeGlobalHandler(js, target, any)
		}
	}
	return !e.canceled
}

// invoke is https://dom.spec.whatwg.org/#concept-event-listener-inner-invoke
func invoke(js *webidl.Realm, target Target, any AnyEvent, list []*listener, capture bool) {
	if !slices.ContainsFunc(list, func(l *listener) bool { return l.capture == capture }) {
		return
	}
	e := any.event()
	list = slices.Clone(list)
	// 2. For each listener in listeners whose removed is false:
	for _, l := range list {
		// 2.1. to 2.4. Is it for this event and phase?
		if l.removed || l.typ != e.typ || l.capture != capture {
			continue
		}
		// 2.5. If listener's once is true, remove it.
		if l.once {
			target.target().remove(l)
		}
		// 2.9. If listener's passive is true, set event's in passive listener flag.
		e.passive = l.passive
		// 2.11. Call its callback; report an exception.
		l.call(js, target, any)
		// 2.12. Unset event's in passive listener flag.
		e.passive = false
		// 2.14. If event's stop immediate propagation flag is set, then stop.
		if e.stoppedAtOnce {
			return
		}
	}
}

// call is https://webidl.spec.whatwg.org/#call-a-user-objects-operation for handleEvent.
func (l *listener) call(js *webidl.Realm, target Target, e AnyEvent) {
	switch {
	case l.native != nil:
		l.native(e)
		return
	case l.handler != nil:
		l.handler.call(js, target, e)
		return
	}
	var this goja.Value = target.Wrap(js)
	f, ok := goja.AssertFunction(l.callback)
	if !ok {
		this = l.callback
		var method goja.Value
		if err := js.Catch(func() { method = l.callback.Get("handleEvent") }); err != nil {
			reportError(js, err, e)
			return
		}
		if f, ok = goja.AssertFunction(method); !ok {
			reportError(js, webidl.TypeError("EventListener's handleEvent is not a function"), e)
			return
		}
	}
	if _, err := f(this, e.Wrap(js)); err != nil {
		reportError(js, err, e)
	}
}
