package websocket

import (
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// MaxMessage is the longest message that can be sent, in bytes.
const MaxMessage = 1 << 20

// MaxQueued is how many bytes of messages wait for a slow client before the socket is closed.
const MaxQueued = 16 << 20

// Close codes of https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 that are never sent.
const (
	noStatus = 1005
	abnormal = 1006
)

// The values of readyState.
const (
	connecting = iota
	open
	closing
	closed
)

// WebSocketClass is the WebSocket interface with Workers' accept.
var WebSocketClass = &webidl.Class[*webSocket]{
	Name:    "WebSocket",
	Extends: dom.EventTargetClass,
	Members: []webidl.Member[*webSocket]{
		webidl.Const[*webSocket]("CONNECTING", connecting),
		webidl.Const[*webSocket]("OPEN", open),
		webidl.Const[*webSocket]("CLOSING", closing),
		webidl.Const[*webSocket]("CLOSED", closed),
		webidl.Const[*webSocket]("READY_STATE_CONNECTING", connecting),
		webidl.Const[*webSocket]("READY_STATE_OPEN", open),
		webidl.Const[*webSocket]("READY_STATE_CLOSING", closing),
		webidl.Const[*webSocket]("READY_STATE_CLOSED", closed),
		webidl.ReadOnly("url", func(*webSocket, *webidl.Realm) (goja.Value, error) { return goja.Null(), nil }),
		webidl.ReadOnly("readyState", func(w *webSocket, _ *webidl.Realm) (int, error) { return w.state, nil }),
		webidl.ReadOnly("bufferedAmount", func(*webSocket, *webidl.Realm) (int, error) { return 0, nil }),
		dom.EventHandler[*webSocket]("open"),
		dom.EventHandler[*webSocket]("error"),
		dom.EventHandler[*webSocket]("close"),
		webidl.ReadOnly("extensions", func(*webSocket, *webidl.Realm) (string, error) { return "", nil }),
		webidl.ReadOnly("protocol", func(*webSocket, *webidl.Realm) (string, error) { return "", nil }),
		webidl.Proc2("close", (*webSocket).close, webidl.Optional(webidl.UnsignedShort), webidl.Default(webidl.USVString, "")),
		dom.EventHandler[*webSocket]("message"),
		webidl.Attr("binaryType", webidl.Enum("BinaryType", "arraybuffer", "blob"),
			func(w *webSocket, _ *webidl.Realm) (string, error) { return "arraybuffer", nil },
			func(*webSocket, *webidl.Realm, string) error { return nil }),
		webidl.Proc1("send", (*webSocket).send, messageType),

		// Workers.
		webidl.Proc1("accept", (*webSocket).accept, webidl.OptionalAny),
		webidl.Proc1("serializeAttachment", func(w *webSocket, _ *webidl.Realm, v goja.Value) error {
			w.attachment = v
			return nil
		}, webidl.Any),
		webidl.Op0("deserializeAttachment", func(w *webSocket, _ *webidl.Realm) (goja.Value, error) { return w.attachment, nil }),
	},
}

// A webSocket is one end of a pair.
type webSocket struct {
	dom.EventTarget
	peer       *webSocket
	state      int
	accepted   bool
	sentClose  bool
	gotClose   bool
	waiting    []event // what came before accept
	bridge     *bridge // when this end has been handed over
	invocation *isolate.Invocation
	attachment goja.Value
}

// An event is a message or, if end is set, the close of the other end.
type event struct {
	message outside.Message
	end     *outside.CloseError
}

// Wrap implements dom.Target.
func (w *webSocket) Wrap(js *webidl.Realm) *goja.Object { return WebSocketClass.Wrap(js, w) }

// messageType is (BufferSource or USVString). The bytes are the message's own.
var messageType = webidl.NewType("message", func(js *webidl.Realm, v goja.Value) (outside.Message, error) {
	if b, ok := js.BytesOf(v); ok {
		return outside.Message{Data: append([]byte{}, b...)}, nil
	}
	s, err := webidl.USVString.Convert(js, v)
	return outside.Message{Data: []byte(s), Text: true}, err
})

// accept makes this end the worker's own: from now on its events are fired.
func (w *webSocket) accept(js *webidl.Realm, _ goja.Value) error {
	if w.bridge != nil {
		return webidl.TypeError("Can't accept() WebSocket that was already used in a response.")
	}
	if w.accepted {
		return webidl.TypeError("Can't accept() WebSocket more than once.")
	}
	inv, err := isolate.Need(js)
	if err != nil {
		return err
	}
	w.accepted, w.invocation, w.state = true, inv, open
	waiting := w.waiting
	w.waiting = nil
	for _, e := range waiting {
		w.deliver(js, e)
	}
	return nil
}

// send: https://websockets.spec.whatwg.org/#dom-websocket-send
func (w *webSocket) send(js *webidl.Realm, m outside.Message) error {
	if !w.accepted {
		return webidl.TypeError("You must call accept() on this WebSocket before sending messages.")
	}
	if w.sentClose || w.state == closed {
		return webidl.TypeError("Can't call WebSocket send() after close().")
	}
	if len(m.Data) > MaxMessage {
		return webidl.TypeError("Message of %d bytes is over the limit of %d.", len(m.Data), MaxMessage)
	}
	if b := w.peer.bridge; b != nil {
		return b.push(m)
	}
	w.peer.receive(js, m)
	return nil
}

// close: https://websockets.spec.whatwg.org/#dom-websocket-close
func (w *webSocket) close(js *webidl.Realm, code webidl.Opt[uint16], reason string) error {
	if code.Set && code.Value != 1000 && (code.Value < 3000 || code.Value > 4999) {
		return webidl.DOMError("InvalidAccessError", "Invalid WebSocket close code: %d.", code.Value)
	}
	if len(reason) > 123 {
		return webidl.DOMError("SyntaxError", "WebSocket close reason must not be longer than 123 bytes.")
	}
	if !w.accepted {
		return webidl.TypeError("You must call accept() on this WebSocket before closing it.")
	}
	if w.sentClose || w.state == closed {
		return nil
	}
	w.sentClose = true
	n := noStatus
	if code.Set {
		n = int(code.Value)
	}
	w.state = closing
	end := &outside.CloseError{Code: n, Reason: reason}
	if b := w.peer.bridge; b != nil {
		b.shut(end)
	} else {
		w.peer.closing(js, end)
	}
	if w.gotClose {
		w.state = closed
	}
	return nil
}

// receive takes a message of the other end.
func (w *webSocket) receive(js *webidl.Realm, m outside.Message) { w.deliver(js, event{message: m}) }

// closing takes the close of the other end.
func (w *webSocket) closing(js *webidl.Realm, end *outside.CloseError) {
	w.deliver(js, event{end: end})
}

// deliver fires an event in a turn of its own, once this end is accepted.
func (w *webSocket) deliver(js *webidl.Realm, e event) {
	if !w.accepted {
		w.waiting = append(w.waiting, e)
		return
	}
	w.invocation.Post(func() {
		if w.gotClose {
			return
		}
		w.invocation.Refill()
		if e.end != nil {
			w.ended(js, e.end)
			return
		}
		var data goja.Value
		if e.message.Text {
			data = js.String(string(e.message.Data))
		} else {
			data = js.ArrayBuffer(e.message.Data)
		}
		dom.Dispatch(js, w, dom.NewMessageEvent(js, "message", dom.MessageEventInit{Data: data}))
	})
}

// ended fires close. A close that was not asked for here is answered at once.
func (w *webSocket) ended(js *webidl.Realm, end *outside.CloseError) {
	clean := end.Code != abnormal
	w.gotClose = true
	if !w.sentClose {
		w.sentClose = true
		if b := w.peer.bridge; b != nil {
			b.shut(end)
		} else if clean {
			w.peer.closing(js, end)
		}
	}
	w.state = closed
	if !clean {
		dom.Fire(js, w, "error")
	}
	dom.Dispatch(js, w, dom.NewCloseEvent(js, "close", dom.CloseEventInit{Code: uint16(end.Code), Reason: end.Reason, WasClean: clean}))
}

// TakeSocket implements fetch.Socket: this end goes to the client of a response.
func (w *webSocket) TakeSocket(js *webidl.Realm) (outside.Socket, error) {
	if w.accepted {
		return nil, webidl.TypeError("Can't return WebSocket in a Response after calling accept().")
	}
	if w.bridge != nil {
		return nil, webidl.TypeError("Can't return WebSocket that was already used in a response.")
	}
	inv, err := isolate.Need(js)
	if err != nil {
		return nil, err
	}
	inv.Open()
	w.bridge = newBridge(js, inv, w.peer)
	for _, e := range w.waiting { // sent before the response
		if e.end != nil {
			w.bridge.shut(e.end)
		} else if err := w.bridge.push(e.message); err != nil {
			return nil, err
		}
	}
	w.waiting = nil
	return w.bridge, nil
}

// valid reports whether a text message is UTF-8, which the front end has checked for
// those that come from a client.
func valid(m outside.Message) bool { return !m.Text || utf8.Valid(m.Data) }
