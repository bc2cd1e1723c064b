package dom

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// MessageEvent carries a message.
type MessageEvent struct {
	Event
	data                goja.Value
	origin, lastEventID string
	source              goja.Value
	ports               []goja.Value
	portsArray          goja.Value // made when first read
}

// MessageEventInit is the dictionary of the same name. The zero value of Data and
// Source is null.
type MessageEventInit struct {
	EventInit
	Data                goja.Value
	Origin, LastEventID string
	Source              goja.Value
	Ports               []goja.Value
}

// NewMessageEvent returns a new message event, of type "message" as a rule.
func NewMessageEvent(js *webidl.Realm, typ string, init MessageEventInit) *MessageEvent {
	return &MessageEvent{Event: NewEvent(js, typ, init.EventInit), data: init.Data,
		origin: init.Origin, lastEventID: init.LastEventID, source: init.Source, ports: init.Ports}
}

// Wrap implements AnyEvent.
func (e *MessageEvent) Wrap(js *webidl.Realm) *goja.Object { return MessageEventClass.Wrap(js, e) }

// eventSource is (WindowProxy or MessagePort or ServiceWorker)?, of which only ports exist here.
var eventSource = webidl.NewType("MessageEventSource?", func(_ *webidl.Realm, v goja.Value) (goja.Value, error) {
	if goja.IsUndefined(v) || goja.IsNull(v) {
		return nil, nil
	}
	if p, ok := webidl.As[interface{ MessagePort() }](v); !ok || p == nil {
		return nil, webidl.TypeError("The optional 'source' property is neither a Window nor MessagePort.")
	}
	return v, nil
})

// port is a MessagePort: the class is in a package that imports this one.
var port = webidl.NewType("MessagePort", func(_ *webidl.Realm, v goja.Value) (goja.Value, error) {
	if _, ok := webidl.As[interface{ MessagePort() }](v); !ok {
		return nil, webidl.TypeError("Failed to convert value to 'MessagePort'.")
	}
	return v, nil
})

var messageEventInit = webidl.Dict("MessageEventInit", MessageEventInit{}, append(
	EventInitFields(func(d *MessageEventInit) *EventInit { return &d.EventInit }),
	webidl.Has("data", webidl.Any, func(d *MessageEventInit) *goja.Value { return &d.Data }),
	webidl.Has("origin", webidl.USVString, func(d *MessageEventInit) *string { return &d.Origin }),
	webidl.Has("lastEventId", webidl.DOMString, func(d *MessageEventInit) *string { return &d.LastEventID }),
	webidl.Has("source", eventSource, func(d *MessageEventInit) *goja.Value { return &d.Source }),
	webidl.Has("ports", webidl.Sequence(port), func(d *MessageEventInit) *[]goja.Value { return &d.Ports }))...)

// MessageEventClass is the MessageEvent interface: https://html.spec.whatwg.org/#messageevent
var MessageEventClass = &webidl.Class[*MessageEvent]{
	Name:    "MessageEvent",
	Extends: EventClass,
	Constructor: webidl.New2(func(js *webidl.Realm, typ string, init MessageEventInit) (*MessageEvent, error) {
		return NewMessageEvent(js, typ, init), nil
	}, webidl.DOMString, messageEventInit),
	Members: []webidl.Member[*MessageEvent]{
		webidl.ReadOnly("data", func(e *MessageEvent, _ *webidl.Realm) (goja.Value, error) { return e.data, nil }),
		webidl.ReadOnly("origin", func(e *MessageEvent, _ *webidl.Realm) (string, error) { return e.origin, nil }),
		webidl.ReadOnly("lastEventId", func(e *MessageEvent, _ *webidl.Realm) (string, error) { return e.lastEventID, nil }),
		webidl.ReadOnly("source", func(e *MessageEvent, _ *webidl.Realm) (goja.Value, error) { return e.source, nil }),
		webidl.ReadOnly("ports", (*MessageEvent).readPorts),
		webidl.OpN("initMessageEvent", 1, (*MessageEvent).init),
	},
}

// readPorts is a FrozenArray: the same frozen array each time.
func (e *MessageEvent) readPorts(js *webidl.Realm) (goja.Value, error) {
	if e.portsArray == nil {
		list := make([]any, len(e.ports))
		for i, p := range e.ports {
			list[i] = p
		}
		e.portsArray = js.Freeze(js.VM.NewArray(list...))
	}
	return e.portsArray, nil
}

// https://html.spec.whatwg.org/#dom-messageevent-initmessageevent
func (e *MessageEvent) init(js *webidl.Realm, args []goja.Value) (webidl.Undefined, error) {
	at := func(i int) goja.Value {
		if i < len(args) {
			return args[i]
		}
		return goja.Undefined()
	}
	text := func(i int) string {
		if v := at(i); !goja.IsUndefined(v) {
			return v.ToString().String()
		}
		return ""
	}
	typ, bubbles, cancelable := text(0), at(1).ToBoolean(), at(2).ToBoolean()
	data, origin, id := at(3), text(4), text(5)
	if goja.IsUndefined(data) {
		data = nil
	}
	source, err := eventSource.Convert(js, at(6))
	if err != nil {
		return webidl.Undefined{}, err
	}
	var ports []goja.Value
	if v := at(7); !goja.IsUndefined(v) {
		if ports, err = webidl.Sequence(port).Convert(js, v); err != nil {
			return webidl.Undefined{}, err
		}
	}
	if e.dispatching {
		return webidl.Undefined{}, nil
	}
	e.data, e.origin, e.lastEventID, e.source, e.ports, e.portsArray = data, origin, id, source, ports, nil
	return webidl.Undefined{}, initEvent(e, js, typ, bubbles, cancelable)
}
