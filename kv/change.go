package kv

// A batch is the ops that share one commit: what they write and whom that concerns.
type batch struct {
	bytes   int64            // written so far
	keys    []cacheKey       // entries changed, for the cache
	changed map[string]Usage // change of usage by namespace
}

// change notes that an entry of a namespace changes, and by how much its usage.
func (b *batch) change(id, key string, keys, bytes int64) {
	b.keys = append(b.keys, cacheKey{id, key})
	b.add(id, Usage{keys, bytes})
}

// add notes by how much the usage of a namespace changes.
func (b *batch) add(id string, d Usage) {
	if b.changed == nil {
		b.changed = map[string]Usage{}
	}
	u := b.changed[id]
	u.Keys += d.Keys
	u.Bytes += d.Bytes
	b.changed[id] = u
}
