package ecma

import (
	"weak"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

type weakRef struct {
	webidl.Handle
	object weak.Pointer[goja.Object]
	symbol *goja.Symbol // held strongly: a symbol costs nothing
}

// WeakRef is https://tc39.es/ecma262/#sec-weak-ref-objects
var WeakRef = &webidl.Class[*weakRef]{
	Name: "WeakRef",
	Constructor: webidl.New1(func(js *webidl.Realm, target goja.Value) (*weakRef, error) {
		switch target := target.(type) {
		case *goja.Object:
			return &weakRef{object: weak.Make(target)}, nil
		case *goja.Symbol:
			return &weakRef{symbol: target}, nil
		}
		return nil, webidl.TypeError("WeakRef: target must be an object")
	}, webidl.Any),
	Members: []webidl.Member[*weakRef]{webidl.Custom[*weakRef](func(js *webidl.Realm, _, prototype *goja.Object) {
		method(js, prototype, "deref", 0, func(c goja.FunctionCall) goja.Value {
			r, ok := webidl.As[*weakRef](c.This)
			if !ok {
				js.Throw(webidl.TypeError("Method WeakRef.prototype.deref called on incompatible receiver"))
			}
			if r.symbol != nil {
				return r.symbol
			}
			if o := r.object.Value(); o != nil {
				return o
			}
			return goja.Undefined()
		})
	})},
}
