package timers

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// immediate is what setImmediate returns: https://nodejs.org/api/timers.html#class-immediate
type immediate struct {
	webidl.Handle
	id    int
	unref bool // kept only to be asked: an invocation waits for no timer
}

var immediateClass = &webidl.Class[*immediate]{
	Name: "Immediate",
	Members: []webidl.Member[*immediate]{
		webidl.Op0("ref", func(i *immediate, _ *webidl.Realm) (*goja.Object, error) {
			i.unref = false
			return i.Object(), nil
		}),
		webidl.Op0("unref", func(i *immediate, _ *webidl.Realm) (*goja.Object, error) {
			i.unref = true
			return i.Object(), nil
		}),
		webidl.Op0("hasRef", func(i *immediate, _ *webidl.Realm) (bool, error) { return !i.unref, nil }),
	},
}

// setImmediate is https://nodejs.org/api/timers.html#setimmediatecallback-args
func setImmediate(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
	callback, ok := goja.AssertFunction(args[0])
	if !ok {
		return nil, webidl.TypeError("parameter 1 is not of type 'Function'.")
	}
	t, err := start(js, 0, false, callback, args[1:])
	if err != nil {
		return nil, err
	}
	return immediateClass.Wrap(js, &immediate{id: t.id}), nil
}

func clearImmediate(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
	if len(args) > 0 {
		if i, ok := webidl.As[*immediate](args[0]); ok {
			of(js).stop(i.id)
		}
	}
	return goja.Undefined(), nil
}
