package ecma

import (
	"math"
	"reflect"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// https://tc39.es/ecma262/#sec-get-arraybuffer.prototype.detached
func installDetached(js *webidl.Realm, global *goja.Object) {
	getter := js.Function("get detached", 0, func(c goja.FunctionCall) goja.Value {
		return js.VM.ToValue(arrayBuffer(js.VM, c.This, "detached").Detached())
	})
	must(prototypeOf(global, "ArrayBuffer").DefineAccessorProperty("detached", getter, nil, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

// installTransfer returns what installs transfer or transferToFixedLength. As no buffer
// of the engine's can be resized, they are the same:
// https://tc39.es/ecma262/#sec-arraybuffercopyanddetach
func installTransfer(name string) func(*webidl.Realm, *goja.Object) {
	return func(js *webidl.Realm, global *goja.Object) {
		g := &guards{js: js, isolate: isolate.Of(js)}
		method(js, prototypeOf(global, "ArrayBuffer"), name, 0, func(c goja.FunctionCall) goja.Value {
			b := arrayBuffer(js.VM, c.This, name)
			length := float64(len(b.Bytes()))
			if v := c.Argument(0); !goja.IsUndefined(v) {
				length = toIndex(js.VM, v) // which may detach b
			}
			if b.Detached() {
				throwType(js.VM, "Cannot perform ArrayBuffer.prototype.%s on a detached ArrayBuffer", name)
			}
			old := b.Bytes()
			if length == float64(len(old)) {
				b.Detach()
				return js.ArrayBuffer(old)
			}
			g.checkBuffer("ArrayBuffer", js.VM.ToValue(length), 1)
			moved := make([]byte, int(length))
			copy(moved, old)
			b.Detach()
			return js.ArrayBuffer(moved)
		})
	}
}

var arrayBufferType = reflect.TypeFor[goja.ArrayBuffer]()

// arrayBuffer returns the receiver of a method of ArrayBuffer's, or throws.
func arrayBuffer(vm *goja.Runtime, this goja.Value, method string) goja.ArrayBuffer {
	if o, ok := this.(*goja.Object); ok && o.ExportType() == arrayBufferType {
		if b, ok := o.Export().(goja.ArrayBuffer); ok {
			return b
		}
	}
	throwType(vm, "Method ArrayBuffer.prototype.%s called on incompatible receiver %s", method, show(this))
	panic("unreachable")
}

// https://tc39.es/ecma262/#sec-toindex
func toIndex(vm *goja.Runtime, v goja.Value) float64 {
	n := math.Trunc(v.ToNumber().ToFloat())
	switch {
	case math.IsNaN(n):
		return 0
	case n < 0 || n > 1<<53-1:
		throwNew(vm, "RangeError", "Invalid array buffer length")
	}
	return n
}

func prototypeOf(global *goja.Object, class string) *goja.Object {
	return global.Get(class).(*goja.Object).Get("prototype").(*goja.Object)
}
