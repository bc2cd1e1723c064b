package node

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/anatomy"
	"github.com/mayfly-edge/mayfly/isolate/webapi/console"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// utilFunctions are the natives of node:util.
var utilFunctions = []function{
	{"inspect", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		return n.js.String(console.Inspect(n.js, arg(args, 0), inspectOptions(arg(args, 1)))), nil
	}},
	{"format", 0, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		return n.js.String(console.Format(n.js, args)), nil
	}},
	{"kind", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		return n.js.String(kindOf(n.js, arg(args, 0))), nil
	}},
	{"promiseState", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		state, _, ok := webidl.PromiseState(arg(args, 0))
		if !ok {
			return nil, nil
		}
		return n.js.String([...]string{"pending", "fulfilled", "rejected"}[state]), nil
	}},
}

// inspectOptions reads what util.inspect takes, as far as it is offered.
func inspectOptions(v goja.Value) console.InspectOptions {
	o := console.InspectOptions{Depth: 2}
	given, ok := v.(*goja.Object)
	if !ok {
		return o
	}
	if d := given.Get("depth"); d != nil && !goja.IsUndefined(d) {
		if goja.IsNull(d) || d.ToFloat() > 1e6 {
			o.Depth = -1
		} else if o.Depth = int(d.ToInteger()); o.Depth < 0 {
			o.Depth = 0
		}
	}
	if h := given.Get("showHidden"); h != nil {
		o.ShowHidden = h.ToBoolean()
	}
	if b := given.Get("breakLength"); b != nil && goja.IsNumber(b) {
		o.BreakAt = int(min(max(b.ToFloat(), 1), 1<<30))
	}
	if m := given.Get("maxArrayLength"); m != nil && !goja.IsUndefined(m) {
		if goja.IsNull(m) || m.ToFloat() > 1e9 {
			o.MaxArray = -1
		} else if o.MaxArray = int(m.ToInteger()); o.MaxArray == 0 {
			o.MaxArray = 100
		}
	}
	return o
}

// kindNames are the kinds of objects as the files know them.
var kindNames = map[anatomy.Kind]string{
	anatomy.Array: "Array", anatomy.Arguments: "Arguments", anatomy.Function: "Function", anatomy.Error: "Error",
	anatomy.Boolean: "Boolean", anatomy.Number: "Number", anatomy.String: "String", anatomy.Symbol: "Symbol",
	anatomy.BigInt: "BigInt", anatomy.Date: "Date", anatomy.RegExp: "RegExp", anatomy.Map: "Map", anatomy.Set: "Set",
	anatomy.Promise: "Promise", anatomy.Proxy: "Proxy", anatomy.ArrayBuffer: "ArrayBuffer",
	anatomy.TypedArray: "TypedArray", anatomy.DataView: "DataView", anatomy.Platform: "Platform",
}

// kindOf is what an object is in itself: "" for one that is only an object, and for a
// value that is none.
func kindOf(js *webidl.Realm, v goja.Value) string {
	o, ok := v.(*goja.Object)
	if !ok {
		return ""
	}
	kind := anatomy.KindOf(js, o)
	if kind == anatomy.TypedArray {
		if view, ok := js.ViewOf(o); ok {
			return view.Kind
		}
	}
	return kindNames[kind]
}
