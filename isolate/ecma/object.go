package ecma

import "github.com/dop251/goja"

var objectFunctions = []addition{
	{"groupBy", 2, objectGroupBy},
}

// group is one group of GroupBy.
type group struct {
	key   goja.Value
	items []any
}

// groupBy is https://tc39.es/ecma262/#sec-groupby; coerce makes a property key or a collection key.
func groupBy(vm *goja.Runtime, items, callback goja.Value, coerce func(goja.Value) (key goja.Value, index any)) []*group {
	if isNullish(items) {
		throwType(vm, "%s is not iterable", show(items))
	}
	f := callable(vm, callback)
	var groups []*group
	byKey := map[any]*group{}
	k := 0
	vm.ForOf(items, func(v goja.Value) bool {
		key, index := coerce(call(f, goja.Undefined(), v, vm.ToValue(k)))
		g := byKey[index]
		if g == nil {
			g = &group{key: key}
			byKey[index] = g
			groups = append(groups, g)
		}
		g.items = append(g.items, v)
		k++
		return true
	})
	return groups
}

// https://tc39.es/ecma262/#sec-object.groupby
func objectGroupBy(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
	groups := groupBy(vm, c.Argument(0), c.Argument(1), func(v goja.Value) (goja.Value, any) {
		if s, ok := v.(*goja.Symbol); ok {
			return s, s
		}
		key := v.ToString()
		return key, key.String()
	})
	o := vm.CreateObject(nil)
	for _, g := range groups {
		list := vm.NewArray(g.items...)
		if s, ok := g.key.(*goja.Symbol); ok {
			must(o.DefineDataPropertySymbol(s, list, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
		} else {
			must(o.DefineDataProperty(g.key.String(), list, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
		}
	}
	return o
}
