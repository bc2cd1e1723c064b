package kv

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// gcEvery is how many rounds of removing expired records there are to one of
// tidying the value log.
const gcEvery = 10

// Shares of a value log file that must be garbage for it to be rewritten.
const (
	gcShare      = 0.5
	compactShare = 0.05
)

func (db *DB) maintainLoop() {
	defer db.idle.Done()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-db.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	tick := time.NewTicker(db.opts.Maintenance)
	defer tick.Stop()
	for round := 1; ; round++ {
		select {
		case <-db.closed:
			return
		case <-tick.C:
		}
		err := db.reap(ctx)
		if err == nil && round%gcEvery == 0 {
			err = db.collect(ctx, gcShare)
		}
		if err != nil && ctx.Err() == nil && !errors.Is(err, ErrClosed) {
			db.opts.Logger.Warn("the store could not be tidied", "dir", db.dir, "error", err)
		}
	}
}

// Compact removes expired records, merges the sorted files and rewrites value log
// files that hold garbage, so that the directory becomes smaller. Reads and writes
// go on, but for a pause of up to about a second. Space of records overwritten or deleted moments ago may only be found by
// the next Compact, and that in the newest value log file (of up to 128 MiB) only
// after the store was opened again.
func (db *DB) Compact(ctx context.Context) error {
	if err := db.reap(ctx); err != nil {
		return err
	}
	if err := db.merge(ctx); err != nil {
		return err
	}
	return db.collect(ctx, compactShare)
}

// merge sorts everything into one level, which is how the engine learns what in
// the value log is garbage. Reads and writes wait while what is in memory and the
// topmost level are merged, up to about a second.
func (db *DB) merge(ctx context.Context) error {
	db.upkeep.Lock()
	defer db.upkeep.Unlock()
	err := db.submit(ctx, &op{trusted: true, fn: func(*Tx) error {
		// Dropping a prefix is the engine's only call that does this, provided there
		// is something to drop. It refuses writes meanwhile; there are none, since
		// this is the committer.
		drop := []byte{kindNone}
		if err := db.engine.Update(func(txn *badger.Txn) error { return txn.Set(drop, nil) }); err != nil {
			return engineError(err)
		}
		return engineError(db.engine.DropPrefix(drop))
	}})
	if err != nil {
		return err
	}
	return engineError(db.engine.Flatten(2))
}

// collect rewrites value log files of which at least share is garbage.
func (db *DB) collect(ctx context.Context, share float64) error {
	db.upkeep.Lock()
	defer db.upkeep.Unlock()
	db.moving.Store(true)
	defer db.moving.Store(false)
	for ctx.Err() == nil {
		err := db.engine.RunValueLogGC(share)
		if errors.Is(err, badger.ErrNoRewrite) || errors.Is(err, badger.ErrRejected) {
			return nil
		} else if err != nil {
			return engineError(err)
		}
	}
	return ctx.Err()
}

// reap removes the records that have expired, by the expiry index.
func (db *DB) reap(ctx context.Context) error {
	for ctx.Err() == nil {
		var due [][]byte
		size := writeSize{}
		err := db.View(func(tx *Tx) error {
			return tx.walk([]byte{kindExpiry}, nil, false, func(item *badger.Item) (bool, error) {
				k := item.KeyCopy(nil)
				if len(k) < 10 || int64(binary.BigEndian.Uint64(k[1:])) > tx.now {
					return false, nil
				}
				due = append(due, k)
				size.add("", string(k), 0)
				return size.fits(db), nil
			})
		})
		if err != nil || len(due) == 0 {
			return err
		}
		err = db.submit(ctx, &op{trusted: true, deletes: true, size: size, fn: func(tx *Tx) error {
			for _, k := range due {
				if err := tx.reapOne(k); err != nil {
					return err
				}
			}
			return nil
		}})
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// reapOne removes a due record of the expiry index and the record it stands for,
// if that still expires at that time.
func (t *Tx) reapOne(index []byte) error {
	at, k := int64(binary.BigEndian.Uint64(index[1:])), index[9:]
	switch k[0] {
	case kindSystem:
		if item, err := t.item(k); err == nil {
			if _, expires, err := systemValue(item); err != nil || expires == at {
				if err := t.delete(k); err != nil {
					return err
				}
			}
		}
	case kindHead:
		id, key, ok := bytes.Cut(k[1:], []byte{0})
		if h, err := t.head(k); ok && err == nil && expiryMillis(h.expiration) == at {
			if err := t.deleteEntry(string(id), string(key)); err != nil {
				return err
			}
		}
	}
	return t.delete(index)
}
