package node

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// realm is what the package keeps for a realm.
type realm struct {
	js      *webidl.Realm
	modules map[string]*goja.Object // module objects, whose exports property is the module
	require *goja.Object
	native  map[string]*goja.Object
	buffers *goja.Object // Buffer.prototype, once node:buffer has run
}

type realmKey struct{ _ byte }

var realmSlot realmKey

func of(js *webidl.Realm) *realm {
	return webidl.Slot(js, &realmSlot, func() *realm {
		n := &realm{js: js, modules: map[string]*goja.Object{}, native: map[string]*goja.Object{}}
		n.require = js.Function("require", 1, func(call goja.FunctionCall) goja.Value {
			name := call.Argument(0).String()
			v, ok := n.load(name)
			if !ok {
				js.Throw(fail(js, "Error", "MODULE_NOT_FOUND", "Cannot find module '"+name+"'"))
			}
			return v
		})
		return n
	})
}

// SetEnvironment tells what process.env holds at first; only the first call for a realm
// counts. env is called when a script first looks at process.env. Without it process.env is empty.
func SetEnvironment(js *webidl.Realm, env func() map[string]string) {
	webidl.Slot(js, &environmentSlot, func() func() map[string]string { return env })
}

type environmentKey struct{ _ byte }

var environmentSlot environmentKey

// environment returns what process.env holds at first.
func (n *realm) environment() map[string]string {
	return webidl.Slot(n.js, &environmentSlot, func() func() map[string]string {
		return func() map[string]string { return nil }
	})()
}

// Module returns the module of a name, with or without "node:" before it, the same
// object each time. It reports false for a name that is none of Node's.
func Module(js *webidl.Realm, name string) (goja.Value, bool) {
	name = strings.TrimPrefix(name, "node:")
	if strings.HasPrefix(name, "internal/") {
		return nil, false
	}
	return of(js).load(name)
}

// load returns the exports of a module, running its file if it has not run. A module
// that is asked for while it runs, by one that it needs itself, is what it exports so far.
func (n *realm) load(name string) (goja.Value, bool) {
	name = strings.TrimPrefix(name, "node:")
	if same, ok := aliases[name]; ok {
		name = same
	}
	if m := n.modules[name]; m != nil {
		return m.Get("exports"), true
	}
	if name == "async_hooks" {
		return n.keep(name, n.asyncHooks()), true
	}
	program, ok := programs[name]
	if !ok {
		if !unsupported[name] {
			return nil, false
		}
		return n.keep(name, n.absent(name)), true
	}
	f, err := n.js.VM.RunProgram(program())
	if err != nil {
		panic(err)
	}
	run, _ := goja.AssertFunction(f)
	exports := n.js.VM.NewObject()
	n.keep(name, exports)
	m := n.modules[name]
	if _, err := run(goja.Undefined(), exports, n.require, m, n.natives(name)); err != nil {
		delete(n.modules, name)
		if webidl.Interrupted(err) {
			panic(err)
		}
		n.js.Throw(err)
	}
	return m.Get("exports"), true
}

// need runs the file of a module, from a native function.
func (n *realm) need(name string) {
	require, _ := goja.AssertFunction(n.require)
	if _, err := require(goja.Undefined(), n.js.String(name)); err != nil {
		panic(err)
	}
}

func (n *realm) keep(name string, exports goja.Value) goja.Value {
	m := n.js.VM.NewObject()
	must(m.Set("exports", exports))
	n.modules[name] = m
	return exports
}

// aliases are modules that have another name too.
var aliases = map[string]string{
	"sys": "util", "path/posix": "path", "process/": "process",
}

// must panics: the calls that it guards set properties of objects that no script has seen.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// A function is a native function of a module. this is the receiver.
type function struct {
	name   string
	length int
	call   func(n *realm, this goja.Value, args []goja.Value) (goja.Value, error)
}

// define puts functions on an object.
func (n *realm) define(o *goja.Object, list []function) {
	for i := range list {
		f := &list[i]
		must(o.DefineDataProperty(f.name, n.js.Function(f.name, f.length, func(call goja.FunctionCall) goja.Value {
			v, err := f.call(n, call.This, call.Arguments)
			if err != nil {
				n.js.Throw(err)
			}
			if v == nil {
				return goja.Undefined()
			}
			return v
		}), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}
}

// natives returns the native object of a module's file.
func (n *realm) natives(name string) goja.Value {
	o := n.js.VM.NewObject()
	if list, ok := nativeFunctions[name]; ok {
		n.define(o, list)
	}
	if f, ok := nativeObjects[name]; ok {
		f(n, o)
	}
	return o
}

// arg returns an argument, undefined if it was not given.
func arg(args []goja.Value, i int) goja.Value {
	if i < len(args) {
		return args[i]
	}
	return goja.Undefined()
}

// thrown returns the error that is thrown as v.
func (n *realm) thrown(v goja.Value) error { return webidl.Throw(v) }
