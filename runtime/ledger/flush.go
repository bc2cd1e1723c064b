package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

const (
	// batchRows is how many rows one transaction writes.
	batchRows = 1000
	// idleFlushes is after how many flushes without use a cell is forgotten.
	idleFlushes = 1200
)

// A batch is written whole or not at all, and only once however often it is tried.
type batch struct {
	seq  uint64
	rows []row
	used []*Usage
}

// Run writes the counters to the store, sums up hours and days and removes what is too
// old, until ctx is done; then it writes once more and returns that write's error. What
// goes wrong before is logged and tried again.
func (l *Ledger) Run(ctx context.Context) error {
	var rollup sync.WaitGroup
	defer rollup.Wait()
	rollup.Go(func() {
		tick := time.NewTicker(time.Minute)
		defer tick.Stop()
		for {
			if err := l.Rollup(); err != nil && ctx.Err() == nil {
				l.opts.Logger.Error("usage was not summed up and will be again in a minute", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	tick := time.NewTicker(l.opts.FlushEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return l.Flush()
		case <-tick.C:
		}
		err := l.Flush()
		if err != nil && !failing {
			l.opts.Logger.Error("usage was not written; it is kept in memory and tried again", "error", err)
		}
		failing = err != nil
	}
}

// Flush writes everything recorded so far. After an error nothing is lost as long as the
// process lives: the next Flush tries again.
func (l *Ledger) Flush() error {
	l.flushes.Lock()
	defer l.flushes.Unlock()
	l.collect()
	l.updateSpent()
	err := l.write()
	if err != nil {
		return fmt.Errorf("ledger: writing usage: %w", err)
	}
	return nil
}

// collect moves the counters of all shards to l.pending.
func (l *Ledger) collect() {
	l.flushed++
	latest := minuteOf(l.opts.Now()) + 1
	for _, s := range l.shards {
		s.mu.Lock()
		for i := range s.spill {
			l.take(s.spill[i].row, &s.spill[i].usage, latest)
		}
		for _, c := range s.dirty {
			l.take(row{c.id, c.minute}, &c.usage, latest)
			c.usage, c.moved, c.used = Usage{}, false, l.flushed
		}
		clear(s.spill)
		clear(s.dirty)
		s.spill, s.dirty = s.spill[:0], s.dirty[:0]
		if l.flushed%idleFlushes == 0 {
			for key, c := range s.cells {
				if c.used+idleFlushes <= l.flushed {
					delete(s.cells, key)
				}
			}
		}
		s.mu.Unlock()
	}
}

// take adds u to l.pending. A minute that is over for good or that cannot be yet
// becomes one that is open.
func (l *Ledger) take(r row, u *Usage, latest int64) {
	r.minute = max(min(r.minute, latest), l.open)
	l.countToday(r, u.Requests)
	if sum := l.pending[r]; sum != nil {
		sum.Add(u)
		return
	}
	sum := *u
	l.pending[r] = &sum
}

func (l *Ledger) write() error {
	if len(l.pending) > 0 {
		rows := make([]row, 0, len(l.pending))
		for r := range l.pending {
			rows = append(rows, r)
		}
		// Neighbours in the store are written together.
		slices.SortFunc(rows, func(a, b row) int {
			if c := strings.Compare(a.account, b.account); c != 0 {
				return c
			}
			return strings.Compare(a.script, b.script)
		})
		// While the store refuses, what comes is merged rather than piled up.
		if len(l.retry) == 0 {
			for part := range slices.Chunk(rows, batchRows) {
				l.seq++
				b := batch{seq: l.seq, rows: part}
				for _, r := range part {
					b.used = append(b.used, l.pending[r])
				}
				l.retry = append(l.retry, b)
			}
			clear(l.pending)
		}
	}
	for len(l.retry) > 0 {
		if err := l.writeBatch(&l.retry[0]); err != nil {
			return err
		}
		l.retry = l.retry[1:]
	}
	l.retry = nil
	if len(l.pending) > 0 {
		return l.write()
	}
	return nil
}

// writeBatch adds a batch to the minute rows. A commit whose confirmation was lost is
// recognised by its number and not made again.
func (l *Ledger) writeBatch(b *batch) error {
	var fresh []string
	err := l.db.Update(func(tx *kv.Tx) error {
		fresh = fresh[:0]
		id := fmt.Sprintf("%s %020d", l.boot, b.seq)
		last, err := tx.Get(bucket, "batch")
		if err != nil && !errors.Is(err, kv.ErrNotFound) {
			return err
		}
		if strings.HasPrefix(string(last), l.boot) && string(last) >= id {
			return nil
		}
		for i, r := range b.rows {
			if !l.known[r.account] && !slices.Contains(fresh, r.account) {
				if err := tx.Put(bucket, "account"+sep+r.account, nil); err != nil {
					return err
				}
				fresh = append(fresh, r.account)
			}
			if err := addRow(tx, minutes, r, b.used[i]); err != nil {
				return err
			}
		}
		return tx.Put(bucket, "batch", []byte(id))
	})
	if err != nil {
		return err
	}
	for _, account := range fresh {
		l.known[account] = true
	}
	return nil
}
