package kv

import (
	"context"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// TestMarks has what was read hold exactly until it is changed, by whatever means.
func TestMarks(t *testing.T) {
	for name, cache := range map[string]int64{"Cached": 0, "Uncached": -1} {
		t.Run(name, func(t *testing.T) {
			marks := make([]atomic.Uint64, 1<<20) // so many that no two keys share one
			db := open(t, Options{InMemory: true, ReadCache: cache, Marks: marks})
			n, other := db.Namespace("n"), db.Namespace("other")
			ctx := context.Background()
			put := func() error { return n.Put(ctx, Write{Key: "k", Value: []byte("v")}) }
			remove := func() error { return n.DeleteMany(ctx, []string{"k"}) }
			for i, change := range []func() error{put, put, remove, put} {
				_, m, ok, err := n.GetMarked(ctx, "k")
				if err != nil || !ok || marks[m.Index].Load() != m.Count {
					t.Fatalf("%d: %v, %v, %+v", i, err, ok, m)
				}
				if err := other.Put(ctx, Write{Key: "k", Value: []byte("v")}); err != nil {
					t.Fatal(err)
				}
				if marks[m.Index].Load() != m.Count {
					t.Errorf("%d: a key of the same name in another namespace counts", i)
				}
				if err := change(); err != nil {
					t.Fatal(err)
				}
				if marks[m.Index].Load() == m.Count {
					t.Errorf("after change %d the entry seems to hold", i)
				}
			}
			if err := n.Put(ctx, Write{Key: "brief", Value: []byte("v"), ExpirationTTL: 60}); err != nil {
				t.Fatal(err)
			}
			if e, _, ok, err := n.GetMarked(ctx, "brief"); err != nil || ok || !e.Found {
				t.Errorf("an entry that expires: %+v, may be kept: %v, %v", e, ok, err)
			}
		})
	}
}

func TestNoMarks(t *testing.T) {
	n := open(t, Options{InMemory: true}).Namespace("n")
	if _, _, ok, err := n.GetMarked(context.Background(), "k"); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if _, err := Open(Options{InMemory: true, Marks: make([]atomic.Uint64, 3)}); err == nil {
		t.Error("3 marks are taken")
	}
}

// TestMarksUnderWrites has readers keep entries by their marks while writers change
// them: none may use what a finished write has replaced.
func TestMarksUnderWrites(t *testing.T) {
	marks := make([]atomic.Uint64, 4)
	n := open(t, Options{InMemory: true, Marks: marks}).Namespace("n")
	ctx := context.Background()
	const writes = 100
	var finished [3]atomic.Int64 // the newest write to each key
	var all sync.WaitGroup
	for k := range finished {
		key := strconv.Itoa(k)
		all.Go(func() {
			for i := range writes {
				if err := n.Put(ctx, Write{Key: key, Value: []byte(strconv.Itoa(i + 1))}); err != nil {
					t.Error(err)
				}
				finished[k].Store(int64(i + 1))
			}
		})
		all.Go(func() {
			var kept int
			var m Mark
			held := false
			for done := int64(0); done < writes; {
				done = finished[k].Load()
				if held && marks[m.Index].Load() == m.Count {
					if int64(kept) < done {
						t.Errorf("%d is used after %d was written", kept, done)
						return
					}
					runtime.Gosched()
					continue
				}
				e, mark, ok, err := n.GetMarked(ctx, key)
				if err != nil || !ok {
					t.Error(ok, err)
					return
				}
				kept, _ = strconv.Atoi(string(e.Value))
				m, held = mark, true
			}
		})
	}
	all.Wait()
}
