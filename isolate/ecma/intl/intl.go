package intl

import (
	"slices"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/intl/cldr"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Globals is the global name Intl.
var Globals = []webidl.Global{{Name: "Intl", Make: makeIntl}}

// services are the constructors, in the order of the standard.
var services = []struct {
	name string
	bind func(js *webidl.Realm) *goja.Object
}{
	{"Collator", collatorClass.Bind},
	{"DateTimeFormat", dateTimeFormatClass.Bind},
	{"DisplayNames", displayNamesClass.Bind},
	{"ListFormat", listFormatClass.Bind},
	{"Locale", localeClass.Bind},
	{"NumberFormat", numberFormatClass.Bind},
	{"PluralRules", pluralRulesClass.Bind},
	{"RelativeTimeFormat", relativeTimeFormatClass.Bind},
	{"Segmenter", segmenterClass.Bind},
}

// makeIntl makes the Intl object, whose constructors are made when first asked for:
// https://tc39.es/ecma402/#intl-object
func makeIntl(js *webidl.Realm) goja.Value {
	o := js.VM.NewObject()
	must(o.DefineDataPropertySymbol(goja.SymToStringTag, js.String("Intl"), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	method(js, o, "getCanonicalLocales", 1, func(c goja.FunctionCall) goja.Value {
		var names []string
		for _, t := range requestedLocales(js, c.Argument(0)) {
			names = append(names, t.String())
		}
		return js.Strings(names)
	})
	method(js, o, "supportedValuesOf", 1, func(c goja.FunctionCall) goja.Value {
		values, ok := supportedValues(c.Argument(0).String())
		if !ok {
			js.Throw(webidl.RangeError("Invalid key : %s", c.Argument(0)))
		}
		return js.Strings(values)
	})
	for _, s := range services {
		lazily(js, o, s.name, s.bind)
	}
	return o
}

// lazily defines a property whose value is made when first read. The engine has no
// hidden accessors, so that until then a descriptor shows one.
func lazily(js *webidl.Realm, o *goja.Object, name string, make func(*webidl.Realm) *goja.Object) {
	settle := func(v goja.Value) {
		must(o.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}
	get := js.VM.ToValue(func(goja.FunctionCall) goja.Value {
		v := make(js)
		settle(v)
		return v
	})
	set := js.VM.ToValue(func(c goja.FunctionCall) goja.Value {
		settle(c.Argument(0))
		return goja.Undefined()
	})
	must(o.DefineAccessorProperty(name, get, set, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

// supportedValues is https://tc39.es/ecma402/#sec-intl.supportedvaluesof
func supportedValues(key string) ([]string, bool) {
	switch key {
	case "calendar":
		return []string{"gregory"}, true
	case "collation":
		return []string{"emoji", "eor"}, true
	case "currency":
		return cldr.Currencies(), true
	case "numberingSystem":
		var list []string
		for name := range numberingZeros {
			list = append(list, name)
		}
		list = append(list, "hanidec")
		slices.Sort(list)
		return list, true
	case "timeZone":
		return cldr.Zones(), true
	case "unit":
		return slices.Clone(sanctionedUnits), true
	}
	return nil, false
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// method defines a built-in method: writable and configurable, not enumerable.
func method(js *webidl.Realm, o *goja.Object, name string, length int, f func(goja.FunctionCall) goja.Value) {
	must(o.DefineDataProperty(name, js.Function(name, length, f), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

// A member is a method of a service, or with get set a getter.
type member[T any] struct {
	name   string
	length int
	get    bool
	call   func(T, *webidl.Realm, goja.FunctionCall) goja.Value
}

// service makes the class of a service constructor.
func service[T any](name string, arguments int, callable bool, construct func(js *webidl.Realm, locales, options goja.Value) T, members ...member[T]) *webidl.Class[T] {
	build := func(js *webidl.Realm, a, b webidl.Opt[goja.Value]) (T, error) {
		return construct(js, orUndefined(a.Value), orUndefined(b.Value)), nil
	}
	optional := webidl.Optional(webidl.Any)
	constructor := webidl.New2(build, optional, optional)
	switch required := func(js *webidl.Realm, a, b goja.Value) (T, error) { return construct(js, a, b), nil }; arguments {
	case 1:
		constructor = webidl.New2(func(js *webidl.Realm, a goja.Value, b webidl.Opt[goja.Value]) (T, error) {
			return construct(js, a, orUndefined(b.Value)), nil
		}, webidl.Any, optional)
	case 2:
		constructor = webidl.New2(required, webidl.Any, webidl.Any)
	}
	return &webidl.Class[T]{Name: name, Constructor: constructor, Callable: callable, Members: []webidl.Member[T]{
		webidl.Custom[T](func(js *webidl.Realm, class, prototype *goja.Object) {
			must(prototype.DefineDataPropertySymbol(goja.SymToStringTag, js.String("Intl."+name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
			if name != "Locale" {
				method(js, class, "supportedLocalesOf", 1, func(c goja.FunctionCall) goja.Value { return supportedLocalesOf(js, c) })
			}
			for _, m := range members {
				f := func(c goja.FunctionCall) goja.Value {
					this, ok := webidl.As[T](c.This)
					if !ok {
						js.Throw(webidl.TypeError("Method Intl.%s.prototype.%s called on incompatible receiver", name, m.name))
					}
					return m.call(this, js, c)
				}
				if m.get {
					must(prototype.DefineAccessorProperty(m.name, js.Function("get "+m.name, 0, f), nil, goja.FLAG_TRUE, goja.FLAG_FALSE))
				} else {
					method(js, prototype, m.name, m.length, f)
				}
			}
		}),
	}}
}

func orUndefined(v goja.Value) goja.Value {
	if v == nil {
		return goja.Undefined()
	}
	return v
}

// object makes a plain object of pairs; those with an empty or missing value are left out.
func object(js *webidl.Realm, pairs ...any) *goja.Object {
	o := js.VM.NewObject()
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == nil || pairs[i+1] == "" {
			continue
		}
		must(o.DefineDataProperty(pairs[i].(string), js.VM.ToValue(pairs[i+1]), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
	}
	return o
}

// toArray makes what the formatToParts methods return.
func (p parts) toArray(js *webidl.Realm) goja.Value {
	list := make([]any, len(p))
	for i, x := range p {
		list[i] = object(js, "type", x.kind, "value", x.value, "unit", x.unit, "source", x.source)
	}
	return js.VM.NewArray(list...)
}
