package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

// A Query asks for usage.
type Query struct {
	Account string // "" for all
	Script  string // "" for all
	// From and To bound the time, To excluded. They are widened to whole steps, and where
	// minutes or hours are kept no longer to whole hours or days; see Result.
	From, To time.Time
	// Step cuts the time into rows: a whole number of minutes, in UTC from the epoch. 0
	// gives one row for the whole time.
	Step time.Duration
	// ByVersion gives each version its own rows.
	ByVersion bool
}

// A Row is the usage of a script, or of a version, in [From, To).
type Row struct {
	Account string    `json:"account"`
	Script  string    `json:"script"`
	Version string    `json:"version,omitempty"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Usage
}

// A Result answers a [Query]. Rows are sorted by time, account, script and version; those
// in which nothing happened are left out.
type Result struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	Rows  []Row     `json:"rows"`
	Total Usage     `json:"total"`
}

// Usage answers a query. What was recorded before the call is in the answer.
func (l *Ledger) Usage(q Query) (*Result, error) {
	from, to, step, err := l.bounds(q)
	if err != nil {
		return nil, err
	}
	if err := l.Flush(); err != nil {
		return nil, err
	}
	res := &Result{From: timeOf(from), To: timeOf(to), Rows: []Row{}}
	rows := make(map[row]*Usage)
	err = l.db.View(func(tx *kv.Tx) error {
		hourMark, err := readMark(tx, hours)
		if err != nil {
			return err
		}
		dayMark, err := readMark(tx, days)
		if err != nil {
			return err
		}
		accounts := []string{q.Account}
		if q.Account == "" {
			accounts = accounts[:0]
			if err := eachAccount(tx, func(a string) error { accounts = append(accounts, a); return nil }); err != nil {
				return err
			}
		}
		for _, part := range split(from, to, step, []stored{{days, dayMark}, {hours, hourMark}, {minutes, to}}) {
			for _, account := range accounts {
				err := eachRow(tx, part.level, account, part.from, part.to, func(_ string, r row, u *Usage) error {
					if q.Script != "" && r.script != q.Script {
						return nil
					}
					if !q.ByVersion {
						r.version = ""
					}
					if r.minute = floor(r.minute, max(step, 1)); step == 0 {
						r.minute = from
					}
					res.Total.Add(u)
					if sum := rows[r]; sum != nil {
						sum.Add(u)
					} else {
						rows[r] = u
					}
					return nil
				})
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: reading usage: %w", err)
	}
	for r, u := range rows {
		end := r.minute + step
		if step == 0 {
			end = to
		}
		res.Rows = append(res.Rows, Row{r.account, r.script, r.version, timeOf(r.minute), timeOf(end), *u})
	}
	slices.SortFunc(res.Rows, func(a, b Row) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Script, b.Script), cmp.Compare(a.Version, b.Version))
	})
	return res, nil
}

// bounds checks a query and returns its time and step in minutes.
func (l *Ledger) bounds(q Query) (from, to, step int64, err error) {
	if !q.From.Before(q.To) {
		return 0, 0, 0, fmt.Errorf("ledger: the time asked for ends at %s, which is not after its start at %s", q.To.Format(time.RFC3339), q.From.Format(time.RFC3339))
	}
	if q.From.Unix() < 0 {
		return 0, 0, 0, errors.New("ledger: the time asked for starts before 1970")
	}
	if q.Step < 0 || q.Step%time.Minute != 0 {
		return 0, 0, 0, fmt.Errorf("ledger: step is %v; it must be a whole number of minutes", q.Step)
	}
	now := minuteOf(l.opts.Now())
	from, step = minuteOf(q.From), int64(q.Step/time.Minute)
	to = minuteOf(q.To.Add(time.Minute - 1))
	for _, v := range []struct{ fine, coarse level }{{minutes, hours}, {hours, days}} {
		if step%v.coarse.span != 0 && floor(from, step) < now-v.fine.keep {
			return 0, 0, 0, fmt.Errorf("ledger: steps of %v are kept for %v only; ask from %s on, or with a step of %v",
				q.Step, inMinutes(v.fine.keep), timeOf(now-v.fine.keep).Format(time.RFC3339), inMinutes(v.coarse.span))
		}
	}
	return floor(from, grain(from, now, step)), -floor(-to, grain(to, now, step)), step, nil
}

func inMinutes(n int64) time.Duration { return time.Duration(n) * time.Minute }

// grain is to what a bound of a query is widened: the step, or else what is still kept.
func grain(minute, now, step int64) int64 {
	switch {
	case step != 0:
		return step
	case minute > now-minutes.keep:
		return minutes.span
	case minute > now-hours.keep:
		return hours.span
	}
	return days.span
}

// A part is a stretch of time read from one level.
type part struct {
	level    level
	from, to int64
}

// stored is a level and the minute up to which it has rows.
type stored struct {
	level
	mark int64
}

// split divides [from, to) so that every part is read from the coarsest level that has it
// and fits the step. The last level has everything.
func split(from, to, step int64, levels []stored) []part {
	if from >= to {
		return nil
	}
	v := levels[0]
	if len(levels) == 1 {
		return []part{{v.level, from, to}}
	}
	first, last := -floor(-from, v.span), floor(min(to, v.mark), v.span)
	if step%v.span != 0 || first >= last {
		return split(from, to, step, levels[1:])
	}
	parts := append(split(from, first, step, levels[1:]), part{v.level, first, last})
	return append(parts, split(last, to, step, levels[1:])...)
}
