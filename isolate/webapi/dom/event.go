package dom

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/hrtime"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Event is the state of an event. The implementations of event classes embed it.
type Event struct {
	webidl.Handle
	typ                    string
	bubbles, cancelable    bool
	composed               bool
	trusted                bool
	dispatching            bool
	canceled               bool
	passive                bool // a passive listener runs
	stopped, stoppedAtOnce bool
	target, current        Target
	timeStamp              float64
}

// AnyEvent is an event of any class: a pointer to a struct that embeds Event.
type AnyEvent interface {
	event() *Event
	// Wrap returns the event's JavaScript object, making it when first asked.
	Wrap(js *webidl.Realm) *goja.Object
}

func (e *Event) event() *Event { return e }

// Wrap implements AnyEvent. A type that embeds Event has a Wrap of its own.
func (e *Event) Wrap(js *webidl.Realm) *goja.Object { return EventClass.Wrap(js, e) }

// EventInit is the dictionary that event constructors take.
type EventInit struct{ Bubbles, Cancelable, Composed bool }

// NewEvent returns the state of a new event: what an event class's constructor starts with.
func NewEvent(js *webidl.Realm, typ string, init EventInit) Event {
	return Event{
		typ: typ, bubbles: init.Bubbles, cancelable: init.Cancelable, composed: init.Composed,
		timeStamp: hrtime.Now(js),
	}
}

// Type returns the event's type.
func (e *Event) Type() string { return e.typ }

// Canceled reports whether a listener called preventDefault.
func (e *Event) Canceled() bool { return e.canceled }

// Stopped reports whether a listener stopped the event's propagation.
func (e *Event) Stopped() bool { return e.stopped }

// EventInitFields declares the members of EventInit for a dictionary D that contains one.
func EventInitFields[D any](at func(*D) *EventInit) []webidl.Field[D] {
	return []webidl.Field[D]{
		webidl.Has("bubbles", webidl.Boolean, func(d *D) *bool { return &at(d).Bubbles }),
		webidl.Has("cancelable", webidl.Boolean, func(d *D) *bool { return &at(d).Cancelable }),
		webidl.Has("composed", webidl.Boolean, func(d *D) *bool { return &at(d).Composed }),
	}
}

var eventInit = webidl.Dict("EventInit", EventInit{}, EventInitFields(func(d *EventInit) *EventInit { return d })...)

// Phases of an event.
const (
	phaseNone     = 0
	phaseAtTarget = 2
)

// EventClass is the Event interface: https://dom.spec.whatwg.org/#interface-event
var EventClass = &webidl.Class[AnyEvent]{
	Name: "Event",
	Constructor: webidl.New2(func(js *webidl.Realm, typ string, init EventInit) (AnyEvent, error) {
		e := NewEvent(js, typ, init)
		return &e, nil
	}, webidl.DOMString, eventInit),
	Members: []webidl.Member[AnyEvent]{
		webidl.ReadOnly("type", read(func(e *Event) string { return e.typ })),
		webidl.ReadOnly("target", targetOf),
		webidl.ReadOnly("srcElement", targetOf),
		webidl.ReadOnly("currentTarget", currentTarget),
		webidl.Op0("composedPath", composedPath),
		webidl.Const[AnyEvent]("NONE", phaseNone),
		webidl.Const[AnyEvent]("CAPTURING_PHASE", 1),
		webidl.Const[AnyEvent]("AT_TARGET", phaseAtTarget),
		webidl.Const[AnyEvent]("BUBBLING_PHASE", 3),
		webidl.ReadOnly("eventPhase", read(eventPhase)),
		webidl.Proc0("stopPropagation", change(func(e *Event) { e.stopped = true })),
		webidl.Attr("cancelBubble", webidl.Boolean, read(func(e *Event) bool { return e.stopped }), setCancelBubble),
		webidl.Proc0("stopImmediatePropagation", change(func(e *Event) { e.stopped, e.stoppedAtOnce = true, true })),
		webidl.ReadOnly("bubbles", read(func(e *Event) bool { return e.bubbles })),
		webidl.ReadOnly("cancelable", read(func(e *Event) bool { return e.cancelable })),
		webidl.Attr("returnValue", webidl.Boolean, read(func(e *Event) bool { return !e.canceled }), setReturnValue),
		webidl.Proc0("preventDefault", change((*Event).PreventDefault)),
		webidl.ReadOnly("defaultPrevented", read(func(e *Event) bool { return e.canceled })),
		webidl.ReadOnly("composed", read(func(e *Event) bool { return e.composed })),
		webidl.ReadOnly("isTrusted", read(func(e *Event) bool { return e.trusted })),
		webidl.ReadOnly("timeStamp", read(func(e *Event) float64 { return e.timeStamp })),
		webidl.Proc3("initEvent", initEvent, webidl.DOMString,
			webidl.Default(webidl.Boolean, false), webidl.Default(webidl.Boolean, false)),
	},
}

// read makes the getter of an attribute that any event has.
func read[R any](get func(*Event) R) func(AnyEvent, *webidl.Realm) (R, error) {
	return func(e AnyEvent, _ *webidl.Realm) (R, error) { return get(e.event()), nil }
}

func change(f func(*Event)) func(AnyEvent, *webidl.Realm) error {
	return func(e AnyEvent, _ *webidl.Realm) error {
		f(e.event())
		return nil
	}
}

// https://dom.spec.whatwg.org/#dom-event-target
func targetOf(e AnyEvent, js *webidl.Realm) (goja.Value, error) {
	return objectOf(js, e.event().target), nil
}

// https://dom.spec.whatwg.org/#dom-event-currenttarget
func currentTarget(e AnyEvent, js *webidl.Realm) (goja.Value, error) {
	return objectOf(js, e.event().current), nil
}

func objectOf(js *webidl.Realm, t Target) goja.Value {
	if t == nil {
		return goja.Null()
	}
	return t.Wrap(js)
}

// https://dom.spec.whatwg.org/#dom-event-composedpath: targets here have no parents.
func composedPath(e AnyEvent, js *webidl.Realm) (*goja.Object, error) {
	if t := e.event().current; t != nil {
		return js.VM.NewArray(t.Wrap(js)), nil
	}
	return js.VM.NewArray(), nil
}

// https://dom.spec.whatwg.org/#dom-event-eventphase
func eventPhase(e *Event) int {
	if e.current != nil {
		return phaseAtTarget
	}
	return phaseNone
}

// PreventDefault is https://dom.spec.whatwg.org/#set-the-canceled-flag
func (e *Event) PreventDefault() {
	if e.cancelable && !e.passive {
		e.canceled = true
	}
}

// https://dom.spec.whatwg.org/#dom-event-cancelbubble
func setCancelBubble(e AnyEvent, _ *webidl.Realm, stop bool) error {
	if stop {
		e.event().stopped = true
	}
	return nil
}

// https://dom.spec.whatwg.org/#dom-event-returnvalue
func setReturnValue(e AnyEvent, _ *webidl.Realm, allowed bool) error {
	if !allowed {
		e.event().PreventDefault()
	}
	return nil
}

// https://dom.spec.whatwg.org/#dom-event-initevent
func initEvent(any AnyEvent, _ *webidl.Realm, typ string, bubbles, cancelable bool) error {
	e := any.event()
	// 1. If this's dispatch flag is set, then return.
	if e.dispatching {
		return nil
	}
	// 2. Initialize this with type, bubbles, and cancelable.
	e.stopped, e.stoppedAtOnce, e.canceled, e.trusted, e.target = false, false, false, false, nil
	e.typ, e.bubbles, e.cancelable = typ, bubbles, cancelable
	return nil
}
