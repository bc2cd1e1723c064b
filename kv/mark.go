package kv

import (
	"context"
	"hash/maphash"
)

// A Mark says until when an entry that was read may be used without asking again: as
// long as Options.Marks[Index] is Count. Then no change of it has finished since it was
// read. Marks do not tell of entries that expire.
type Mark struct {
	Index uint32
	Count uint64
}

// GetMarked is Get, with the mark of what it answers. ok is false if that may not be
// kept, because there are no marks or the entry expires.
func (n *Namespace) GetMarked(ctx context.Context, key string) (e Entry, m Mark, ok bool, err error) {
	c := n.db.cache
	if c.marks != nil {
		// Before the entry is read. A commit raises the count before it becomes visible
		// and again after, as in cache.
		m.Index = c.markOf(cacheKey{n.id, key})
		m.Count = c.marks[m.Index].Load()
	}
	e, err = n.Get(ctx, key)
	return e, m, err == nil && c.marks != nil && e.Expiration == 0, err
}

// markOf returns the index of a key's mark, if there are marks.
func (c *cache) markOf(k cacheKey) uint32 {
	h := maphash.String(c.seed, k.key)*31 + maphash.String(c.seed, k.space)
	return uint32(h>>32) & uint32(len(c.marks)-1)
}
