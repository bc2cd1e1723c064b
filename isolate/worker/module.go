package worker

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/node"
	"github.com/mayfly-edge/mayfly/isolate/webapi/wasm"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// makeModule makes a module that is not part of the script's code.
func (w *Worker) makeModule(js *webidl.Realm, name string) goja.Value {
	if name == "cloudflare:workers" {
		return w.workersModule(js)
	}
	if data, ok := strings.CutPrefix(name, "data:"); ok {
		if b, ok := w.spec.Data[data]; ok {
			return js.ArrayBuffer(append([]byte{}, b...))
		}
	}
	if module, ok := strings.CutPrefix(name, "wasm:"); ok {
		if b, ok := w.spec.Data[module]; ok {
			return newModule(js, b)
		}
	}
	if w.spec.NodeCompat || name == "node:async_hooks" {
		if v, ok := node.Module(js, name); ok {
			return v
		}
	}
	js.Throw(webidl.PlainError("No such module \"%s\".", name))
	return nil
}

// newModule returns the WebAssembly.Module of an uploaded module.
func newModule(js *webidl.Realm, b []byte) goja.Value {
	m, err := wasm.NewModule(js, b)
	if err != nil {
		js.Throw(err)
	}
	return m
}
