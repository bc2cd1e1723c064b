package timers

import (
	"context"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Limit is how many timers a realm may have set at a time.
const Limit = 10_000

// Globals are the names that the package puts in the global scope.
var Globals = []webidl.Global{
	webidl.GlobalFunction("setTimeout", 1, func(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
		return set(js, args, false)
	}),
	webidl.GlobalFunction("setInterval", 1, func(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
		return set(js, args, true)
	}),
	webidl.GlobalFunction("clearTimeout", 0, clearTimer),
	webidl.GlobalFunction("clearInterval", 0, clearTimer),
	webidl.GlobalFunction("setImmediate", 1, setImmediate),
	webidl.GlobalFunction("clearImmediate", 0, clearImmediate),
	webidl.GlobalFunction("queueMicrotask", 1, queueMicrotask),
	webidl.GlobalFunction("reportError", 1, func(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
		dom.ReportException(js, args[0])
		return goja.Undefined(), nil
	}),
	webidl.GlobalObject("scheduler", func(js *webidl.Realm) goja.Value { return schedulerClass.Wrap(js, &scheduler{}) }),
	webidl.Expose(schedulerClass),
}

// timers are a realm's "map of setTimeout and setInterval IDs".
type timers struct {
	set   map[int]*timer
	last  int
	sweep int // size at which the map is next cleared of timers whose invocation has ended
}

type timer struct {
	id       int
	callback goja.Callable
	args     []goja.Value
	repeat   bool
	loop     *eventloop.Timer
	life     context.Context // of the invocation that set it
}

type slotKey struct{ _ byte }

var slot slotKey

func of(js *webidl.Realm) *timers {
	return webidl.Slot(js, &slot, func() *timers { return &timers{set: map[int]*timer{}, sweep: 64} })
}

// set is https://html.spec.whatwg.org/#timer-initialisation-steps
func set(js *webidl.Realm, args []goja.Value, repeat bool) (goja.Value, error) {
	callback, ok := goja.AssertFunction(args[0])
	if !ok {
		// A string would be code, which is not generated here.
		return nil, webidl.TypeError("parameter 1 is not of type 'Function'.")
	}
	var ms int32
	if len(args) > 1 {
		n, err := webidl.Long.Convert(js, args[1])
		if err != nil {
			return nil, err
		}
		ms = max(n, 0)
		args = args[2:]
	} else {
		args = nil
	}
	t, err := start(js, time.Duration(ms)*time.Millisecond, repeat, callback, args)
	if err != nil {
		return nil, err
	}
	return js.VM.ToValue(t.id), nil
}

func start(js *webidl.Realm, d time.Duration, repeat bool, callback goja.Callable, args []goja.Value) (*timer, error) {
	life, err := js.Ambient()
	if err != nil {
		return nil, err
	}
	all := of(js)
	if len(all.set) >= all.sweep {
		all.clean()
	}
	if len(all.set) >= Limit {
		return nil, webidl.RangeError("more than %d timers are set", Limit)
	}
	all.last++
	t := &timer{id: all.last, callback: callback, repeat: repeat, life: life}
	t.args = append(t.args, args...) // the engine uses the argument slice again
	all.set[t.id] = t
	current := js.Context()
	var owner any
	if current != nil {
		owner = current.Owner
	}
	t.loop = js.Loop.SetTimer(d, repeat, owner, current, func() { t.fire(js, all) })
	return t, nil
}

// clean forgets the timers of ended invocations, which the loop has stopped.
func (all *timers) clean() {
	for id, t := range all.set {
		if t.life.Err() != nil {
			t.loop.Stop()
			delete(all.set, id)
		}
	}
	all.sweep = min(max(64, 2*len(all.set)), Limit)
}

func (t *timer) fire(js *webidl.Realm, all *timers) {
	if !t.repeat {
		delete(all.set, t.id)
	}
	if _, err := t.callback(js.VM.GlobalObject(), t.args...); err != nil {
		dom.ReportError(js, err)
	}
}

func (all *timers) stop(id int) {
	if t := all.set[id]; t != nil {
		t.loop.Stop()
		delete(all.set, id)
	}
}

// https://html.spec.whatwg.org/#dom-cleartimeout
func clearTimer(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
	if len(args) > 0 {
		if i, ok := webidl.As[*immediate](args[0]); ok {
			of(js).stop(i.id)
			return goja.Undefined(), nil
		}
		id, err := webidl.Long.Convert(js, args[0])
		if err != nil {
			return nil, err
		}
		of(js).stop(int(id))
	}
	return goja.Undefined(), nil
}

// https://html.spec.whatwg.org/#dom-queuemicrotask
func queueMicrotask(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
	callback, ok := goja.AssertFunction(args[0])
	if !ok {
		return nil, webidl.TypeError("parameter 1 is not of type 'Function'.")
	}
	js.Microtask(func() {
		if _, err := callback(goja.Undefined()); err != nil {
			dom.ReportError(js, err)
		}
	})
	return goja.Undefined(), nil
}
