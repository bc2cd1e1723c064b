package kv

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

func TestCachedGetAllocates(t *testing.T) {
	db := open(t, Options{InMemory: true})
	ctx, ns := context.Background(), db.Namespace("n")
	must(t, ns.Put(ctx, Write{Key: "k", Value: make([]byte, 100), ExpirationTTL: 1000}))
	for _, key := range []string{"k", "missing"} {
		if n := testing.AllocsPerRun(100, func() { _, _ = ns.Get(ctx, key) }); n > 0 {
			t.Errorf("a cached get of %q makes %v allocations", key, n)
		}
	}
}

func TestCached(t *testing.T) {
	db := open(t, Options{InMemory: true})
	ctx, ns := context.Background(), db.Namespace("n")
	must(t, ns.Put(ctx, Write{Key: "k", Value: []byte("v"), Metadata: []byte(`1`)}))
	if _, ok := ns.Cached(""); ok {
		t.Error("a key that Get refuses is cached")
	}
	for _, key := range []string{"k", "missing"} {
		want, err := ns.Get(ctx, key) // which remembers it
		must(t, err)
		e, ok := ns.Cached(key)
		if !ok || e.Found != want.Found || string(e.Value) != string(want.Value) || string(e.Metadata) != string(want.Metadata) {
			t.Errorf("Cached(%q) = %+v, %v; Get gives %+v", key, e, ok, want)
		}
		if n := testing.AllocsPerRun(100, func() { ns.Cached(key) }); n > 0 {
			t.Errorf("Cached(%q) makes %v allocations", key, n)
		}
	}
	must(t, ns.Put(ctx, Write{Key: "k", Value: []byte("w")}))
	if e, ok := ns.Cached("k"); ok && string(e.Value) != "w" {
		t.Errorf("after another write the value is %q", e.Value)
	}
	must(t, db.Close())
	if _, ok := ns.Cached("k"); ok {
		t.Error("a closed store answers")
	}
}

func BenchmarkGet(b *testing.B) {
	ctx := context.Background()
	for _, c := range []struct {
		name  string
		cache int64
	}{{"cached", 0}, {"uncached", -1}} {
		db := open(b, Options{InMemory: true, ReadCache: c.cache})
		ns := db.Namespace("0123456789abcdef0123456789abcdef")
		var writes []Write
		for i := range 10_000 {
			writes = append(writes, Write{Key: fmt.Sprint("key ", i), Value: make([]byte, 200)})
		}
		must(b, ns.PutMany(ctx, writes))
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if e, err := ns.Get(ctx, writes[i%1000].Key); err != nil || !e.Found {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.name+"/parallel", func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					_, _ = ns.Get(ctx, writes[i%1000].Key)
				}
			})
		})
	}
}

func BenchmarkPut(b *testing.B) {
	ctx := context.Background()
	for _, size := range []int{100, 10_000} {
		for _, writers := range []int{1, 64} {
			for _, noSync := range []bool{false, true} {
				b.Run(fmt.Sprintf("bytes=%d/writers=%d/sync=%v", size, writers, !noSync), func(b *testing.B) {
					db := open(b, Options{NoSync: noSync})
					ns := db.Namespace("n")
					value := make([]byte, size)
					var n atomic.Int64
					b.SetParallelism((writers + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
					put := func() {
						if err := ns.Put(ctx, Write{Key: fmt.Sprint(n.Add(1) % 10_000), Value: value}); err != nil {
							b.Error(err)
						}
					}
					if writers == 1 {
						for b.Loop() {
							put()
						}
						return
					}
					b.RunParallel(func(pb *testing.PB) {
						for pb.Next() {
							put()
						}
					})
				})
			}
		}
	}
}

// BenchmarkList reads a page of 1,000 keys out of a million.
func BenchmarkList(b *testing.B) {
	ctx := context.Background()
	db := open(b, Options{InMemory: true})
	ns := db.Namespace("n")
	var writes []Write
	for i := range 1_000_000 {
		writes = append(writes, Write{Key: fmt.Sprintf("user:%07d", i), Value: make([]byte, 100), Metadata: []byte(`{"a":1}`)})
		if len(writes) == MaxBulkWrite {
			must(b, ns.PutMany(ctx, writes))
			writes = writes[:0]
		}
	}
	for _, prefix := range []string{"", "user:05", "user:05000"} {
		b.Run("prefix="+prefix, func(b *testing.B) {
			for b.Loop() {
				if p, err := ns.List(ctx, ListQuery{Prefix: prefix}); err != nil || len(p.Keys) == 0 {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOpenEmpty reports the memory of a process with an empty open store.
func BenchmarkOpenEmpty(b *testing.B) {
	before := resident(b)
	for b.Loop() {
		db := open(b, Options{})
		b.ReportMetric(float64(resident(b)-before)/1e6, "MB-resident")
		must(b, db.Close())
	}
}

func resident(b *testing.B) int64 {
	s, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("the system does not tell the resident memory of a process: ", err)
	}
	_, s2, _ := strings.Cut(string(s), "VmRSS:")
	n, err := strconv.ParseInt(strings.Fields(s2)[0], 10, 64)
	must(b, err)
	return n << 10
}
