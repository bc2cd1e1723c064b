package webidl

import (
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// A Pair is one entry of a record.
type Pair[K, V any] struct {
	Key   K
	Value V
}

// Record is record<K, V>, its entries in property order; no two have the same key.
// https://webidl.spec.whatwg.org/#js-record
func Record[K comparable, V any](key Type[K], value Type[V]) Type[[]Pair[K, V]] {
	return Type[[]Pair[K, V]]{Name: "record<" + key.Name + ", " + value.Name + ">", to: func(js *Realm, v goja.Value) ([]Pair[K, V], error) {
		o, ok := v.(*goja.Object)
		if !ok {
			return nil, TypeError("The provided value is not an object.")
		}
		if names, plain := plainKeys(o); plain {
			list := make([]Pair[K, V], 0, len(names))
			for _, name := range names {
				x := o.Get(name)
				if x == nil {
					continue // a getter of an earlier key has removed it
				}
				k, err := key.to(js, js.String(name))
				if err != nil {
					return nil, err
				}
				g, err := value.to(js, x)
				if err != nil {
					return nil, err
				}
				list = append(list, Pair[K, V]{k, g})
			}
			return list, nil
		}
		list := []Pair[K, V]{}
		err := js.eachProperty(o, func(name goja.Value, get func() goja.Value) error {
			k, err := key.to(js, name)
			if err != nil {
				return err
			}
			g, err := value.to(js, get())
			if err != nil {
				return err
			}
			if i := slices.IndexFunc(list, func(p Pair[K, V]) bool { return p.Key == k }); i >= 0 {
				list[i].Value = g
				return nil
			}
			list = append(list, Pair[K, V]{k, g})
			return nil
		})
		return list, err
	}}
}

// plainKeys returns the keys of an object for which there is no difference between the
// steps of the standard and a look at them from Go: an ordinary object without symbols
// or names that are not Unicode.
func plainKeys(o *goja.Object) ([]string, bool) {
	if o.ExportType() != ordinaryType || len(o.Symbols()) > 0 {
		return nil, false
	}
	names := o.Keys()
	for _, name := range names {
		if strings.Contains(name, "\uFFFD") {
			return nil, false
		}
	}
	return names, true
}

// eachProperty calls step for each own enumerable property, symbols too, in the order
// of operations that a proxy can see.
func (js *Realm) eachProperty(o *goja.Object, step func(name goja.Value, get func() goja.Value) error) error {
	reflect := js.intrinsics.get("Reflect")
	call := func(method string, args ...goja.Value) goja.Value {
		f, _ := goja.AssertFunction(reflect.Get(method))
		v, err := f(goja.Undefined(), args...)
		if err != nil {
			panic(err) // the engine's to pass on
		}
		return v
	}
	return js.Iterate(call("ownKeys", o).(*goja.Object), func(name goja.Value) error {
		d, ok := call("getOwnPropertyDescriptor", o, name).(*goja.Object)
		if !ok || !d.Get("enumerable").ToBoolean() {
			return nil
		}
		return step(name, func() goja.Value { return call("get", o, name) })
	})
}
