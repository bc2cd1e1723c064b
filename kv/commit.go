package kv

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// An op is one write function on its way through the committer.
type op struct {
	fn      func(*Tx) error
	size    writeSize
	deletes bool // only removes
	state   atomic.Int32
	trusted bool // fn is our own and returns
	err     error
	panic   any
	exited  bool // fn ended its goroutine
	done    chan struct{}
}

const (
	opQueued int32 = iota
	opTaken
	opAbandoned // its caller gave up before it was taken
)

// Bounds of a batch; one op over them is a batch of its own.
const (
	batchOps   = 1024
	batchBytes = 32 << 20
)

// submit hands an op to the committer and waits until it is on disk. When ctx ends
// first, the op has either not run or its result is returned.
func (db *DB) submit(ctx context.Context, o *op) error {
	o.done = make(chan struct{})
	select {
	case <-db.closed:
		return ErrClosed
	default:
	}
	select {
	case db.ops <- o:
	case <-db.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-o.done:
	case <-ctx.Done():
		if o.state.CompareAndSwap(opQueued, opAbandoned) {
			return ctx.Err()
		}
		<-o.done
	case <-db.closed:
		// The committer empties the queue before it ends, but an op that came in
		// behind its back is never taken.
		db.idle.Wait()
		if o.state.CompareAndSwap(opQueued, opAbandoned) {
			return ErrClosed
		}
		<-o.done
	}
	if o.panic != nil {
		panic(o.panic)
	}
	if o.exited {
		runtime.Goexit()
	}
	return o.err
}

func (db *DB) commitLoop() {
	defer db.idle.Done()
	var ops []*op
	for {
		ops = ops[:0]
		select {
		case o := <-db.ops:
			ops = append(ops, o)
		case <-db.closed:
			if ops = db.gather(ops); len(ops) == 0 {
				return
			}
		}
		db.run(db.gather(ops))
		clear(ops[:cap(ops)])
	}
}

// gather takes the ops that are waiting, up to the size of a batch.
func (db *DB) gather(ops []*op) []*op {
	var size writeSize
	for _, o := range ops {
		size = size.plus(o.size)
	}
	for len(ops) < batchOps && size.fits(db) {
		select {
		case o := <-db.ops:
			ops = append(ops, o)
			size = size.plus(o.size)
		default:
			return ops
		}
	}
	return ops
}

// run commits the ops that succeed and answers all of them.
func (db *DB) run(ops []*op) {
	live := ops[:0]
	for _, o := range ops {
		if o.state.CompareAndSwap(opQueued, opTaken) {
			live = append(live, o)
		}
	}
	for len(live) > 0 {
		n := db.runBatch(live)
		live = live[n:]
	}
}

// runBatch commits ops from the front of the list and answers how many it has
// finished with. Functions run in order in one engine transaction. One that fails
// after writing, or overfills the transaction, makes the others run again without
// it, for the engine cannot undo half a transaction.
func (db *DB) runBatch(ops []*op) int {
	for {
		txn := db.engine.NewTransaction(true)
		b := &batch{}
		redo := false
		n := 0
		var good []*op
		for ; n < len(ops); n++ {
			o := ops[n]
			if o.err != nil || o.panic != nil || o.exited {
				continue
			}
			tx := &Tx{db: db, txn: txn, batch: b, now: db.clock.now()}
			if failed := db.failed.Load(); failed != nil {
				o.err = *failed
				continue
			}
			before := b.bytes
			err := o.call(tx)
			switch {
			case tx.tooBig && len(good) > 0:
				// Commit the ones before it first, then give it a transaction alone.
				ops = ops[:n]
				redo = true
			case tx.tooBig:
				o.err = fmt.Errorf("%w: %d bytes in one transaction", ErrTooLarge, b.bytes)
				redo = true
			case err != nil || o.panic != nil || o.exited:
				o.err = err
				redo = tx.wrote
			case tx.wrote:
				if o.err = db.checkSpace(b.bytes-before, o.deletes); o.err != nil {
					redo = true
					break
				}
				good = append(good, o)
			}
			if redo {
				break
			}
		}
		if redo {
			txn.Discard()
			continue
		}
		err := db.commit(txn, b)
		if errors.Is(err, badger.ErrTxnTooBig) {
			if len(ops) > 1 {
				ops = ops[:len(ops)/2]
				continue
			}
			err = fmt.Errorf("%w: %d bytes in one transaction", ErrTooLarge, b.bytes)
		}
		for _, o := range good {
			o.err = err
		}
		for _, o := range ops {
			close(o.done)
		}
		return len(ops)
	}
}

// call runs the op's function on a goroutine of its own, so that neither a panic
// nor a runtime.Goexit (as by testing.T.Fatal) takes the committer with it: both
// are carried to the caller.
func (o *op) call(tx *Tx) (err error) {
	if o.trusted {
		return o.fn(tx)
	}
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		o.exited = true
		defer func() {
			if p := recover(); p != nil {
				o.panic, o.exited = p, false
			}
		}()
		err = o.fn(tx)
		o.exited = false
	}()
	<-returned
	return err
}

// commit makes a batch visible and then durable.
func (db *DB) commit(txn *badger.Txn, b *batch) error {
	if b.bytes == 0 {
		txn.Discard()
		return nil
	}
	sums, err := db.writeUsage(txn, b)
	if err == nil {
		err = db.noteTime(txn)
	}
	if err != nil {
		txn.Discard()
		return err
	}
	moved := db.moving.Load()
	db.cache.begin(b.keys)
	err = txn.Commit()
	db.cache.end(b.keys)
	if errors.Is(err, badger.ErrTxnTooBig) {
		return err
	} else if err != nil {
		return db.fail(err)
	}
	db.usage.store(sums)
	if db.opts.NoSync {
		return nil
	}
	if err := db.sync(moved || db.moving.Load()); err != nil {
		return db.fail(err)
	}
	return nil
}

// noteTime keeps the store's time in the store, about once a minute of writing.
func (db *DB) noteTime(txn *badger.Txn) error {
	now := db.clock.now()
	if now-db.noted < time.Minute.Milliseconds() {
		return nil
	}
	db.noted = now
	return txn.Set(metaClock, binary.BigEndian.AppendUint64(nil, uint64(now)))
}

// sync waits until all commits are on disk. The engine syncs the files it writes
// to now; when maintenance may have made it change them since the commit, all its
// log files are synced.
func (db *DB) sync(all bool) error {
	if err := db.engine.Sync(); err != nil || !all {
		return err
	}
	for _, pattern := range []string{"*.mem", "*.vlog"} {
		names, err := filepath.Glob(filepath.Join(db.dir, pattern))
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := syncFile(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// syncFile syncs one file; one that is gone was written elsewhere and synced there.
func syncFile(name string) error {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// fail stops all writing after the disk failed: what is on it is not known, and a
// second fsync would wrongly succeed. Reads go on.
func (db *DB) fail(err error) error {
	if errors.Is(err, badger.ErrBlockedWrites) || errors.Is(err, badger.ErrDBClosed) {
		return ErrClosed
	}
	var e error = &Error{Status: 503, Code: CodeUnavailable, Err: err,
		Reason: "The store's disk failed: " + err.Error() + "; check the disk and restart mayfly."}
	if isNoSpace(err) {
		e = &Error{Status: 507, Code: CodeNoSpace, Err: err,
			Reason: "Insufficient storage: the disk filled up; free disk space and restart mayfly."}
	}
	db.failed.CompareAndSwap(nil, &e)
	db.opts.Logger.Error("writes have stopped", "dir", db.dir, "error", err)
	return e
}
