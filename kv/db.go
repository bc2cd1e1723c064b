package kv

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// A DB is an open store. Its methods may be called by any goroutine.
type DB struct {
	opts   Options
	dir    string
	engine *badger.DB
	clock  *clock

	ops    chan *op      // to the committer
	closed chan struct{} // no more operations are taken
	close  sync.Once
	idle   sync.WaitGroup // committer and maintenance
	failed atomic.Pointer[error]
	upkeep sync.Mutex  // held by whoever moves the engine's files about
	moving atomic.Bool // the engine's files may be replaced right now
	cache  *cache
	usage  usageTable
	space  space // of the committer
	noted  int64 // of the committer: the time last kept in the store
}

// formatVersion changes when a store can no longer be read by an older program.
const formatVersion = 1

var (
	metaFormat = []byte("mformat")
	metaClock  = []byte("mclock")
)

// largeValue is the size in bytes above which a value goes to the value log, so
// that sorting keys does not copy it again and again.
const largeValue = 4 << 10

// Open opens the store in opts.Dir and makes it if there is none. It fails with
// ErrLocked when another process has it open and with ErrCorrupt when its files
// are damaged; the message says what to do.
func Open(opts Options) (*DB, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	dir := opts.Dir
	if opts.InMemory {
		tmp, err := os.MkdirTemp("", "mayfly-kv-")
		if err != nil {
			return nil, fmt.Errorf("kv: making a directory for an in-memory store: %w", err)
		}
		dir, opts.NoSync = tmp, true
	}
	db := &DB{opts: opts, dir: dir, ops: make(chan *op, 256), closed: make(chan struct{}),
		cache: newCache(opts.ReadCache, opts.Marks)}
	if err := db.open(); err != nil {
		if db.engine != nil {
			_ = db.engine.Close()
		}
		if opts.InMemory {
			_ = os.RemoveAll(dir)
		}
		return nil, err
	}
	db.idle.Add(1)
	go db.commitLoop()
	if opts.Maintenance > 0 {
		db.idle.Add(1)
		go db.maintainLoop()
	}
	return db, nil
}

func (db *DB) open() (err error) {
	if err := os.MkdirAll(db.dir, 0o700); err != nil {
		return fmt.Errorf("kv: making the store's directory: %w", err)
	}
	if db.engine, err = openEngine(engineOptions(db.dir, db.opts)); err != nil {
		return openError(db.dir, err)
	}
	var format, note uint64
	restoring := false
	err = db.engine.View(func(txn *badger.Txn) (err error) {
		if format, err = metaNumber(txn, metaFormat); err != nil {
			return err
		}
		if note, err = metaNumber(txn, metaClock); err != nil {
			return err
		}
		if _, err = txn.Get(metaRestoring); errors.Is(err, badger.ErrKeyNotFound) {
			return nil
		}
		restoring = err == nil
		return err
	})
	if err != nil {
		return openError(db.dir, err)
	}
	if restoring {
		return fmt.Errorf("%w: a restore into %s was not finished; remove the directory and restore the backup again", ErrCorrupt, db.dir)
	}
	if format > formatVersion {
		return fmt.Errorf("kv: the store in %s has format %d, but this program knows formats up to %d; use a newer mayfly", db.dir, format, formatVersion)
	}
	c, trusted := newClock(db.opts.Now, int64(note))
	if !trusted {
		db.opts.Logger.Warn("the store was last used with a clock more than a day ahead of the present one; expiry follows the present one",
			"dir", db.dir, "noted_ms", note)
	}
	db.clock = c
	if format != formatVersion {
		err = db.engine.Update(func(txn *badger.Txn) error {
			return txn.Set(metaFormat, binary.BigEndian.AppendUint64(nil, formatVersion))
		})
		if err == nil {
			err = db.engine.Sync()
		}
	}
	return engineError(err)
}

