package kvtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

// Run runs the whole suite.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, *rig)
	}{
		{"Values", values},
		{"Overwrite", overwrite},
		{"Expiration", expiration},
		{"Refusals", refusals},
		{"ListPages", listPages},
		{"ListExpired", listExpired},
		{"ListModel", listModel},
		{"ListCursor", listCursor},
		{"Bulk", bulk},
		{"Canceled", canceled},
		{"Concurrent", concurrent},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.run(t, &rig{t: t, Store: open(t, clock.Now), clock: clock})
		})
	}
}

// A rig is a store whose calls must succeed.
type rig struct {
	Store
	t     *testing.T
	clock *Clock
}

func (r *rig) put(w kv.Write) {
	r.t.Helper()
	if err := r.Put(context.Background(), w); err != nil {
		r.t.Fatalf("put %q: %v", w.Key, err)
	}
}

func (r *rig) get(key string) kv.Entry {
	r.t.Helper()
	e, err := r.Get(context.Background(), key)
	if err != nil {
		r.t.Fatalf("get %q: %v", key, err)
	}
	many, err := r.GetMany(context.Background(), []string{key})
	if err != nil || len(many) != 1 || !same(many[0], e) {
		r.t.Fatalf("get %q: %v, but in bulk %v, %v", key, e, many, err)
	}
	return e
}

func (r *rig) list(q kv.ListQuery) *kv.Page {
	r.t.Helper()
	p, err := r.List(context.Background(), q)
	if err != nil {
		r.t.Fatalf("list %+v: %v", q, err)
	}
	if p.Complete != (p.Cursor == "") {
		r.t.Fatalf("list %+v: complete %v with cursor %q", q, p.Complete, p.Cursor)
	}
	return p
}

// all lists every page and answers the names.
func (r *rig) all(prefix string, limit int) (names []string) {
	r.t.Helper()
	for q := (kv.ListQuery{Prefix: prefix, Limit: limit}); ; {
		p := r.list(q)
		for _, k := range p.Keys {
			names = append(names, k.Name)
		}
		if p.Complete {
			return names
		}
		q.Cursor = p.Cursor
	}
}

func same(a, b kv.Entry) bool {
	return a.Found == b.Found && bytes.Equal(a.Value, b.Value) && bytes.Equal(a.Metadata, b.Metadata) &&
		(a.Metadata == nil) == (b.Metadata == nil) && a.Expiration == b.Expiration
}

func values(t *testing.T, r *rig) {
	if e := r.get("missing"); e.Found || e.Value != nil {
		t.Errorf("missing key: %+v", e)
	}
	for _, key := range []string{"k", "ключ", "a/b c?d=e", "...", "\x00", "\xf0\x9f\x90\x9d", strings.Repeat("x", kv.MaxKey)} {
		for _, size := range []int{0, 1, 511, 512, 513, 4095, 4096, 4097, 100_000, kv.MaxValue} {
			if size == kv.MaxValue && key != "k" {
				continue
			}
			value := bytes.Repeat([]byte("é\x00"), size/3+1)[:size]
			r.put(kv.Write{Key: key, Value: value, Metadata: []byte(`{"n":1}`)})
			want := kv.Entry{Found: true, Value: value, Metadata: []byte(`{"n":1}`)}
			for range 2 { // the second time perhaps from a cache
				if e := r.get(key); !same(e, want) {
					t.Fatalf("%.20q with %d bytes: got %v, %d bytes, %s", key, size, e.Found, len(e.Value), e.Metadata)
				}
			}
		}
	}
	value := []byte("mine")
	r.put(kv.Write{Key: "owned", Value: value})
	value[0] = 'f'
	if e := r.get("owned"); string(e.Value) != "mine" {
		t.Errorf("the store kept the caller's bytes: %q", e.Value)
	}
}

