package runtime

import (
	"context"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/control"
	"github.com/mayfly-edge/mayfly/runtime/cron"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// triggers is cron.Runner over the runtime.
type triggers struct{ rt *Runtime }

// Run implements cron.Runner.
func (t triggers) Run(ctx context.Context, trigger cron.Trigger, scheduled time.Time) cron.Result {
	d, err := t.rt.scripts.get(scriptKey(trigger.Account, trigger.Script))
	if err != nil {
		return cron.Result{Outcome: outside.OutcomeScriptNotFound, Error: err.Error()}
	}
	r, err := t.rt.schedule(ctx, d, trigger.Cron, scheduled)
	if err != nil {
		return cron.Result{Outcome: outside.OutcomeInternalError, Error: err.Error()}
	}
	result := cron.Result{Outcome: r.Outcome, CPU: r.CPU, Wall: r.Wall}
	if len(r.Exceptions) > 0 {
		result.Error = r.Exceptions[0].Name + ": " + r.Exceptions[0].Message
	}
	return result
}

// setTriggers gives the scheduler the triggers of all scripts.
func (rt *Runtime) setTriggers() error {
	var all []cron.Trigger
	err := rt.store.View(func(tx *script.Tx) error {
		list, err := tx.AllSchedules()
		for _, s := range list {
			for _, item := range s.Items {
				all = append(all, cron.Trigger{Account: s.Account, Script: s.Script, Cron: item.Cron})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return rt.cron.Set(all)
}

// CronRuns lists the last runs of a script's cron triggers, newest first.
func (rt *Runtime) CronRuns(_ context.Context, q control.Question) (any, error) {
	if err := known(q.Query); err != nil {
		return nil, err
	}
	if err := rt.store.View(func(tx *script.Tx) error {
		_, err := tx.Script(q.Account, q.Param("script"))
		return err
	}); err != nil {
		return nil, err
	}
	runs, err := rt.cron.Runs(q.Account, q.Param("script"))
	if err != nil {
		return nil, err
	}
	return control.List{Items: append([]cron.Run{}, runs...), Count: len(runs)}, nil
}

// CheckCron reports what is wrong with a cron expression.
func CheckCron(expression string) error {
	_, err := cron.Parse(expression)
	return err
}
