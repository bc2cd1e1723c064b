package runtime_test

import (
	"bufio"
	"context"
	"net"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/ingress"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// deploy stores and deploys a module worker of the default account.
func deploy(tb testing.TB, rt *runtime.Runtime, name, js string) {
	tb.Helper()
	deployWith(tb, rt, name, js, func(*script.Script, *script.Version) {})
}

// deployWith is deploy of a script with settings and limits.
func deployWith(tb testing.TB, rt *runtime.Runtime, name, js string, set func(*script.Script, *script.Version)) {
	tb.Helper()
	v := &script.Version{
		Script: name, Source: "api", Format: script.Modules, Main: "index.js",
		Modules: []script.Module{{Name: "index.js", Type: script.ESModule, Content: []byte(js)}},
	}
	err := rt.Store().Update(script.Actor{Name: "test"}, func(tx *script.Tx) error {
		accounts, err := tx.Accounts()
		if err != nil {
			return err
		}
		v.Account = accounts[0].ID
		s, err := tx.CreateScript(v.Account, name)
		if err != nil {
			return err
		}
		s.Subdomain.Enabled = true
		set(s, v)
		if err := tx.SaveScript(s); err != nil {
			return err
		}
		if err := tx.AddVersion(v); err != nil {
			return err
		}
		return tx.Deploy(v.Account, name, &script.Deployment{Source: "api", Versions: []script.Share{{VersionID: v.ID, Percentage: 100}}})
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// hello starts a server with the smallest worker and returns what makes one request of it,
// over loopback on a kept-alive connection.
func hello(t testing.TB) (request func()) {
	t.Helper()
	rt, err := runtime.New(runtime.Config{})
	if err != nil {
		t.Fatal(err)
	}
	deploy(t, rt, "hello", `export default { fetch() { return new Response("Hello World") } }`)
	server, err := ingress.New(ingress.Config{}, rt)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(ln)
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		server.Shutdown(context.Background())
		rt.Close()
	})
	text := []byte("GET / HTTP/1.1\r\nHost: hello.localhost\r\nUser-Agent: bench\r\n\r\n")
	r := bufio.NewReader(c)
	return func() {
		if _, err := c.Write(text); err != nil {
			t.Fatal(err)
		}
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				t.Fatal(err)
			}
			if len(line) == 2 {
				break
			}
		}
		if _, err := r.Discard(len("Hello World")); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkHello is a whole request, client included.
func BenchmarkHello(b *testing.B) {
	request := hello(b)
	b.ReportAllocs()
	for b.Loop() {
		request()
	}
}

// TestHelloAllocations keeps a request from costing more objects than it did, in all
// layers together.
func TestHelloAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	const most = 36
	request := hello(t)
	if n := testing.AllocsPerRun(2000, request); n > most {
		t.Errorf("%g allocations, want at most %d", n, most)
	}
}
