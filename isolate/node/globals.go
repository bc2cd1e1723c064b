package node

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Globals are the names that Node.js adds to the global scope.
var Globals = []webidl.Global{
	{Name: "Buffer", Make: func(js *webidl.Realm) goja.Value { return member(js, "buffer", "Buffer") }},
	{Name: "process", Make: func(js *webidl.Realm) goja.Value { v, _ := of(js).load("process"); return v }},
	{Name: "global", Make: func(js *webidl.Realm) goja.Value { return js.VM.GlobalObject() }},
}

func member(js *webidl.Realm, module, name string) goja.Value {
	v, _ := of(js).load(module)
	return v.(*goja.Object).Get(name)
}

// symbols gives the files the well-known symbols that the engine lacks.
func symbols(_ *realm, o *goja.Object) {
	must(o.Set("asyncIterator", ecma.SymAsyncIterator))
	must(o.Set("dispose", ecma.SymDispose))
	must(o.Set("asyncDispose", ecma.SymAsyncDispose))
}
