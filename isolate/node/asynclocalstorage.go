package node

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// asyncLocalStorage is https://nodejs.org/api/async_context.html#class-asynclocalstorage.
// It is itself the key of its store in the realm's asynchronous context.
type asyncLocalStorage struct {
	webidl.Handle
	disabled bool
}

// AsyncLocalStorage is the class of that name of node:async_hooks.
var AsyncLocalStorage = &webidl.Class[*asyncLocalStorage]{
	Name: "AsyncLocalStorage",
	Constructor: webidl.New1(func(*webidl.Realm, goja.Value) (*asyncLocalStorage, error) {
		return &asyncLocalStorage{}, nil
	}, webidl.OptionalAny),
	Members: []webidl.Member[*asyncLocalStorage]{
		webidl.Op0("getStore", (*asyncLocalStorage).getStore),
		webidl.OpN("run", 0, (*asyncLocalStorage).run),
		webidl.OpN("exit", 0, (*asyncLocalStorage).exit),
		webidl.Proc1("enterWith", (*asyncLocalStorage).enterWith, webidl.OptionalAny),
		webidl.Proc0("disable", func(s *asyncLocalStorage, _ *webidl.Realm) error { s.disabled = true; return nil }),
		webidl.Static1[*asyncLocalStorage]("bind", bindContext, webidl.OptionalAny),
		webidl.Static0[*asyncLocalStorage]("snapshot", snapshot),
	},
}

func (s *asyncLocalStorage) getStore(js *webidl.Realm) (goja.Value, error) {
	if c := js.Context(); c != nil && !s.disabled {
		if v := c.Variables[s]; v != nil {
			return v, nil
		}
	}
	return goja.Undefined(), nil
}

func (s *asyncLocalStorage) run(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
	s.disabled = false
	return s.call(js, arg(args, 0), arg(args, 1), args, 2)
}

func (s *asyncLocalStorage) exit(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
	return s.call(js, goja.Undefined(), arg(args, 0), args, 1)
}

// call calls f with the store, passing on the arguments from skip on.
func (s *asyncLocalStorage) call(js *webidl.Realm, store, f goja.Value, args []goja.Value, skip int) (v goja.Value, err error) {
	call, ok := goja.AssertFunction(f)
	if !ok {
		return nil, argType(js, "callback", "of type function", f)
	}
	rest := append([]goja.Value(nil), args[min(skip, len(args)):]...)
	js.Run(js.Context().With(s, store), func() { v, err = call(goja.Undefined(), rest...) })
	return v, err
}

func (s *asyncLocalStorage) enterWith(js *webidl.Realm, store goja.Value) error {
	s.disabled = false
	js.Enter(js.Context().With(s, store))
	return nil
}

// bindContext is https://nodejs.org/api/async_context.html#static-method-asynclocalstoragebindfn
func bindContext(js *webidl.Realm, f goja.Value) (goja.Value, error) {
	call, ok := goja.AssertFunction(f)
	if !ok {
		return nil, argType(js, "fn", "of type function", f)
	}
	return within(js, "bound "+functionName(f), call, nil), nil
}

// within returns a function that calls f in the context of now. A nil this passes on
// the caller's.
func within(js *webidl.Realm, name string, f goja.Callable, this goja.Value) goja.Value {
	context := js.Context()
	return js.Function(name, 0, func(call goja.FunctionCall) goja.Value {
		receiver := this
		if receiver == nil {
			receiver = call.This
		}
		return runIn(js, context, f, receiver, call.Arguments)
	})
}

// runIn calls f in a context and passes on what it throws.
func runIn(js *webidl.Realm, context *webidl.AsyncContext, f goja.Callable, this goja.Value, args []goja.Value) goja.Value {
	args = append([]goja.Value(nil), args...)
	var v goja.Value
	var err error
	js.Run(context, func() { v, err = f(this, args...) })
	if err != nil {
		if webidl.Interrupted(err) {
			panic(err)
		}
		js.Throw(err)
	}
	return v
}

func functionName(f goja.Value) string {
	if o, ok := f.(*goja.Object); ok {
		if s, ok := o.Get("name").(goja.String); ok {
			return s.String()
		}
	}
	return ""
}

// snapshot is https://nodejs.org/api/async_context.html#static-method-asynclocalstoragesnapshot
func snapshot(js *webidl.Realm) (goja.Value, error) {
	context := js.Context()
	return js.Function("runInAsyncScope", 1, func(call goja.FunctionCall) goja.Value {
		f, ok := goja.AssertFunction(call.Argument(0))
		if !ok {
			js.Throw(argType(js, "fn", "of type function", call.Argument(0)))
		}
		return runIn(js, context, f, goja.Undefined(), call.Arguments[1:])
	}), nil
}
