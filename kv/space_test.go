package kv

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

func TestFullDisk(t *testing.T) {
	const reserve = 1 << 20
	var free atomic.Int64
	free.Store(100 << 20)
	db := open(t, Options{NoSync: true, Reserve: reserve,
		free: func(string) (uint64, error) { return uint64(free.Load()), nil }})
	ctx, ns := context.Background(), db.Namespace("n")
	must(t, ns.Put(ctx, Write{Key: "k", Value: []byte("old")}))
	var e *Error
	for _, c := range []struct {
		free         int64
		put, deleted bool
	}{
		{reserve / 4, false, false},
		{reserve * 3 / 4, false, true},
		{reserve + 50_000, true, true},
		{0, false, false},
		{50 << 20, true, true},
	} {
		free.Store(c.free)
		for range 20 { // use up what the last answer allowed
			_ = ns.Put(ctx, Write{Key: "filler", Value: make([]byte, 100_000)})
		}
		err := ns.Put(ctx, Write{Key: "k", Value: []byte("new")})
		if c.put != (err == nil) {
			t.Errorf("%d free: put: %v", c.free, err)
		}
		if err != nil && (!errors.Is(err, ErrNoSpace) || !errors.As(err, &e) || e.Status != 507 || e.Op != "PUT") {
			t.Errorf("%d free: put: %v", c.free, err)
		}
		if err := db.Update(func(tx *Tx) error { return tx.Put("b", "k", nil) }); c.put != (err == nil) || err != nil && !errors.Is(err, ErrNoSpace) {
			t.Errorf("%d free: update: %v", c.free, err)
		}
		if err := ns.Delete(ctx, "k"); c.deleted != (err == nil) {
			t.Errorf("%d free: delete: %v", c.free, err)
		}
		if _, err := ns.Get(ctx, "k"); err != nil {
			t.Errorf("%d free: get: %v", c.free, err)
		}
		free.Store(100 << 20)
		must(t, ns.Put(ctx, Write{Key: "k", Value: []byte("old")}))
	}
}
