package dom

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// CloseEvent tells how a WebSocket was closed.
type CloseEvent struct {
	Event
	CloseEventInit
}

// CloseEventInit is the dictionary of the same name.
type CloseEventInit struct {
	Init     EventInit
	WasClean bool
	Code     uint16
	Reason   string
}

// NewCloseEvent returns a new event, of type "close" as a rule.
func NewCloseEvent(js *webidl.Realm, typ string, init CloseEventInit) *CloseEvent {
	return &CloseEvent{NewEvent(js, typ, init.Init), init}
}

// Wrap implements AnyEvent.
func (e *CloseEvent) Wrap(js *webidl.Realm) *goja.Object { return CloseEventClass.Wrap(js, e) }

// CloseEventClass is the CloseEvent interface: https://websockets.spec.whatwg.org/#the-closeevent-interface
var CloseEventClass = &webidl.Class[*CloseEvent]{
	Name:    "CloseEvent",
	Extends: EventClass,
	Constructor: webidl.New2(func(js *webidl.Realm, typ string, init CloseEventInit) (*CloseEvent, error) {
		return NewCloseEvent(js, typ, init), nil
	}, webidl.DOMString, webidl.Dict("CloseEventInit", CloseEventInit{}, append(
		EventInitFields(func(d *CloseEventInit) *EventInit { return &d.Init }),
		webidl.Has("wasClean", webidl.Boolean, func(d *CloseEventInit) *bool { return &d.WasClean }),
		webidl.Has("code", webidl.UnsignedShort, func(d *CloseEventInit) *uint16 { return &d.Code }),
		webidl.Has("reason", webidl.USVString, func(d *CloseEventInit) *string { return &d.Reason }))...)),
	Members: []webidl.Member[*CloseEvent]{
		webidl.ReadOnly("wasClean", func(e *CloseEvent, _ *webidl.Realm) (bool, error) { return e.WasClean, nil }),
		webidl.ReadOnly("code", func(e *CloseEvent, _ *webidl.Realm) (int, error) { return int(e.Code), nil }),
		webidl.ReadOnly("reason", func(e *CloseEvent, _ *webidl.Realm) (string, error) { return e.Reason, nil }),
	},
}
