package kv

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// physical counts the records of each kind.
func physical(t *testing.T, db *DB) map[byte]int {
	t.Helper()
	n := map[byte]int{}
	must(t, db.View(func(tx *Tx) error {
		return tx.walk(nil, nil, false, func(item *badger.Item) (bool, error) {
			n[item.Key()[0]]++
			return true, nil
		})
	}))
	return n
}

func TestReapLeavesNothing(t *testing.T) {
	clock := newTestClock()
	db := open(t, Options{InMemory: true, Now: clock.Now, WriteBuffer: 1 << 20})
	ctx := context.Background()
	ns := db.Namespace("n")
	var writes []Write
	for i := range 3000 {
		writes = append(writes, Write{Key: fmt.Sprint("k", i), Value: make([]byte, i%1000), ExpirationTTL: 60})
	}
	must(t, ns.PutMany(ctx, writes))
	must(t, ns.PutMany(ctx, writes)) // overwriting leaves no stale index
	must(t, ns.Put(ctx, Write{Key: "k0", ExpirationTTL: 600}))
	must(t, ns.Put(ctx, Write{Key: "k1"}))
	must(t, db.Update(func(tx *Tx) error {
		must(t, tx.PutTTL("b", "a", []byte("1"), time.Minute))
		must(t, tx.PutTTL("b", "b", []byte("1"), time.Minute))
		return tx.Delete("b", "b")
	}))
	if n := physical(t, db); n[kindExpiry] != 3000 || n[kindHead] != 3000 {
		t.Errorf("before: %v", n)
	}
	clock.Move(time.Minute)
	must(t, db.reap(ctx))
	n := physical(t, db)
	if n[kindExpiry] != 1 || n[kindHead] != 2 || n[kindValue] != 0 || n[kindSystem] != 0 {
		t.Errorf("after: %v", n)
	}
	if u, err := ns.Usage(ctx); err != nil || u != (Usage{2, 4}) {
		t.Errorf("usage %+v, %v", u, err)
	}
}

func TestUsageAndDrop(t *testing.T) {
	dir := t.TempDir()
	db := open(t, Options{Dir: dir})
	ctx := context.Background()
	a, b := db.Namespace("a"), db.Namespace("ab")
	check := func(ns *Namespace, want Usage) {
		t.Helper()
		if u, err := ns.Usage(ctx); err != nil || u != want {
			t.Errorf("%s: usage %+v, want %+v, %v", ns.ID(), u, want, err)
		}
	}
	check(a, Usage{})
	must(t, a.Put(ctx, Write{Key: "k", Value: make([]byte, 1000), Metadata: []byte("12")}))
	must(t, a.Put(ctx, Write{Key: "l", Value: make([]byte, 10)}))
	must(t, b.Put(ctx, Write{Key: "k", Value: make([]byte, 5)}))
	check(a, Usage{2, 1 + 1000 + 2 + 1 + 10})
	must(t, a.Put(ctx, Write{Key: "k"}))
	must(t, a.Delete(ctx, "missing"))
	check(a, Usage{2, 12})
	check(b, Usage{1, 6})
	must(t, db.Close())
	db = open(t, Options{Dir: dir})
	a, b = db.Namespace("a"), db.Namespace("ab")
	check(a, Usage{2, 12})
	must(t, a.Delete(ctx, "l"))
	check(a, Usage{1, 1})
	must(t, db.DropNamespace(ctx, "a"))
	check(a, Usage{})
	check(b, Usage{1, 6})
	if n := physical(t, db); n[kindHead] != 1 || n[kindUsage] != 1 {
		t.Errorf("left: %v", n)
	}
}

// diskUse is what the files in dir really take, in bytes.
func diskUse(t *testing.T, dir string) (n int64) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.vlog"))
	must(t, err)
	for _, name := range names {
		fi, err := os.Stat(name)
		must(t, err)
		n += min(fi.Size(), 128<<20)
	}
	return n
}

