package runtime_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mayfly-edge/mayfly/kv"
	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// TestKVInHosts has workers in host processes, which keep what they have read of KV, read
// a key while it is changed: by another worker, and from outside. None may be given what
// a finished write has replaced.
func TestKVInHosts(t *testing.T) {
	s := start(t, runtime.ServerConfig{Config: runtime.Config{Containment: runtime.ContainmentProcess, Hosts: host.Options{Hosts: 2, NoSandbox: raceEnabled}}})
	var id string
	err := s.Store().Update(script.Actor{Name: "test"}, func(tx *script.Tx) error {
		accounts, err := tx.Accounts()
		if err != nil {
			return err
		}
		n, err := tx.CreateNamespace(accounts[0].ID, "numbers")
		if err == nil {
			id = n.ID
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	bind := func(_ *script.Script, v *script.Version) {
		v.Bindings = []script.Binding{{Name: "KV", Type: script.KVNamespace, NamespaceID: id}}
	}
	deployWith(t, s.Runtime, "read", `export default { async fetch(request, env) { return new Response(await env.KV.get("n")) } }`, bind)
	deployWith(t, s.Runtime, "write", `export default { async fetch(request, env) {
		await env.KV.put("n", new URL(request.url).pathname.slice(1));
		return new Response("written");
	} }`, bind)
	outside := s.DB().Namespace(id)
	var finished atomic.Int64
	write := func(i int) {
		if i%2 == 0 {
			if status, body := get(t, s, "write", "/"+strconv.Itoa(i)); status != 200 {
				t.Errorf("%d %s", status, body)
			}
		} else if err := outside.Put(context.Background(), kv.Write{Key: "n", Value: []byte(strconv.Itoa(i))}); err != nil {
			t.Error(err)
		}
		finished.Store(int64(i))
	}
	const writes = 60
	write(1)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for before := int64(0); before < writes; {
				before = finished.Load()
				status, body := get(t, s, "read", "/")
				if n, err := strconv.ParseInt(body, 10, 64); err != nil || status != 200 || n < before {
					t.Errorf("%d %q after %d was written", status, body, before)
					return
				}
			}
		})
	}
	for i := 2; i <= writes; i++ {
		write(i)
	}
	all.Wait()
}
