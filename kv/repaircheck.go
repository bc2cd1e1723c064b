package kv

import (
	"bytes"

	"github.com/dgraph-io/badger/v4"
)

// readable tells whether a record can be read whole, and counts namespace entries.
// A value whose head is gone, and a head whose value is, are not readable.
func (r *Report) readable(tx *Tx, item *badger.Item, usage map[string]Usage) bool {
	k := item.KeyCopy(nil)
	value, err := item.ValueCopy(nil)
	if err != nil {
		return false
	}
	switch k[0] {
	case kindSystem:
		return item.UserMeta()&metaExpires == 0 || len(value) >= 8
	case kindUsage:
		return len(value) == 16
	case kindHead:
		h, err := decodeHead(value)
		id, key, ok := bytes.Cut(k[1:], []byte{0})
		if err != nil || !ok {
			return false
		}
		if h.large {
			v, err := tx.item(recordKey(kindValue, string(id), string(key)))
			if err != nil || v.Value(func(b []byte) error { ok = len(b) == h.size; return nil }) != nil || !ok {
				return false
			}
		}
		u := usage[string(id)]
		usage[string(id)] = Usage{u.Keys + 1, u.Bytes + int64(len(key)+h.size+len(h.metadata))}
	case kindValue:
		head := bytes.Clone(k)
		head[0] = kindHead
		h, err := tx.head(head)
		return err == nil && h.large && h.size == len(value)
	}
	return true
}
