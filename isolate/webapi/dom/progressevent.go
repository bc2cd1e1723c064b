package dom

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// ProgressEvent tells how far a transfer of bytes has come.
type ProgressEvent struct {
	Event
	ProgressEventInit
}

// ProgressEventInit is the dictionary of the same name. Loaded and Total are in bytes.
type ProgressEventInit struct {
	Init             EventInit
	LengthComputable bool
	Loaded, Total    float64
}

// NewProgressEvent returns a new progress event.
func NewProgressEvent(js *webidl.Realm, typ string, init ProgressEventInit) *ProgressEvent {
	return &ProgressEvent{NewEvent(js, typ, init.Init), init}
}

// Wrap implements AnyEvent.
func (e *ProgressEvent) Wrap(js *webidl.Realm) *goja.Object { return ProgressEventClass.Wrap(js, e) }

// ProgressEventClass is the ProgressEvent interface: https://xhr.spec.whatwg.org/#interface-progressevent
var ProgressEventClass = &webidl.Class[*ProgressEvent]{
	Name:    "ProgressEvent",
	Extends: EventClass,
	Constructor: webidl.New2(func(js *webidl.Realm, typ string, init ProgressEventInit) (*ProgressEvent, error) {
		return NewProgressEvent(js, typ, init), nil
	}, webidl.DOMString, webidl.Dict("ProgressEventInit", ProgressEventInit{}, append(
		EventInitFields(func(d *ProgressEventInit) *EventInit { return &d.Init }),
		webidl.Has("lengthComputable", webidl.Boolean, func(d *ProgressEventInit) *bool { return &d.LengthComputable }),
		webidl.Has("loaded", webidl.Double, func(d *ProgressEventInit) *float64 { return &d.Loaded }),
		webidl.Has("total", webidl.Double, func(d *ProgressEventInit) *float64 { return &d.Total }))...)),
	Members: []webidl.Member[*ProgressEvent]{
		webidl.ReadOnly("lengthComputable", func(e *ProgressEvent, _ *webidl.Realm) (bool, error) { return e.LengthComputable, nil }),
		webidl.ReadOnly("loaded", func(e *ProgressEvent, _ *webidl.Realm) (float64, error) { return e.Loaded, nil }),
		webidl.ReadOnly("total", func(e *ProgressEvent, _ *webidl.Realm) (float64, error) { return e.Total, nil }),
	},
}
