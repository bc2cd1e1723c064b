package worker

import (
	"errors"
	"strconv"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/clone"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// RPC calls a method of an entrypoint class. args is a serialised array and the result
// a serialised value. What the method throws is an *outside.Error with its message.
func (w *Worker) RPC(e Event, method string, args []byte) ([]byte, error) {
	r := &calling{worker: w, entrypoint: e.Entrypoint, method: method, args: args}
	w.begin(&r.invocation, &e, outside.EventRPC).RPCMethod = method
	if err := r.invocation.Enter(r.start); err != nil {
		return nil, err
	}
	if err := r.invocation.Wait(); err != nil {
		return nil, rpcError(err)
	}
	return r.result, nil
}

// rpcError is what the caller's script sees of a failed call.
func rpcError(err error) error {
	var thrown *isolate.Thrown
	if !errors.As(err, &thrown) {
		return outside.Errorf(outside.KindError, "%v", err)
	}
	kind := outside.KindError
	switch thrown.Name {
	case "TypeError":
		kind = outside.KindType
	case "RangeError":
		kind = outside.KindRange
	}
	return outside.Errorf(kind, "%s", thrown.Message)
}

// calling is one RPC on its way.
type calling struct {
	worker     *Worker
	invocation isolate.Invocation
	entrypoint string
	method     string
	args       []byte
	result     []byte
}

// start is the first turn.
func (c *calling) start() {
	js := c.worker.isolate.Realm
	v, err := c.dispatch(js)
	if err != nil {
		c.invocation.Raise(err)
		return
	}
	js.Then(v, c.answer, c.invocation.Throw)
}

func (c *calling) answer(v goja.Value) {
	data, err := clone.Serialize(c.worker.isolate.Realm, v)
	if err != nil {
		c.invocation.Raise(err)
		return
	}
	c.result = data
	c.invocation.Answer()
}

// reserved are names that are part of an entrypoint's making, not of what it offers.
var reserved = map[string]bool{"constructor": true, "fetch": true, "scheduled": true, "ctx": true, "env": true, "dup": true}

func (c *calling) dispatch(js *webidl.Realm) (goja.Value, error) {
	w := c.worker
	if w.classic || c.entrypoint == "" && w.handlers.class == nil {
		return nil, webidl.TypeError("The receiving worker's default export is no WorkerEntrypoint class, so that it has no RPC methods.")
	}
	h, err := w.entrypoint(js, c.entrypoint, &c.invocation)
	if err != nil {
		return nil, err
	}
	var f goja.Callable
	if err := js.Catch(func() {
		// Methods of the class only: what an instance keeps for itself is not offered.
		if o, ok := h.instance.Prototype().Get(c.method).(*goja.Object); ok && !reserved[c.method] {
			f, _ = goja.AssertFunction(o)
		}
	}); err != nil {
		return nil, err
	}
	if f == nil || js.VM.NewObject().Get(c.method) != nil {
		return nil, webidl.TypeError("The RPC receiver does not implement the method \"%s\".", c.method)
	}
	list, err := clone.Deserialize(js, c.args)
	if err != nil {
		return nil, err
	}
	array, ok := list.(*goja.Object)
	if !ok || !webidl.IsArray(array) {
		return nil, webidl.TypeError("The arguments of an RPC call must be an array.")
	}
	args := make([]goja.Value, array.Get("length").ToInteger())
	for i := range args {
		args[i] = array.Get(strconv.Itoa(i))
	}
	return f(h.instance, args...)
}
