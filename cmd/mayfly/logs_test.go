package main

import (
	"strings"
	"testing"
)

// TestLogs keeps the logs of a worker that asks for it, and of no other.
func TestLogs(t *testing.T) {
	data := t.TempDir()
	p := serve(t, data)
	o := operator{t, map[string]string{"MAYFLY_TOKEN": rootToken}, p}
	for _, name := range []string{"kept", "lost"} {
		p.deploy(name, `export default { fetch(r) { console.log("path", new URL(r.url).pathname); if (r.url.endsWith("bad")) throw new Error("bad"); return new Response("x") } }`)
	}
	if err := p.client(rootToken).SetObservability(t.Context(), "kept", true, 1); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/first", "/bad", "/last"} {
		p.get("kept", path)
		p.get("lost", path)
	}
	p.until("the logs are written", func() bool { return strings.Contains(o.ok("logs", "kept"), "/last") })
	for _, tc := range []struct {
		args      string
		has, lack string
	}{
		{"logs kept", "(log) path /first", ""},
		{"logs kept --since 1h --outcome exception", "Error: bad", "/first"},
		{"logs kept --search /last --format json", `"message":["path","/last"]`, "/first"},
		{"logs kept --limit 1", "/last", "/bad"},
		{"logs kept --since 2099-01-01", "", "path"},
		{"logs lost", "", "path"},
	} {
		got := o.ok(strings.Fields(tc.args)...)
		if !strings.Contains(got, tc.has) || tc.lack != "" && strings.Contains(got, tc.lack) {
			t.Errorf("mayfly %s:\n%s", tc.args, got)
		}
	}
	for args, says := range map[string]string{"logs nobody": "does not exist", "logs kept --since yesterday": "must be a time"} {
		if code, _, stderr := run(t, o.env, "", append(strings.Fields(args), "--control", p.control)...); code != 1 || !strings.Contains(stderr, says) {
			t.Errorf("mayfly %s: %d %s", args, code, stderr)
		}
	}
	// They outlive the server.
	p.get("kept", "/final")
	if code := p.stop(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	o.p = serve(t, data)
	if got := o.ok("logs", "kept", "--search", "/final"); !strings.Contains(got, "/final") {
		t.Errorf("after a restart: %s", got)
	}
}