func overwrite(t *testing.T, r *rig) {
	at := r.clock.Now().Unix() + 1000
	big, small := bytes.Repeat([]byte("b"), 10_000), []byte("s")
	r.put(kv.Write{Key: "k", Value: big, Metadata: []byte(`1`), Expiration: at})
	if e := r.get("k"); !same(e, kv.Entry{Found: true, Value: big, Metadata: []byte(`1`), Expiration: at}) {
		t.Errorf("first: %+v", e)
	}
	r.put(kv.Write{Key: "k", Value: small, Metadata: []byte(`null`)})
	if e := r.get("k"); !same(e, kv.Entry{Found: true, Value: small}) {
		t.Errorf("metadata or expiration carried over: %+v", e)
	}
	r.clock.Move(2000 * time.Second)
	if e := r.get("k"); !e.Found {
		t.Error("the old expiration took the key away")
	}
	r.put(kv.Write{Key: "k", Value: big})
	for range 2 { // deleting a missing key is fine
		if err := r.Delete(context.Background(), "k"); err != nil {
			t.Fatal(err)
		}
		if e := r.get("k"); e.Found {
			t.Error("found after delete")
		}
	}
}

func expiration(t *testing.T, r *rig) {
	now := r.clock.Now().Unix()
	r.put(kv.Write{Key: "ttl", ExpirationTTL: 60})
	r.put(kv.Write{Key: "at", Expiration: now + 60})
	r.put(kv.Write{Key: "both", Expiration: now + 60, ExpirationTTL: 120})
	r.put(kv.Write{Key: "badly both", Expiration: 1, ExpirationTTL: 120})
	r.put(kv.Write{Key: "end of time", Expiration: 1<<63 - 1})
	r.put(kv.Write{Key: "never"})
	for key, want := range map[string]int64{"ttl": now + 60, "at": now + 60, "both": now + 120, "badly both": now + 120,
		"end of time": 1<<63 - 1, "never": 0} {
		if e := r.get(key); !e.Found || e.Expiration != want {
			t.Errorf("%s: %v, expiration %d, want %d", key, e.Found, e.Expiration, want)
		}
	}
	check := func(after string, want ...string) {
		t.Helper()
		if got := r.all("", 0); !slices.Equal(got, want) {
			t.Errorf("%s: listed %q, want %q", after, got, want)
		}
		for _, key := range []string{"at", "badly both", "both", "end of time", "never", "ttl"} {
			if got := r.get(key).Found; got != slices.Contains(want, key) {
				t.Errorf("%s: %s found %v", after, key, got)
			}
		}
	}
	check("at once", "at", "badly both", "both", "end of time", "never", "ttl")
	r.clock.Move(59 * time.Second)
	check("59 s", "at", "badly both", "both", "end of time", "never", "ttl")
	r.clock.Move(time.Second)
	check("60 s", "badly both", "both", "end of time", "never")
	r.clock.Move(-time.Hour)
	check("clock back", "badly both", "both", "end of time", "never")
	r.clock.Move(time.Hour + time.Minute)
	check("120 s", "end of time", "never")
}

