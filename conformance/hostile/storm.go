package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// storms are made of scheduled events.
func storms() []*assault {
	return []*assault{
		{group: "cron storms", name: "a thousand schedules", short: true, run: func(ctx context.Context, a *arena) finding {
			name := a.name()
			if err := a.deploy(ctx, remote.Worker{Name: name, Code: `export default { scheduled() {}, fetch() { return new Response() } }`}); err != nil {
				return wrongf("deployment: %v", err)
			}
			var crons []map[string]string
			for i := range 1000 {
				crons = append(crons, map[string]string{"cron": fmt.Sprintf("%d %d * * *", i%60, i%24)})
			}
			err := a.mallory.Call(ctx, "PUT", "/workers/scripts/"+name+"/schedules", "application/json", toJSON(crons), nil)
			return refusedBelow500(err)
		}},
		{group: "cron storms", name: "malformed schedules", run: func(ctx context.Context, a *arena) finding {
			name := a.name()
			if err := a.deploy(ctx, remote.Worker{Name: name, Code: `export default { scheduled() {}, fetch() { return new Response() } }`}); err != nil {
				return wrongf("deployment: %v", err)
			}
			f := finding{ended: "refused"}
			for _, cron := range []string{"", "*", "* * * * * *", "*/0 * * * *", "0-99999999999 * * * *", "1,2,3,4-,5 * * * *", "\x00 * * * *", "0 0 31 2 *"} {
				err := a.mallory.Call(ctx, "PUT", "/workers/scripts/"+name+"/schedules", "application/json", toJSON([]map[string]string{{"cron": cron}}), nil)
				if cron == "0 0 31 2 *" {
					continue // a day that never comes may be taken or refused
				}
				if got := refusedBelow500(err); got.wrong != "" {
					f = wrongf("%q: %s", cron, got.wrong)
				}
			}
			return f
		}},
		{group: "cron storms", name: "fifty events that loop at once", shared: "in one process many loops share the cores with everybody", run: scheduledAtOnce(`for (;;);`, "exceededCpu")},
		{group: "cron storms", name: "fifty events that wait for ever", run: scheduledAtOnce(`await new Promise(() => {})`, "exception")},
	}
}

// scheduledAtOnce gives a worker many scheduled events.
func scheduledAtOnce(code, want string) func(context.Context, *arena) finding {
	return func(ctx context.Context, a *arena) finding {
		name := a.name()
		if err := a.deploy(ctx, remote.Worker{Name: name, CPU: 50, Code: `export default { async scheduled() { ` + code + ` }, fetch() { return new Response() } }`}); err != nil {
			return wrongf("deployment: %v", err)
		}
		var busy sync.WaitGroup
		for range 50 {
			busy.Go(func() { _, _ = a.get(ctx, host(name), "/cdn-cgi/handler/scheduled?cron=*+*+*+*+*") })
		}
		busy.Wait()
		ended, err := a.outcome(ctx, name)
		if err != nil {
			return wrongf("%v", err)
		}
		if ended != want {
			return wrongf("ended as %s, want %s", ended, want)
		}
		return finding{ended: ended}
	}
}

// refusedBelow500 wants a refusal that is the client's fault.
func refusedBelow500(err error) finding {
	var r *remote.Refusal
	switch {
	case err == nil:
		return wrongf("it was accepted")
	case !errors.As(err, &r) || r.Status >= 500:
		return wrongf("%v", err)
	}
	return finding{ended: fmt.Sprintf("refused %d", r.Status)}
}
