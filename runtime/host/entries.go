package host

import (
	"math"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// entries are what a child has read of KV and keeps, so that to read it again costs no
// call of the server. An entry is used as long as its mark has the count that it had
// before the entry was read; the store raises that before a change becomes visible and
// again after. So no entry is used that a finished write has replaced, whoever wrote.
type entries struct {
	marks *Marks // nil: nothing is kept

	mu    sync.Mutex
	list  *simplelru.LRU[entryKey, *keptEntry]
	bytes int
}

// entryKey names an entry as an event does: the bindings of a version never change.
type entryKey struct {
	version      uint32
	binding, key string
}

type keptEntry struct {
	outside.KVEntry
	mark outside.KVMark
}

const (
	// maxEntries bounds the memory of the entries that a child keeps, and maxEntry that
	// of one.
	maxEntries = 8 << 20
	maxEntry   = maxEntries / 16
)

func (k *entryKey) cost(e *keptEntry) int {
	return 256 + len(k.binding) + len(k.key) + len(e.Value) + len(e.Metadata)
}

// get answers an entry that still holds.
func (c *entries) get(k entryKey) (outside.KVEntry, bool) {
	if c.marks == nil {
		return outside.KVEntry{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.list == nil {
		return outside.KVEntry{}, false
	}
	e, ok := c.list.Get(k)
	if ok && c.marks.Counts[e.mark.Number-1].Load() != e.mark.Count {
		c.list.Remove(k)
		ok = false
	}
	if !ok {
		return outside.KVEntry{}, false
	}
	return e.KVEntry, true
}

// keep takes an entry in, whose memory is the cache's from now on.
func (c *entries) keep(k entryKey, e outside.KVEntry, m outside.KVMark) {
	if c.marks == nil || m.Number == 0 || m.Number > marks {
		return
	}
	kept := &keptEntry{e, m}
	cost := k.cost(kept)
	if cost > maxEntry {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.list == nil {
		c.list, _ = simplelru.NewLRU(math.MaxInt, func(k entryKey, e *keptEntry) { c.bytes -= k.cost(e) })
	}
	c.list.Remove(k)
	c.list.Add(k, kept)
	for c.bytes += cost; c.bytes > maxEntries; {
		c.list.RemoveOldest()
	}
}
