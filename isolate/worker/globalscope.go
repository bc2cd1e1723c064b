package worker

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// WorkerGlobalScope and ServiceWorkerGlobalScope are the interfaces of the global object,
// by which libraries tell where they run: https://w3c.github.io/ServiceWorker/#serviceworkerglobalscope
// Their members are globals like all others.
var (
	WorkerGlobalScope        = &webidl.Class[dom.Target]{Name: "WorkerGlobalScope", Extends: dom.EventTargetClass}
	ServiceWorkerGlobalScope = &webidl.Class[dom.Target]{Name: "ServiceWorkerGlobalScope", Extends: WorkerGlobalScope}
)

// exposeScope is the global of one of the two. The global object inherits from them once a
// script has mentioned either: before that nobody can tell.
func exposeScope(c *webidl.Class[dom.Target]) webidl.Global {
	return webidl.Global{Name: c.Name, Make: func(js *webidl.Realm) goja.Value {
		if err := js.VM.GlobalObject().Prototype().SetPrototype(ServiceWorkerGlobalScope.Prototype(js)); err != nil {
			panic(err) // of an ordinary object without a cycle it cannot fail
		}
		return c.Bind(js)
	}}
}
