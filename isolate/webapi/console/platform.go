package console

import (
	"reflect"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/anatomy"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

var proxyType = reflect.TypeFor[goja.Proxy]()

// platform shows an object of a Web API class by its attributes, or by its entries if
// it is iterable like Headers.
func (in *inspector) platform(f *figure, o *goja.Object, name string, level int) {
	if name == "" {
		name = "Object"
	}
	f.prefix, f.short = name+" ", name
	if stack, ok := in.attribute(o, "stack").(goja.String); ok && name == "DOMException" {
		f.whole = stack.String()
		return
	}
	f.fill = func() {
		if entries, ok := in.pairs(o); ok {
			f.prefix = name + "(" + in.js.VM.ToValue(len(entries)).String() + ") "
			in.entries(f, entries, level)
			return
		}
		in.attributes(f, o, level)
	}
}

// attributes appends the attributes of o's classes, the most derived first.
func (in *inspector) attributes(f *figure, o *goja.Object, level int) {
	seen := map[string]bool{}
	for p := o.Prototype(); p != nil && p.ExportType() != proxyType; p = p.Prototype() {
		for _, name := range anatomy.Names(p) {
			if seen[name] || in.left <= 0 {
				continue
			}
			seen[name] = true
			d, ok := anatomy.OwnName(in.js, p, name)
			if !ok || !d.Enumerable || d.Get == nil {
				continue
			}
			if v := in.read(o, d.Get); v != nil {
				in.indent += 2
				f.items = append(f.items, name+": "+in.value(v, level+1, false))
				in.indent -= 2
			}
		}
	}
}

// attribute reads one attribute of a platform object, or returns nil.
func (in *inspector) attribute(o *goja.Object, name string) goja.Value {
	for p := o.Prototype(); p != nil && p.ExportType() != proxyType; p = p.Prototype() {
		if d, ok := anatomy.OwnName(in.js, p, name); ok {
			if d.Get == nil {
				return nil
			}
			return in.read(o, d.Get)
		}
	}
	return nil
}

// read calls a getter if it is one of the platform's. nil stands for no value.
func (in *inspector) read(o, getter *goja.Object) (v goja.Value) {
	call, ok := getter.Export().(func(goja.FunctionCall) goja.Value)
	if !ok || !strings.Contains(anatomy.FunctionText(in.js, getter), "[native code]") {
		return nil
	}
	if err := in.js.Catch(func() { v = call(goja.FunctionCall{This: o}) }); err != nil {
		if webidl.Interrupted(err) {
			panic(err)
		}
		return nil
	}
	return v
}

// pairs returns the entries of a platform object with an iterable declaration of pairs.
func (in *inspector) pairs(o *goja.Object) (entries [][2]goja.Value, ok bool) {
	for p := o.Prototype(); p != nil && p.ExportType() != proxyType; p = p.Prototype() {
		forEach, has := anatomy.OwnName(in.js, p, "forEach")
		each, isObject := forEach.Value.(*goja.Object)
		iterate, iterable := anatomy.OwnName(in.js, p, "entries")
		if !has || !isObject || !iterable || iterate.Value == nil {
			continue
		}
		call, isFunction := each.Export().(func(goja.FunctionCall) goja.Value)
		if !isFunction || !strings.Contains(anatomy.FunctionText(in.js, each), "[native code]") {
			continue
		}
		err := in.js.Catch(func() {
			call(goja.FunctionCall{This: o, Arguments: []goja.Value{in.js.VM.ToValue(func(c goja.FunctionCall) goja.Value {
				entries = append(entries, [2]goja.Value{c.Argument(1), c.Argument(0)})
				return nil
			})}})
		})
		return entries, err == nil
	}
	return nil, false
}
