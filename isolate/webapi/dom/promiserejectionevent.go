package dom

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// PromiseRejectionEvent tells of a rejected promise that nobody handles, or handles now.
type PromiseRejectionEvent struct {
	Event
	promise, reason goja.Value
}

// Wrap implements AnyEvent.
func (e *PromiseRejectionEvent) Wrap(js *webidl.Realm) *goja.Object {
	return PromiseRejectionEventClass.Wrap(js, e)
}

type promiseRejectionEventInit struct {
	EventInit
	promise, reason goja.Value
}

// PromiseRejectionEventClass is the PromiseRejectionEvent interface:
// https://html.spec.whatwg.org/#promiserejectionevent
var PromiseRejectionEventClass = &webidl.Class[*PromiseRejectionEvent]{
	Name:    "PromiseRejectionEvent",
	Extends: EventClass,
	Constructor: webidl.New2(func(js *webidl.Realm, typ string, init promiseRejectionEventInit) (*PromiseRejectionEvent, error) {
		return &PromiseRejectionEvent{NewEvent(js, typ, init.EventInit), init.promise, init.reason}, nil
	}, webidl.DOMString, webidl.Req(webidl.Dict("PromiseRejectionEventInit", promiseRejectionEventInit{reason: goja.Undefined()}, append(
		EventInitFields(func(d *promiseRejectionEventInit) *EventInit { return &d.EventInit }),
		webidl.Needs("promise", promiseType, func(d *promiseRejectionEventInit) *goja.Value { return &d.promise }),
		webidl.Has("reason", webidl.Any, func(d *promiseRejectionEventInit) *goja.Value { return &d.reason }))...))),
	Members: []webidl.Member[*PromiseRejectionEvent]{
		webidl.ReadOnly("promise", func(e *PromiseRejectionEvent, _ *webidl.Realm) (goja.Value, error) { return e.promise, nil }),
		webidl.ReadOnly("reason", func(e *PromiseRejectionEvent, _ *webidl.Realm) (goja.Value, error) { return e.reason, nil }),
	},
}

// promiseType is Promise<any>: a value that is no promise becomes a resolved one.
var promiseType = webidl.NewType("Promise", func(js *webidl.Realm, v goja.Value) (goja.Value, error) {
	if _, _, ok := webidl.PromiseState(v); ok {
		return v, nil
	}
	return webidl.Resolved(js, v).Value(), nil
})
