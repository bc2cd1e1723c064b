package cron

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

// Kept is how many runs of a script are kept.
const Kept = 100

// A Run is one run of a trigger.
type Run struct {
	Trigger
	Scheduled time.Time `json:"scheduled"`
	Started   time.Time `json:"started"`
	// Passed is how many due times before this one were passed over because the trigger
	// was still running.
	Passed int `json:"passed,omitempty"`
	Result
}

// bucket holds what the scheduler stores. The keys, with NUL between their parts:
//
//	mark account script cron        -> the due time up to which it was started, in seconds
//	run account script started cron -> a Run as JSON; started in nanoseconds, twenty digits
const bucket = "cron"

func markKey(t Trigger) string {
	return strings.Join([]string{"mark", t.Account, t.Script, t.Cron}, "\x00")
}

func runsOf(account, script string) string {
	return strings.Join([]string{"run", account, script, ""}, "\x00")
}

// loadMarks reads the marks of new entries, makes those that are missing and removes those
// of triggers that are gone.
func (s *Scheduler) loadMarks(entries map[Trigger]*entry) error {
	now := s.opts.Now()
	marks := make(map[*entry]time.Time)
	err := s.db.Update(func(tx *kv.Tx) error {
		clear(marks)
		var gone []string
		err := tx.Scan(bucket, "mark\x00", "", func(key string, _ []byte) error {
			f := strings.Split(key, "\x00")
			if len(f) != 4 || entries[Trigger{f[1], f[2], f[3]}] == nil {
				gone = append(gone, key)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, key := range gone {
			if err := tx.Delete(bucket, key); err != nil {
				return err
			}
		}
		for t, e := range entries {
			if !e.mark.IsZero() {
				continue
			}
			mark := now
			switch value, err := tx.Get(bucket, markKey(t)); {
			case errors.Is(err, kv.ErrNotFound):
				if err := putMark(tx, t, now); err != nil {
					return err
				}
			case err != nil:
				return err
			default:
				seconds, err := strconv.ParseInt(string(value), 10, 64)
				if err != nil {
					return fmt.Errorf("stored mark %q is damaged", value)
				}
				mark = time.Unix(seconds, 0).UTC()
			}
			marks[e] = mark
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("cron: loading triggers: %w", err)
	}
	for e, mark := range marks {
		e.mark = mark
	}
	return nil
}

func putMark(tx *kv.Tx, t Trigger, at time.Time) error {
	return tx.Put(bucket, markKey(t), strconv.AppendInt(nil, at.Unix(), 10))
}

func (s *Scheduler) saveMark(t Trigger, at time.Time) error {
	return s.db.Update(func(tx *kv.Tx) error {
		// A trigger removed meanwhile must not come back with an old mark.
		if _, err := tx.Get(bucket, markKey(t)); err != nil {
			if errors.Is(err, kv.ErrNotFound) {
				return nil
			}
			return err
		}
		return putMark(tx, t, at)
	})
}

func (s *Scheduler) saveRun(run Run) error {
	value, err := json.Marshal(run)
	if err != nil {
		return err
	}
	prefix := runsOf(run.Account, run.Script)
	key := prefix + fmt.Sprintf("%020d", run.Started.UnixNano()) + "\x00" + run.Cron
	return s.db.Update(func(tx *kv.Tx) error {
		if err := tx.Put(bucket, key, value); err != nil {
			return err
		}
		var old []string
		n := 0
		err := tx.ScanReverse(bucket, prefix, "", func(key string, _ []byte) error {
			if n++; n > Kept {
				old = append(old, key)
			}
			return nil
		})
		for _, key := range old {
			err = errors.Join(err, tx.Delete(bucket, key))
		}
		return err
	})
}

// Runs returns the last runs of a script that have ended, the latest start first, at
// most [Kept].
func (s *Scheduler) Runs(account, script string) ([]Run, error) {
	runs := []Run{}
	err := s.db.View(func(tx *kv.Tx) error {
		return tx.ScanReverse(bucket, runsOf(account, script), "", func(_ string, value []byte) error {
			var run Run
			if err := json.Unmarshal(value, &run); err != nil {
				return fmt.Errorf("a stored run is damaged: %w", err)
			}
			runs = append(runs, run)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("cron: listing runs: %w", err)
	}
	return runs, nil
}

// Forget removes the runs of a script that was deleted.
func (s *Scheduler) Forget(account, script string) error {
	err := s.db.Update(func(tx *kv.Tx) error {
		var keys []string
		err := tx.Scan(bucket, runsOf(account, script), "", func(key string, _ []byte) error {
			keys = append(keys, key)
			return nil
		})
		for _, key := range keys {
			err = errors.Join(err, tx.Delete(bucket, key))
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("cron: forgetting runs: %w", err)
	}
	return nil
}
