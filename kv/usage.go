package kv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/dgraph-io/badger/v4"
)

// Usage is how much a namespace holds.
type Usage struct {
	Keys  int64
	Bytes int64 // of keys, values and metadata
}

// A usageTable is the usage of namespaces written to since the store was opened.
// Only the committer changes it.
type usageTable struct {
	mu sync.RWMutex
	m  map[string]Usage
}

func usageKey(id string) []byte { return append([]byte{kindUsage}, id...) }

func (db *DB) usageOf(id string) (u Usage, err error) {
	if db.isClosed() {
		return Usage{}, ErrClosed
	}
	db.usage.mu.RLock()
	u, ok := db.usage.m[id]
	db.usage.mu.RUnlock()
	if ok {
		return u, nil
	}
	err = db.View(func(tx *Tx) error {
		u, err = readUsage(tx.txn, id)
		return err
	})
	return u, err
}

func readUsage(txn *badger.Txn, id string) (u Usage, err error) {
	item, err := txn.Get(usageKey(id))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return Usage{}, nil
	} else if err != nil {
		return Usage{}, engineError(err)
	}
	err = item.Value(func(b []byte) error {
		if len(b) != 16 {
			return fmt.Errorf("%w: usage of namespace %s has %d bytes", ErrCorrupt, id, len(b))
		}
		u.Keys = int64(binary.BigEndian.Uint64(b))
		u.Bytes = int64(binary.BigEndian.Uint64(b[8:]))
		return nil
	})
	return u, err
}

// writeUsage adds the batch's changes to the usage records, and answers the sums.
func (db *DB) writeUsage(txn *badger.Txn, b *batch) (map[string]Usage, error) {
	sums := make(map[string]Usage, len(b.changed))
	for _, id := range sortedKeys(b.changed) {
		db.usage.mu.RLock()
		u, ok := db.usage.m[id]
		db.usage.mu.RUnlock()
		if !ok {
			var err error
			if u, err = readUsage(txn, id); err != nil {
				return nil, err
			}
		}
		d := b.changed[id]
		u = Usage{max(0, u.Keys+d.Keys), max(0, u.Bytes+d.Bytes)}
		sums[id] = u
		if d == (Usage{}) {
			continue
		}
		if u.Keys == 0 {
			if err := txn.Delete(usageKey(id)); err != nil {
				return nil, err
			}
			continue
		}
		v := binary.BigEndian.AppendUint64(nil, uint64(u.Keys))
		v = binary.BigEndian.AppendUint64(v, uint64(u.Bytes))
		if err := txn.Set(usageKey(id), v); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

func (t *usageTable) store(sums map[string]Usage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.m == nil {
		t.m = map[string]Usage{}
	}
	for id, u := range sums {
		if t.m[id] = u; u.Keys == 0 {
			delete(t.m, id) // there is no record either
		}
	}
}

// forget makes the table read the records again.
func (t *usageTable) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.m)
}
