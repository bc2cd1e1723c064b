package worker

import (
	"context"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/clone"
	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Fetcher is a service binding. Beside fetch, each name is a method of the entrypoint
// behind it. https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/
var Fetcher = &webidl.Class[*fetcher]{
	Name:    "Fetcher",
	Members: []webidl.Member[*fetcher]{webidl.OpN("fetch", 1, (*fetcher).fetch)},
}

type fetcher struct {
	webidl.Handle
	binding string
	methods map[string]*goja.Object
}

func (f *fetcher) fetch(js *webidl.Realm, args []goja.Value) (*webidl.Promise, error) {
	return fetch.Send(js, args, func(out outside.Outside, ctx context.Context, call *outside.Call, req *outside.Request) (*outside.Response, error) {
		return out.Service(ctx, call, f.binding, req)
	}), nil
}

// NamedProperty implements webidl.Named: a function that calls the method of that name.
func (f *fetcher) NamedProperty(js *webidl.Realm, name string) goja.Value {
	if name == "then" { // awaiting a binding must not call it
		return nil
	}
	if m := f.methods[name]; m != nil {
		return m
	}
	m := js.Function(name, 0, func(call goja.FunctionCall) goja.Value {
		p, err := f.call(js, name, call.Arguments)
		if err != nil {
			p = webidl.Rejected(js, err)
		}
		return p.Value()
	})
	if f.methods == nil {
		f.methods = map[string]*goja.Object{}
	}
	f.methods[name] = m
	return m
}

// call calls a method of the entrypoint behind the binding. Arguments and result are
// structured clones.
func (f *fetcher) call(js *webidl.Realm, method string, args []goja.Value) (*webidl.Promise, error) {
	inv, err := isolate.Need(js)
	if err != nil {
		return nil, err
	}
	if err := inv.Subrequest(); err != nil {
		return nil, err
	}
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a
	}
	data, err := clone.Serialize(js, js.VM.NewArray(list...))
	if err != nil {
		return nil, err
	}
	out, call := inv.Outside(), inv.Call()
	return webidl.Await(js, func(ctx context.Context) ([]byte, error) {
		return out.RPC(ctx, call, f.binding, method, data)
	}, clone.Deserialize), nil
}
