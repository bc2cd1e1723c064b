package dom

import (
	"slices"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// EventTarget is the state of an event target. The implementations of classes that
// extend EventTarget embed it. The zero value has no listeners.
type EventTarget struct {
	webidl.Handle
	listeners []*listener
	handlers  []*handler // event handler attributes that were ever set
	global    bool       // stands for the global object
}

// Target is an event target of any class: a pointer to a struct that embeds EventTarget.
type Target interface {
	target() *EventTarget
	// Wrap returns the target's JavaScript object, making it when first asked.
	Wrap(js *webidl.Realm) *goja.Object
}

func (t *EventTarget) target() *EventTarget { return t }

// Wrap implements Target. A type that embeds EventTarget has a Wrap of its own.
func (t *EventTarget) Wrap(js *webidl.Realm) *goja.Object {
	if t.global {
		return js.VM.GlobalObject()
	}
	return EventTargetClass.Wrap(js, t)
}

// HasListener reports whether the target listens to events of a type.
func (t *EventTarget) HasListener(typ string) bool {
	return slices.ContainsFunc(t.listeners, func(l *listener) bool { return l.typ == typ })
}

// Listen adds a listener of Go's. It returns a function that removes it.
func (t *EventTarget) Listen(typ string, f func(AnyEvent)) (remove func()) {
	l := &listener{typ: typ, native: f}
	t.listeners = append(t.listeners, l)
	return func() { t.remove(l) }
}

// EventTargetClass is the EventTarget interface: https://dom.spec.whatwg.org/#interface-eventtarget
var EventTargetClass = &webidl.Class[Target]{
	Name:        "EventTarget",
	Constructor: webidl.New0(func(*webidl.Realm) (Target, error) { return &EventTarget{}, nil }),
	Members: []webidl.Member[Target]{
		webidl.Proc3("addEventListener", addEventListener, webidl.DOMString, callbackType, addOptions),
		webidl.Proc3("removeEventListener", removeEventListener, webidl.DOMString, callbackType, removeOptions),
		webidl.Op1("dispatchEvent", dispatchEvent, eventType),
	},
}

// eventType is an Event as an argument.
var eventType = webidl.NewType("Event", func(_ *webidl.Realm, v goja.Value) (AnyEvent, error) {
	e, ok := webidl.As[AnyEvent](v)
	if !ok {
		return nil, webidl.TypeError("parameter 1 is not of type 'Event'.")
	}
	return e, nil
})

// https://dom.spec.whatwg.org/#dom-eventtarget-addeventlistener
func addEventListener(this Target, _ *webidl.Realm, typ string, callback *goja.Object, o listenerOptions) error {
	// https://dom.spec.whatwg.org/#add-an-event-listener
	// 2. If listener's signal is not null and is aborted, then return.
	if o.signal != nil && o.signal.aborted {
		return nil
	}
	// 3. If listener's callback is null, then return.
	if callback == nil {
		return nil
	}
	// 5. Append listener unless the list has one with its type, callback and capture.
	t := this.target()
	if t.find(typ, callback, o.capture) != nil {
		return nil
	}
	l := &listener{typ: typ, callback: callback, capture: o.capture, once: o.once, passive: o.passive}
	t.listeners = append(t.listeners, l)
	// 6. If listener's signal is not null, remove listener when it is aborted.
	if o.signal != nil {
		l.forget = o.signal.OnAbort(func() { t.remove(l) })
	}
	return nil
}

// https://dom.spec.whatwg.org/#dom-eventtarget-removeeventlistener
func removeEventListener(this Target, _ *webidl.Realm, typ string, callback *goja.Object, capture bool) error {
	if l := this.target().find(typ, callback, capture); l != nil {
		this.target().remove(l)
	}
	return nil
}

// https://dom.spec.whatwg.org/#dom-eventtarget-dispatchevent
func dispatchEvent(this Target, js *webidl.Realm, e AnyEvent) (bool, error) {
	// 1. If event's dispatch flag is set, then throw an "InvalidStateError" DOMException.
	if e.event().dispatching {
		return false, webidl.DOMError("InvalidStateError", "The event is already being dispatched.")
	}
	// 2. Initialize event's isTrusted attribute to false.
	e.event().trusted = false
	// 3. Return the result of dispatching event to this.
	return dispatch(js, this, e), nil
}

func (t *EventTarget) find(typ string, callback *goja.Object, capture bool) *listener {
	for _, l := range t.listeners {
		if l.callback != nil && l.callback == callback && l.typ == typ && l.capture == capture {
			return l
		}
	}
	return nil
}

// remove is https://dom.spec.whatwg.org/#remove-an-event-listener
func (t *EventTarget) remove(l *listener) {
	l.removed = true
	if i := slices.Index(t.listeners, l); i >= 0 {
		// A dispatch under way goes on over the old list.
		t.listeners = slices.Concat(t.listeners[:i], t.listeners[i+1:])
	}
	if l.forget != nil {
		l.forget()
		l.forget = nil
	}
}
