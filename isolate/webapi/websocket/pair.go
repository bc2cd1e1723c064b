package websocket

import (
	"strconv"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// PairClass is Workers' WebSocketPair: an object with the two ends as its properties 0 and 1.
var PairClass = &webidl.Class[*pair]{
	Name:        "WebSocketPair",
	Constructor: webidl.New0(newPair),
}

type pair struct{ webidl.Handle }

func newPair(js *webidl.Realm) (*pair, error) {
	a, b := newWebSocket(), newWebSocket()
	a.peer, b.peer = b, a
	a.state, b.state = open, open // of a pair neither end has to connect
	p := &pair{}
	o := webidl.ObjectOf(js, p)
	for i, end := range []*webSocket{a, b} {
		if err := o.Set(strconv.Itoa(i), end.Wrap(js)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Wrap implements webidl.Wrapper.
func (p *pair) Wrap(js *webidl.Realm) *goja.Object { return PairClass.Wrap(js, p) }

// Globals is what the package puts in the global scope.
var Globals = []webidl.Global{webidl.Expose(WebSocketClass), webidl.Expose(PairClass)}
