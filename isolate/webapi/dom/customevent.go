package dom

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// CustomEvent is an event with a value of the script's.
type CustomEvent struct {
	Event
	detail goja.Value
}

// Wrap implements AnyEvent.
func (e *CustomEvent) Wrap(js *webidl.Realm) *goja.Object { return CustomEventClass.Wrap(js, e) }

type customEventInit struct {
	EventInit
	detail goja.Value
}

// CustomEventClass is the CustomEvent interface: https://dom.spec.whatwg.org/#interface-customevent
var CustomEventClass = &webidl.Class[*CustomEvent]{
	Name:    "CustomEvent",
	Extends: EventClass,
	Constructor: webidl.New2(func(js *webidl.Realm, typ string, init customEventInit) (*CustomEvent, error) {
		return &CustomEvent{NewEvent(js, typ, init.EventInit), init.detail}, nil
	}, webidl.DOMString, webidl.Dict("CustomEventInit", customEventInit{detail: goja.Null()}, append(
		EventInitFields(func(d *customEventInit) *EventInit { return &d.EventInit }),
		webidl.Has("detail", webidl.Any, func(d *customEventInit) *goja.Value { return &d.detail }))...)),
	Members: []webidl.Member[*CustomEvent]{
		webidl.ReadOnly("detail", func(e *CustomEvent, _ *webidl.Realm) (goja.Value, error) { return e.detail, nil }),
	},
}
