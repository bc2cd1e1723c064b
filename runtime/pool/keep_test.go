package pool_test

import (
	"context"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// nowhere takes reports and nothing else.
type nowhere struct{ outside.Outside }

func (nowhere) Report(*outside.Report)              {}
func (nowhere) Log(*outside.Call, *outside.LogLine) {}

func version(t *testing.T, js string) *pool.Version {
	t.Helper()
	b, err := compiler.BuildBundle(t.Context(), compiler.Source{
		Main: "index.js", Modules: []compiler.Module{{Name: "index.js", Kind: compiler.ESModule, Contents: []byte(js)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &pool.Version{
		Spec: worker.Spec{Account: "a", Script: "s", Version: "v"}, Hash: b.Hash,
		Bundle: func(context.Context) (*compiler.Bundle, error) { return b, nil },
	}
}

const hello = `export default { fetch() { return new Response("hello") } }`

// Kept isolates outlive idleness; those above their number do not.
func TestKeep(t *testing.T) {
	p := pool.New(pool.Options{IdleTimeout: time.Hour})
	defer p.Close()
	v := version(t, hello)
	p.Keep(v, 2)
	if err := p.Prewarm(t.Context(), v, 5); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		keep int
		live int64
	}{{2, 2}, {2, 2}, {1, 1}, {0, 0}} {
		p.Keep(v, step.keep)
		p.Evict(time.Now().Add(time.Hour))
		if live := p.Stats().Live; live != step.live {
			t.Errorf("%d isolates with %d to keep, want %d", live, step.keep, step.live)
		}
	}
}

// An isolate that is lost is made anew, without a request.
func TestKeepReplacesLost(t *testing.T) {
	p := pool.New(pool.Options{IdleTimeout: 4 * time.Millisecond})
	defer p.Close()
	v := version(t, `export default { fetch() { for (;;); } }`)
	p.Keep(v, 1)
	if err := p.Prewarm(t.Context(), v, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Fetch(v, worker.Event{Outside: nowhere{}}, &outside.Request{Method: "GET", URL: "http://h/"}); err == nil {
		t.Fatal("an endless loop has ended")
	}
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for p.Stats().Made < 2 || p.Stats().Live != 1 {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the lost isolate is not replaced: %+v", p.Stats())
		}
	}
}

func TestInvoke(t *testing.T) {
	p := pool.New(pool.Options{})
	defer p.Close()
	v := version(t, `export const handler = async (e) => e.n * 2`)
	got, err := p.Invoke(v, worker.Event{Outside: nowhere{}}, []byte(`{"n":21}`))
	if err != nil || string(got) != "42" {
		t.Errorf("%s, %v", got, err)
	}
}
