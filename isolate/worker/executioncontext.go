package worker

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// ExecutionContext is the ctx of a handler.
// https://developers.cloudflare.com/workers/runtime-apis/context/
var ExecutionContext = &webidl.Class[*executionContext]{
	Name: "ExecutionContext",
	Members: []webidl.Member[*executionContext]{
		webidl.Proc1("waitUntil", (*executionContext).waitUntil, webidl.Any),
		webidl.Proc0("passThroughOnException", (*executionContext).passThroughOnException),
		webidl.ReadOnly("props", (*executionContext).properties),
	},
}

type executionContext struct {
	webidl.Handle
	invocation *isolate.Invocation
	props      *goja.Object
}

func (c *executionContext) waitUntil(js *webidl.Realm, v goja.Value) error {
	c.invocation.WaitUntil(v)
	return nil
}

// passThroughOnException has no effect: there is no origin behind a worker to pass to.
func (c *executionContext) passThroughOnException(*webidl.Realm) error { return nil }

func (c *executionContext) properties(js *webidl.Realm) (*goja.Object, error) {
	if c.props == nil {
		c.props = js.VM.NewObject()
	}
	return c.props, nil
}
