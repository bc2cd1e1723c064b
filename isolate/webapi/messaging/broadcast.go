package messaging

import (
	"slices"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/clone"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// broadcastChannel reaches the channels of its name in its own isolate. No other can be
// meant: isolates share nothing, and a request may be served by any.
type broadcastChannel struct {
	dom.EventTarget
	name   string
	closed bool
}

// Wrap implements dom.Target.
func (c *broadcastChannel) Wrap(js *webidl.Realm) *goja.Object { return BroadcastChannel.Wrap(js, c) }

// channels are the open channels of a realm in the order of their creation.
type channels struct{ open []*broadcastChannel }

var channelsSlot channels

func channelsOf(js *webidl.Realm) *channels {
	return webidl.Slot(js, &channelsSlot, func() *channels { return &channels{} })
}

// BroadcastChannel is the BroadcastChannel interface: https://html.spec.whatwg.org/#broadcasting-to-other-browsing-contexts
var BroadcastChannel = &webidl.Class[*broadcastChannel]{
	Name:    "BroadcastChannel",
	Extends: dom.EventTargetClass,
	Constructor: webidl.New1(func(js *webidl.Realm, name string) (*broadcastChannel, error) {
		c := &broadcastChannel{name: name}
		all := channelsOf(js)
		all.open = append(all.open, c)
		return c, nil
	}, webidl.DOMString),
	Members: []webidl.Member[*broadcastChannel]{
		webidl.ReadOnly("name", func(c *broadcastChannel, _ *webidl.Realm) (string, error) { return c.name, nil }),
		webidl.Proc1("postMessage", (*broadcastChannel).postMessage, webidl.Any),
		webidl.Proc0("close", (*broadcastChannel).close),
		dom.EventHandler[*broadcastChannel]("message"),
		dom.EventHandler[*broadcastChannel]("messageerror"),
	},
}

// https://html.spec.whatwg.org/#dom-broadcastchannel-postmessage
func (c *broadcastChannel) postMessage(js *webidl.Realm, message goja.Value) error {
	// 2. If this's closed flag is true, then throw an "InvalidStateError" DOMException.
	if c.closed {
		return webidl.DOMError("InvalidStateError", "Channel is closed")
	}
	// 3. Serialize.
	m, err := clone.Write(js, message, nil)
	if err != nil {
		return err
	}
	// 6-9. Each other channel of the name gets the message in a task of its own.
	for _, d := range channelsOf(js).open {
		if d != c && d.name == c.name {
			js.Loop.Post(js.Task(func() { d.receive(js, m) }))
		}
	}
	return nil
}

// receive is the task of step 10, for one destination.
func (c *broadcastChannel) receive(js *webidl.Realm, m *clone.Message) {
	if c.closed {
		return
	}
	deliver(js, c, m)
}

// https://html.spec.whatwg.org/#dom-broadcastchannel-close
func (c *broadcastChannel) close(js *webidl.Realm) error {
	c.closed = true
	all := channelsOf(js)
	all.open = slices.DeleteFunc(all.open, func(d *broadcastChannel) bool { return d == c })
	return nil
}
