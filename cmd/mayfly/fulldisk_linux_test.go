package main

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/mayfly-edge/mayfly/cmd/mayfly/client"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// TestServeOnFullDisk fills the disk of a server. Writes must be refused with 507, reads
// and deployed workers must go on, and writes must work again when there is room.
func TestServeOnFullDisk(t *testing.T) {
	data := t.TempDir()
	if err := unix.Mount("tmpfs", data, "tmpfs", 0, "size=160m"); err != nil {
		t.Skipf("mounting a small file system is not allowed here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(data, unix.MNT_DETACH) })
	p := serve(t, data, "--cpu-limit", "10s") // the race detector makes everything slow
	k, ctx := p.client(rootToken), context.Background()
	ns, err := k.CreateNamespace(ctx, "full")
	if err != nil {
		t.Fatal(err)
	}
	p.deploy("writer", `export default { async fetch(request, env) {
		try { await env.KV.put("by worker", "x".repeat(1e6)) } catch (e) { return new Response(String(e)) }
		return new Response("written");
	} }`, script.Binding{Name: "KV", Type: script.KVNamespace, NamespaceID: ns.ID})

	n := 0 // values of a megabyte; then smaller ones take what room is left
	for _, size := range []int{1 << 20, 64 << 10, 4 << 10, 100} {
		for i := 0; ; i++ {
			if i == 10_000 {
				t.Fatal("the disk does not fill")
			}
			if err = k.Write(ctx, ns.ID, client.Pair{Key: fmt.Sprint(size, i)}, bytes.Repeat([]byte{byte(i)}, size)); err != nil {
				break
			}
			if size == 1<<20 {
				n++
			}
		}
		if status(err) != 507 {
			t.Fatalf("a write of %d bytes to the full disk: %v", size, err)
		}
	}
	if n < 20 {
		t.Errorf("full after %d MB", n)
	}
	if a := p.get("writer", "/"); a.status != 200 || !bytes.Contains([]byte(a.body), []byte("507")) {
		t.Errorf("a worker that writes: %d %s", a.status, a.body)
	}
	for i := range n {
		if v, err := k.Get(ctx, ns.ID, fmt.Sprint(1<<20, i)); err != nil || len(v) != 1<<20 || v[0] != byte(i) {
			t.Fatalf("value %d cannot be read: %v", i, err)
		}
	}
	if err := p.tryDeploy("another", `export default { fetch() { return new Response("x") } }`); err == nil || status(err) != 507 {
		t.Errorf("a deployment on a full disk: %v", err)
	}

	if err := unix.Mount("tmpfs", data, "tmpfs", unix.MS_REMOUNT, "size=320m"); err != nil {
		t.Fatal(err)
	}
	if err := k.Write(ctx, ns.ID, client.Pair{Key: "more"}, bytes.Repeat([]byte{1}, 1<<20)); err != nil {
		t.Errorf("when there is room again: %v", err)
	}
	if a := p.get("writer", "/"); a.body != "written" {
		t.Errorf("a worker that writes when there is room again: %d %s", a.status, a.body)
	}
	p.deploy("another", `export default { fetch() { return new Response("x") } }`)
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