func refusals(t *testing.T, r *rig) {
	now := r.clock.Now().Unix()
	long := strings.Repeat("é", 257)
	meta := []byte(`"` + strings.Repeat("m", kv.MaxMetadata-1) + `"`)
	keys := func(n int) []string { return slices.Repeat([]string{"k"}, n) }
	put := func(w kv.Write) func(context.Context) error {
		return func(ctx context.Context) error { return r.Put(ctx, w) }
	}
	get := func(key string) func(context.Context) error {
		return func(ctx context.Context) error { _, err := r.Get(ctx, key); return err }
	}
	many := func(keys ...string) func(context.Context) error {
		return func(ctx context.Context) error { _, err := r.GetMany(ctx, keys); return err }
	}
	list := func(q kv.ListQuery) func(context.Context) error {
		return func(ctx context.Context) error { _, err := r.List(ctx, q); return err }
	}
	for _, c := range []struct {
		call   func(context.Context) error
		status int
		code   string
		text   string
	}{
		{get(""), 400, kv.CodeBadOption, "KV GET failed: 400 Key names must not be empty"},
		{get("."), 400, kv.CodeBadOption, `KV GET failed: 400 Illegal key name ".". Please use a different name.`},
		{get(".."), 400, kv.CodeBadOption, `KV GET failed: 400 Illegal key name "..". Please use a different name.`},
		{get(long), 414, kv.CodeKeyTooLong, "KV GET failed: 414 UTF-8 encoded length of 514 exceeds key length limit of 512."},
		{get("\xff"), 400, kv.CodeBadOption, "KV GET failed: 400 Key names must be valid UTF-8"},
		{many(), 400, kv.CodeBadOption, "KV GET_BULK failed: 400 You must request a minimum of 1 key"},
		{many(keys(101)...), 400, kv.CodeBadOption, "KV GET_BULK failed: 400 You can request a maximum of 100 keys"},
		{many("k", ""), 400, kv.CodeBadOption, "KV GET_BULK failed: 400 Key names must not be empty"},
		{put(kv.Write{Key: ""}), 400, kv.CodeBadOption, "KV PUT failed: 400 Key names must not be empty"},
		{put(kv.Write{Key: long}), 414, kv.CodeKeyTooLong, "KV PUT failed: 414 UTF-8 encoded length of 514 exceeds key length limit of 512."},
		{put(kv.Write{Key: "k", Value: make([]byte, kv.MaxValue+1)}), 413, kv.CodeTooLarge, "KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400."},
		{put(kv.Write{Key: "k", Metadata: meta}), 413, kv.CodeTooLarge, "KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024."},
		{put(kv.Write{Key: "k", Metadata: []byte("{")}), 400, kv.CodeBadOption, "KV PUT failed: 400 Metadata must be valid JSON"},
		{put(kv.Write{Key: "k", ExpirationTTL: -1}), 400, kv.CodeBadOption, "KV PUT failed: 400 Invalid expiration_ttl of -1. Please specify integer greater than 0."},
		{put(kv.Write{Key: "k", ExpirationTTL: 59}), 400, kv.CodeBadOption, "KV PUT failed: 400 Invalid expiration_ttl of 59. Expiration TTL must be at least 60."},
		{put(kv.Write{Key: "k", ExpirationTTL: 1<<63 - 1}), 400, kv.CodeBadOption, "KV PUT failed: 400 Invalid expiration_ttl of 9223372036854775807. Expiration TTL is too large."},
		{put(kv.Write{Key: "k", Expiration: now}), 400, kv.CodeBadOption, fmt.Sprintf("KV PUT failed: 400 Invalid expiration of %d. Please specify integer greater than the current number of seconds since the UNIX epoch.", now)},
		{put(kv.Write{Key: "k", Expiration: now + 59}), 400, kv.CodeBadOption, fmt.Sprintf("KV PUT failed: 400 Invalid expiration of %d. Expiration times must be at least 60 seconds in the future.", now+59)},
		{func(ctx context.Context) error { return r.Delete(ctx, "..") }, 400, kv.CodeBadOption, `KV DELETE failed: 400 Illegal key name "..". Please use a different name.`},
		{func(ctx context.Context) error { return r.DeleteMany(ctx, keys(kv.MaxBulkWrite+1)) }, 400, kv.CodeBadOption, "KV DELETE failed: 400 You can delete a maximum of 10000 keys"},
		{func(ctx context.Context) error { return r.PutMany(ctx, make([]kv.Write, kv.MaxBulkWrite+1)) }, 400, kv.CodeBadOption, "KV PUT failed: 400 You can write a maximum of 10000 pairs"},
		{func(ctx context.Context) error {
			w := kv.Write{Key: "k", Value: make([]byte, kv.MaxValue)}
			return r.PutMany(ctx, []kv.Write{w, w, w, w})
		}, 413, kv.CodeTooLarge, "KV PUT failed: 413 Total length of 104857604 reaches limit of 100000000."},
		{func(ctx context.Context) error { return r.PutMany(ctx, []kv.Write{{Key: "k"}, {Key: "."}}) }, 400, kv.CodeBadOption, `KV PUT failed: 400 Illegal key name ".". Please use a different name.`},
		{list(kv.ListQuery{Limit: -1}), 400, kv.CodeBadOption, "KV GET failed: 400 Invalid key_count_limit of -1. Please specify an integer greater than 0."},
		{list(kv.ListQuery{Limit: 1001}), 400, kv.CodeBadOption, "KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less than 1000."},
		{list(kv.ListQuery{Prefix: long}), 414, kv.CodeKeyTooLong, "KV GET failed: 414 UTF-8 encoded length of 514 exceeds key length limit of 512."},
		{list(kv.ListQuery{Cursor: "?"}), 400, kv.CodeBadOption, "KV GET failed: 400 Invalid cursor. Please pass the cursor of the previous page with the same prefix."},
	} {
		err := c.call(context.Background())
		var e *kv.Error
		if !errors.As(err, &e) || err.Error() != c.text || e.Status != c.status || e.Code != c.code {
			t.Errorf("got  %v\nwant %s (%s)", err, c.text, c.code)
		}
	}
	if got := r.all("", 0); len(got) != 0 {
		t.Errorf("a refused write left %q", got)
	}
}