// engineOptions tunes the engine for a small footprint: two small memory tables,
// two compactors, a small block cache, value log files of 128 MiB.
func engineOptions(dir string, opts Options) badger.Options {
	o := badger.DefaultOptions(dir)
	o.Logger = engineLogger{opts.Logger}
	o.MetricsEnabled = false
	o.SyncWrites = false // the committer calls Sync once for each batch
	o.DetectConflicts = false
	o.MemTableSize = opts.WriteBuffer
	o.NumMemtables = 2
	o.NumCompactors = 2
	o.BlockCacheSize = opts.BlockCache
	o.ValueLogFileSize = 128 << 20
	o.ValueThreshold = largeValue
	o.Compression = options.Snappy
	o.VerifyValueChecksum = true
	o.ChecksumVerificationMode = options.OnBlockRead
	o.NumGoroutines = 2
	return o
}

// openEngine turns the engine's panics over damaged files into errors.
func openEngine(o badger.Options) (db *badger.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			db, err = nil, fmt.Errorf("%w: %v", ErrCorrupt, p)
		}
	}()
	if err := prepare(o.Dir); err != nil {
		return nil, err
	}
	if db, err = badger.Open(o); err != nil {
		return nil, err // and not what is left of the engine
	}
	return db, nil
}

func openError(dir string, err error) error {
	switch {
	case strings.Contains(err.Error(), "Cannot acquire directory lock"):
		holder := ""
		if pid, rerr := os.ReadFile(filepath.Join(dir, "LOCK")); rerr == nil {
			holder = " (process " + strings.TrimSpace(string(pid)) + ")"
		}
		return fmt.Errorf("%w: %s is open in another mayfly%s; stop that one or choose another data directory", ErrLocked, dir, holder)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("kv: no permission to open the store in %s: %w", dir, err)
	case isNoSpace(err):
		e := noSpace(0, 1)
		e.Reason = fmt.Sprintf("Insufficient storage: no space to open the store in %s; free disk space and try again.", dir)
		e.Err = err
		return e
	}
	return fmt.Errorf("%w: cannot open %s: %v; stop mayfly, copy the directory, then run `mayfly repair`", ErrCorrupt, dir, err)
}

// Close waits for running writes and maintenance and closes the store. Later
// calls of any method answer ErrClosed. Views must have ended.
func (db *DB) Close() error {
	err := ErrClosed
	db.close.Do(func() {
		close(db.closed)
		db.idle.Wait()
		err = db.keepTime()
		if e := db.engine.Close(); e != nil {
			err = errors.Join(err, fmt.Errorf("kv: closing the store in %s: %w", db.dir, e))
		}
		if db.opts.InMemory {
			err = errors.Join(err, os.RemoveAll(db.dir))
		}
	})
	return err
}

// View calls fn with a read-only transaction on the caller's goroutine and returns
// its error.
func (db *DB) View(fn func(*Tx) error) error {
	if db.isClosed() {
		return ErrClosed
	}
	txn := db.engine.NewTransaction(false)
	defer txn.Discard()
	return fn(&Tx{db: db, txn: txn, now: db.clock.now()})
}

// Update calls fn with a writing transaction and, when fn returns nil, commits it:
// when Update returns nil too, the writes are on disk. When fn fails or panics,
// nothing is written and Update fails or panics likewise.
//
// Functions run one at a time in the whole store, each on a goroutine of its own,
// and may be run more than once, the last time deciding. They must be short and
// must not call Update themselves.
func (db *DB) Update(fn func(*Tx) error) error {
	return db.submit(context.Background(), &op{fn: fn, size: writeSize{records: 1 << 10}})
}

// keepTime notes the time on closing, when the committer is gone.
func (db *DB) keepTime() error {
	if db.failed.Load() != nil || db.checkSpace(0, true) != nil {
		return nil
	}
	db.noted = 0
	return engineError(db.engine.Update(db.noteTime))
}

func (db *DB) isClosed() bool {
	select {
	case <-db.closed:
		return true
	default:
		return false
	}
}

// metaNumber reads a number about the store itself, 0 if it is missing.
func metaNumber(txn *badger.Txn, key []byte) (n uint64, err error) {
	item, err := txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	err = item.Value(func(b []byte) error {
		if len(b) != 8 {
			return fmt.Errorf("%w: record %q has %d bytes", ErrCorrupt, key, len(b))
		}
		n = binary.BigEndian.Uint64(b)
		return nil
	})
	return n, err
}
