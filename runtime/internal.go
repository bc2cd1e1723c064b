package runtime

import (
	"context"
	"math/rand/v2"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/router"
)

// service finds the version of a worker that an event of another worker goes to, and
// makes the event. Such events wait in no queue: their caller has a place already.
func (rt *Runtime) service(ctx context.Context, call *outside.Call, key router.Script, entrypoint string) (*loaded, worker.Event, error) {
	d, err := rt.scripts.get(key)
	if err != nil {
		_, name, _ := splitKey(key)
		return nil, worker.Event{}, outside.Errorf(outside.KindError, "The service %q is not deployed.", name)
	}
	id := call.Invocation
	if err := rt.chains.enter(id); err != nil {
		return nil, worker.Event{}, err
	}
	rt.working.Add(1)
	span := rt.traces.Start(call.Traceparent)
	return d.versions[d.deployment.Pick(rand.Float64())], worker.Event{
		Context: ctx, Entrypoint: entrypoint, Internal: true,
		Call: outside.Call{Invocation: call.Invocation, Hops: call.Hops + 1, Traceparent: span.Traceparent()},
		Finished: func(r *outside.Report) {
			rt.traces.End(span, r)
			rt.chains.leave(id)
			rt.working.Done()
		},
	}, nil
}

// internal gives a request of a worker's to another worker of the same account.
func (rt *Runtime) internal(ctx context.Context, call *outside.Call, key router.Script, entrypoint string, req *outside.Request) (*outside.Response, error) {
	l, e, err := rt.service(ctx, call, key, entrypoint)
	if err != nil {
		return nil, err
	}
	e.Outside = l.session
	res, err := rt.pool.Fetch(l.version, e, req)
	if err != nil {
		rt.notRun(err, e.Finished, l, outside.Report{
			Invocation: call.Invocation, Event: outside.EventFetch, Internal: true, Method: req.Method, URL: req.URL,
		})
		return nil, outside.Errorf(outside.KindError, "The service %q failed: %v", l.session.script, err)
	}
	return res, nil
}

// rpc gives a call of a worker's to another worker of the same account.
func (rt *Runtime) rpc(ctx context.Context, call *outside.Call, key router.Script, entrypoint, method string, args []byte) ([]byte, error) {
	l, e, err := rt.service(ctx, call, key, entrypoint)
	if err != nil {
		return nil, err
	}
	e.Outside = l.session
	result, err := rt.pool.RPC(l.version, e, method, args)
	if err != nil {
		rt.notRun(err, e.Finished, l, outside.Report{
			Invocation: call.Invocation, Event: outside.EventRPC, Internal: true, RPCMethod: method,
		})
	}
	return result, err
}