func bulk(t *testing.T, r *rig) {
	ctx := context.Background()
	var writes []kv.Write
	var names []string
	for i := range kv.MaxBulkWrite {
		names = append(names, fmt.Sprintf("k%05d", i))
		writes = append(writes, kv.Write{Key: names[i], Value: bytes.Repeat([]byte{'v'}, i%1500)})
	}
	if err := r.PutMany(ctx, writes); err != nil {
		t.Fatal(err)
	}
	if got := r.all("", 0); !slices.Equal(got, names) {
		t.Fatalf("%d keys listed", len(got))
	}
	entries, err := r.GetMany(ctx, []string{"k00007", "none", "k09999", "k00007"})
	if err != nil || len(entries) != 4 || len(entries[0].Value) != 7 || entries[1].Found || len(entries[2].Value) != 9999%1500 || !same(entries[0], entries[3]) {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	if err := r.DeleteMany(ctx, append([]string{"none"}, names[:9999]...)); err != nil {
		t.Fatal(err)
	}
	if got := r.all("", 0); !slices.Equal(got, names[9999:]) {
		t.Errorf("%d keys left", len(got))
	}
	for _, key := range []string{"a", "b"} {
		r.put(kv.Write{Key: key, Value: make([]byte, kv.MaxBulkBytes/2)})
	}
	if _, err := r.GetMany(ctx, []string{"a", "b"}); err != nil {
		t.Error(err)
	}
	_, err = r.GetMany(ctx, []string{"a", "b", "k09999"})
	if err == nil || err.Error() != "KV GET_BULK failed: 413 Total size of request exceeds the limit of 25MB" {
		t.Errorf("over 25 MiB: %v", err)
	}
}

func canceled(t *testing.T, r *rig) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.Put(ctx, kv.Write{Key: "k"}); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	if _, err := r.Get(ctx, "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("get: %v", err)
	}
	if err := r.Delete(ctx, "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("delete: %v", err)
	}
	if r.get("k").Found {
		t.Error("the canceled write is there")
	}
}

// concurrent checks that who has written reads it back, and that two readers of
// one key never see it go back.
func concurrent(t *testing.T, r *rig) {
	ctx := context.Background()
	const rounds = 200
	var wg sync.WaitGroup
	for i := range 4 {
		key := fmt.Sprint("key ", i)
		wg.Go(func() {
			for n := range rounds {
				if err := r.Put(ctx, kv.Write{Key: key, Value: []byte(fmt.Sprintf("%06d", n))}); err != nil {
					t.Error(err)
					return
				}
				if e, err := r.Get(ctx, key); err != nil || string(e.Value) != fmt.Sprintf("%06d", n) {
					t.Errorf("%s: read %q after writing %d: %v", key, e.Value, n, err)
				}
			}
		})
		for range 2 {
			wg.Go(func() {
				var last string
				for last < fmt.Sprintf("%06d", rounds-1) {
					e, err := r.Get(ctx, key)
					if err != nil || string(e.Value) < last {
						t.Errorf("%s: read %q after %q: %v", key, e.Value, last, err)
						return
					}
					last = string(e.Value)
					runtime.Gosched() // leave the writers a processor
				}
			})
		}
	}
	wg.Wait()
}
