package worker_test

import (
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// remembering is a world that answers some keys at once.
type remembering struct {
	world
	cached map[string]outside.KVEntry
}

func (r *remembering) KVCached(call *outside.Call, binding, key string) (outside.KVEntry, bool) {
	e, ok := r.cached[binding+"/"+key]
	return e, ok
}

// TestKVAtHand reads what is answered at once and what is not in one handler.
func TestKVAtHand(t *testing.T) {
	w := load(t, module(`
export default {
	async fetch(request, env) {
		const order = [];
		const near = env.KV.get("near").then((v) => { order.push("near"); return v });
		const far = env.KV.get("far").then((v) => { order.push("far"); return v });
		order.push("sync");
		return Response.json([
			await near, await far, order.join(), await env.KV.get("gone"),
			await env.KV.get("near", "json").catch((e) => e.name),
			await env.KV.get("number", "json"),
			(await env.KV.getWithMetadata("number")).metadata,
			new Uint8Array(await env.KV.get("near", "arrayBuffer")).length,
			await new Response(await env.KV.get("near", "stream")).text(),
		]);
	},
}`), worker.Spec{Bindings: []worker.Binding{{Name: "KV", Kind: worker.KVNamespace}}})
	r := &remembering{cached: map[string]outside.KVEntry{
		"KV/near":   {Found: true, Value: []byte("text")},
		"KV/number": {Found: true, Value: []byte("7"), Metadata: []byte(`{"a":1}`)},
		"KV/gone":   {},
	}}
	r.kv = map[string]outside.KVPut{"KV/far": {Value: []byte("away")}}
	ended := make(chan *outside.Report, 1)
	res, err := w.Fetch(worker.Event{Outside: r, Finished: func(p *outside.Report) { ended <- p }}, &outside.Request{Method: "GET", URL: "https://h.example/"})
	if err != nil {
		t.Fatal(err)
	}
	const want = `["text","away","sync,near,far",null,"SyntaxError",7,{"a":1},4,"text"]`
	if got := string(res.Body.Bytes); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if n := (<-ended).KVReads; n != 8 {
		t.Errorf("%d reads are reported, want 8", n)
	}
}
