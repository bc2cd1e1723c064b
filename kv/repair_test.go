package kv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// damagedStore makes a store with sorted tables, a value log and usage.
func damagedStore(t *testing.T, dir string) {
	t.Helper()
	db := open(t, Options{Dir: dir, WriteBuffer: 1 << 20, NoSync: true})
	ctx := context.Background()
	rnd := rand.NewChaCha8([32]byte{})
	for i := range 40 {
		small, large := make([]byte, 300), make([]byte, 20_000)
		rnd.Read(small)
		rnd.Read(large)
		for j := range 100 {
			must(t, db.Namespace("small").Put(ctx, Write{Key: fmt.Sprintf("%02d-%03d", i, j), Value: small}))
		}
		must(t, db.Namespace("large").Put(ctx, Write{Key: fmt.Sprintf("%02d", i), Value: large}))
		must(t, db.Update(func(tx *Tx) error { return tx.Put("b", fmt.Sprint(i), small) }))
	}
	must(t, db.Close())
}

// only answers the first file of a kind, which must exist.
func only(t *testing.T, dir, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	must(t, err)
	if len(names) == 0 {
		t.Fatalf("no %s in the store", pattern)
	}
	slices.Sort(names)
	return names[0]
}

func flip(t *testing.T, name string, at int64, n int) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, n), at)
	must(t, err)
}

func TestRepair(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(dir string)
		opens  bool // the damage shows only when the place is read
		check  func(r *Report) bool
	}{
		{"nothing", func(string) {}, true, func(r *Report) bool { return r.Clean && r.Lost == 0 }},
		{"manifest", func(dir string) { flip(t, filepath.Join(dir, "MANIFEST"), 20, 20) }, false,
			func(r *Report) bool { return len(r.Moved) == 0 && r.Lost == 0 }},
		{"manifest gone", func(dir string) { must(t, os.Truncate(filepath.Join(dir, "MANIFEST"), 0)) }, false,
			func(r *Report) bool { return len(r.Moved) == 0 && r.Lost == 0 }},
		{"table index", func(dir string) {
			name := only(t, dir, "*.sst")
			fi, err := os.Stat(name)
			must(t, err)
			flip(t, name, fi.Size()-12, 8)
		}, false, func(r *Report) bool { return len(r.Moved) == 1 }},
		{"table gone", func(dir string) { must(t, os.Remove(only(t, dir, "*.sst"))) }, false,
			func(r *Report) bool { return len(r.Moved) == 0 }},
		{"table block", func(dir string) { flip(t, only(t, dir, "*.sst"), 5000, 16) }, true,
			func(r *Report) bool { return len(r.Moved) == 1 }},
		{"value", func(dir string) { flip(t, only(t, dir, "*.vlog"), 50_000, 16) }, true,
			func(r *Report) bool { return r.Lost == 2 && len(r.Keys) == 2 && len(r.Moved) == 0 }}, // the value and its head
		{"value log header", func(dir string) { flip(t, only(t, dir, "*.vlog"), 0, 8) }, false,
			func(r *Report) bool { return r.Lost == 0 }},
		{"key registry", func(dir string) { flip(t, filepath.Join(dir, "KEYREGISTRY"), 0, 30) }, false,
			func(r *Report) bool { return r.Lost == 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			damagedStore(t, dir)
			c.damage(dir)
			db, err := Open(Options{Dir: dir, Maintenance: -1})
			if err == nil {
				must(t, db.Close())
			}
			if c.opens != (err == nil) || err != nil && (!errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "mayfly repair")) {
				t.Errorf("open: %v", err)
			}
			r, err := Repair(dir)
			if err != nil {
				t.Fatalf("%v (%+v)", err, r)
			}
			if !c.check(r) {
				t.Errorf("report: %+v", r)
			}
			// All that is left can be read, and counts are right.
			db = open(t, Options{Dir: dir})
			ctx := context.Background()
			for _, id := range []string{"small", "large"} {
				ns, n := db.Namespace(id), int64(0)
				for q := (ListQuery{}); ; {
					p, err := ns.List(ctx, q)
					must(t, err)
					for _, k := range p.Keys {
						if e, err := ns.Get(ctx, k.Name); err != nil || !e.Found {
							t.Errorf("%s: %v", k.Name, err)
						}
						n++
					}
					if q.Cursor = p.Cursor; p.Complete {
						break
					}
				}
				if u, err := ns.Usage(ctx); err != nil || u.Keys != n {
					t.Errorf("%s: usage %+v, %d keys, %v", id, u, n, err)
				}
				must(t, ns.Put(ctx, Write{Key: "new"}))
			}
			must(t, db.Close())
			if r, err := Repair(dir); err != nil || !r.Clean {
				t.Errorf("second repair: %+v, %v", r, err)
			}
		})
	}
	if _, err := Repair(t.TempDir()); err == nil {
		t.Error("an empty directory was repaired")
	}
}
