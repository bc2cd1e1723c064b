package kv

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

// A ListQuery asks for one page of keys.
type ListQuery struct {
	Prefix string
	Limit  int    // 0 is MaxList
	Cursor string // of the page before, asked for with the same prefix; "" for the first
}

// A Page is one page of keys in UTF-8 byte order. It may have fewer keys than
// asked for, or none, although there are more: only Complete tells.
type Page struct {
	Keys     []Key
	Complete bool
	Cursor   string // of the next page, "" when Complete
}

// A Key is one listed key.
type Key struct {
	Name       string
	Expiration int64  // seconds since the epoch, 0 for never
	Metadata   []byte // JSON text, nil for none
}

// listWork is how many records one page looks at, so that a heap of expired keys
// makes pages short and not slow.
const listWork = 10 * MaxList

// List answers a page of keys. Expired keys are left out. Pages are each taken at
// their own moment: a key that is there throughout is listed exactly once.
func (n *Namespace) List(ctx context.Context, q ListQuery) (*Page, error) {
	const op = "GET"
	limit := q.Limit
	switch {
	case limit == 0:
		limit = MaxList
	case limit < 0:
		return nil, badOption(op, "Invalid key_count_limit of %d. Please specify an integer greater than 0.", limit)
	case limit > MaxList:
		return nil, badOption(op, "Invalid key_count_limit of %d. Please specify an integer less than %d.", limit, MaxList)
	}
	if len(q.Prefix) > MaxKey {
		return nil, keyTooLong(op, len(q.Prefix))
	}
	after, ok := decodeCursor(q.Cursor, q.Prefix)
	if !ok {
		return nil, badOption(op, "Invalid cursor. Please pass the cursor of the previous page with the same prefix.")
	}
	space := recordKey(kindHead, n.id, "")
	prefix := append(space[:len(space):len(space)], q.Prefix...)
	var from []byte
	if after != "" {
		from = append(space[:len(space):len(space)], after...)
	}
	page := &Page{Complete: true}
	var last []byte // the last key passed
	work := 0
	err := n.db.View(func(tx *Tx) error {
		return tx.walk(prefix, from, false, func(item *badger.Item) (bool, error) {
			if work++; work%256 == 0 && ctx.Err() != nil {
				return false, ctx.Err()
			}
			if work > listWork {
				page.Complete = false
				return false, nil
			}
			more := true
			err := item.Value(func(b []byte) error {
				h, err := decodeHead(b)
				if err != nil || expired(h.expiration, tx.now) {
					return err
				}
				if len(page.Keys) == limit {
					page.Complete, more = false, false
					return nil
				}
				k := Key{Name: string(item.Key()[len(space):]), Expiration: h.expiration}
				if len(h.metadata) > 0 {
					k.Metadata = append(k.Metadata, h.metadata...)
				}
				page.Keys = append(page.Keys, k)
				return nil
			})
			if err != nil {
				return false, err
			}
			if more {
				last = append(last[:0], item.Key()[len(space):]...)
			}
			return more, nil
		})
	})
	if err != nil {
		return nil, contextOr(ctx, op, err)
	}
	if !page.Complete {
		page.Cursor = encodeCursor(string(last), q.Prefix)
	}
	return page, nil
}

// A cursor is the base64url text of a version byte, a checksum over prefix and
// key, and the last key of the page.
const cursorVersion = 1

func encodeCursor(key, prefix string) string {
	b := make([]byte, 5, 5+len(key))
	b[0] = cursorVersion
	binary.BigEndian.PutUint32(b[1:], cursorSum(key, prefix))
	return base64.RawURLEncoding.EncodeToString(append(b, key...))
}

// decodeCursor answers the key a cursor stands after, "" for the empty cursor, and
// whether the cursor was made by a list with this prefix.
func decodeCursor(cursor, prefix string) (key string, ok bool) {
	if cursor == "" {
		return "", true
	}
	if len(cursor) > 2*MaxKey || strings.ContainsAny(cursor, "\r\n") { // which the decoder would pass over
		return "", false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(b) <= 5 || b[0] != cursorVersion {
		return "", false
	}
	key = string(b[5:])
	if !strings.HasPrefix(key, prefix) || binary.BigEndian.Uint32(b[1:]) != cursorSum(key, prefix) {
		return "", false
	}
	return key, true
}

func cursorSum(key, prefix string) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	sum := crc32.Update(0, table, []byte(prefix))
	return crc32.Update(sum, table, []byte("\x00"+key))
}
