package websocket

import (
	"context"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/file"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// MaxMessage is the longest message that can be sent, in bytes.
const MaxMessage = 1 << 20

// MaxQueued is how many bytes of messages wait for a slow client or server before the
// socket is closed.
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

// WebSocketClass is the WebSocket interface, https://websockets.spec.whatwg.org/#the-websocket-interface,
// with Workers' accept. The sockets of pairs and of responses give binary messages as
// ArrayBuffers unless told otherwise, as on Workers.
var WebSocketClass = &webidl.Class[*webSocket]{
	Name:        "WebSocket",
	Extends:     dom.EventTargetClass,
	Constructor: webidl.New2(newClient, webidl.USVString, webidl.Default(protocols, nil)),
	Members: []webidl.Member[*webSocket]{
		webidl.Const[*webSocket]("CONNECTING", connecting),
		webidl.Const[*webSocket]("OPEN", open),
		webidl.Const[*webSocket]("CLOSING", closing),
		webidl.Const[*webSocket]("CLOSED", closed),
		webidl.Const[*webSocket]("READY_STATE_CONNECTING", connecting),
		webidl.Const[*webSocket]("READY_STATE_OPEN", open),
		webidl.Const[*webSocket]("READY_STATE_CLOSING", closing),
		webidl.Const[*webSocket]("READY_STATE_CLOSED", closed),
		webidl.ReadOnly("url", func(w *webSocket, _ *webidl.Realm) (goja.Value, error) { return w.url, nil }),
		webidl.ReadOnly("readyState", func(w *webSocket, _ *webidl.Realm) (int, error) { return w.state, nil }),
		webidl.ReadOnly("bufferedAmount", func(w *webSocket, _ *webidl.Realm) (int, error) { return w.buffered(), nil }),
		dom.EventHandler[*webSocket]("open"),
		dom.EventHandler[*webSocket]("error"),
		dom.EventHandler[*webSocket]("close"),
		webidl.ReadOnly("extensions", func(*webSocket, *webidl.Realm) (string, error) { return "", nil }),
		webidl.ReadOnly("protocol", func(w *webSocket, _ *webidl.Realm) (string, error) { return w.protocol, nil }),
		webidl.Proc2("close", (*webSocket).close, webidl.Optional(webidl.UnsignedShort), webidl.Default(webidl.USVString, "")),
		dom.EventHandler[*webSocket]("message"),
		webidl.Attr("binaryType", webidl.Enum("BinaryType", "arraybuffer", "blob"),
			func(w *webSocket, _ *webidl.Realm) (string, error) { return w.binaryType, nil },
			func(w *webSocket, _ *webidl.Realm, kind string) error {
				w.binaryType = kind
				return nil
			}),
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

// A webSocket is an end of a pair, whose other end is peer or, when that has been handed
// over, a client; or it is an end of a line.
type webSocket struct {
	dom.EventTarget
	peer *webSocket
	line *line

	url        goja.Value // null but for one that the script has opened
	protocol   string
	binaryType string
	standard   bool               // opened by the script: it needs no accept
	cancel     context.CancelFunc // of the opening of such a one
	state      int
	accepted   bool
	used       bool // handed over
	sentClose  bool
	gotClose   bool
	lost       int     // bytes sent after the end
	waiting    []event // what came before accept
	bridge     *bridge // when this end of a pair has been handed over
	invocation *isolate.Invocation
	attachment goja.Value
}

func newWebSocket() *webSocket {
	return &webSocket{url: goja.Null(), attachment: goja.Null(), binaryType: "arraybuffer"}
}

// An event is a message or, if end is set, the close of the other end.
type event struct {
	message outside.Message
	end     *outside.CloseError
	refill  bool // of the CPU limit: it comes from a client
}

// Wrap implements dom.Target.
func (w *webSocket) Wrap(js *webidl.Realm) *goja.Object { return WebSocketClass.Wrap(js, w) }

// messageType is (BufferSource or Blob or USVString). The bytes are the message's own.
var messageType = webidl.NewType("message", func(js *webidl.Realm, v goja.Value) (outside.Message, error) {
	if b, ok := js.BytesOf(v); ok {
		return outside.Message{Data: append([]byte{}, b...)}, nil
	}
	if b, ok := webidl.As[*file.Blob](v); ok {
		return outside.Message{Data: b.Bytes()}, nil
	}
	s, err := webidl.USVString.Convert(js, v)
	return outside.Message{Data: []byte(s), Text: true}, err
})

// accept makes this end the worker's own: from now on its events are fired.
func (w *webSocket) accept(js *webidl.Realm, _ goja.Value) error {
	if w.used {
		return webidl.TypeError("Can't accept() WebSocket that was already used in a response.")
	}
	if w.accepted {
		return webidl.TypeError("Can't accept() WebSocket more than once.")
	}
	inv, err := isolate.Need(js)
	if err != nil {
		return err
	}
	if w.line != nil {
		if err := w.line.start(js, w); err != nil {
			return err
		}
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
	switch {
	case w.standard && w.state == connecting:
		return webidl.DOMError("InvalidStateError", "The WebSocket is not open yet: wait for its open event before sending.")
	case w.standard && w.state != open:
		w.lost += len(m.Data)
		return nil
	case !w.accepted:
		return webidl.TypeError("You must call accept() on this WebSocket before sending messages.")
	case w.sentClose, w.state == closed:
		return webidl.TypeError("Can't call WebSocket send() after close().")
	case len(m.Data) > MaxMessage:
		return webidl.TypeError("Message of %d bytes is over the limit of %d.", len(m.Data), MaxMessage)
	case w.line != nil:
		w.line.send(m)
	case w.peer.bridge != nil:
		w.peer.bridge.send(m)
	default:
		w.peer.deliver(js, event{message: m})
	}
	return nil
}

// buffered: https://websockets.spec.whatwg.org/#dom-websocket-bufferedamount
func (w *webSocket) buffered() int {
	switch {
	case w.line != nil:
		return w.lost + w.line.buffered()
	case w.peer != nil && w.peer.bridge != nil:
		return w.peer.bridge.buffered()
	}
	return w.lost
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
	if w.standard && w.state == connecting {
		w.state = closing
		w.cancel() // its end fires error and close
		return nil
	}
	n := noStatus
	if code.Set {
		n = int(code.Value)
	} else if reason != "" {
		n = 1000
	}
	w.state = closing
	w.sayClose(js, &outside.CloseError{Code: n, Reason: reason})
	if w.gotClose {
		w.state = closed
	}
	return nil
}

// sayClose tells the other end that this one has closed, or answers its close.
func (w *webSocket) sayClose(js *webidl.Realm, end *outside.CloseError) {
	switch {
	case w.line != nil:
		w.line.shut(end)
	case w.peer == nil: // never connected
	case w.peer.bridge != nil:
		w.peer.bridge.shut(end)
	case end.Code != abnormal:
		w.peer.deliver(js, event{end: end})
	}
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
		if e.refill {
			w.invocation.Refill()
		}
		if e.end != nil {
			w.ended(js, e.end)
			return
		}
		w.message(js, e.message)
	})
}

// message: https://websockets.spec.whatwg.org/#feedback-from-the-protocol
func (w *webSocket) message(js *webidl.Realm, m outside.Message) {
	var data goja.Value
	switch {
	case w.standard && w.state != open:
		return
	case m.Text:
		data = js.String(string(m.Data))
	case w.binaryType == "blob":
		data = webidl.ObjectOf(js, file.NewBlob(m.Data, ""))
	default:
		data = js.ArrayBuffer(m.Data)
	}
	dom.Dispatch(js, w, dom.NewMessageEvent(js, "message", dom.MessageEventInit{Data: data}))
}

// ended fires close. A close that was not asked for here is answered at once.
func (w *webSocket) ended(js *webidl.Realm, end *outside.CloseError) {
	clean := end.Code != abnormal
	w.gotClose = true
	if !w.sentClose || w.line != nil {
		w.sentClose = true
		w.sayClose(js, end)
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
	if w.used {
		return nil, webidl.TypeError("Can't return WebSocket that was already used in a response.")
	}
	inv, err := isolate.Need(js)
	if err != nil {
		return nil, err
	}
	w.used = true
	if w.line != nil {
		return w.line.pass(), nil
	}
	inv.Open()
	w.bridge = newBridge(js, inv, w.peer)
	for _, e := range w.waiting { // sent before the response
		if e.end != nil {
			w.bridge.shut(e.end)
		} else {
			w.bridge.send(e.message)
		}
	}
	w.waiting = nil
	return w.bridge, nil
}

// valid reports whether a text message is UTF-8, which the front end has checked for
// those that come from a client.
func valid(m outside.Message) bool { return !m.Text || utf8.Valid(m.Data) }
