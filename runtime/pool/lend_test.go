package pool

import (
	"context"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// warmed is a pool with one idle isolate of a version.
func warmed(t testing.TB) (*Pool, *Version) {
	t.Helper()
	b, err := compiler.BuildBundle(t.Context(), compiler.Source{Main: "index.js", Modules: []compiler.Module{
		{Name: "index.js", Kind: compiler.ESModule, Contents: []byte(`export default { fetch() { return new Response("hello") } }`)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	v := &Version{
		Spec: worker.Spec{Account: "a", Script: "s", Version: "v"}, Hash: b.Hash,
		Bundle: func(context.Context) (*compiler.Bundle, error) { return b, nil },
	}
	p := New(Options{})
	t.Cleanup(p.Close)
	if err := p.Prewarm(t.Context(), v, 1); err != nil {
		t.Fatal(err)
	}
	return p, v
}

// lend lends an idle isolate and takes it back, as every request does.
func lend(t testing.TB, p *Pool, v *Version) {
	s := p.set(v)
	i, err := s.lend(t.Context())
	if err != nil || i == nil {
		t.Fatalf("there is no idle isolate: %v", err)
	}
	s.release(i)
}

func TestLendAllocatesNothing(t *testing.T) {
	p, v := warmed(t)
	if n := testing.AllocsPerRun(100, func() { lend(t, p, v) }); n != 0 {
		t.Errorf("lending an isolate and taking it back allocates %g times", n)
	}
}

func BenchmarkLend(b *testing.B) {
	p, v := warmed(b)
	b.ReportAllocs()
	for b.Loop() {
		lend(b, p, v)
	}
}
