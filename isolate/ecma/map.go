package ecma

import (
	"math"

	"github.com/dop251/goja"
)

var mapFunctions = []addition{{"groupBy", 2, mapGroupBy}}

// https://tc39.es/ecma262/#sec-map.groupby
func mapGroupBy(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
	m, err := vm.New(vm.GlobalObject().Get("Map"))
	if err != nil {
		rethrow(err)
	}
	// The Map itself knows which keys are the same.
	set, get := callable(vm, m.Get("set")), callable(vm, m.Get("get"))
	groups := groupBy(vm, c.Argument(0), c.Argument(1), func(key goja.Value) (goja.Value, any) {
		if goja.IsNumber(key) && key.ToFloat() == 0 && math.Signbit(key.ToFloat()) {
			key = vm.ToValue(0)
		}
		if n := call(get, m, key); !goja.IsUndefined(n) {
			return key, n.ToInteger()
		}
		n := vm.ToValue(m.Get("size").ToInteger())
		call(set, m, key, n)
		return key, n.ToInteger()
	})
	for _, g := range groups {
		call(set, m, g.key, vm.NewArray(g.items...))
	}
	return m
}

// https://tc39.es/ecma262/#sec-map.prototype.getorinsert and the like of WeakMap
var mapMethods, weakMapMethods = upserts("Map"), upserts("WeakMap")

func upserts(class string) []addition {
	return []addition{
		{"getOrInsert", 2, func(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
			return upsert(vm, class, c, func() goja.Value { return c.Argument(1) })
		}},
		{"getOrInsertComputed", 2, func(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
			f := callable(vm, c.Argument(1))
			return upsert(vm, class, c, func() goja.Value { return call(f, goja.Undefined(), c.Argument(0)) })
		}},
	}
}

func upsert(vm *goja.Runtime, class string, c goja.FunctionCall, value func() goja.Value) goja.Value {
	proto := prototypeOf(vm.GlobalObject(), class)
	has, get, set := callable(vm, proto.Get("has")), callable(vm, proto.Get("get")), callable(vm, proto.Get("set"))
	if call(has, c.This, c.Argument(0)).ToBoolean() {
		return call(get, c.This, c.Argument(0))
	}
	if _, ok := c.Argument(0).(*goja.Object); !ok && class == "WeakMap" {
		throwType(vm, "Invalid value used as weak map key") // before anything is computed
	}
	v := value()
	call(set, c.This, c.Argument(0), v)
	return v
}
