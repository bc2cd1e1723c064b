package kv

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// open opens a store for one test. Its maintenance runs only when asked.
func open(t testing.TB, opts Options) *DB {
	t.Helper()
	if opts.Dir == "" && !opts.InMemory {
		opts.Dir = t.TempDir()
	}
	if opts.Maintenance == 0 {
		opts.Maintenance = -1
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	db, err := Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil && !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
	return db
}

// A testClock stands still until it is moved.
type testClock struct{ sec atomic.Int64 }

func newTestClock() *testClock {
	c := &testClock{}
	c.sec.Store(1_700_000_000)
	return c
}

func (c *testClock) Now() time.Time       { return time.Unix(c.sec.Load(), 0) }
func (c *testClock) Move(d time.Duration) { c.sec.Add(int64(d / time.Second)) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func get(t testing.TB, db *DB, bucket, key string) (value []byte, err error) {
	t.Helper()
	err = db.View(func(tx *Tx) (err error) {
		value, err = tx.Get(bucket, key)
		return err
	})
	return value, err
}

func scanned(t testing.TB, db *DB, bucket, prefix, from string, reverse bool) (keys []string) {
	t.Helper()
	must(t, db.View(func(tx *Tx) error {
		scan := tx.Scan
		if reverse {
			scan = tx.ScanReverse
		}
		return scan(bucket, prefix, from, func(key string, value []byte) error {
			if string(value) != "v"+key {
				t.Errorf("%s: value %q", key, value)
			}
			keys = append(keys, key)
			return nil
		})
	}))
	return keys
}

func TestTxReadsWhatWasWritten(t *testing.T) {
	dir := t.TempDir()
	db := open(t, Options{Dir: dir})
	must(t, db.Update(func(tx *Tx) error {
		must(t, tx.Put("a", "k", []byte("1")))
		must(t, tx.Put("ab", "k", []byte("2")))
		must(t, tx.Put("a", "", []byte("empty key")))
		if v, err := tx.Get("a", "k"); err != nil || string(v) != "1" {
			t.Errorf("own write: %q, %v", v, err)
		}
		return tx.Delete("a", "missing")
	}))
	must(t, db.Close())
	db = open(t, Options{Dir: dir})
	for bucket, want := range map[string]string{"a": "1", "ab": "2"} {
		if v, err := get(t, db, bucket, "k"); err != nil || string(v) != want {
			t.Errorf("%s: %q, %v", bucket, v, err)
		}
	}
	must(t, db.Update(func(tx *Tx) error { return tx.Delete("a", "k") }))
	if _, err := get(t, db, "a", "k"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after delete: %v", err)
	}
	if err := db.View(func(tx *Tx) error { return tx.Put("a", "k", nil) }); !errors.Is(err, ErrReadOnly) {
		t.Errorf("put in View: %v", err)
	}
	if err := db.View(func(tx *Tx) error { return tx.Delete("a", "none") }); !errors.Is(err, ErrReadOnly) {
		t.Errorf("delete in View: %v", err)
	}
	for _, bucket := range []string{"", "a\x00b"} {
		if err := db.Update(func(tx *Tx) error { return tx.Put(bucket, "k", nil) }); err == nil {
			t.Errorf("bucket %q was taken", bucket)
		}
	}
}

func TestTxFailureWritesNothing(t *testing.T) {
	db := open(t, Options{})
	boom := errors.New("boom")
	if err := db.Update(func(tx *Tx) error {
		must(t, tx.Put("a", "k", []byte("1")))
		return boom
	}); err != boom {
		t.Fatalf("got %v", err)
	}
	func() {
		defer func() {
			if p := recover(); p != "panic" {
				t.Errorf("recovered %v", p)
			}
		}()
		_ = db.Update(func(tx *Tx) error {
			must(t, tx.Put("a", "k", []byte("1")))
			panic("panic")
		})
	}()
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = db.Update(func(tx *Tx) error {
			must(t, tx.Put("a", "k", []byte("1")))
			runtime.Goexit()
			return nil
		})
		t.Error("the goroutine went on")
	})
	wg.Wait()
	if _, err := get(t, db, "a", "k"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the failed write is there: %v", err)
	}
}

func TestTxLargeValues(t *testing.T) {
	for _, inMemory := range []bool{false, true} {
		db := open(t, Options{InMemory: inMemory})
		want := map[string][]byte{}
		for i, n := range []int{largeValue - 1, largeValue, largeValue + 1, 5 << 20, 64 << 20} {
			v := make([]byte, n)
			rand.NewChaCha8([32]byte{byte(i)}).Read(v)
			want[fmt.Sprint(n)] = v
		}
		must(t, db.Update(func(tx *Tx) error {
			for k, v := range want {
				must(t, tx.Put("b", k, v))
			}
			return nil
		}))
		for k, v := range want {
			if got, err := get(t, db, "b", k); err != nil || !bytes.Equal(got, v) {
				t.Errorf("%s bytes: got %d, %v", k, len(got), err)
			}
		}
		must(t, db.Close())
	}
}

