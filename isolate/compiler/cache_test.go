package compiler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func bundleOf(t testing.TB, src string) *Bundle {
	t.Helper()
	b, err := BuildBundle(context.Background(), files("index.js", src))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBundleRoundTrip(t *testing.T) {
	b := bundleOf(t, `import "cloudflare:workers"; export default 1`)
	stored, err := b.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var back Bundle
	if err := back.UnmarshalBinary(stored); err != nil {
		t.Fatal(err)
	}
	if back.Hash != b.Hash || !bytes.Equal(back.Code, b.Code) || !bytes.Equal(back.Map, b.Map) || !bytes.Equal(back.Sources, b.Sources) || len(back.Host) != 1 {
		t.Errorf("got %+v", back)
	}
	for n := range stored {
		if err := new(Bundle).UnmarshalBinary(stored[:n]); !errors.Is(err, ErrBundleFormat) {
			t.Fatalf("%d of %d bytes: %v", n, len(stored), err)
		}
	}
	if err := new(Bundle).UnmarshalBinary(append(stored, 0)); !errors.Is(err, ErrBundleFormat) {
		t.Error(err)
	}
	if other := bundleOf(t, `export default 2`); other.Hash == b.Hash {
		t.Error("two bundles share a hash")
	}
}

func FuzzUnmarshalBundle(f *testing.F) {
	stored, _ := (&Bundle{Code: []byte("1"), Map: []byte("{}")}).MarshalBinary()
	f.Add(stored)
	f.Add([]byte(bundleMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		var b Bundle
		if b.UnmarshalBinary(data) == nil {
			_, _ = b.Compile()
		}
	})
}

func TestCacheIsBoundedInBytes(t *testing.T) {
	one := bundleOf(t, `export default 1`)
	p, err := one.Compile()
	if err != nil {
		t.Fatal(err)
	}
	c := NewCache(CacheOptions{MaxBytes: 3*p.Size + p.Size/2})
	for i := range 5 {
		if _, err := c.Program(context.Background(), bundleOf(t, fmt.Sprintf(`export default %d`, i+1))); err != nil {
			t.Fatal(err)
		}
	}
	s := c.Stats()
	if s.Programs != 3 || s.Evictions != 2 || s.Misses != 5 || s.Bytes > 3*p.Size+p.Size/2 {
		t.Errorf("%+v", s)
	}
	if _, ok := c.Get(one.Hash); ok {
		t.Error("the oldest program was kept")
	}
	small := NewCache(CacheOptions{MaxBytes: 1})
	if p, err := small.Program(context.Background(), one); p == nil || err != nil {
		t.Error(err)
	}
	if s := small.Stats(); s.Programs != 0 || s.Bytes != 0 {
		t.Errorf("%+v", s)
	}
	keep := bundleOf(t, `export default 5`)
	c.Remove(keep.Hash)
	c.Remove(keep.Hash)
	if s := c.Stats(); s.Programs != 2 || s.Bytes >= 3*p.Size {
		t.Errorf("after Remove %+v", s)
	}
}

// Callers on many goroutines get one program, compiled once, and run it at once.
func TestCacheSharesOneCompilation(t *testing.T) {
	b := bundleOf(t, `let n = 0; class A { get = 1; async *g() { yield 1 } } const t = (s) => s; export default async () => { for await (const x of new A().g()) n += x; return [n, t`+"`a`"+`[0], /\p{L}/u.test("é")] }`)
	c := NewCache(CacheOptions{})
	var loads atomic.Int32
	started := make(chan struct{})
	var group sync.WaitGroup
	programs := make([]*Program, 16)
	for i := range programs {
		group.Go(func() {
			p, err := c.Load(context.Background(), b.Hash, func(context.Context) (*Bundle, error) {
				loads.Add(1)
				<-started
				return b, nil
			})
			if err != nil {
				t.Error(err)
				return
			}
			programs[i] = p
			r := newRig(t)
			for range 3 {
				if err := r.run(p); err != nil {
					t.Error(err)
					return
				}
				if got := r.get(); got != `[1,"a",true]` {
					t.Errorf("got %s", got)
				}
			}
		})
	}
	close(started)
	group.Wait()
	if n := loads.Load(); n != 1 {
		t.Errorf("loaded %d times", n)
	}
	for _, p := range programs {
		if p != programs[0] {
			t.Error("more than one program")
		}
	}
}

func TestCacheWaitersOutliveACancelledLoader(t *testing.T) {
	b := bundleOf(t, `export default 1`)
	c := NewCache(CacheOptions{})
	ctx, cancel := context.WithCancel(context.Background())
	inside := make(chan struct{})
	first := make(chan error)
	go func() {
		_, err := c.Load(ctx, b.Hash, func(ctx context.Context) (*Bundle, error) {
			close(inside)
			<-ctx.Done()
			return nil, ctx.Err()
		})
		first <- err
	}()
	<-inside
	second := make(chan error)
	go func() {
		_, err := c.Program(context.Background(), b)
		second <- err
	}()
	for c.Stats().Shared == 0 {
		runtime.Gosched()
	}
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := <-second; err != nil {
		t.Error(err)
	}
	boom := errors.New("boom")
	if _, err := c.Load(context.Background(), Hash{1}, func(context.Context) (*Bundle, error) { return nil, boom }); err != boom {
		t.Error(err)
	}
	if _, err := c.Load(context.Background(), Hash{1}, func(context.Context) (*Bundle, error) { return b, nil }); err == nil {
		t.Error("another bundle was taken")
	}
}

func BenchmarkCacheHit(b *testing.B) {
	bundle := bundleOf(b, `export default 1`)
	c := NewCache(CacheOptions{})
	if _, err := c.Program(context.Background(), bundle); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := c.Get(bundle.Hash); !ok {
			b.Fatal("lost")
		}
	}
}
