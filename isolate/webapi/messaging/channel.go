package messaging

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Globals are the names that the package puts in the global scope.
var Globals = []webidl.Global{webidl.Expose(MessageChannel), webidl.Expose(MessagePort), webidl.Expose(BroadcastChannel)}

type messageChannel struct {
	webidl.Handle
	port1, port2 *messagePort
}

// MessageChannel is the MessageChannel interface: https://html.spec.whatwg.org/#message-channels
var MessageChannel = &webidl.Class[*messageChannel]{
	Name: "MessageChannel",
	Constructor: webidl.New0(func(*webidl.Realm) (*messageChannel, error) {
		a, b := &end{}, &end{}
		a.peer, b.peer = b, a
		c := &messageChannel{port1: &messagePort{end: a}, port2: &messagePort{end: b}}
		a.port, b.port = c.port1, c.port2
		return c, nil
	}),
	Members: []webidl.Member[*messageChannel]{
		webidl.ReadOnly("port1", func(c *messageChannel, js *webidl.Realm) (*goja.Object, error) { return c.port1.Wrap(js), nil }),
		webidl.ReadOnly("port2", func(c *messageChannel, js *webidl.Realm) (*goja.Object, error) { return c.port2.Wrap(js), nil }),
	},
}
