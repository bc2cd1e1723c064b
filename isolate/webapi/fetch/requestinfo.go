package fetch

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// RequestInfo is (Request or USVString): https://fetch.spec.whatwg.org/#requestinfo
// A string becomes a new Request.
var RequestInfo = webidl.NewType("RequestInfo", func(js *webidl.Realm, v goja.Value) (*Request, error) {
	if r, ok := webidl.As[*Request](v); ok {
		return r, nil
	}
	return newRequest(js, v, goja.Undefined())
})

// Head returns the request without its body, which stays unused.
func (r *Request) Head(js *webidl.Realm) (*outside.Request, error) {
	target, _, _ := strings.Cut(r.url, "#")
	return &outside.Request{Method: r.method, URL: target, Header: sent(&r.list, r.headers), Redirect: or(r.init.redirect, outside.RedirectFollow), CF: r.cfText}, nil
}
