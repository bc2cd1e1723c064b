package kv

import (
	"bytes"
	"errors"

	"github.com/dgraph-io/badger/v4"
)

// Scan calls fn for the keys of a bucket that begin with prefix and come after the
// key after, in byte order. ErrStop from fn ends the scan without an error, any
// other error ends it with that. fn owns the value and may read and write through
// the transaction; writes ahead of the scan may or may not be met by it.
func (t *Tx) Scan(bucket, prefix, after string, fn func(key string, value []byte) error) error {
	return t.scan(bucket, prefix, after, false, fn)
}

// ScanReverse is Scan in descending byte order over the keys before the key before;
// "" starts with the last one.
func (t *Tx) ScanReverse(bucket, prefix, before string, fn func(key string, value []byte) error) error {
	return t.scan(bucket, prefix, before, true, fn)
}

// scanPage is how many records, and about how many bytes of them, a scan holds
// at once. The engine allows one open iterator in a writing transaction, so a
// page is read and the iterator closed before fn runs.
const (
	scanPage      = 64
	scanPageBytes = 1 << 20
)

func (t *Tx) scan(bucket, prefix, from string, reverse bool, fn func(key string, value []byte) error) error {
	if err := checkBucket(bucket, prefix); err != nil {
		return err
	}
	space := recordKey(kindSystem, bucket, "")
	full := append(space[:len(space):len(space)], prefix...)
	var last []byte
	if from != "" {
		last = append(space[:len(space):len(space)], from...)
	}
	type record struct {
		key   []byte
		value []byte
	}
	var page []record
	for {
		page = page[:0]
		size, more := 0, false
		err := t.walk(full, last, reverse, func(item *badger.Item) (bool, error) {
			if len(page) == scanPage || size > scanPageBytes {
				more = true
				return false, nil
			}
			last = item.KeyCopy(nil)
			value, expires, err := systemValue(item)
			if err != nil {
				return false, err
			}
			if expires == 0 || expires > t.now {
				page = append(page, record{last, value})
				size += len(value)
			}
			return true, nil
		})
		if err != nil {
			return err
		}
		for _, r := range page {
			if err := fn(string(r.key[len(space):]), r.value); errors.Is(err, ErrStop) {
				return nil
			} else if err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
	}
}

// walk visits physical records that begin with prefix, past the key from when it is
// not nil, until visit answers false. Values are read only when visit asks.
func (t *Tx) walk(prefix, from []byte, reverse bool, visit func(*badger.Item) (bool, error)) error {
	opts := badger.IteratorOptions{Prefix: prefix}
	seek := prefix
	switch past := from != nil && bytes.Compare(from, prefix) > 0; {
	case !reverse:
		if past {
			seek = from
		}
	case from != nil && !past:
		return nil
	default:
		// The engine ends a reverse iteration at a key outside its prefix, and the
		// key to start from may be one.
		opts = badger.IteratorOptions{Reverse: true}
		if seek = prefixEnd(prefix); past && bytes.HasPrefix(from, prefix) {
			seek = from
		}
	}
	it := t.txn.NewIterator(opts)
	defer it.Close()
	for it.Seek(seek); it.Valid(); it.Next() {
		item := it.Item()
		if !bytes.HasPrefix(item.Key(), prefix) {
			if reverse && bytes.Compare(item.Key(), prefix) > 0 {
				continue
			}
			return nil
		}
		if from != nil && bytes.Equal(item.Key(), from) {
			continue
		}
		if ok, err := visit(item); err != nil || !ok {
			return err
		}
	}
	return nil
}
