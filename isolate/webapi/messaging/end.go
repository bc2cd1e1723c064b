package messaging

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/clone"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// An end is one end of a channel. Transferring a port leaves the end where it is and
// gives it another port.
type end struct {
	peer   *end
	port   *messagePort // nil while in a message
	queue  []*clone.Message
	closed bool
}

// send queues m at the other end.
func (e *end) send(js *webidl.Realm, m *clone.Message) {
	if e.closed || e.peer.closed {
		return
	}
	e.peer.queue = append(e.peer.queue, m)
	if p := e.peer.port; p != nil && p.started {
		e.peer.schedule(js)
	}
}

// schedule makes a turn that delivers the next message.
func (e *end) schedule(js *webidl.Realm) {
	js.Loop.Post(js.Task(func() { e.deliver(js) }))
}

// deliver is the task of https://html.spec.whatwg.org/#message-port-post-message-steps
func (e *end) deliver(js *webidl.Realm) {
	if e.port == nil || !e.port.started || len(e.queue) == 0 {
		return
	}
	m, target := e.queue[0], e.port
	e.queue = e.queue[1:]
	deliver(js, target, m)
}

// deliver reads a message and fires it at its target.
func deliver(js *webidl.Realm, target dom.Target, m *clone.Message) {
	// 7.3. Read the message; on an exception fire messageerror.
	var data goja.Value
	var transferred []goja.Value
	var err error
	if failure := js.Catch(func() { data, transferred, err = m.Read(js) }); failure != nil {
		err = failure
	}
	if err != nil {
		if webidl.Interrupted(err) {
			panic(err)
		}
		dom.Dispatch(js, target, dom.NewMessageEvent(js, "messageerror", dom.MessageEventInit{}))
		return
	}
	// 7.5. The ports among what was transferred, in order.
	var ports []goja.Value
	for _, v := range transferred {
		if _, ok := webidl.As[*messagePort](v); ok {
			ports = append(ports, v)
		}
	}
	// 7.6. Fire message.
	dom.Dispatch(js, target, dom.NewMessageEvent(js, "message", dom.MessageEventInit{Data: data, Ports: ports}))
}
