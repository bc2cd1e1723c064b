package ecma

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/json"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// installJSON replaces the methods of JSON by those of package json.
// https://tc39.es/ecma262/#sec-json-object
func installJSON(js *webidl.Realm, global *goja.Object) {
	object := global.Get("JSON").(*goja.Object)
	method(js, object, "parse", 2, func(call goja.FunctionCall) goja.Value { return parseJSON(js, call) })
	method(js, object, "stringify", 3, func(call goja.FunctionCall) goja.Value { return stringifyJSON(js, call) })
}

// parseJSON: https://tc39.es/ecma262/#sec-json.parse
func parseJSON(js *webidl.Realm, call goja.FunctionCall) goja.Value {
	v, err := js.ParseJSON(json.ToWTF8(toString(js.VM, call.Argument(0))))
	if err != nil {
		js.Throw(err)
	}
	if revive, ok := goja.AssertFunction(call.Argument(1)); ok {
		root := js.VM.NewObject()
		must(root.Set("", v))
		return internalize(js, revive, root, "", 0)
	}
	return v
}

// internalize: https://tc39.es/ecma262/#sec-internalizejsonproperty
func internalize(js *webidl.Realm, revive goja.Callable, holder *goja.Object, name string, depth int) goja.Value {
	if depth > json.MaxDepth {
		js.Throw(webidl.RangeError("%v", json.ErrDepth))
	}
	v := holder.Get(name)
	if v == nil {
		v = goja.Undefined()
	}
	if o, ok := v.(*goja.Object); ok {
		for _, key := range o.Keys() {
			item := internalize(js, revive, o, key, depth+1)
			if goja.IsUndefined(item) {
				_ = o.Delete(key) // a property that cannot be deleted stays, as the standard says
				continue
			}
			_ = o.DefineDataProperty(key, item, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE) // likewise
		}
	}
	r, err := revive(holder, js.VM.ToValue(name), v)
	if err != nil {
		panic(err)
	}
	return r
}

// stringifyJSON: https://tc39.es/ecma262/#sec-json.stringify
func stringifyJSON(js *webidl.Realm, call goja.FunctionCall) goja.Value {
	o := json.Options{Limits: js}
	replacer := call.Argument(1)
	if f, ok := goja.AssertFunction(replacer); ok {
		o.Replacer = func(holder *goja.Object, key string, v goja.Value) goja.Value {
			r, err := f(holder, js.VM.ToValue(key), v)
			if err != nil {
				panic(err)
			}
			return r
		}
	} else if list, ok := replacer.(*goja.Object); ok && json.IsArray(list) {
		o.Allow = propertyList(js, list)
	}
	o.Gap = gap(call.Argument(2))
	text, ok, err := json.Stringify(js.Heap(), nil, call.Argument(0), o)
	if err != nil {
		js.Throw(webidl.JSONError(err))
	}
	if !ok {
		return goja.Undefined()
	}
	return js.VM.ToValue(string(text))
}

// propertyList is step 4.b of https://tc39.es/ecma262/#sec-json.stringify
func propertyList(js *webidl.Realm, list *goja.Object) []string {
	names, seen := []string{}, map[string]bool{}
	n := list.Get("length").ToInteger()
	if n > maxElements {
		throwNew(js.VM, "RangeError", invalidArrayLength)
	}
	for i := range n {
		v := list.Get(js.VM.ToValue(i).String())
		if v == nil {
			continue
		}
		if o, ok := v.(*goja.Object); ok {
			if class := o.ClassName(); class != "String" && class != "Number" {
				continue
			}
		} else if !goja.IsString(v) && !goja.IsNumber(v) {
			continue
		}
		if name := v.ToString().String(); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// gap is steps 5 to 8: what each level is indented by.
func gap(space goja.Value) string {
	const most = 10
	if o, ok := space.(*goja.Object); ok {
		switch o.ClassName() {
		case "Number":
			space = o.ToNumber()
		case "String":
			space = o.ToString()
		}
	}
	switch {
	case goja.IsNumber(space):
		return strings.Repeat(" ", int(max(0, min(most, space.ToInteger()))))
	case goja.IsString(space):
		s := space.String()
		if len(s) > most { // characters, but a gap of others than ASCII is rare
			r := []rune(s)
			s = string(r[:min(most, len(r))])
		}
		return s
	}
	return ""
}
