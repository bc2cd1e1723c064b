package node

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// asyncIDs numbers a realm's resources.
type asyncIDs struct{ last int }

var asyncIDSlot asyncIDs // its address is the key

// asyncResource is https://nodejs.org/api/async_context.html#class-asyncresource
type asyncResource struct {
	webidl.Handle
	context *webidl.AsyncContext
	id      int
}

// AsyncResource is the class of that name of node:async_hooks.
var AsyncResource = &webidl.Class[*asyncResource]{
	Name:        "AsyncResource",
	Constructor: webidl.New2(newAsyncResource, webidl.OptionalAny, webidl.OptionalAny),
	Members: []webidl.Member[*asyncResource]{
		webidl.OpN("runInAsyncScope", 0, (*asyncResource).run),
		webidl.Op2("bind", (*asyncResource).bind, webidl.OptionalAny, webidl.OptionalAny),
		webidl.Op0("emitDestroy", func(r *asyncResource, _ *webidl.Realm) (*goja.Object, error) { return r.Object(), nil }),
		webidl.Op0("asyncId", func(r *asyncResource, _ *webidl.Realm) (int, error) { return r.id, nil }),
		webidl.Op0("triggerAsyncId", func(*asyncResource, *webidl.Realm) (int, error) { return 0, nil }),
		// https://nodejs.org/api/async_context.html#static-method-asyncresourcebindfn-type-thisarg
		staticBind,
	},
}

var staticBind = webidl.Static1[*asyncResource]("bind", bindContext, webidl.OptionalAny)

func newAsyncResource(js *webidl.Realm, kind, _ goja.Value) (*asyncResource, error) {
	if _, ok := isString(kind); !ok {
		return nil, argType(js, "type", "of type string", kind)
	}
	ids := webidl.Slot(js, &asyncIDSlot, func() *asyncIDs { return &asyncIDs{} })
	ids.last++
	return &asyncResource{context: js.Context(), id: ids.last + 1}, nil
}

func (r *asyncResource) run(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
	f, ok := goja.AssertFunction(arg(args, 0))
	if !ok {
		return nil, argType(js, "fn", "of type function", arg(args, 0))
	}
	return runIn(js, r.context, f, arg(args, 1), args[min(2, len(args)):]), nil
}

func (r *asyncResource) bind(js *webidl.Realm, f, this goja.Value) (goja.Value, error) {
	call, ok := goja.AssertFunction(f)
	if !ok {
		return nil, argType(js, "fn", "of type function", f)
	}
	if goja.IsUndefined(this) {
		this = nil
	}
	var bound goja.Value
	js.Run(r.context, func() { bound = within(js, "bound "+functionName(f), call, this) })
	return bound, nil
}

// asyncHooks makes node:async_hooks. Hooks are never called: what they report does not
// exist here.
func (n *realm) asyncHooks() *goja.Object {
	o := n.js.VM.NewObject()
	must(o.Set("AsyncLocalStorage", AsyncLocalStorage.Bind(n.js)))
	must(o.Set("AsyncResource", AsyncResource.Bind(n.js)))
	must(o.Set("asyncWrapProviders", n.js.VM.NewObject()))
	n.define(o, []function{
		{"createHook", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
			if _, ok := arg(args, 0).(*goja.Object); !ok {
				return nil, argType(n.js, "callbacks", "of type object", arg(args, 0))
			}
			hook := n.js.VM.NewObject()
			same := func(*realm, goja.Value, []goja.Value) (goja.Value, error) { return hook, nil }
			n.define(hook, []function{{"enable", 0, same}, {"disable", 0, same}})
			return hook, nil
		}},
		{"executionAsyncId", 0, func(n *realm, _ goja.Value, _ []goja.Value) (goja.Value, error) {
			return n.js.VM.ToValue(1), nil
		}},
		{"triggerAsyncId", 0, func(n *realm, _ goja.Value, _ []goja.Value) (goja.Value, error) {
			return n.js.VM.ToValue(0), nil
		}},
		{"executionAsyncResource", 0, func(n *realm, _ goja.Value, _ []goja.Value) (goja.Value, error) {
			return n.js.VM.NewObject(), nil
		}},
	})
	for _, name := range o.GetOwnPropertyNames() { // as an import copies it
		must(o.DefineDataProperty(name, o.Get(name), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
	}
	return o
}
