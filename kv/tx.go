package kv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// A Tx is a transaction over system records. It sees the store as it was when it
// began, plus its own writes. It belongs to the function it was given to and must
// not be used after that returns, nor by several goroutines at once.
type Tx struct {
	db     *DB
	txn    *badger.Txn
	batch  *batch // nil in View
	now    int64  // milliseconds since the epoch by the store's clock
	wrote  bool
	tooBig bool
}

// Get returns the value of a key, or ErrNotFound. The caller owns the bytes.
func (t *Tx) Get(bucket, key string) ([]byte, error) {
	if err := checkBucket(bucket, key); err != nil {
		return nil, err
	}
	item, err := t.item(recordKey(kindSystem, bucket, key))
	if err != nil {
		return nil, err
	}
	value, expires, err := systemValue(item)
	switch {
	case err != nil:
		return nil, err
	case expires != 0 && expires <= t.now:
		return nil, ErrNotFound
	}
	return value, nil
}

// Put writes a key and takes away any expiry it had. The value, of up to 64 MiB
// and more, must not be changed before the transaction has ended.
func (t *Tx) Put(bucket, key string, value []byte) error {
	return t.put(bucket, key, value, 0)
}

// PutTTL writes a key that is gone ttl from now, exact to the millisecond.
func (t *Tx) PutTTL(bucket, key string, value []byte, ttl time.Duration) error {
	if ttl < time.Millisecond {
		return fmt.Errorf("kv: ttl of %v for key %q in bucket %q is less than a millisecond", ttl, key, bucket)
	}
	return t.put(bucket, key, value, t.now+ttl.Milliseconds())
}

func (t *Tx) put(bucket, key string, value []byte, expires int64) error {
	if err := checkBucket(bucket, key); err != nil {
		return err
	}
	k := recordKey(kindSystem, bucket, key)
	if err := t.dropExpiry(k); err != nil {
		return err
	}
	if expires == 0 {
		return t.set(&badger.Entry{Key: k, Value: value})
	}
	v := make([]byte, 8, 8+len(value))
	binary.BigEndian.PutUint64(v, uint64(expires))
	if err := t.set(&badger.Entry{Key: expiryKey(expires, k)}); err != nil {
		return err
	}
	return t.set(&badger.Entry{Key: k, Value: append(v, value...), UserMeta: metaExpires})
}

// Delete removes a key; a missing one is fine.
func (t *Tx) Delete(bucket, key string) error {
	if err := checkBucket(bucket, key); err != nil {
		return err
	}
	k := recordKey(kindSystem, bucket, key)
	if _, err := t.item(k); err != nil {
		if errors.Is(err, ErrNotFound) && t.batch != nil {
			return nil
		}
		if t.batch != nil {
			return err
		}
	}
	if err := t.dropExpiry(k); err != nil {
		return err
	}
	return t.delete(k)
}

// dropExpiry removes the expiry index record of a system record about to change.
func (t *Tx) dropExpiry(k []byte) error {
	if t.batch == nil {
		return ErrReadOnly
	}
	item, err := t.item(k)
	if errors.Is(err, ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	if item.UserMeta()&metaExpires == 0 {
		return nil
	}
	_, expires, err := systemValue(item)
	if err != nil {
		return err
	}
	return t.delete(expiryKey(expires, k))
}

// item reads a physical record.
func (t *Tx) item(k []byte) (*badger.Item, error) {
	item, err := t.txn.Get(k)
	if err != nil {
		return nil, engineError(err)
	}
	return item, nil
}

func (t *Tx) set(e *badger.Entry) error {
	if t.batch == nil {
		return ErrReadOnly
	}
	t.wrote = true
	t.batch.bytes += int64(len(e.Key) + len(e.Value))
	return t.check(t.txn.SetEntry(e))
}

func (t *Tx) delete(k []byte) error {
	if t.batch == nil {
		return ErrReadOnly
	}
	t.wrote = true
	t.batch.bytes += int64(len(k))
	return t.check(t.txn.Delete(k))
}

// check notes that the batch is full, whatever the caller's function makes of it.
func (t *Tx) check(err error) error {
	if errors.Is(err, badger.ErrTxnTooBig) {
		t.tooBig = true
		return ErrTooLarge
	}
	return engineError(err)
}

// systemValue reads a system record's value and expiry (0 for none). The bytes are
// the caller's.
func systemValue(item *badger.Item) (value []byte, expires int64, err error) {
	value, err = item.ValueCopy(nil)
	if err != nil {
		return nil, 0, engineError(err)
	}
	if item.UserMeta()&metaExpires == 0 {
		return value, 0, nil
	}
	if len(value) < 8 {
		return nil, 0, fmt.Errorf("%w: record %q is cut short", ErrCorrupt, item.Key())
	}
	return value[8:], int64(binary.BigEndian.Uint64(value)), nil
}

// engineError turns the engine's errors into ours.
func engineError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, badger.ErrKeyNotFound):
		return ErrNotFound
	case errors.Is(err, badger.ErrDBClosed), errors.Is(err, badger.ErrBlockedWrites):
		return ErrClosed
	}
	return fmt.Errorf("kv: %w", err)
}
