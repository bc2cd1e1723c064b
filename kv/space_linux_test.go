package kv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFullDiskForReal fills a small file system, deletes, and fills it again. The
// store must refuse writes, keep what it has, and take writes again.
func TestFullDiskForReal(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=96m"); err != nil {
		t.Skipf("mounting a small file system is not allowed here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	opts := Options{Dir: dir, WriteBuffer: 1 << 20, Reserve: 8 << 20, NoSync: true}
	db := open(t, opts)
	ctx := context.Background()
	full := func(id string, size int) (n int) {
		t.Helper()
		for ; ; n++ {
			err := db.Namespace(id).Put(ctx, Write{Key: fmt.Sprint(n), Value: bytes.Repeat([]byte{byte(n)}, size)})
			if errors.Is(err, ErrNoSpace) {
				return n
			}
			must(t, err)
		}
	}
	n := full("large", 1<<20)
	if n < 30 {
		t.Errorf("full after %d MiB", n)
	}
	for i := range n {
		if e, err := db.Namespace("large").Get(ctx, fmt.Sprint(i)); err != nil || len(e.Value) != 1<<20 || e.Value[0] != byte(i) {
			t.Fatalf("%d: %v", i, err)
		}
	}
	// Space returns on the same file system, without the store being opened again.
	must(t, unix.Mount("tmpfs", dir, "tmpfs", unix.MS_REMOUNT, "size=112m"))
	if m := full("small", 3000); m < 1000 {
		t.Errorf("%d small values after space returned", m)
	}
	must(t, db.Close())
	db = open(t, opts)
	if e, err := db.Namespace("large").Get(ctx, fmt.Sprint(n-1)); err != nil || !e.Found {
		t.Errorf("after reopening: %v", err)
	}
}
