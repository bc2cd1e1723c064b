package worker

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webapi/kvnamespace"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// environment returns env, made when first needed.
func (w *Worker) environment(js *webidl.Realm) *goja.Object {
	if w.env == nil {
		w.env = js.VM.NewObject()
		for _, b := range w.spec.Bindings {
			v := w.binding(js, b)
			if err := w.env.DefineDataProperty(b.Name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE); err != nil {
				panic(err)
			}
		}
	}
	return w.env
}

// bindGlobals makes the bindings globals, as they are in a service-worker script.
func (w *Worker) bindGlobals(js *webidl.Realm) {
	for _, b := range w.spec.Bindings {
		if err := js.VM.GlobalObject().Set(b.Name, w.binding(js, b)); err != nil {
			panic(err)
		}
	}
}

// binding returns the value of one property of env.
func (w *Worker) binding(js *webidl.Realm, b Binding) goja.Value {
	switch b.Kind {
	case KVNamespace:
		return kvnamespace.New(js, b.Name)
	case Service:
		return Fetcher.Wrap(js, &fetcher{binding: b.Name})
	case JSON:
		v, err := fetch.ParseJSON(js, b.Value)
		if err != nil {
			panic(js.ErrorValue(err))
		}
		return v
	case Data:
		return js.ArrayBuffer(append([]byte{}, b.Value...))
	case Wasm:
		return newModule(js, b.Value)
	case VersionMetadata:
		o := js.VM.NewObject()
		for _, p := range []struct{ name, value string }{
			{"id", w.spec.Version}, {"tag", w.spec.Tag}, {"timestamp", w.spec.Created},
		} {
			if err := o.Set(p.name, p.value); err != nil {
				panic(err)
			}
		}
		return o
	}
	return js.String(string(b.Value))
}

// variables are the bindings that are text, which process.env shows.
func (w *Worker) variables() map[string]string {
	list := map[string]string{}
	for _, b := range w.spec.Bindings {
		if b.Kind == Text || b.Kind == JSON {
			list[b.Name] = string(b.Value)
		}
	}
	return list
}
