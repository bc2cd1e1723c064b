package dom

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// ErrorEvent tells of an exception.
type ErrorEvent struct {
	Event
	message, filename string
	lineno, colno     uint32
	error             goja.Value
}

// NewErrorEvent returns an event of type "error" for an exception.
func NewErrorEvent(js *webidl.Realm, message string, exception goja.Value) *ErrorEvent {
	return &ErrorEvent{Event: NewEvent(js, "error", EventInit{}), message: message, error: exception}
}

// Wrap implements AnyEvent.
func (e *ErrorEvent) Wrap(js *webidl.Realm) *goja.Object { return ErrorEventClass.Wrap(js, e) }

type errorEventInit struct {
	EventInit
	message, filename string
	lineno, colno     uint32
	error             goja.Value
}

// ErrorEventClass is the ErrorEvent interface: https://html.spec.whatwg.org/#the-errorevent-interface
var ErrorEventClass = &webidl.Class[*ErrorEvent]{
	Name:    "ErrorEvent",
	Extends: EventClass,
	Constructor: webidl.New2(func(js *webidl.Realm, typ string, init errorEventInit) (*ErrorEvent, error) {
		return &ErrorEvent{NewEvent(js, typ, init.EventInit), init.message, init.filename, init.lineno, init.colno, init.error}, nil
	}, webidl.DOMString, webidl.Dict("ErrorEventInit", errorEventInit{error: goja.Undefined()}, append(
		EventInitFields(func(d *errorEventInit) *EventInit { return &d.EventInit }),
		webidl.Has("message", webidl.DOMString, func(d *errorEventInit) *string { return &d.message }),
		webidl.Has("filename", webidl.USVString, func(d *errorEventInit) *string { return &d.filename }),
		webidl.Has("lineno", webidl.UnsignedLong, func(d *errorEventInit) *uint32 { return &d.lineno }),
		webidl.Has("colno", webidl.UnsignedLong, func(d *errorEventInit) *uint32 { return &d.colno }),
		webidl.Has("error", webidl.Any, func(d *errorEventInit) *goja.Value { return &d.error }))...)),
	Members: []webidl.Member[*ErrorEvent]{
		webidl.ReadOnly("message", func(e *ErrorEvent, _ *webidl.Realm) (string, error) { return e.message, nil }),
		webidl.ReadOnly("filename", func(e *ErrorEvent, _ *webidl.Realm) (string, error) { return e.filename, nil }),
		webidl.ReadOnly("lineno", func(e *ErrorEvent, _ *webidl.Realm) (int, error) { return int(e.lineno), nil }),
		webidl.ReadOnly("colno", func(e *ErrorEvent, _ *webidl.Realm) (int, error) { return int(e.colno), nil }),
		webidl.ReadOnly("error", func(e *ErrorEvent, _ *webidl.Realm) (goja.Value, error) { return e.error, nil }),
	},
}
