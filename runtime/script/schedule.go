package script

import (
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

// MaxSchedules is the number of cron triggers one script may have.
const MaxSchedules = 250

// A Schedule is one cron trigger.
type Schedule struct {
	Cron       string    `json:"cron"`
	CreatedOn  time.Time `json:"created_on"`
	ModifiedOn time.Time `json:"modified_on"`
}

// Schedules are all cron triggers of a script.
type Schedules struct {
	Account string     `json:"account"`
	Script  string     `json:"script"`
	Items   []Schedule `json:"items"`
}

// Schedules returns the cron triggers of a script in the order they were given.
func (tx *Tx) Schedules(account, script string) ([]Schedule, error) {
	s := new(Schedules)
	err := tx.get(bucketSchedule, key(account, script), s)
	if err == kv.ErrNotFound {
		return nil, nil
	}
	return s.Items, err
}

// AllSchedules lists the cron triggers of every script of every account.
func (tx *Tx) AllSchedules() ([]*Schedules, error) {
	return list[Schedules](tx, bucketSchedule, "")
}

// SetSchedules makes crons all the cron triggers of a script. The expressions are taken
// as they are: who calls has checked them.
func (tx *Tx) SetSchedules(account, script string, crons []string) error {
	old, err := tx.Schedules(account, script)
	if err != nil {
		return err
	}
	if len(crons) > MaxSchedules {
		return Errorf(BadValue, "%d cron triggers are over the limit of %d for a Worker", len(crons), MaxSchedules)
	}
	created := map[string]time.Time{}
	for _, s := range old {
		created[s.Cron] = s.CreatedOn
	}
	s := &Schedules{Account: account, Script: script}
	seen := map[string]bool{}
	for _, cron := range crons {
		if seen[cron] {
			return Errorf(BadValue, "cron trigger %q is given twice", cron)
		}
		seen[cron] = true
		at, ok := created[cron]
		if !ok {
			at = tx.now()
		}
		s.Items = append(s.Items, Schedule{Cron: cron, CreatedOn: at, ModifiedOn: tx.now()})
	}
	if len(old) == 0 && len(crons) == 0 {
		return nil
	}
	tx.audit(account, "schedules.set", script, "")
	tx.changed(Change{Kind: SchedulesChanged, Account: account, Script: script})
	if len(crons) == 0 {
		return tx.remove(bucketSchedule, key(account, script))
	}
	return tx.put(bucketSchedule, key(account, script), s)
}
