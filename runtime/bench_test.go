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

// BenchmarkHello is a request over loopback on a kept-alive connection, client included.
func BenchmarkHello(b *testing.B) {
	rt, err := runtime.New(runtime.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer rt.Close()
	deploy(b, rt, "hello", `export default { fetch() { return new Response("Hello World") } }`)
	server, err := ingress.New(ingress.Config{}, rt)
	if err != nil {
		b.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go server.Serve(ln)
	defer server.Shutdown(context.Background())
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	request := []byte("GET / HTTP/1.1\r\nHost: hello.localhost\r\nUser-Agent: bench\r\n\r\n")
	r := bufio.NewReader(c)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Write(request); err != nil {
			b.Fatal(err)
		}
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				b.Fatal(err)
			}
			if len(line) == 2 {
				break
			}
		}
		if _, err := r.Discard(len("Hello World")); err != nil {
			b.Fatal(err)
		}
	}
}
