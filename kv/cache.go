package kv

import (
	"hash/maphash"
	"math"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// A cache keeps recently read entries, missing ones too, within a bound of bytes.
//
// It never answers what a finished write has replaced: a commit announces its keys
// before it becomes visible and again after. The first takes the entries out, and
// between the two, and for readers that looked before the second, nothing is
// taken in.
type cache struct {
	seed   maphash.Seed
	shards []cacheShard // a power of two; empty when there is no cache
	max    int64        // bytes in a shard
	marks  []atomic.Uint64
}

type cacheKey struct{ space, key string }

type cacheShard struct {
	mu      sync.Mutex
	entries *simplelru.LRU[cacheKey, *Entry]
	bytes   int64
	writing int    // keys announced by a commit that is not yet visible
	gen     uint64 // counts announcements
	_       [64]byte
}

const cacheShards = 16

// newCache makes a cache of max bytes; none when max is not positive. It tells marks of
// changes all the same.
func newCache(max int64, marks []atomic.Uint64) *cache {
	c := &cache{seed: maphash.MakeSeed(), marks: marks}
	if max <= 0 {
		return c
	}
	c.max = max / cacheShards
	c.shards = make([]cacheShard, cacheShards)
	for i := range c.shards {
		s := &c.shards[i]
		s.entries, _ = simplelru.NewLRU(math.MaxInt, func(k cacheKey, e *Entry) { s.bytes -= e.cost(k.key) })
	}
	return c
}

func (c *cache) shard(k cacheKey) *cacheShard {
	return &c.shards[maphash.String(c.seed, k.key)&(cacheShards-1)]
}

// get answers an entry, or a generation to give to fill.
func (c *cache) get(k cacheKey) (e Entry, gen uint64, ok bool) {
	if c.shards == nil {
		return Entry{}, 0, false
	}
	s := c.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.entries.Get(k); ok {
		return *p, 0, true
	}
	return Entry{}, s.gen, false
}

// fill takes in an entry read from the engine after get answered gen, unless a
// write may have replaced it since.
func (c *cache) fill(k cacheKey, e Entry, gen uint64) {
	if c.shards == nil {
		return
	}
	cost := e.cost(k.key)
	if cost > c.max/4 {
		return
	}
	s := c.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writing > 0 || s.gen != gen {
		return
	}
	if s.entries.Contains(k) {
		return
	}
	s.entries.Add(k, &e)
	for s.bytes += cost; s.bytes > c.max; {
		s.entries.RemoveOldest()
	}
}

// begin announces keys that are about to change.
func (c *cache) begin(keys []cacheKey) { c.announce(keys, 1) }

// end announces that the change of keys is visible.
func (c *cache) end(keys []cacheKey) { c.announce(keys, -1) }

func (c *cache) announce(keys []cacheKey, d int) {
	if c.marks != nil {
		for _, k := range keys {
			c.marks[c.markOf(k)].Add(1)
		}
	}
	if c.shards == nil {
		return
	}
	for _, k := range keys {
		s := c.shard(k)
		s.mu.Lock()
		s.writing += d
		s.gen++
		if d > 0 {
			s.entries.Remove(k)
		}
		s.mu.Unlock()
	}
}

// clear forgets everything; the caller makes sure that nothing is being written.
func (c *cache) clear() {
	for i := range c.marks {
		c.marks[i].Add(1)
	}
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		s.gen++
		s.entries.Purge()
		s.mu.Unlock()
	}
}