func TestTxTooLarge(t *testing.T) {
	db := open(t, Options{WriteBuffer: 1 << 20})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			err := db.Update(func(tx *Tx) error {
				for j := range 100_000 {
					if err := tx.Put("b", fmt.Sprintf("big %d %d", i, j), nil); err != nil {
						return nil // swallowed, and yet not committed
					}
				}
				return nil
			})
			if !errors.Is(err, ErrTooLarge) {
				t.Errorf("got %v", err)
			}
		})
		wg.Go(func() {
			must(t, db.Update(func(tx *Tx) error { return tx.Put("b", fmt.Sprint(i), nil) }))
		})
	}
	wg.Wait()
	n := 0
	must(t, db.View(func(tx *Tx) error {
		return tx.Scan("b", "", "", func(key string, _ []byte) error {
			if strings.HasPrefix(key, "big") {
				t.Errorf("%s is there", key)
			}
			n++
			return nil
		})
	}))
	if n != 20 {
		t.Errorf("%d small transactions are there, want 20", n)
	}
}

func TestTxScan(t *testing.T) {
	db := open(t, Options{})
	var keys []string
	for i := range 300 {
		keys = append(keys, fmt.Sprintf("%03d", i))
	}
	keys = append(keys, "a", "a\x00", "a\xff", "a\xff\xff\xff\xff\xff\xff\xff\xff\xff", "b", "\xff\xff")
	slices.Sort(keys)
	must(t, db.Update(func(tx *Tx) error {
		for _, k := range keys {
			must(t, tx.Put("m", k, []byte("v"+k)))
		}
		must(t, tx.Put("l", "zzz", []byte("other")))
		return tx.Put("n", "", []byte("other"))
	}))
	for _, prefix := range []string{"", "0", "1", "12", "a", "a\xff", "b", "zz", "\xff"} {
		for _, from := range []string{"", "0", "05", "100", "2", "a", "a\xff", "b", "zz", "\xff\xff\xff"} {
			for _, reverse := range []bool{false, true} {
				var want []string
				for _, k := range keys {
					if strings.HasPrefix(k, prefix) && (from == "" || !reverse && k > from || reverse && k < from) {
						want = append(want, k)
					}
				}
				if reverse {
					slices.Reverse(want)
				}
				if got := scanned(t, db, "m", prefix, from, reverse); !slices.Equal(got, want) {
					t.Errorf("prefix %q from %q reverse %v:\n got %q\nwant %q", prefix, from, reverse, got, want)
				}
			}
		}
	}
	n := 0
	must(t, db.Update(func(tx *Tx) error {
		return tx.Scan("m", "", "", func(key string, _ []byte) error {
			if n++; n == 100 {
				return ErrStop
			}
			// Reading, writing and scanning inside a scan is allowed.
			must(t, tx.Delete("m", key))
			return tx.Scan("m", "zz", "", func(string, []byte) error { return nil })
		})
	}))
	if got := scanned(t, db, "m", "", "", false); len(got) != len(keys)-99 {
		t.Errorf("%d keys left of %d", len(got), len(keys))
	}
}

func TestTxTTL(t *testing.T) {
	clock := newTestClock()
	db := open(t, Options{Now: clock.Now})
	must(t, db.Update(func(tx *Tx) error {
		must(t, tx.PutTTL("b", "k", []byte("vk"), time.Second))
		must(t, tx.PutTTL("b", "l", []byte("vl"), time.Second))
		must(t, tx.Put("b", "l", []byte("vl")))
		return tx.PutTTL("b", "m", []byte("vm"), time.Hour)
	}))
	if v, err := get(t, db, "b", "k"); err != nil || string(v) != "vk" {
		t.Fatalf("%q, %v", v, err)
	}
	clock.Move(time.Second)
	if _, err := get(t, db, "b", "k"); !errors.Is(err, ErrNotFound) {
		t.Errorf("expired: %v", err)
	}
	if got := scanned(t, db, "b", "", "", false); !slices.Equal(got, []string{"l", "m"}) {
		t.Errorf("scan: %q", got)
	}
	if err := db.Update(func(tx *Tx) error { return tx.PutTTL("b", "k", nil, 0) }); err == nil {
		t.Error("a ttl of 0 was taken")
	}
}

func TestUpdatesAreSerial(t *testing.T) {
	db := open(t, Options{InMemory: true})
	var wg sync.WaitGroup
	const n, m = 16, 50
	for range n {
		wg.Go(func() {
			for range m {
				must(t, db.Update(func(tx *Tx) error {
					v, err := tx.Get("b", "counter")
					if err != nil && !errors.Is(err, ErrNotFound) {
						return err
					}
					return tx.Put("b", "counter", append(v, '.'))
				}))
			}
		})
	}
	wg.Wait()
	if v, err := get(t, db, "b", "counter"); err != nil || len(v) != n*m {
		t.Errorf("counter is %d, want %d (%v)", len(v), n*m, err)
	}
}

func TestOpenRefusals(t *testing.T) {
	dir := t.TempDir()
	db := open(t, Options{Dir: dir})
	if _, err := Open(Options{Dir: dir}); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("second open: %v", err)
	}
	for _, o := range []Options{{}, {Dir: dir, InMemory: true}, {Dir: dir, WriteBuffer: 1}, {Dir: dir, BlockCache: -1}} {
		if _, err := Open(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	must(t, db.Close())
	if err := db.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("second close: %v", err)
	}
	if err := db.Update(func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("update after close: %v", err)
	}
	if err := db.View(func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("view after close: %v", err)
	}
}
