package messaging_test

import (
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/webapi/clone"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/messaging"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func TestChannel(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"message", `var c = new MessageChannel(); c.port1.onmessage = e => out(e.data.a + e.origin + e.isTrusted + e.ports.length); c.port2.postMessage({a: 1}); out("sync")`, "sync 1true0"},
		{"both ways", `var c = new MessageChannel(); c.port1.onmessage = e => c.port1.postMessage(e.data + 1); c.port2.onmessage = e => out(String(e.data)); c.port2.postMessage(1)`, "2"},
		{"not started", `var c = new MessageChannel(); c.port1.addEventListener("message", e => out("no")); c.port2.postMessage(1)`, ""},
		{"started", `var c = new MessageChannel(); c.port1.addEventListener("message", e => out(e.data)); c.port2.postMessage("a"); c.port2.postMessage("b"); c.port1.start(); c.port1.start()`, "a b"},
		{"sent to a closed port", `var c = new MessageChannel(); c.port1.onmessage = e => out("no"); c.port1.close(); c.port2.postMessage(1)`, ""},
		{"closed after sending", `var c = new MessageChannel(); c.port2.postMessage("x"); c.port2.close(); c.port1.onmessage = e => out(e.data)`, "x"},
		{"port in a message", `var c = new MessageChannel(), d = new MessageChannel(); d.port1.onmessage = e => out(e.data);
			c.port1.onmessage = e => { out(String(e.ports[0] === e.data.p)); e.ports[0].postMessage("via") }; c.port2.postMessage({p: d.port2}, [d.port2])`, "true via"},
		{"queue moves along", `var c = new MessageChannel(), d = new MessageChannel(); d.port1.postMessage("early");
			c.port1.onmessage = e => { e.ports[0].onmessage = e => out(e.data) }; c.port2.postMessage(0, {transfer: [d.port2]})`, "early"},
		{"transferred port is dead", `var c = new MessageChannel(), d = new MessageChannel(); c.port1.postMessage(0, [d.port1]); d.port1.postMessage(1);
			try { c.port1.postMessage(0, [d.port1]) } catch (e) { out(e.name) }`, "DataCloneError"},
		{"port sends itself", `var c = new MessageChannel(); try { c.port1.postMessage(0, [c.port1]) } catch (e) { out(e.name) }`, "DataCloneError"},
		{"port sends its target", `var c = new MessageChannel(); c.port2.onmessage = () => out("no"); c.port1.postMessage(0, [c.port2])`, ""},
		{"cloned port", `var c = new MessageChannel(); try { c.port1.postMessage(c.port2) } catch (e) { out(e.message) }`, "Failed to execute 'postMessage' on 'MessagePort': #<MessagePort> could not be cloned."},
		{"buffer", `var c = new MessageChannel(), b = new ArrayBuffer(4); c.port1.onmessage = e => out(String(e.data.byteLength)); c.port2.postMessage(b, [b]); out(String(b.byteLength))`, "0 4"},
		{"same objects", `var c = new MessageChannel(); out(String(c.port1 === c.port1) + (c.port1 instanceof EventTarget))`, "truetrue"},
		{"broadcast", `var [a, b, c, d] = ["x", "x", "x", "y"].map(n => new BroadcastChannel(n)); [a, b, c, d].forEach((t, i) => t.onmessage = e => out(i + e.data.m + (e.target === t)));
			a.postMessage({m: "from a"}); c.postMessage({m: "from c"}); out("sync")`, "sync 1from atrue 2from atrue 0from ctrue 1from ctrue"},
		{"broadcast to a closed channel", `var a = new BroadcastChannel("x"), b = new BroadcastChannel("x"); b.onmessage = () => out("no"); a.postMessage(1); b.close(); b.close()`, ""},
		{"broadcast from a closed channel", `var a = new BroadcastChannel("x"); a.close(); try { a.postMessage(Symbol()) } catch (e) { out(e.name) }`, "InvalidStateError"},
		{"broadcast of what cannot be cloned", `try { new BroadcastChannel("x").postMessage(Symbol()) } catch (e) { out(e.name) }`, "DataCloneError"},
		{"broadcast name", `out(new BroadcastChannel(null).name); try { new BroadcastChannel() } catch (e) { out(e.name) }`, "null TypeError"},
		{"illegal", `try { new MessagePort() } catch (e) { out(e.message) }`, "Illegal constructor"},
		{"no arguments", `try { new MessageChannel().port1.postMessage() } catch (e) { out(e.name) }`, "TypeError"},
		{"source of an event", `var p = new MessageChannel().port1; out(String(new MessageEvent("message", {source: p, ports: [p]}).source === p))`, "true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			loop := eventloop.New(eventloop.Options{})
			js := webidl.NewRealm(goja.New(), webidl.Options{Loop: loop, Globals: webidl.NewGlobals(dom.Globals, clone.Globals, messaging.Globals)})
			var out []string
			js.VM.Set("out", func(s string) { out = append(out, s) })
			var err error
			if e := loop.Do(&eventloop.Task{Run: func() { _, err = js.VM.RunString(c.js) }}); e != nil || err != nil {
				t.Fatal(e, err)
			}
			// The loop goes on by itself on another goroutine: a last task waits for it.
			for range 5 {
				if err := loop.Do(&eventloop.Task{Run: func() {}}); err != nil {
					t.Fatal(err)
				}
			}
			var got string
			if err := loop.Do(&eventloop.Task{Run: func() { got = strings.Join(out, " ") }}); err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
