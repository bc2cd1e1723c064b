package messaging

import (
	"errors"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/clone"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

type messagePort struct {
	dom.EventTarget
	end     *end // nil once transferred
	started bool // its port message queue is enabled
}

// MessagePort tells other packages that this is one.
func (*messagePort) MessagePort() {}

// Wrap implements dom.Target.
func (p *messagePort) Wrap(js *webidl.Realm) *goja.Object { return MessagePort.Wrap(js, p) }

// MessagePort is the MessagePort interface: https://html.spec.whatwg.org/#message-ports
var MessagePort = &webidl.Class[*messagePort]{
	Name:    "MessagePort",
	Extends: dom.EventTargetClass,
	Members: []webidl.Member[*messagePort]{
		webidl.Proc2("postMessage", (*messagePort).postMessage, webidl.Any, transferOptions),
		webidl.Proc0("start", func(p *messagePort, js *webidl.Realm) error { p.start(js); return nil }),
		webidl.Proc0("close", (*messagePort).close),
		// The first time onmessage is set the port starts, as though start had been called.
		dom.EventHandlerThen("message", (*messagePort).start),
		dom.EventHandler[*messagePort]("messageerror"),
	},
}

// transferOptions is the second argument in both of its forms: sequence<object> and
// StructuredSerializeOptions.
var transferOptions = webidl.Default(webidl.NewType("StructuredSerializeOptions", func(js *webidl.Realm, v goja.Value) ([]goja.Value, error) {
	if o, ok := v.(*goja.Object); ok {
		if iterate := o.GetSymbol(goja.SymIterator); iterate != nil && !goja.IsUndefined(iterate) && !goja.IsNull(iterate) {
			return webidl.Sequence(webidl.Any).Convert(js, v)
		}
	}
	return clone.Options.Convert(js, v)
}), nil)

// https://html.spec.whatwg.org/#dom-messageport-postmessage
func (p *messagePort) postMessage(js *webidl.Realm, message goja.Value, transfer []goja.Value) error {
	doomed := false
	for _, v := range transfer {
		t, ok := webidl.As[*messagePort](v)
		if !ok {
			continue
		}
		// 2. If transfer contains this, then throw.
		if t == p {
			return webidl.DOMError("DataCloneError", "Port at index 0 contains the source port.")
		}
		// 4. A message that takes its own target along never arrives.
		doomed = doomed || p.end != nil && t.end == p.end.peer
	}
	// 5. Serialize.
	m, err := clone.Write(js, message, transfer)
	if err != nil {
		return err
	}
	// 6. If there is no target, or it is doomed, then return.
	if p.end == nil || doomed {
		return nil
	}
	// 7. Add the message to the target's queue.
	p.end.send(js, m)
	return nil
}

// https://html.spec.whatwg.org/#dom-messageport-start
func (p *messagePort) start(js *webidl.Realm) {
	if p.started {
		return
	}
	p.started = true
	if p.end != nil {
		for range p.end.queue {
			p.end.schedule(js)
		}
	}
}

// https://html.spec.whatwg.org/#dom-messageport-close: what is under way still arrives.
func (p *messagePort) close(*webidl.Realm) error {
	if p.end != nil {
		p.end.closed = true
	}
	return nil
}

// Transferable implements clone.Transferable.
func (p *messagePort) Transferable() error {
	if p.end == nil || p.end.closed {
		return errors.New("A MessagePort could not be cloned because it was already detached.")
	}
	return nil
}

// Transfer implements clone.Transferable:
// https://html.spec.whatwg.org/#message-ports:transfer-steps
func (p *messagePort) Transfer(*webidl.Realm) (func(*webidl.Realm) (*goja.Object, error), error) {
	e := p.end
	p.end, e.port = nil, nil
	return func(js *webidl.Realm) (*goja.Object, error) {
		q := &messagePort{end: e}
		e.port = q
		return dom.Target(q).Wrap(js), nil
	}, nil
}
