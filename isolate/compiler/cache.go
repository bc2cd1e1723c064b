package compiler

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// CacheOptions configures a Cache.
type CacheOptions struct {
	// MaxBytes bounds the sum of Program.Size; 0 means 256 MiB. One program
	// larger than that is compiled and handed out but not kept.
	MaxBytes int64
}

// CacheStats counts what a cache did since it was made.
type CacheStats struct {
	// Hits were answered from the cache; Misses made a compilation necessary;
	// Shared waited for the compilation of another caller.
	Hits, Misses, Shared, Evictions uint64
	// Programs and Bytes are held now.
	Programs int
	Bytes    int64
}

// Cache keeps compiled programs by the hash of their bundle, the least recently
// used dropped first. All isolates of a process share one. It is safe for
// concurrent use; a program is compiled once however many ask for it at once.
type Cache struct {
	max int64

	mu      sync.Mutex // never held while compiling
	lru     *simplelru.LRU[Hash, *Program]
	flights map[Hash]*flight
	stats   CacheStats
}

type flight struct {
	done    chan struct{}
	program *Program
	err     error
}

// NewCache returns an empty cache.
func NewCache(o CacheOptions) *Cache {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 256 << 20
	}
	c := &Cache{max: o.MaxBytes, flights: map[Hash]*flight{}}
	lru, err := simplelru.NewLRU[Hash, *Program](1<<30, nil) // bounded by bytes below
	if err != nil {
		panic(err) // only for a size below 1
	}
	c.lru = lru
	return c
}

// Get returns the program of a bundle if it is cached.
func (c *Cache) Get(h Hash) (*Program, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.lru.Get(h)
	if ok {
		c.stats.Hits++
	}
	return p, ok
}

// Program returns the program of a bundle at hand, compiling it if need be.
func (c *Cache) Program(ctx context.Context, b *Bundle) (*Program, error) {
	return c.Load(ctx, b.Hash, func(context.Context) (*Bundle, error) { return b, nil })
}

// Load returns the program of the bundle with that hash. If it is not cached
// one caller runs load, with its own ctx, and compiles; the others wait for it
// or for their ctx. Errors are not cached.
func (c *Cache) Load(ctx context.Context, h Hash, load func(context.Context) (*Bundle, error)) (*Program, error) {
	for {
		c.mu.Lock()
		if p, ok := c.lru.Get(h); ok {
			c.stats.Hits++
			c.mu.Unlock()
			return p, nil
		}
		f, ok := c.flights[h]
		if !ok {
			f = &flight{done: make(chan struct{})}
			c.flights[h] = f
			c.stats.Misses++
			c.mu.Unlock()
			c.fly(ctx, h, f, load)
			return f.program, f.err
		}
		c.stats.Shared++
		c.mu.Unlock()
		select {
		case <-f.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		// The caller that compiled may have given up where this one has not.
		if f.err == nil || !isContextError(f.err) {
			return f.program, f.err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
}

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (c *Cache) fly(ctx context.Context, h Hash, f *flight, load func(context.Context) (*Bundle, error)) {
	f.err = fmt.Errorf("loading bundle %s panicked", h)
	defer func() {
		c.mu.Lock()
		delete(c.flights, h)
		if f.err == nil {
			c.add(h, f.program)
		}
		c.mu.Unlock()
		close(f.done)
	}()
	b, err := load(ctx)
	switch {
	case err != nil:
		f.err = err
	case b.Hash != h:
		f.err = fmt.Errorf("bundle %s was asked for, %s was loaded", h, b.Hash)
	default:
		f.program, f.err = b.Compile()
	}
}

// add stores a program and drops old ones; c.mu is held.
func (c *Cache) add(h Hash, p *Program) {
	if p.Size > c.max {
		return
	}
	c.lru.Add(h, p)
	c.stats.Bytes += p.Size
	for c.stats.Bytes > c.max {
		_, old, ok := c.lru.RemoveOldest()
		if !ok {
			return
		}
		c.stats.Bytes -= old.Size
		c.stats.Evictions++
	}
}

// Remove drops a program, such as that of a deleted script.
func (c *Cache) Remove(h Hash) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p, ok := c.lru.Peek(h); ok {
		c.lru.Remove(h)
		c.stats.Bytes -= p.Size
	}
}

// Stats returns the counters.
func (c *Cache) Stats() CacheStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Programs = c.lru.Len()
	return s
}
