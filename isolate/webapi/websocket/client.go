package websocket

import (
	"context"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webapi/mimesniff"
	"github.com/mayfly-edge/mayfly/isolate/webapi/url"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Install has the responses of fetch show their WebSockets as objects of WebSocketClass.
func Install(js *webidl.Realm) {
	fetch.UseSockets(js, func(js *webidl.Realm, inv *isolate.Invocation, res *outside.Response) *goja.Object {
		w := newWebSocket()
		w.protocol = chosen(res)
		w.line = newLine(inv, res.Socket)
		return w.Wrap(js)
	})
}

func chosen(res *outside.Response) string {
	for _, f := range res.Header {
		if f.Name == "sec-websocket-protocol" {
			return f.Value
		}
	}
	return ""
}

// protocols is (DOMString or sequence<DOMString>).
var protocols = webidl.NewType("protocols", func(js *webidl.Realm, v goja.Value) ([]string, error) {
	if _, ok := v.(*goja.Object); ok {
		return webidl.Sequence(webidl.DOMString).Convert(js, v)
	}
	s, err := webidl.DOMString.Convert(js, v)
	return []string{s}, err
})

// newClient: https://websockets.spec.whatwg.org/#dom-websocket-websocket
func newClient(js *webidl.Realm, target string, offered []string) (*webSocket, error) {
	// 1-2. A worker has no base URL.
	u, err := url.Parse(target, nil)
	if err != nil {
		return nil, webidl.DOMError("SyntaxError", "WebSocket Constructor: the url is invalid: %s", target)
	}
	// 3-4.
	scheme, rest, _ := strings.Cut(u.Href(), ":")
	switch scheme {
	case "http":
		scheme = "ws"
	case "https":
		scheme = "wss"
	case "ws", "wss":
	// 5.
	default:
		return nil, webidl.DOMError("SyntaxError", "WebSocket Constructor: The url scheme must be ws, wss, http or https, not %s.", scheme)
	}
	// 6.
	if strings.Contains(rest, "#") {
		return nil, webidl.DOMError("SyntaxError", "WebSocket Constructor: The url fragment must be empty.")
	}
	// 7-8.
	seen := map[string]bool{}
	for _, p := range offered {
		if !mimesniff.IsToken(p) {
			return nil, webidl.DOMError("SyntaxError", "WebSocket Constructor: The protocol header token is invalid: %q.", p)
		}
		low := strings.ToLower(p)
		if seen[low] {
			return nil, webidl.DOMError("SyntaxError", "WebSocket Constructor: The protocol %q is given twice.", p)
		}
		seen[low] = true
	}
	inv, err := isolate.Need(js)
	if err != nil {
		return nil, err
	}
	if err := inv.Subrequest(); err != nil {
		return nil, err
	}
	w := newWebSocket()
	w.url = js.String(scheme + ":" + rest)
	w.accepted, w.standard, w.invocation, w.binaryType = true, true, inv, "blob"
	return w, w.connect(js, "http"+scheme[2:]+":"+rest, offered)
}

// connect: https://websockets.spec.whatwg.org/#concept-websocket-establish
func (w *webSocket) connect(js *webidl.Realm, target string, offered []string) error {
	req := &outside.Request{
		Method: "GET", URL: target, Redirect: outside.RedirectError,
		Header: []outside.Field{{Name: "upgrade", Value: "websocket"}},
	}
	if len(offered) > 0 {
		req.Header = append(req.Header, outside.Field{Name: "sec-websocket-protocol", Value: strings.Join(offered, ", ")})
	}
	inv := w.invocation
	out, call := inv.Outside(), inv.Call()
	ctx, cancel := context.WithCancel(inv.Context())
	w.cancel = cancel
	return js.Go(func(context.Context) func() {
		res, err := out.Fetch(ctx, call, req)
		return func() { w.connected(js, res, err) }
	}, func(error) { w.ended(js, &outside.CloseError{Code: abnormal}) })
}

// connected is the turn in which the server has answered.
func (w *webSocket) connected(js *webidl.Realm, res *outside.Response, err error) {
	if err == nil && res.Socket == nil {
		res.Body.Close()
	}
	if err == nil && res.Socket != nil {
		w.line = newLine(w.invocation, res.Socket)
		if w.state == connecting {
			if err = w.line.start(js, w); err == nil {
				w.state, w.protocol = open, chosen(res)
				dom.Fire(js, w, "open")
				return
			}
		}
		w.line.drop()
	}
	w.cancel()
	w.ended(js, &outside.CloseError{Code: abnormal})
}
