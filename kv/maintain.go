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
// go on. Space of records overwritten or deleted moments ago may only be found by
// the next Compact, and that in the newest value log file (of up to 128 MiB) only
// after the store was opened again.
func (db *DB) Compact(ctx context.Context) error {
	if db.isClosed() {
		return ErrClosed
	}
	if err := db.reap(ctx); err != nil {
		return err
	}
	db.upkeep.Lock()
	err := db.engine.Flatten(2)
	db.upkeep.Unlock()
	if err != nil {
		return engineError(err)
	}
	return db.collect(ctx, compactShare)
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
