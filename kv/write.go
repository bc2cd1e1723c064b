package kv

import (
	"context"
	"slices"

	"github.com/dgraph-io/badger/v4"
)

// Put writes one key; when it returns nil the write is on disk and seen by every
// later read.
func (n *Namespace) Put(ctx context.Context, w Write) error {
	return n.put(ctx, []Write{w})
}

// PutMany writes up to MaxBulkWrite keys with less than MaxBulkSent bytes of keys
// and values. All are checked before the first is written. A failure later on, as
// of the disk, may leave some written: doing it again is safe.
func (n *Namespace) PutMany(ctx context.Context, writes []Write) error {
	if len(writes) > MaxBulkWrite {
		return badOption("PUT", "You can write a maximum of %d pairs", MaxBulkWrite)
	}
	total := 0
	for i := range writes {
		total += len(writes[i].Key) + len(writes[i].Value)
	}
	if total >= MaxBulkSent {
		return tooLarge("PUT", "Total length of %d reaches limit of %d.", total, MaxBulkSent)
	}
	return n.put(ctx, writes)
}

func (n *Namespace) put(ctx context.Context, writes []Write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := n.db.clock.now() / 1000
	heads := make([]head, len(writes))
	for i := range writes {
		w := &writes[i]
		expiration, metadata, err := checkWrite(w, now)
		if err != nil {
			return err
		}
		h := head{expiration: expiration, size: len(w.Value), metadata: metadata}
		if h.large = h.size > inlineValue; !h.large {
			h.value = w.Value
		}
		heads[i] = h
	}
	for start := 0; start < len(writes); {
		end, size := start, writeSize{}
		for end < len(writes) && (end == start || size.fits(n.db)) {
			size.add(n.id, writes[end].Key, len(writes[end].Value))
			end++
		}
		part, partHeads := writes[start:end], heads[start:end]
		err := n.db.submit(ctx, &op{trusted: true, size: size, fn: func(tx *Tx) error {
			for i := range part {
				if err := tx.putEntry(n.id, part[i].Key, partHeads[i], part[i].Value); err != nil {
					return err
				}
			}
			return nil
		}})
		if err != nil {
			return contextOr(ctx, "PUT", err)
		}
		start = end
	}
	return nil
}

// Delete removes one key; a missing one is fine.
func (n *Namespace) Delete(ctx context.Context, key string) error {
	return n.DeleteMany(ctx, []string{key})
}

// DeleteMany removes up to MaxBulkWrite keys, with the promises of PutMany.
func (n *Namespace) DeleteMany(ctx context.Context, keys []string) error {
	if len(keys) > MaxBulkWrite {
		return badOption("DELETE", "You can delete a maximum of %d keys", MaxBulkWrite)
	}
	for _, key := range keys {
		if err := checkKey("DELETE", key); err != nil {
			return err
		}
	}
	return n.remove(ctx, keys)
}

func (n *Namespace) remove(ctx context.Context, keys []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for len(keys) > 0 {
		end, size := 0, writeSize{}
		for end < len(keys) && (end == 0 || size.fits(n.db)) {
			size.add(n.id, keys[end], 0)
			end++
		}
		part := keys[:end]
		err := n.db.submit(ctx, &op{trusted: true, deletes: true, size: size, fn: func(tx *Tx) error {
			for _, key := range part {
				if err := tx.deleteEntry(n.id, key); err != nil {
					return err
				}
			}
			return nil
		}})
		if err != nil {
			return contextOr(ctx, "DELETE", err)
		}
		keys = keys[end:]
	}
	return nil
}

// DropNamespace removes every key of a namespace. Keys written meanwhile may
// remain; interrupted, it can be done again.
func (db *DB) DropNamespace(ctx context.Context, id string) error {
	n := db.Namespace(id)
	prefix := recordKey(kindHead, id, "")
	for {
		var keys []string
		err := db.View(func(tx *Tx) error {
			return tx.walk(prefix, nil, false, func(item *badger.Item) (bool, error) {
				keys = append(keys, string(item.Key()[len(prefix):]))
				return len(keys) < 1000, nil
			})
		})
		if err != nil {
			return opError("DELETE", err)
		}
		if len(keys) == 0 {
			return nil
		}
		if err := n.remove(ctx, keys); err != nil {
			return err
		}
	}
}

// Usage answers how much the namespace holds, from a counter kept with every
// write. It is exact but for expired keys, which count until they are removed,
// within a minute or two.
func (n *Namespace) Usage(ctx context.Context) (Usage, error) {
	if err := ctx.Err(); err != nil {
		return Usage{}, err
	}
	u, err := n.db.usageOf(n.id)
	return u, opError("GET", err)
}

// A writeSize estimates what a write asks of one commit.
type writeSize struct {
	records int64 // bytes of keys and small values, with the engine's overhead for each
	values  int64 // bytes of large values
}

func (s *writeSize) add(id, key string, value int) {
	const overhead = 120
	s.records += 4 * int64(len(id)+len(key)+overhead)
	if value <= largeValue {
		s.records += int64(value)
	} else {
		s.values += int64(value)
	}
}

// fits tells whether there is room for more, leaving some for what is estimated
// too low.
func (s writeSize) fits(db *DB) bool {
	return s.records < db.engine.MaxBatchSize()/2 && s.values < batchBytes
}

func (s writeSize) plus(t writeSize) writeSize {
	return writeSize{s.records + t.records, s.values + t.values}
}

// sortedKeys makes the order of what is derived from a map the same every time.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
