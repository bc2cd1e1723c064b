package timers

import (
	"time"

	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// scheduler is the object of the same name:
// https://developers.cloudflare.com/workers/runtime-apis/scheduler/
type scheduler struct{ webidl.Handle }

type waitOptions struct{ signal *dom.AbortSignal }

var schedulerClass = &webidl.Class[*scheduler]{
	Name: "Scheduler",
	Members: []webidl.Member[*scheduler]{
		webidl.Op2("wait", (*scheduler).wait, webidl.Double, webidl.Dict("SchedulerWaitOptions", waitOptions{},
			webidl.Has("signal", dom.Signal, func(o *waitOptions) **dom.AbortSignal { return &o.signal }))),
	},
}

// wait returns a promise that is fulfilled after ms milliseconds, or rejected when the
// signal is aborted before.
func (*scheduler) wait(js *webidl.Realm, ms float64, o waitOptions) (*webidl.Promise, error) {
	if _, err := js.Ambient(); err != nil {
		return nil, err
	}
	if o.signal != nil && o.signal.Aborted() {
		return nil, webidl.Throw(o.signal.Reason())
	}
	p := js.NewPromise()
	const longest = 1 << 31 // ms
	current := js.Context()
	var owner any
	if current != nil {
		owner = current.Owner
	}
	forget := func() {}
	t := js.Loop.SetTimer(time.Duration(min(max(ms, 0), longest)*float64(time.Millisecond)), false, owner, current, func() {
		forget()
		p.Resolve(nil)
	})
	if o.signal != nil {
		forget = o.signal.OnAbort(func() {
			t.Stop()
			p.RejectValue(o.signal.Reason())
		})
	}
	return p, nil
}
