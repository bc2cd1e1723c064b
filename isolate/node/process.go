package node

import (
	"maps"
	"slices"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/hrtime"
)

// processFunctions are the natives of node:process.
var processFunctions = []function{
	{"env", 0, func(n *realm, _ goja.Value, _ []goja.Value) (goja.Value, error) {
		o := n.js.VM.NewObject()
		env := n.environment()
		for _, name := range slices.Sorted(maps.Keys(env)) {
			must(o.DefineDataProperty(name, n.js.String(env[name]), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
		}
		return o, nil
	}},
	{"now", 0, func(n *realm, _ goja.Value, _ []goja.Value) (goja.Value, error) {
		return n.js.VM.ToValue(hrtime.Now(n.js)), nil
	}},
}
