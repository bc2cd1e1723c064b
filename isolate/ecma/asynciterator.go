package ecma

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

type asyncIteratorKey struct{}

var asyncIteratorSlot asyncIteratorKey

// AsyncIteratorPrototype returns %AsyncIteratorPrototype%, the prototype that all
// asynchronous iterators inherit from: https://tc39.es/ecma262/#sec-asynciteratorprototype
func AsyncIteratorPrototype(js *webidl.Realm) *goja.Object {
	return webidl.Slot(js, &asyncIteratorSlot, func() *goja.Object {
		o := js.VM.NewObject()
		self := js.Function("[Symbol.asyncIterator]", 0, func(call goja.FunctionCall) goja.Value { return call.This })
		must(o.DefineDataPropertySymbol(SymAsyncIterator, self, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
		dispose := js.Function("[Symbol.asyncDispose]", 0, func(call goja.FunctionCall) goja.Value {
			return asyncDispose(js, call.This).Value()
		})
		must(o.DefineDataPropertySymbol(SymAsyncDispose, dispose, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
		return o
	})
}

// asyncDispose is https://tc39.es/proposal-explicit-resource-management/#sec-%asynciteratorprototype%-@@asyncdispose
func asyncDispose(js *webidl.Realm, this goja.Value) *webidl.Promise {
	p := js.NewPromise()
	err := js.Catch(func() {
		// 3. Let return be ? GetMethod(O, "return").
		method := this.ToObject(js.VM).Get("return")
		// 4. If return is undefined, resolve with undefined.
		if method == nil || goja.IsUndefined(method) || goja.IsNull(method) {
			p.Resolve(nil)
			return
		}
		f, ok := goja.AssertFunction(method)
		if !ok {
			js.Throw(webidl.TypeError("%s is not a function", method))
		}
		// 5. Otherwise call it and wait for what it gives.
		result, err := f(this, goja.Undefined())
		if err != nil {
			js.Throw(err)
		}
		js.Then(result, func(goja.Value) { p.Resolve(nil) }, p.RejectValue)
	})
	if err != nil {
		p.Reject(err)
	}
	return p
}
