package kv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

// dump is every record of a store but those about itself.
func dump(t *testing.T, db *DB) (records []string) {
	t.Helper()
	must(t, db.View(func(tx *Tx) error {
		return tx.walk(nil, nil, false, func(item *badger.Item) (bool, error) {
			v, err := item.ValueCopy(nil)
			if item.Key()[0] != kindMeta {
				records = append(records, fmt.Sprintf("%q %d %x", item.Key(), item.UserMeta(), v))
			}
			return true, err
		})
	}))
	return records
}

func TestBackupAndRestore(t *testing.T) {
	ctx := context.Background()
	from := open(t, Options{InMemory: true})
	ns := from.Namespace("n")
	for i := range 50 {
		must(t, ns.Put(ctx, Write{Key: fmt.Sprint(i), Value: bytes.Repeat([]byte{byte(i)}, i*i*i), ExpirationTTL: 1000}))
	}
	must(t, from.Update(func(tx *Tx) error { return tx.PutTTL("b", "k", []byte("v"), 1e12) }))
	var full, more bytes.Buffer
	v1, err := from.Backup(&full, 0)
	must(t, err)
	want1 := dump(t, from)
	must(t, ns.DeleteMany(ctx, []string{"1", "49"}))
	must(t, ns.Put(ctx, Write{Key: "new"}))
	must(t, ns.Put(ctx, Write{Key: "2", Value: []byte("changed")}))
	v2, err := from.Backup(&more, v1)
	must(t, err)
	if more.Len() > 2000 {
		t.Errorf("the incremental backup has %d bytes", more.Len())
	}
	want2 := dump(t, from)

	dir := t.TempDir()
	to := open(t, Options{Dir: dir})
	if _, err := to.Restore(bytes.NewReader(more.Bytes())); err == nil {
		t.Error("an incremental backup was restored into an empty store")
	}
	if v, err := to.Restore(bytes.NewReader(full.Bytes())); err != nil || v != v1 {
		t.Fatalf("version %d, %v; want %d", v, err, v1)
	}
	if got := dump(t, to); !slices.Equal(got, want1) {
		t.Errorf("restored %d records, want %d", len(got), len(want1))
	}
	if _, err := to.Restore(bytes.NewReader(full.Bytes())); err == nil {
		t.Error("a full backup was restored over data")
	}
	if v, err := to.Restore(bytes.NewReader(more.Bytes())); err != nil || v != v2 {
		t.Fatalf("version %d, %v; want %d", v, err, v2)
	}
	if got := dump(t, to); !slices.Equal(got, want2) {
		t.Errorf("restored %d records, want %d", len(got), len(want2))
	}
	want, _ := ns.Usage(ctx)
	if u, err := to.Namespace("n").Usage(ctx); err != nil || u != want {
		t.Errorf("usage %+v, want %+v, %v", u, want, err)
	}
	must(t, to.Close())
	to = open(t, Options{Dir: dir})
	if e, err := to.Namespace("n").Get(ctx, "2"); err != nil || string(e.Value) != "changed" {
		t.Errorf("after reopening: %q, %v", e.Value, err)
	}
}

func TestRestoreOfDamagedBackup(t *testing.T) {
	ctx := context.Background()
	from := open(t, Options{InMemory: true})
	must(t, from.Namespace("n").Put(ctx, Write{Key: "k", Value: make([]byte, 1000)}))
	var b bytes.Buffer
	_, err := from.Backup(&b, 0)
	must(t, err)
	for _, at := range []int{0, 9, 40, 60, 500, b.Len() - 9, b.Len() - 1} {
		for _, cut := range []bool{false, true} {
			bad := bytes.Clone(b.Bytes())
			if bad[at] ^= 1; cut {
				bad = bad[:at]
			}
			dir := t.TempDir()
			to := open(t, Options{Dir: dir})
			if _, err := to.Restore(bytes.NewReader(bad)); err == nil {
				t.Errorf("byte %d, cut %v: restored", at, cut)
			}
			must(t, to.Close())
			if to, err = Open(Options{Dir: dir}); err == nil {
				if n := len(dump(t, to)); n > 0 {
					t.Errorf("byte %d, cut %v: opened with %d records", at, cut, n)
				}
				must(t, to.Close())
			} else if !errors.Is(err, ErrCorrupt) {
				t.Error(err)
			}
		}
	}
}

func FuzzRestore(f *testing.F) {
	from := open(f, Options{InMemory: true})
	must(f, from.Namespace("n").Put(context.Background(), Write{Key: "k", Value: []byte("v")}))
	var b bytes.Buffer
	_, err := from.Backup(&b, 0)
	must(f, err)
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:30])
	f.Fuzz(func(t *testing.T, b []byte) {
		to := open(t, Options{InMemory: true})
		if _, err := to.Restore(bytes.NewReader(b)); err != nil && to.failed.Load() != nil {
			t.Errorf("a bad backup broke the store: %v", err)
		}
	})
}
