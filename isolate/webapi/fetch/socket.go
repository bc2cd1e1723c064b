package fetch

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// closeAbnormal gives a WebSocket up: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
const closeAbnormal = 1006

// A Socket is a WebSocket object whose other end can be handed over.
type Socket interface {
	TakeSocket(js *webidl.Realm) (outside.Socket, error)
}

// A SocketMaker makes the WebSocket object of the response to a fetch of inv's; res.Socket
// is its own from now on.
type SocketMaker func(js *webidl.Realm, inv *isolate.Invocation, res *outside.Response) *goja.Object

var socketSlot byte // its address is the key

// UseSockets sets how the realm's responses show their WebSockets. Without it they show none.
func UseSockets(js *webidl.Realm, wrap SocketMaker) {
	webidl.Slot(js, &socketSlot, func() SocketMaker { return wrap })
}

func wrapSocket(js *webidl.Realm, inv *isolate.Invocation, res *outside.Response) goja.Value {
	wrap := webidl.Slot(js, &socketSlot, func() SocketMaker { return nil })
	if wrap == nil {
		_ = res.Socket.Close(closeAbnormal, "")
		return goja.Null()
	}
	return wrap(js, inv, res)
}
