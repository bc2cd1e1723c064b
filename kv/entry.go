package kv

import (
	"encoding/binary"
	"fmt"
	"math"
)

// An Entry is what a key of a namespace holds.
type Entry struct {
	Found bool
	// Value and Metadata are shared with the store's read cache and other callers:
	// they must be read only. They may be kept.
	Value    []byte
	Metadata []byte // JSON text, nil for none
	// Expiration is in seconds since the epoch, 0 for never.
	Expiration int64
}

// inlineValue is the longest value in bytes kept in the head of its entry. A list
// reads heads, so it is small; longer values have a record of their own.
const inlineValue = 512

// A head is the record of an entry under its key: all of the entry but a large
// value. Its bytes are:
//
//	flags        1 byte
//	expiration   8 bytes, big endian, when headExpires
//	size         uvarint, length of the value
//	metadata     uvarint length and bytes, when headMetadata
//	value        size bytes, unless headLarge
type head struct {
	expiration int64
	size       int
	metadata   []byte
	large      bool   // the value has a record of its own
	value      []byte // the value unless large
}

const (
	headExpires = 1 << iota
	headMetadata
	headLarge
	headFlags = 1<<iota - 1
)

func (h *head) encode() []byte {
	b := make([]byte, 1, 1+8+2*binary.MaxVarintLen32+len(h.metadata)+len(h.value))
	if h.expiration != 0 {
		b[0] |= headExpires
		b = binary.BigEndian.AppendUint64(b, uint64(h.expiration))
	}
	b = binary.AppendUvarint(b, uint64(h.size))
	if len(h.metadata) != 0 {
		b[0] |= headMetadata
		b = binary.AppendUvarint(b, uint64(len(h.metadata)))
		b = append(b, h.metadata...)
	}
	if h.large {
		b[0] |= headLarge
		return b
	}
	return append(b, h.value...)
}

// decodeHead reads a head. Its slices point into b.
func decodeHead(b []byte) (h head, err error) {
	bad := func(what string) (head, error) {
		return head{}, fmt.Errorf("%w: entry of %d bytes has a bad %s", ErrCorrupt, len(b), what)
	}
	if len(b) == 0 || b[0]&^headFlags != 0 {
		return bad("flag byte")
	}
	flags, rest := b[0], b[1:]
	if flags&headExpires != 0 {
		if len(rest) < 8 {
			return bad("expiration")
		}
		h.expiration = int64(binary.BigEndian.Uint64(rest))
		if rest = rest[8:]; h.expiration <= 0 {
			return bad("expiration")
		}
	}
	size, n := binary.Uvarint(rest)
	if n <= 0 || size > math.MaxInt32 {
		return bad("size")
	}
	h.size, rest = int(size), rest[n:]
	if flags&headMetadata != 0 {
		l, n := binary.Uvarint(rest)
		if n <= 0 || l == 0 || l > uint64(len(rest)-n) {
			return bad("metadata")
		}
		h.metadata, rest = rest[n:n+int(l)], rest[n+int(l):]
	}
	if h.large = flags&headLarge != 0; h.large {
		if len(rest) != 0 {
			return bad("end")
		}
		return h, nil
	}
	if len(rest) != h.size {
		return bad("value")
	}
	h.value = rest
	return h, nil
}

// expired tells whether an entry with this expiration (0 for never) is gone at
// now, in milliseconds.
func expired(expiration, now int64) bool {
	return expiration != 0 && expiryMillis(expiration) <= now
}

// expiryMillis is an expiration in milliseconds; one beyond time itself is its end.
func expiryMillis(expiration int64) int64 {
	if expiration > math.MaxInt64/1000 {
		return math.MaxInt64
	}
	return expiration * 1000
}

// cost is the entry's share of the read cache in bytes.
func (e *Entry) cost(key string) int64 {
	const overhead = 200 // list element, map cell, cache key, Entry
	return int64(len(key)+len(e.Value)+len(e.Metadata)) + overhead
}