func TestCompactFreesSpace(t *testing.T) {
	dir := t.TempDir()
	db := open(t, Options{Dir: dir, NoSync: true, WriteBuffer: 1 << 20})
	ctx := context.Background()
	ns := db.Namespace("n")
	value := make([]byte, 1<<20)
	rand.NewChaCha8([32]byte{}).Read(value)
	for i := range 300 {
		must(t, ns.Put(ctx, Write{Key: fmt.Sprint("k", i%10), Value: value}))
	}
	must(t, db.Close())
	before := diskUse(t, dir)
	db = open(t, Options{Dir: dir, WriteBuffer: 1 << 20})
	must(t, db.Compact(ctx))
	must(t, db.Compact(ctx))
	for i := range 10 {
		if e, err := db.Namespace("n").Get(ctx, fmt.Sprint("k", i)); err != nil || len(e.Value) != len(value) {
			t.Errorf("k%d: %d bytes, %v", i, len(e.Value), err)
		}
	}
	must(t, db.Close())
	if after := diskUse(t, dir); after > before/2 {
		t.Errorf("value log: %d bytes before, %d after", before, after)
	}
}

func TestClock(t *testing.T) {
	const s, h = int64(1000), int64(3600 * 1000)
	type step struct{ elapsed, wall, want int64 }
	for _, c := range []struct {
		name  string
		note  int64
		steps []step
	}{
		{"steady", 0, []step{{0, 0, 0}, {5 * s, 5 * s, 5 * s}}},
		{"wall set back", 0, []step{{10 * s, 10 * s, 10 * s}, {11 * s, 11*s - h, 11 * s}, {20 * s, 20*s - h, 20 * s}}},
		{"wrong step undone", 0, []step{{s, s + 9000*h, s}, {300 * s, 300*s + 9000*h, 300 * s}, {301 * s, 301 * s, 301 * s},
			{700 * s, 700*s + h, 700 * s}, {1299 * s, 1299*s + h, 1299 * s}, {1300 * s, 1300*s + h, 1300*s + h}, {1301 * s, 1301*s + h, 1301*s + h}}},
		{"accepted step undone", 0, []step{{s, s + h, s}, {601 * s, 601*s + h, 601*s + h}, {602 * s, 602 * s, 602*s + h}}},
		{"monotonic going back", 0, []step{{10 * s, 10 * s, 10 * s}, {9 * s, 9 * s, 10 * s}, {11 * s, 11 * s, 11 * s}}},
		{"note ahead", h, []step{{0, 0, h}, {h + s, h + s, h + s}}},
		{"note far ahead", 25 * h, []step{{0, 0, 0}}},
		{"note behind", -h, []step{{0, 0, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.UnixMilli(1_700_000_000_000)
			k, trusted := newClock(func() time.Time { return start }, start.UnixMilli()+c.note)
			if trusted != (c.note <= 24*h) {
				t.Errorf("trusted %v", trusted)
			}
			for i, st := range c.steps {
				if got := k.at(st.elapsed, start.UnixMilli()+st.wall) - start.UnixMilli(); got != st.want {
					t.Errorf("step %d: %d, want %d", i, got, st.want)
				}
			}
		})
	}
}

// A key that had expired stays so when the store is opened with the clock set back.
func TestClockSetBackAcrossRestart(t *testing.T) {
	dir, clock, ctx := t.TempDir(), newTestClock(), context.Background()
	db := open(t, Options{Dir: dir, Now: clock.Now})
	must(t, db.Namespace("n").Put(ctx, Write{Key: "k", ExpirationTTL: 60}))
	clock.Move(2 * time.Minute)
	must(t, db.Close())
	clock.Move(-2 * time.Minute)
	db = open(t, Options{Dir: dir, Now: clock.Now})
	if e, err := db.Namespace("n").Get(ctx, "k"); err != nil || e.Found {
		t.Errorf("revived: %+v, %v", e, err)
	}
}
