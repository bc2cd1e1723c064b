package dom

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

type globalKey struct{ _ byte }

var globalSlot globalKey

// GlobalTarget returns the realm's global object as an event target.
func GlobalTarget(js *webidl.Realm) *EventTarget {
	return webidl.Slot(js, &globalSlot, func() *EventTarget { return &EventTarget{global: true} })
}

// listensGlobally reports whether an event of a type would reach anybody on the global object.
func listensGlobally(js *webidl.Realm, target *EventTarget, typ string) bool {
	if target.HasListener(typ) {
		return true
	}
	_, ok := goja.AssertFunction(js.VM.GlobalObject().Get("on" + typ))
	return ok
}

// FireRejection fires unhandledrejection or, if handled, rejectionhandled at the global
// object (https://html.spec.whatwg.org/#unhandled-promise-rejections). It returns
// false if a listener canceled the event.
func FireRejection(js *webidl.Realm, promise, reason goja.Value, handled bool) bool {
	typ := "unhandledrejection"
	if handled {
		typ = "rejectionhandled"
	}
	target := GlobalTarget(js)
	if !listensGlobally(js, target, typ) {
		return true
	}
	return Dispatch(js, target, &PromiseRejectionEvent{
		Event: NewEvent(js, typ, EventInit{Cancelable: !handled}), promise: promise, reason: reason,
	})
}
