package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/mayfly-edge/mayfly/conformance/npm"
	"github.com/mayfly-edge/mayfly/conformance/process"
	"github.com/mayfly-edge/mayfly/conformance/remote"
	"github.com/mayfly-edge/mayfly/runtime"
)

// TestWorkloads asks each worker once, of a server in this process.
func TestWorkloads(t *testing.T) {
	origin, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serving := floor(map[string]string{"/item": originText})
	go func() { _ = serving.Serve(origin) }() // until it is closed
	defer serving.Shutdown()
	s, err := runtime.NewServer(runtime.ServerConfig{Control: "127.0.0.1:0", Config: runtime.Config{
		RootToken: process.Token, Domain: process.Domain, CPU: time.Minute, EgressAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer s.Shutdown(context.Background())
	api := remote.Server{API: "http://" + s.ControlAddr().String() + "/client/v4", Token: process.Token, Client: &http.Client{Transport: &http.Transport{}}}
	defer api.Client.CloseIdleConnections()
	m := &process.Mayfly{Addr: s.Addr().String(), API: api}
	r := &running{ways: map[string]*way{}}
	cache, err := npm.UserCache()
	if err != nil {
		t.Fatal(err)
	}
	var list []workload
	for _, w := range workloads() {
		w.copies = min(w.copies, 3)
		if err := w.prepare(t.Context(), cache, origin.Addr().String()); errors.Is(err, npm.ErrAbsent) {
			t.Logf("%s: %v", w.name, err)
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, w)
	}
	if err := deployTo(t.Context(), m, r, list); err != nil {
		t.Fatal(err)
	}
	for _, w := range list {
		for range 2 {
			for _, e := range r.ways[w.name].to {
				if _, err := firstAnswer(t.Context(), e); err != nil {
					t.Errorf("%s: %v", w.name, err)
				}
			}
		}
	}
}

func TestSizes(t *testing.T) {
	for name, size := range map[string]int{"json": 80_000, "html": 50_000, "asset": 10_000, "kv-get": 1024, "stream": 1 << 20} {
		w, err := find(workloads(), name)
		if err != nil {
			t.Fatal(err)
		}
		if n := max(len(w.body), len(w.want.body)); n < size*9/10 || n > size*11/10 {
			t.Errorf("%s has %d bytes, want about %d", name, n, size)
		}
	}
	if n := strings.Count(source("hono"), "app.") - 1; n != 25 { // one is no route
		t.Errorf("%d routes", n)
	}
}

func TestKernel(t *testing.T) {
	ctx := t.Context()
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	defer rt.Close(ctx)
	module, err := rt.Instantiate(ctx, kernel())
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[uint64]uint64{0: 0, 2: 0, 3: 1, 100: 25, 10_000: 1229} {
		got, err := module.ExportedFunction("primes").Call(ctx, n)
		if err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("primes(%d) is %v, %v; want %d", n, got, err, want)
		}
	}
}

func TestNames(t *testing.T) {
	b := &bench{}
	if err := b.choose("hello,none,jwt", "mayfly,deno"); err != nil || names(b.workloads) != "hello,jwt" || len(b.servers) != 2 || !b.measuresMayfly() {
		t.Errorf("%v, %s, %d servers", err, names(b.workloads), len(b.servers))
	}
	for _, args := range []string{"-workers x", "-servers x", "-rounds 0", "-cold -1", "-duration 1h", "argument", "-compare a", "-serve-fasthttp a"} {
		if err := run(t.Context(), strings.Fields(args)); err == nil {
			t.Errorf("%s was taken", args)
		}
	}
}
