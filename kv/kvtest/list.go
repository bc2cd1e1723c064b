package kvtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

func listPages(t *testing.T, r *rig) {
	if p := r.list(kv.ListQuery{}); len(p.Keys) != 0 || !p.Complete {
		t.Errorf("empty store: %+v", p)
	}
	at := r.clock.Now().Unix() + 100
	names := []string{"Z", "a", "a/1", "a/2", "b", "é", "\uffff", "\U00010000"} // by UTF-8, not UTF-16
	for _, name := range names {
		r.put(kv.Write{Key: name, Value: make([]byte, 600), Metadata: []byte(`{"of":"` + name + `"}`), Expiration: at})
	}
	r.put(kv.Write{Key: "a/3"})
	p := r.list(kv.ListQuery{Prefix: "a", Limit: 3})
	if len(p.Keys) != 3 || p.Keys[0].Name != "a" || string(p.Keys[1].Metadata) != `{"of":"a/1"}` || p.Keys[2].Expiration != at || p.Complete {
		t.Errorf("first page: %+v", p)
	}
	p = r.list(kv.ListQuery{Prefix: "a", Limit: 3, Cursor: p.Cursor})
	if len(p.Keys) != 1 || p.Keys[0].Name != "a/3" || p.Keys[0].Metadata != nil || p.Keys[0].Expiration != 0 || !p.Complete {
		t.Errorf("second page: %+v", p)
	}
	if p := r.list(kv.ListQuery{Prefix: "a", Limit: 4}); !p.Complete {
		t.Error("a page that holds the rest is not complete")
	}
	names = append(names, "a/3")
	slices.Sort(names)
	for limit := range 5 {
		if got := r.all("", limit); !slices.Equal(got, names) {
			t.Errorf("limit %d: %q", limit, got)
		}
	}
}

func listExpired(t *testing.T, r *rig) {
	var writes []kv.Write
	for i := range kv.MaxBulkWrite {
		writes = append(writes, kv.Write{Key: fmt.Sprintf("k%05d", i), ExpirationTTL: 60})
	}
	if err := r.PutMany(context.Background(), writes); err != nil {
		t.Fatal(err)
	}
	r.put(kv.Write{Key: "z"})
	r.clock.Move(time.Minute)
	if got := r.all("", 1); !slices.Equal(got, []string{"z"}) {
		t.Errorf("listed %q", got)
	}
}

// listModel compares pages with a sorted set while keys come and go.
func listModel(t *testing.T, r *rig) {
	rnd := rand.New(rand.NewPCG(1, 2))
	ctx := context.Background()
	model := map[string]int64{} // expiration
	alphabet := []string{"a", "b", "/", "é", "\x00", "\x7f", "\U0001f41d"}
	name := func(most int) (s string) {
		for range 1 + rnd.IntN(most) {
			s += alphabet[rnd.IntN(len(alphabet))]
		}
		return s
	}
	for round := range 60 {
		var puts []kv.Write
		var deletes []string
		for range 20 {
			w := kv.Write{Key: name(4)}
			if rnd.IntN(3) == 0 {
				w.Expiration = r.clock.Now().Unix() + 60 + rnd.Int64N(600)
			}
			puts = append(puts, w)
			model[w.Key] = w.Expiration
		}
		for range 5 {
			deletes = append(deletes, name(2))
			delete(model, deletes[len(deletes)-1])
		}
		if err := r.PutMany(ctx, puts); err != nil {
			t.Fatal(err)
		}
		if err := r.DeleteMany(ctx, deletes); err != nil {
			t.Fatal(err)
		}
		r.clock.Move(time.Duration(rnd.IntN(40)) * time.Second)
		prefix, limit := "", 1+rnd.IntN(30)
		if round%3 != 0 {
			prefix = name(2)
		}
		var want []string
		for k, at := range model {
			if strings.HasPrefix(k, prefix) && (at == 0 || at > r.clock.Now().Unix()) {
				want = append(want, k)
			}
		}
		slices.Sort(want)
		if got := r.all(prefix, limit); !slices.Equal(got, want) {
			t.Fatalf("round %d, prefix %q, limit %d:\n got %q\nwant %q", round, prefix, limit, got, want)
		}
	}
}

func listCursor(t *testing.T, r *rig) {
	ctx := context.Background()
	for _, name := range []string{"a1", "a2", "a3", "b"} {
		r.put(kv.Write{Key: name})
	}
	p := r.list(kv.ListQuery{Prefix: "a", Limit: 2})
	for _, prefix := range []string{"", "b", "a2"} {
		if _, err := r.List(ctx, kv.ListQuery{Prefix: prefix, Cursor: p.Cursor}); err == nil {
			t.Errorf("prefix %q was taken with the cursor of another", prefix)
		}
	}
	// The key a cursor stands after may be gone, and keys before it do not count.
	if err := r.Delete(ctx, "a2"); err != nil {
		t.Fatal(err)
	}
	r.put(kv.Write{Key: "a0"})
	p = r.list(kv.ListQuery{Prefix: "a", Cursor: p.Cursor})
	if len(p.Keys) != 1 || p.Keys[0].Name != "a3" {
		t.Errorf("second page: %+v", p)
	}
}
