package compiler

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
)

// rig runs programs in a bare runtime: register, host and a promise, no more.
type rig struct {
	t  testing.TB
	vm *goja.Runtime
	// ns is the registered module namespace.
	ns *goja.Object
	// hosted lists the names __host was called with.
	hosted []string
	meta   *goja.Object
	// depth is given to programs that look at it, if it is not nil.
	depth goja.Value
}

func newRig(t testing.TB) *rig {
	r := &rig{t: t, vm: goja.New()}
	r.vm.SetMaxCallStackSize(2000)
	_, err := r.vm.RunString(`Object.defineProperty(Symbol, "asyncIterator", {value: Symbol("Symbol.asyncIterator")});
		Object.defineProperty(Symbol, "dispose", {value: Symbol("Symbol.dispose")});
		Object.defineProperty(Symbol, "asyncDispose", {value: Symbol("Symbol.asyncDispose")});
		var out = [];`)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) host(c goja.FunctionCall) goja.Value {
	name := c.Argument(0).String()
	r.hosted = append(r.hosted, name)
	o := r.vm.NewObject()
	switch {
	case name == "cloudflare:workers":
		o.Set("env", map[string]string{"A": "1"})
		o.Set("name", "workers")
	case strings.HasPrefix(name, "node:"), isNodeModule(name):
		o.Set("name", name)
	case strings.HasPrefix(name, "data:"):
		return r.vm.ToValue(r.vm.NewArrayBuffer([]byte("bytes of " + name)))
	case strings.HasPrefix(name, "wasm:"):
		o.Set("wasm", name)
	default:
		e, err := r.vm.New(r.vm.Get("Error"), r.vm.ToValue(fmt.Sprintf("No such module %q.", name)))
		if err != nil {
			panic(err)
		}
		panic(r.vm.ToValue(e))
	}
	return o
}

// plainIntrinsics do what the intrinsics of a worker do, by the engine's own means.
const plainIntrinsics = `({
	iterate: (v) => v,
	append: (x, y) => x + y,
	depth: { length: 0 },
	enumerate: function* (o) { for (const k in o) yield k },
	elements: (v, n) => {
		const iterator = v[Symbol.iterator](), list = {};
		let done = false;
		for (let i = 0; i < n; i++) {
			if (!done) { const r = iterator.next(); done = r.done; list[i] = done ? undefined : r.value }
		}
		if (!done && iterator.return) iterator.return();
		return list;
	},
})`

// intrinsics are those that a program takes.
func (r *rig) intrinsics(p *Program) (list []goja.Value) {
	v, err := r.vm.RunString(plainIntrinsics)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, name := range p.Intrinsics {
		if name == Depth && r.depth != nil {
			list = append(list, r.depth)
			continue
		}
		if name == Record {
			heap := layout.NewHeap(r.vm)
			list = append(list, r.vm.ToValue(func(c goja.FunctionCall) goja.Value {
				return heap.Instance(p.Shapes[c.Argument(0).ToInteger()], c.Arguments[1:])
			}))
			continue
		}
		list = append(list, v.(*goja.Object).Get(string(name)))
	}
	return list
}

// run evaluates a program as the caller in isolate/worker does.
func (r *rig) run(p *Program) error {
	v, err := r.vm.RunProgram(p.Program)
	if err != nil {
		return err
	}
	fn, ok := goja.AssertFunction(v)
	if !ok {
		return fmt.Errorf("the program is %v, not a function", v)
	}
	host := r.vm.ToValue(r.host)
	if p.Classic {
		_, err := fn(goja.Undefined(), append([]goja.Value{host}, r.intrinsics(p)...)...)
		return err
	}
	r.meta = r.vm.NewObject()
	res, err := fn(goja.Undefined(), append([]goja.Value{Register(r.vm, func(ns *goja.Object) { r.ns = ns }), host, r.meta}, r.intrinsics(p)...)...)
	if err != nil {
		return err
	}
	return r.settled(res)
}

// settled takes what a program's function returns.
func (r *rig) settled(v goja.Value) error {
	if goja.IsUndefined(v) {
		return nil // without top-level await
	}
	p, ok := v.Export().(*goja.Promise)
	if !ok {
		r.ns = v.(*goja.Object)
		return nil
	}
	switch p.State() {
	case goja.PromiseStateRejected:
		if o, ok := p.Result().(*goja.Object); ok && o.Get("stack") != nil {
			return fmt.Errorf("%s", o.Get("stack"))
		}
		return fmt.Errorf("rejected: %v", p.Result())
	case goja.PromiseStatePending:
		return fmt.Errorf("pending")
	}
	if ns, ok := p.Result().(*goja.Object); ok {
		r.ns = ns
	}
	return nil
}

// get awaits and prints the default export, called if it is a function.
func (r *rig) get() string {
	r.t.Helper()
	if err := r.vm.GlobalObject().Set("ns", r.ns); err != nil {
		r.t.Fatal(err)
	}
	v, err := r.vm.RunString(`(async () => { let v = ns.default; if (typeof v === "function") v = await v(); else v = await v; out = [typeof v === "string" ? v : JSON.stringify(v)]; })()`)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.settled(v); err != nil {
		return "error: " + err.Error()
	}
	return r.vm.Get("out").ToObject(r.vm).Get("0").String()
}

// files makes a Source of "name", "contents" pairs; the first is the main module.
func files(pairs ...string) Source {
	s := Source{Main: pairs[0], NodeCompat: true}
	for i := 0; i < len(pairs); i += 2 {
		s.Modules = append(s.Modules, Module{Name: pairs[i], Kind: KindOf(pairs[i]), Contents: []byte(pairs[i+1])})
	}
	return s
}

func compileSource(t testing.TB, src Source) *Program {
	t.Helper()
	b, err := BuildBundle(context.Background(), src)
	if err != nil {
		t.Fatalf("build: %v\n%s", err, frame(err))
	}
	p, err := b.Compile()
	if err != nil {
		t.Fatalf("compile: %v\n%s\n%s", err, frame(err), b.Code)
	}
	return p
}

func frame(err error) string {
	if e, ok := err.(*Error); ok {
		return e.Frame()
	}
	return ""
}

func eval(t testing.TB, src Source) string {
	t.Helper()
	r := newRig(t)
	if err := r.run(compileSource(t, src)); err != nil {
		return "error: " + err.Error()
	}
	return r.get()
}
