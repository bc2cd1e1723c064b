package worker

import (
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/webapi/console"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// ExtendableEvent is the Service Workers standard's interface.
// https://w3c.github.io/ServiceWorker/#extendableevent-interface
var ExtendableEvent = &webidl.Class[extendable]{
	Name:    "ExtendableEvent",
	Extends: dom.EventClass,
	Members: []webidl.Member[extendable]{
		webidl.Proc1("waitUntil", func(e extendable, _ *webidl.Realm, v goja.Value) error {
			e.extendable().invocation.WaitUntil(v)
			return nil
		}, webidl.Any),
		webidl.Proc0("passThroughOnException", func(extendable, *webidl.Realm) error { return nil }),
	},
}

type extendable interface{ extendable() *extendableEvent }

type extendableEvent struct {
	dom.Event
	invocation *isolate.Invocation
}

func (e *extendableEvent) extendable() *extendableEvent { return e }

// FetchEvent is the event of a request to a service-worker script.
// https://w3c.github.io/ServiceWorker/#fetchevent-interface
var FetchEvent = &webidl.Class[*fetchEvent]{
	Name:    "FetchEvent",
	Extends: ExtendableEvent,
	Members: []webidl.Member[*fetchEvent]{
		webidl.ReadOnly("request", func(e *fetchEvent, _ *webidl.Realm) (*goja.Object, error) { return e.request, nil }),
		webidl.Proc1("respondWith", (*fetchEvent).respondWith, webidl.Any),
	},
}

type fetchEvent struct {
	extendableEvent
	request  *goja.Object
	response goja.Value // as given to respondWith
}

// Wrap implements dom.AnyEvent.
func (e *fetchEvent) Wrap(js *webidl.Realm) *goja.Object { return FetchEvent.Wrap(js, e) }

// respondWith: https://w3c.github.io/ServiceWorker/#fetch-event-respondwith
func (e *fetchEvent) respondWith(js *webidl.Realm, v goja.Value) error {
	if e.response != nil {
		return webidl.DOMError("InvalidStateError", "FetchEvent.respondWith() has already been called; it can only be called once.")
	}
	e.response = v
	e.PreventDefault()
	return nil
}

// ScheduledEvent is the event of a cron trigger to a service-worker script.
// https://developers.cloudflare.com/workers/runtime-apis/handlers/scheduled/
var ScheduledEvent = &webidl.Class[*scheduledEvent]{
	Name:    "ScheduledEvent",
	Extends: ExtendableEvent,
	Members: []webidl.Member[*scheduledEvent]{
		webidl.ReadOnly("scheduledTime", func(e *scheduledEvent, _ *webidl.Realm) (int64, error) { return e.at.UnixMilli(), nil }),
		webidl.ReadOnly("cron", func(e *scheduledEvent, _ *webidl.Realm) (string, error) { return e.cron, nil }),
		webidl.Proc0("noRetry", func(*scheduledEvent, *webidl.Realm) error { return nil }), // nothing retries
	},
}

type scheduledEvent struct {
	extendableEvent
	cron string
	at   time.Time
}

// Wrap implements dom.AnyEvent.
func (e *scheduledEvent) Wrap(js *webidl.Realm) *goja.Object { return ScheduledEvent.Wrap(js, e) }

// listens reports whether a service-worker script handles an event.
func (w *Worker) listens(event string) bool {
	return dom.GlobalTarget(w.isolate.Realm).HasListener(event)
}

// dispatchFetch fires a fetch event and returns what was given to respondWith. Who
// listens first answers; an exception in a listener is the event's.
func (w *Worker) dispatchFetch(js *webidl.Realm, inv *isolate.Invocation, request *goja.Object) (goja.Value, error) {
	e := &fetchEvent{request: request}
	e.Event = dom.NewEvent(js, "fetch", dom.EventInit{Cancelable: true})
	e.invocation = inv
	if thrown := w.fire(js, e); thrown != nil {
		return nil, webidl.Throw(thrown)
	}
	if e.response == nil {
		return nil, webidl.PlainError("The fetch event listener did not call respondWith(), and there is no origin behind the worker to pass the request to.")
	}
	return e.response, nil
}

// dispatchScheduled fires a scheduled event. Its work is what waitUntil is given.
func (w *Worker) dispatchScheduled(js *webidl.Realm, inv *isolate.Invocation, cron string, at time.Time) (goja.Value, error) {
	if !w.listens("scheduled") {
		return nil, webidl.TypeError("The script has no scheduled event listener.")
	}
	e := &scheduledEvent{cron: cron, at: at}
	e.Event = dom.NewEvent(js, "scheduled", dom.EventInit{})
	e.invocation = inv
	if thrown := w.fire(js, e); thrown != nil {
		return nil, webidl.Throw(thrown)
	}
	return goja.Undefined(), nil
}

// fire dispatches e at the global scope and returns the first exception of a listener.
func (w *Worker) fire(js *webidl.Realm, e dom.AnyEvent) (thrown goja.Value) {
	w.uncaught = func(v goja.Value, from dom.AnyEvent) bool {
		if from == e && thrown == nil {
			thrown = v
		}
		return from == e
	}
	defer func() { w.uncaught = nil }()
	dom.Dispatch(js, dom.GlobalTarget(js), e)
	return thrown
}

// observe connects the realm's reports of uncaught errors to the log.
func (w *Worker) observe(js *webidl.Realm) {
	console.SetSink(js, sink{js})
	dom.OnUncaught(js, func(v goja.Value, from dom.AnyEvent) {
		if w.uncaught != nil && w.uncaught(v, from) {
			return
		}
		if inv := isolate.Current(js); inv != nil {
			inv.Uncaught(v)
		}
	})
	w.isolate.Rejected = func(promise, reason goja.Value) {
		if dom.FireRejection(js, promise, reason, false) {
			if inv := isolate.Current(js); inv != nil {
				inv.Uncaught(reason)
			}
		}
	}
}

// sink takes what the console logs to the invocation. What the top level logs has no
// invocation and is dropped.
type sink struct{ js *webidl.Realm }

func (s sink) Log(level, text string, message []byte) {
	if inv := isolate.Current(s.js); inv != nil {
		inv.Log(level, text, message)
	}
}
