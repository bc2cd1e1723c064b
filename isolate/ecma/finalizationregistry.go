package ecma

import (
	"runtime"
	"sync"
	"weak"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// finalizationRegistry calls a function for objects that are gone. It does so when it
// is next used, not when the collector finds them gone: no invocation would be there to
// pay for the work.
type finalizationRegistry struct {
	webidl.Handle
	cleanup *webidl.Callback
	cells   map[uint64]*cell
	last    uint64
	pending bool // a microtask will call cleanup

	mu   sync.Mutex // guards gone, which the collector's goroutine appends to
	gone []uint64
}

// A cell is what is kept of a registered object.
type cell struct {
	held        goja.Value
	token       weak.Pointer[goja.Object]
	tokenSymbol *goja.Symbol
}

// obituary is what the collector is told to deliver. It must not keep the registry alive,
// nor with it the realm.
type obituary struct {
	registry weak.Pointer[finalizationRegistry]
	id       uint64
}

// FinalizationRegistry is https://tc39.es/ecma262/#sec-finalization-registry-objects
var FinalizationRegistry = &webidl.Class[*finalizationRegistry]{
	Name: "FinalizationRegistry",
	Constructor: webidl.New1(func(_ *webidl.Realm, f *webidl.Callback) (*finalizationRegistry, error) {
		return &finalizationRegistry{cleanup: f, cells: map[uint64]*cell{}}, nil
	}, webidl.CallbackFunction),
	Members: []webidl.Member[*finalizationRegistry]{webidl.Custom[*finalizationRegistry](func(js *webidl.Realm, _, prototype *goja.Object) {
		for _, m := range []struct {
			name   string
			length int
			call   func(*finalizationRegistry, *webidl.Realm, goja.FunctionCall) goja.Value
		}{{"register", 2, (*finalizationRegistry).register}, {"unregister", 1, (*finalizationRegistry).unregister}} {
			method(js, prototype, m.name, m.length, func(c goja.FunctionCall) goja.Value {
				r, ok := webidl.As[*finalizationRegistry](c.This)
				if !ok {
					js.Throw(webidl.TypeError("Method FinalizationRegistry.prototype.%s called on incompatible receiver", m.name))
				}
				defer r.deliver(js)
				return m.call(r, js, c)
			})
		}
	})},
}

// https://tc39.es/ecma262/#sec-finalization-registry.prototype.register
func (r *finalizationRegistry) register(js *webidl.Realm, c goja.FunctionCall) goja.Value {
	target, held, token := c.Argument(0), c.Argument(1), c.Argument(2)
	object, isObject := target.(*goja.Object)
	if _, isSymbol := target.(*goja.Symbol); !isObject && !isSymbol {
		js.Throw(webidl.TypeError("FinalizationRegistry.prototype.register: invalid target"))
	}
	if target == held {
		js.Throw(webidl.TypeError("FinalizationRegistry.prototype.register: target and holdings must not be same"))
	}
	k := &cell{held: held}
	switch token := token.(type) {
	case *goja.Object:
		k.token = weak.Make(token)
	case *goja.Symbol:
		k.tokenSymbol = token
	default:
		if !goja.IsUndefined(token) {
			js.Throw(webidl.TypeError("Invalid unregisterToken ('%s')", show(token)))
		}
	}
	r.last++
	r.cells[r.last] = k
	if isObject {
		runtime.AddCleanup(object, func(o obituary) {
			if r := o.registry.Value(); r != nil {
				r.mu.Lock()
				r.gone = append(r.gone, o.id)
				r.mu.Unlock()
			}
		}, obituary{weak.Make(r), r.last})
	}
	return goja.Undefined()
}

// https://tc39.es/ecma262/#sec-finalization-registry.prototype.unregister
func (r *finalizationRegistry) unregister(js *webidl.Realm, c goja.FunctionCall) goja.Value {
	removed := false
	token := c.Argument(0)
	object, isObject := token.(*goja.Object)
	symbol, isSymbol := token.(*goja.Symbol)
	if !isObject && !isSymbol {
		js.Throw(webidl.TypeError("Invalid unregisterToken ('%s')", show(token)))
	}
	for id, k := range r.cells {
		if isObject && k.token.Value() == object || isSymbol && k.tokenSymbol == symbol {
			delete(r.cells, id)
			removed = true
		}
	}
	return js.VM.ToValue(removed)
}

// deliver is https://tc39.es/ecma262/#sec-cleanup-finalization-registry, as a microtask.
func (r *finalizationRegistry) deliver(js *webidl.Realm) {
	r.mu.Lock()
	waiting := len(r.gone) > 0 && !r.pending
	r.mu.Unlock()
	if !waiting {
		return
	}
	r.pending = true
	js.Microtask(func() {
		r.pending = false
		r.mu.Lock()
		gone := r.gone
		r.gone = nil
		r.mu.Unlock()
		for _, id := range gone {
			k := r.cells[id]
			if k == nil {
				continue
			}
			delete(r.cells, id)
			if _, err := r.cleanup.Call(nil, k.held); err != nil {
				rethrow(err)
			}
		}
	})
}
