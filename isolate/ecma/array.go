package ecma

import (
	"sync"

	"github.com/dop251/goja"
)

var arrayFunctions = []addition{{"fromAsync", 1, arrayFromAsync}}

// fromAsync waits again and again in the middle of its steps, which an async function
// of the engine's does and Go cannot: https://tc39.es/ecma262/#sec-array.fromasync
var fromAsync = sync.OnceValue(func() *goja.Program {
	return goja.MustCompile("mayfly:array.fromAsync", `(async function (C, asyncIterator, items, mapper, thisArg) {
	var mapping = mapper !== undefined, k = 0;
	if (mapping && typeof mapper !== "function") throw new TypeError(typeof mapper + " is not a function");
	var construct = typeof C === "function" && C.prototype !== undefined;
	var put = (list, i, value) => Reflect.defineProperty(list, i, {value, writable: true, enumerable: true, configurable: true}) || (() => { throw new TypeError("Cannot add property " + i) })();
	var usingAsync = items[asyncIterator], usingSync = usingAsync == null ? items[Symbol.iterator] : undefined;
	if (usingAsync != null || usingSync != null) {
		var list = construct ? new C() : [];
		var iterator = Reflect.apply(usingAsync != null ? usingAsync : usingSync, items, []);
		if (Object(iterator) !== iterator) throw new TypeError("Result of the Symbol.asyncIterator method is not an object");
		var next = iterator.next;
		for (;; k++) {
			var result = Reflect.apply(next, iterator, []);
			if (usingAsync != null) result = await result;
			if (Object(result) !== result) throw new TypeError("Iterator result is not an object");
			if (result.done) { list.length = k; return list }
			try {
				var value = result.value;
				if (usingAsync == null) value = await value;
				if (mapping) value = await Reflect.apply(mapper, thisArg, [value, k]);
				put(list, k, value);
			} catch (error) {
				try { var close = iterator.return; if (close != null) { var r = Reflect.apply(close, iterator, []); if (usingAsync != null) await r } } catch (ignored) {}
				throw error;
			}
		}
	}
	var like = Object(items), n = Math.min(Math.max(Math.trunc(Number(like.length)) || 0, 0), Number.MAX_SAFE_INTEGER);
	var list = construct ? new C(n) : new Array(n);
	for (; k < n; k++) {
		var value = await like[k];
		if (mapping) value = await Reflect.apply(mapper, thisArg, [value, k]);
		put(list, k, value);
	}
	list.length = n;
	return list;
})`, true)
})

func arrayFromAsync(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
	f, err := vm.RunProgram(fromAsync())
	if err != nil {
		rethrow(err)
	}
	return call(callable(vm, f), goja.Undefined(), orUndefined(c.This), SymAsyncIterator, c.Argument(0), c.Argument(1), c.Argument(2))
}
