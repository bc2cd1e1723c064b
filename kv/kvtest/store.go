package kvtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

// A Store is a namespace as an isolate sees it. *kv.Namespace is one.
type Store interface {
	Get(ctx context.Context, key string) (kv.Entry, error)
	GetMany(ctx context.Context, keys []string) ([]kv.Entry, error)
	Put(ctx context.Context, w kv.Write) error
	PutMany(ctx context.Context, writes []kv.Write) error
	Delete(ctx context.Context, key string) error
	DeleteMany(ctx context.Context, keys []string) error
	List(ctx context.Context, q kv.ListQuery) (*kv.Page, error)
}

// An Open makes an empty store that tells the time by now, for one test.
type Open func(t *testing.T, now func() time.Time) Store

// A Clock stands still until it is moved. It has no monotonic reading.
type Clock struct {
	mu sync.Mutex
	t  time.Time
}

// NewClock makes a clock that shows a fixed time.
func NewClock() *Clock { return &Clock{t: time.Unix(1_700_000_000, 0)} }

// Now is the time the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

// Move sets the clock on by d, or back when d is negative.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}
