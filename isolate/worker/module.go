package worker

import (
	"strings"

	"github.com/dop251/goja"

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
	js.Throw(webidl.PlainError("No such module \"%s\".", name))
	return nil
}
