package kv

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

// A Namespace is one Workers KV namespace. It is a light handle: it may be made
// for each use, kept, and used by any goroutine. A namespace exists by being
// written to; who may have one is decided elsewhere.
//
// Every error is an *Error, or the context's error when that ended first. A write
// given up because of its context has not happened.
//
// https://developers.cloudflare.com/kv/api/
type Namespace struct {
	db *DB
	id string
}

// A Write is a key and what it is to hold. Nothing carries over from before.
type Write struct {
	Key      string
	Value    []byte // not changed before the call returns, not kept after
	Metadata []byte // JSON text; nil and null are none
	// Expiration is in seconds since the epoch, ExpirationTTL in seconds from now.
	// 0 is none; when both are set the TTL wins.
	Expiration    int64
	ExpirationTTL int64
}

// Namespace answers the namespace with an id, which must be neither empty nor
// contain a zero byte.
func (db *DB) Namespace(id string) *Namespace {
	if id == "" || strings.IndexByte(id, 0) >= 0 {
		panic(fmt.Sprintf("kv: namespace id %q is empty or contains a zero byte", id))
	}
	return &Namespace{db: db, id: id}
}

// ID is the id the namespace was asked for by.
func (n *Namespace) ID() string { return n.id }

// Get reads one key. A missing or expired key is an Entry with Found false.
func (n *Namespace) Get(ctx context.Context, key string) (Entry, error) {
	if err := checkKey("GET", key); err != nil {
		return Entry{}, err
	}
	if err := ctx.Err(); err != nil {
		return Entry{}, err
	}
	e, gen, ok := n.db.cache.get(cacheKey{n.id, key})
	if !ok {
		var err error
		if e, err = n.load(key, gen); err != nil {
			return Entry{}, opError("GET", err)
		}
	} else if n.db.isClosed() {
		return Entry{}, opError("GET", ErrClosed)
	}
	if e.Expiration != 0 && expired(e.Expiration, n.db.clock.now()) {
		return Entry{}, nil
	}
	return e, nil
}

// Cached answers what Get would, if that needs no reading: ok is false when Get has to be
// asked. It never waits.
func (n *Namespace) Cached(key string) (e Entry, ok bool) {
	if checkKey("GET", key) != nil || n.db.isClosed() {
		return Entry{}, false
	}
	if e, _, ok = n.db.cache.get(cacheKey{n.id, key}); !ok {
		return Entry{}, false
	}
	if e.Expiration != 0 && expired(e.Expiration, n.db.clock.now()) {
		return Entry{}, true
	}
	return e, true
}

// GetMany reads up to MaxBulkGet keys as they are at one moment, and answers in
// their order.
func (n *Namespace) GetMany(ctx context.Context, keys []string) ([]Entry, error) {
	const op = "GET_BULK"
	switch {
	case len(keys) > MaxBulkGet:
		return nil, badOption(op, "You can request a maximum of %d keys", MaxBulkGet)
	case len(keys) < 1:
		return nil, badOption(op, "You must request a minimum of 1 key")
	}
	for _, key := range keys {
		if err := checkKey(op, key); err != nil {
			return nil, err
		}
	}
	entries := make([]Entry, len(keys))
	total := 0
	err := n.db.View(func(tx *Tx) error {
		for i, key := range keys {
			if err := ctx.Err(); err != nil {
				return err
			}
			e, err := tx.entry(n.id, key)
			if err != nil {
				return err
			}
			if expired(e.Expiration, tx.now) {
				e = Entry{}
			}
			if total += len(e.Value); total > MaxBulkBytes {
				return tooLarge(op, "Total size of request exceeds the limit of %dMB", MaxBulkBytes>>20)
			}
			entries[i] = e
		}
		return nil
	})
	if err != nil {
		return nil, contextOr(ctx, op, err)
	}
	return entries, nil
}

// load reads a key from the engine and offers it to the cache.
func (n *Namespace) load(key string, gen uint64) (e Entry, err error) {
	err = n.db.View(func(tx *Tx) error {
		e, err = tx.entry(n.id, key)
		return err
	})
	if err == nil {
		n.db.cache.fill(cacheKey{n.id, key}, e, gen)
	}
	return e, err
}

// entry reads an entry whether expired or not; a missing one is the zero Entry.
func (t *Tx) entry(id, key string) (Entry, error) {
	h, err := t.head(recordKey(kindHead, id, key))
	if errors.Is(err, ErrNotFound) {
		return Entry{}, nil
	} else if err != nil {
		return Entry{}, err
	}
	e := Entry{Found: true, Value: h.value, Metadata: h.metadata, Expiration: h.expiration}
	if h.large {
		item, err := t.item(recordKey(kindValue, id, key))
		if err != nil {
			return Entry{}, fmt.Errorf("%w: the value of key %q in namespace %s: %v", ErrCorrupt, key, id, err)
		}
		if e.Value, err = item.ValueCopy(nil); err != nil || len(e.Value) != h.size {
			return Entry{}, fmt.Errorf("%w: the value of key %q in namespace %s has %d bytes instead of %d: %v", ErrCorrupt, key, id, len(e.Value), h.size, err)
		}
	}
	return e, nil
}

// head reads a head by its physical key, or ErrNotFound. Its bytes are the caller's.
func (t *Tx) head(k []byte) (h head, err error) {
	item, err := t.item(k)
	if err != nil {
		return head{}, err
	}
	b, err := item.ValueCopy(nil)
	if err != nil {
		return head{}, engineError(err)
	}
	return decodeHead(b)
}

// putEntry writes an entry in place of whatever was there.
func (t *Tx) putEntry(id, key string, h head, value []byte) error {
	k := recordKey(kindHead, id, key)
	if err := t.clearEntry(id, key, k, h.large); err != nil {
		return err
	}
	t.batch.change(id, key, 1, int64(len(key)+h.size+len(h.metadata)))
	if h.large {
		if err := t.set(&badger.Entry{Key: recordKey(kindValue, id, key), Value: value}); err != nil {
			return err
		}
	}
	if h.expiration != 0 {
		if err := t.set(&badger.Entry{Key: expiryKey(expiryMillis(h.expiration), k)}); err != nil {
			return err
		}
	}
	return t.set(&badger.Entry{Key: k, Value: h.encode()})
}

// deleteEntry removes an entry, if it is there.
func (t *Tx) deleteEntry(id, key string) error {
	k := recordKey(kindHead, id, key)
	if _, err := t.item(k); errors.Is(err, ErrNotFound) {
		return nil
	}
	if err := t.clearEntry(id, key, k, false); err != nil {
		return err
	}
	return t.delete(k)
}

// clearEntry removes all records of an entry but its head, and its value too when
// that is about to be replaced, and takes it off the usage. A head that cannot be
// read is cleared as far as possible, for else it could never be replaced.
func (t *Tx) clearEntry(id, key string, k []byte, keepValue bool) error {
	h, err := t.head(k)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case errors.Is(err, ErrCorrupt):
		h = head{large: true}
	case err != nil:
		return err
	}
	t.batch.change(id, key, -1, -int64(len(key)+h.size+len(h.metadata)))
	if h.large && !keepValue {
		if err := t.delete(recordKey(kindValue, id, key)); err != nil {
			return err
		}
	}
	if h.expiration != 0 {
		return t.delete(expiryKey(expiryMillis(h.expiration), k))
	}
	return nil
}

// contextOr is err dressed for a namespace operation, unless it is the context's.
func contextOr(ctx context.Context, op string, err error) error {
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return err
	}
	return opError(op, err)
}
