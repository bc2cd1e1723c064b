package node

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// unsupported are the modules that can be imported and not used.
var unsupported = map[string]bool{
	"child_process": true, "cluster": true, "dgram": true, "dns": true, "dns/promises": true, "domain": true,
	"fs": true, "fs/promises": true, "http": true, "http2": true, "https": true, "inspector": true,
	"inspector/promises": true, "net": true, "readline": true, "readline/promises": true, "repl": true,
	"sqlite": true, "test": true, "test/reporters": true, "tls": true, "trace_events": true, "tty": true,
	"v8": true, "vm": true, "wasi": true, "worker_threads": true, "sea": true,
}

// absent is a module whose every name is a function, or a class to extend, that throws
// when called. The functions are made by the module's prototype: nobody knows which
// names a script will ask for.
func (n *realm) absent(name string) *goja.Object {
	o := n.js.VM.NewObject()
	must(o.SetPrototype(n.js.VM.NewDynamicObject(&absentNames{n: n, module: name, made: map[string]goja.Value{}})))
	return o
}

type absentNames struct {
	n      *realm
	module string
	made   map[string]goja.Value
}

// Get makes a function for any name that tools do not ask every module for.
func (a *absentNames) Get(name string) goja.Value {
	switch name {
	case "then", "default", "__esModule", "constructor", "toString", "valueOf", "toJSON", "hasOwnProperty":
		return nil
	}
	if v := a.made[name]; v != nil {
		return v
	}
	js := a.n.js
	f := js.VM.ToValue(func(goja.ConstructorCall) *goja.Object {
		js.Throw(a.failure(name))
		return nil
	}).(*goja.Object)
	must(f.DefineDataProperty("name", js.String(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	a.made[name] = f
	return f
}

func (a *absentNames) failure(name string) error {
	return fail(a.n.js, "Error", "ERR_METHOD_NOT_IMPLEMENTED",
		"The node module \"node:"+a.module+"\" is not supported by Mayfly: "+name+" cannot be used in a worker")
}

func (a *absentNames) Has(string) bool             { return false }
func (a *absentNames) Set(string, goja.Value) bool { return false }
func (a *absentNames) Delete(string) bool          { return true }
func (a *absentNames) Keys() []string              { return nil }

// fail returns an error that is thrown as an instance of class with a code, as Node's are.
func fail(js *webidl.Realm, class, code, message string) error {
	v, err := js.VM.New(js.VM.GlobalObject().Get(class), js.String(message))
	if err != nil {
		return webidl.Throw(js.VM.NewTypeError("%s", message))
	}
	must(v.Set("code", code))
	return webidl.Throw(v)
}
