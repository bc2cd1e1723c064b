package control

import (
	"github.com/mayfly-edge/mayfly/runtime/script"
)

func schedulesView(items []script.Schedule) map[string]any {
	views := []map[string]any{}
	for _, s := range items {
		views = append(views, map[string]any{"cron": s.Cron, "created_on": stamp(s.CreatedOn), "modified_on": stamp(s.ModifiedOn)})
	}
	return map[string]any{"schedules": views}
}

// getSchedules lists the cron triggers of a script.
func getSchedules(k *call) (any, error) {
	var items []script.Schedule
	err := k.view(func(tx *script.Tx) (err error) {
		if _, err = tx.Script(k.account, k.params["script"]); err != nil {
			return err
		}
		items, err = tx.Schedules(k.account, k.params["script"])
		return err
	})
	return schedulesView(items), err
}

// putSchedules replaces all cron triggers of a script.
func putSchedules(k *call) (any, error) {
	var in []struct {
		Cron string `json:"cron"`
	}
	if err := k.json(&in); err != nil {
		return nil, err
	}
	var crons []string
	for _, s := range in {
		if s.Cron == "" {
			return nil, badRequest("a schedule has no \"cron\"")
		}
		if k.CheckCron != nil {
			if err := k.CheckCron(s.Cron); err != nil {
				return nil, script.Errorf(script.BadValue, "cron trigger %q: %v", s.Cron, err)
			}
		}
		crons = append(crons, s.Cron)
	}
	err := k.update(func(tx *script.Tx) error {
		if _, err := tx.Script(k.account, k.params["script"]); err != nil {
			return err
		}
		return tx.SetSchedules(k.account, k.params["script"], crons)
	})
	if err != nil {
		return nil, err
	}
	return getSchedules(k)
}
