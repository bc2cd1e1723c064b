package worker

import (
	"slices"

	"github.com/mayfly-edge/mayfly/isolate/ecma"
	"github.com/mayfly-edge/mayfly/isolate/node"
	"github.com/mayfly-edge/mayfly/isolate/webapi/cache"
	"github.com/mayfly-edge/mayfly/isolate/webapi/clone"
	"github.com/mayfly-edge/mayfly/isolate/webapi/compression"
	"github.com/mayfly-edge/mayfly/isolate/webapi/console"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/encoding"
	"github.com/mayfly-edge/mayfly/isolate/webapi/eventsource"
	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webapi/file"
	"github.com/mayfly-edge/mayfly/isolate/webapi/htmlrewriter"
	"github.com/mayfly-edge/mayfly/isolate/webapi/kvnamespace"
	"github.com/mayfly-edge/mayfly/isolate/webapi/messaging"
	"github.com/mayfly-edge/mayfly/isolate/webapi/performance"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webapi/timers"
	"github.com/mayfly-edge/mayfly/isolate/webapi/url"
	"github.com/mayfly-edge/mayfly/isolate/webapi/wasm"
	"github.com/mayfly-edge/mayfly/isolate/webapi/webcrypto"
	"github.com/mayfly-edge/mayfly/isolate/webapi/websocket"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// lists are the names of the global scope of every worker.
var lists = [][]webidl.Global{
	ecma.Globals,
	dom.Globals,
	messaging.Globals,
	performance.Globals,
	console.Globals,
	timers.Globals,
	clone.Globals,
	streams.Globals,
	encoding.Globals,
	compression.Globals,
	file.Globals,
	url.Globals,
	fetch.Globals,
	cache.Globals,
	htmlrewriter.Globals,
	websocket.Globals,
	eventsource.Globals,
	webcrypto.Globals,
	wasm.Globals,
	[]webidl.Global{
		webidl.Expose(kvnamespace.Class),
		webidl.Expose(ExecutionContext),
		webidl.Expose(ExtendableEvent),
		webidl.Expose(FetchEvent),
		webidl.Expose(ScheduledEvent),
		webidl.Expose(ScheduledController),
		webidl.Expose(Fetcher),
		exposeScope(WorkerGlobalScope),
		exposeScope(ServiceWorkerGlobalScope),
	},
}

// The global scopes of workers without and with Node.js compatibility.
var (
	standard = webidl.NewGlobals(lists...)
	withNode = webidl.NewGlobals(append(slices.Clip(lists), node.Globals)...)
)

func globals(spec *Spec) *webidl.Globals {
	if spec.NodeCompat {
		return withNode
	}
	return standard
}
