package dom

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Globals are the names that the package puts in the global scope.
var Globals = []webidl.Global{
	webidl.Expose(EventClass),
	webidl.Expose(EventTargetClass),
	webidl.Expose(CustomEventClass),
	webidl.Expose(ErrorEventClass),
	webidl.Expose(MessageEventClass),
	webidl.Expose(CloseEventClass),
	webidl.Expose(PromiseRejectionEventClass),
	webidl.Expose(ProgressEventClass),
	webidl.Expose(AbortControllerClass),
	webidl.Expose(AbortSignalClass),
	webidl.Expose(webidl.DOMException),
	globalOperation("addEventListener"),
	globalOperation("removeEventListener"),
	globalOperation("dispatchEvent"),
}

// globalOperation is an operation of EventTarget on the global object.
func globalOperation(name string) webidl.Global {
	return webidl.GlobalObject(name, func(js *webidl.Realm) goja.Value {
		// The target's own carrier is the receiver: the global object is none of ours.
		receiver := EventTargetClass.Wrap(js, GlobalTarget(js))
		native := EventTargetClass.Prototype(js).Get(name).(*goja.Object)
		call := native.Export().(func(goja.FunctionCall) goja.Value)
		return js.Function(name, int(native.Get("length").ToInteger()), func(c goja.FunctionCall) goja.Value {
			if o, ok := c.This.(*goja.Object); ok && o != js.VM.GlobalObject() {
				return call(c) // borrowed for another target
			}
			return call(goja.FunctionCall{This: receiver, Arguments: c.Arguments})
		})
	})
}
