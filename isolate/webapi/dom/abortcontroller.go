package dom

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// AbortController aborts the operations that watch its signal.
type AbortController struct {
	webidl.Handle
	signal *AbortSignal
}

// NewAbortController returns a controller with a signal that is not aborted.
func NewAbortController(js *webidl.Realm) *AbortController {
	return &AbortController{signal: &AbortSignal{}}
}

// Signal returns the controller's signal.
func (c *AbortController) Signal() *AbortSignal { return c.signal }

// Abort aborts the signal; a nil or undefined reason becomes an AbortError.
func (c *AbortController) Abort(js *webidl.Realm, reason goja.Value) { c.signal.abort(js, reason) }

// AbortControllerClass is the AbortController interface: https://dom.spec.whatwg.org/#interface-abortcontroller
var AbortControllerClass = &webidl.Class[*AbortController]{
	Name:        "AbortController",
	Constructor: webidl.New0(func(js *webidl.Realm) (*AbortController, error) { return NewAbortController(js), nil }),
	Members: []webidl.Member[*AbortController]{
		webidl.ReadOnly("signal", func(c *AbortController, js *webidl.Realm) (*goja.Object, error) {
			return c.signal.Wrap(js), nil
		}),
		webidl.Proc1("abort", func(c *AbortController, js *webidl.Realm, reason goja.Value) error {
			c.Abort(js, reason)
			return nil
		}, webidl.OptionalAny),
	},
}
