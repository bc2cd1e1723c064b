package ledger

import (
	"fmt"

	"github.com/mayfly-edge/mayfly/kv"
)

// grace is how many minutes an hour stays open after its end, for invocations that are
// reported late.
const grace = 2

// Rollup sums up the hours and days that are over and removes rows that are kept no
// longer. A sum replaces the row it belongs to and its mark moves only when all sums are
// stored, so that a Rollup cut off at any point is made good by the next one. [Ledger.Run]
// calls it every minute.
func (l *Ledger) Rollup() error {
	l.rollups.Lock()
	defer l.rollups.Unlock()
	err := l.rollup()
	if err != nil {
		return fmt.Errorf("ledger: summing up usage: %w", err)
	}
	return nil
}

func (l *Ledger) rollup() error {
	now := minuteOf(l.opts.Now())
	end := floor(now-grace, hours.span)
	// From here on nothing is written to the minutes that are summed up below, and the
	// accounts read below are all that have rows there.
	if err := l.closeUntil(end); err != nil {
		return err
	}
	var from, dayFrom int64
	var accounts []string
	err := l.db.View(func(tx *kv.Tx) (err error) {
		if from, err = readMark(tx, hours); err != nil {
			return err
		}
		if dayFrom, err = readMark(tx, days); err != nil {
			return err
		}
		return eachAccount(tx, func(a string) error { accounts = append(accounts, a); return nil })
	})
	if err != nil {
		return err
	}
	if from < end {
		if err := l.sum(accounts, minutes, hours, from, end); err != nil {
			return err
		}
		from = end
	}
	if dayEnd := floor(from, days.span); dayFrom < dayEnd {
		if err := l.sum(accounts, hours, days, dayFrom, dayEnd); err != nil {
			return err
		}
		dayFrom = dayEnd
	}
	for _, account := range accounts {
		if err := l.prune(minutes, account, min(from, now-minutes.keep)); err != nil {
			return err
		}
		if err := l.prune(hours, account, min(dayFrom, now-hours.keep)); err != nil {
			return err
		}
	}
	return nil
}

// closeUntil makes end the first minute that may still be written to.
func (l *Ledger) closeUntil(end int64) error {
	l.flushes.Lock()
	defer l.flushes.Unlock()
	if end <= l.open {
		return nil
	}
	l.collect()
	if err := l.write(); err != nil { // batches that wait may hold earlier minutes
		return err
	}
	l.open = end
	return nil
}

// sum writes the rows of one level in [from, to) from those of the finer one and then
// moves its mark to to.
func (l *Ledger) sum(accounts []string, fine, coarse level, from, to int64) error {
	for _, account := range accounts {
		for from := from; from < to; {
			// One span at a time bounds the memory; the next row says which comes next.
			var span int64
			sums := make(map[id]*Usage)
			err := l.db.View(func(tx *kv.Tx) error {
				return eachRow(tx, fine, account, from, to, func(_ string, r row, u *Usage) error {
					at := floor(r.minute, coarse.span)
					if len(sums) > 0 && at != span {
						return kv.ErrStop
					}
					span = at
					if s := sums[r.id]; s != nil {
						s.Add(u)
					} else {
						sums[r.id] = u
					}
					return nil
				})
			})
			if err != nil {
				return err
			}
			if len(sums) == 0 {
				break
			}
			if err := l.putSums(coarse, span, sums); err != nil {
				return err
			}
			from = span + coarse.span
		}
	}
	return l.db.Update(func(tx *kv.Tx) error { return writeMark(tx, coarse, to) })
}

func (l *Ledger) putSums(v level, span int64, sums map[id]*Usage) error {
	rest := make([]row, 0, len(sums))
	for id := range sums {
		rest = append(rest, row{id, span})
	}
	for len(rest) > 0 {
		part := rest[:min(len(rest), batchRows)]
		err := l.db.Update(func(tx *kv.Tx) error {
			for _, r := range part {
				if err := tx.Put(bucket, v.key(r), sums[r.id].encode()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		rest = rest[len(part):]
	}
	return nil
}

// prune removes the rows before a minute.
func (l *Ledger) prune(v level, account string, before int64) error {
	for {
		var keys []string
		err := l.db.View(func(tx *kv.Tx) error {
			return eachRow(tx, v, account, 0, before, func(key string, _ row, _ *Usage) error {
				if keys = append(keys, key); len(keys) == batchRows {
					return kv.ErrStop
				}
				return nil
			})
		})
		if err != nil || len(keys) == 0 {
			return err
		}
		err = l.db.Update(func(tx *kv.Tx) error {
			for _, key := range keys {
				if err := tx.Delete(bucket, key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(keys) < batchRows {
			return err
		}
	}
}
