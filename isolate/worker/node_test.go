package worker_test

import (
	"io"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// TestNodeModules imports Node's modules as workers do: by both kinds of names, named,
// default and whole, and through globals.
func TestNodeModules(t *testing.T) {
	src := module(`
		import { AsyncLocalStorage } from "node:async_hooks";
		import EventEmitter, { once } from "events";
		import * as path from "node:path";
		import { Buffer as Same } from "buffer";
		import net, { connect } from "node:net";
		const storage = new AsyncLocalStorage();
		const later = () => new Promise((r) => setTimeout(r, 1));
		async function name() { await later(); return storage.getStore().name }
		export default { async fetch(req, env) {
			const names = await Promise.all(["a", "b"].map((name2) => storage.run({ name: name2 }, name)));
			const e = new EventEmitter(), fired = once(e, "x");
			e.emit("x", 1);
			let refused;
			try { connect(80) } catch (err) { refused = err.message.slice(0, 46) }
			return new Response([names, await fired, path.join("a", "..", "b"), Same === Buffer, Buffer.from("hi").toString("hex"),
				process.env.WHO, process.env.SET, typeof net.Socket, global === globalThis, refused].join("|"));
		} }`)
	src.NodeCompat = true
	w := load(t, src, worker.Spec{NodeCompat: true, Bindings: []worker.Binding{
		{Name: "WHO", Kind: worker.Text, Value: []byte("me")},
		{Name: "SET", Kind: worker.JSON, Value: []byte(`{"a":1}`)},
		{Name: "KV", Kind: worker.KVNamespace},
	}})
	res, err := w.Fetch(worker.Event{Outside: &world{}}, &outside.Request{Method: "GET", URL: "http://node.test/"})
	if err != nil {
		t.Fatal(err)
	}
	var body strings.Builder
	body.Write(res.Body.Bytes)
	if res.Body.Stream != nil {
		if _, err := io.Copy(&body, res.Body.Stream); err != nil {
			t.Fatal(err)
		}
	}
	want := `a,b|1|b|true|6869|me|{"a":1}|function|true|The node module "node:net" is not supported by`
	if body.String() != want {
		t.Errorf("got %s, want %s", body.String(), want)
	}
}

func TestNodeGlobalsNeedTheFlag(t *testing.T) {
	w := load(t, module(`export default { fetch() { return new Response([typeof Buffer, typeof process].join()) } }`), worker.Spec{})
	res, err := w.Fetch(worker.Event{Outside: &world{}}, &outside.Request{Method: "GET", URL: "http://node.test/"})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(res.Body.Bytes); got != "undefined,undefined" {
		t.Errorf("got %s", got)
	}
}
