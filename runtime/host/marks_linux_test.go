package host_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/host/hosttest"
)

// markedWorld is a world whose entries may be kept, by one mark.
type markedWorld struct {
	*hosttest.World
	marks *host.Marks
	reads atomic.Int64
}

func (w *markedWorld) KVGetMarked(ctx context.Context, on *outside.Call, binding, key string) (outside.KVEntry, outside.KVMark, error) {
	w.reads.Add(1)
	m := outside.KVMark{Number: 1, Count: w.marks.Counts[0].Load()}
	list, err := w.KVGet(ctx, on, binding, []string{key}, false)
	if err != nil {
		return outside.KVEntry{}, outside.KVMark{}, err
	}
	return list[0], m, nil
}

// TestKeptEntries reads the same key again and again: the server is asked once, and again
// after the key has changed.
func TestKeptEntries(t *testing.T) {
	marks, err := host.NewMarks()
	if err != nil {
		t.Fatal(err)
	}
	p := newProcess(t, host.Options{Hosts: 1, Marks: marks})
	const script = `export default { async fetch(request, env) {
		const got = await env.KV.getWithMetadata("k");
		return new Response(JSON.stringify([got.value, got.metadata, await env.KV.get("missing")]));
	} }`
	first, second := hosttest.New(t, p, script, isolate.Limits{}), hosttest.New(t, p, script, isolate.Limits{})
	w := &markedWorld{World: &hosttest.World{}, marks: marks}
	ask := func(r *hosttest.Rig, want string, reads int64) {
		t.Helper()
		finished := make(chan *outside.Report, 1)
		e := r.Event(t.Context(), finished)
		e.Outside = w
		res, err := p.Fetch(r.Version, e, &outside.Request{Method: "GET", URL: "https://example.com/"})
		if err != nil {
			t.Fatal(err)
		}
		if body, err := hosttest.ReadBody(res.Body); err != nil || string(body) != want {
			t.Errorf("%s, %v; want %s", body, err, want)
		}
		if report := r.Finished(finished); report.KVReads != 2 {
			t.Errorf("%d reads are counted", report.KVReads)
		}
		if n := w.reads.Swap(0); n != reads {
			t.Errorf("%d reads of the server; want %d", n, reads)
		}
	}
	put := func(value, metadata string) {
		marks.Counts[0].Add(1)
		if err := w.KVPut(t.Context(), nil, "KV", outside.KVPut{Key: "k", Value: []byte(value), Metadata: []byte(metadata)}); err != nil {
			t.Fatal(err)
		}
		marks.Counts[0].Add(1)
	}
	put("1", `{"n":1}`)
	ask(first, `["1",{"n":1},null]`, 2)
	ask(first, `["1",{"n":1},null]`, 0)
	ask(second, `["1",{"n":1},null]`, 2) // another script
	put("2", `{"n":2}`)
	ask(first, `["2",{"n":2},null]`, 2)
	ask(first, `["2",{"n":2},null]`, 0)
	ask(second, `["2",{"n":2},null]`, 2)
}
