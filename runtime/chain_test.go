package runtime_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// counter counts reports.
type counter struct{ reports atomic.Int64 }

func (c *counter) Log(string, string, *outside.LogLine) {}
func (c *counter) Report(*outside.Report)               { c.reports.Add(1) }

// TestFanOutOfServices has a worker call itself twice each time: every level would
// double the one before, down to the sixteenth.
func TestFanOutOfServices(t *testing.T) {
	seen := &counter{}
	s := newServerWith(t, seen)
	bound := func(name, code string, service string) {
		v := &script.Version{Script: name, Main: "index.js", Format: script.Modules, CompatibilityDate: "2026-01-01",
			Modules: []script.Module{{Name: "index.js", Type: script.ESModule, Content: []byte(code)}}}
		if service != "" {
			v.Bindings = []script.Binding{{Name: "PEER", Type: script.Service, Service: service}}
		}
		s.upload(v)
	}
	bound("b", `export default {}`, "")
	const fan = `export default { async fetch(request, env) {
		const all = await Promise.allSettled([env.PEER.fetch(request.url), env.PEER.fetch(request.url)]);
		return new Response(String(all.length));
	} }`
	bound("a", fan, "b")
	bound("b", fan, "a")
	got, _ := s.get("a.localhost", "/")
	if !strings.HasPrefix(got, "200 ") {
		t.Errorf("got %q", got)
	}
	if n := seen.reports.Load(); n > 101 {
		t.Errorf("one request led to %d events", n)
	}
	// What has ended counts no more.
	bound("one", `export default { fetch() { return new Response("one") } }`, "")
	bound("many", `export default { async fetch(request, env) {
		let n = 0;
		for (let i = 0; i < 45; i++) n += (await (await env.PEER.fetch(request.url)).text()).length;
		return new Response(String(n));
	} }`, "one")
	if got, _ := s.get("many.localhost", "/"); got != "200 135" {
		t.Errorf("45 calls one after the other: %q", got)
	}
	bound("wide", `export default { async fetch(request, env) {
		const all = await Promise.allSettled(Array.from({ length: 45 }, () => env.PEER.fetch(request.url)));
		return new Response(all.filter(r => r.reason).map(r => r.reason.message)[0] ?? "all");
	} }`, "one")
	if got, _ := s.get("wide.localhost", "/"); got != "200 all" {
		t.Errorf("45 calls at once: %q", got)
	}
}
