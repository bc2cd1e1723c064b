package worker

import (
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// ScheduledController is the first argument of a scheduled handler.
// https://developers.cloudflare.com/workers/runtime-apis/handlers/scheduled/
var ScheduledController = &webidl.Class[*scheduledController]{
	Name: "ScheduledController",
	Members: []webidl.Member[*scheduledController]{
		webidl.ReadOnly("scheduledTime", func(c *scheduledController, _ *webidl.Realm) (int64, error) { return c.at.UnixMilli(), nil }),
		webidl.ReadOnly("cron", func(c *scheduledController, _ *webidl.Realm) (string, error) { return c.cron, nil }),
		webidl.Proc0("noRetry", func(*scheduledController, *webidl.Realm) error { return nil }), // nothing retries
	},
}

type scheduledController struct {
	webidl.Handle
	at   time.Time
	cron string
}

// scheduling is one cron event on its way.
type scheduling struct {
	worker     *Worker
	invocation *isolate.Invocation
	entrypoint string
	cron       string
	at         time.Time
}

// start is the first turn.
func (s *scheduling) start() {
	w, inv := s.worker, s.invocation
	js := w.isolate.Realm
	v, err := s.dispatch(js)
	if err != nil {
		inv.Raise(err)
		return
	}
	js.Then(v, func(goja.Value) { inv.Answer() }, inv.Throw)
}

func (s *scheduling) dispatch(js *webidl.Realm) (goja.Value, error) {
	w := s.worker
	if w.classic {
		return w.dispatchScheduled(js, s.invocation, s.cron, s.at)
	}
	h, err := w.entrypoint(js, s.entrypoint, s.invocation)
	if err != nil {
		return nil, err
	}
	if h.scheduled == nil {
		return nil, webidl.TypeError("Handler does not export a scheduled() function.")
	}
	controller := ScheduledController.Wrap(js, &scheduledController{at: s.at, cron: s.cron})
	if h.instance != nil {
		return h.scheduled(h.instance, controller)
	}
	ctx := ExecutionContext.Wrap(js, &executionContext{invocation: s.invocation})
	return h.scheduled(w.handlers.object, controller, w.environment(js), ctx)
}
