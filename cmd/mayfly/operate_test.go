package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// operator runs commands against a server.
type operator struct {
	t   *testing.T
	env map[string]string
	p   *process
}

func (o operator) ok(args ...string) string {
	o.t.Helper()
	code, stdout, stderr := run(o.t, o.env, "", append(args, "--control", o.p.control)...)
	if code != 0 {
		o.t.Fatalf("mayfly %s: exit code %d\n%s%s", strings.Join(args, " "), code, stdout, stderr)
	}
	return stdout
}

// TestBackupRestore backs a running server up, fully and what follows, and starts another of it.
func TestBackupRestore(t *testing.T) {
	data, to := t.TempDir(), filepath.Join(t.TempDir(), "restored")
	p := serve(t, data)
	o := operator{t, map[string]string{"MAYFLY_TOKEN": rootToken}, p}
	p.deploy("one", `export default { fetch(r, env) { return new Response("one " + env.S) } }`)
	if err := p.client(rootToken).PutSecret(t.Context(), "one", "S", "sealed"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	full, more := filepath.Join(dir, "full"), filepath.Join(dir, "more")
	if got := o.ok("backup", full); !strings.Contains(got, full+": ") || !strings.Contains(got, "version ") {
		t.Errorf("backup says %q", got)
	}
	p.deploy("two", `export default { fetch() { return new Response("two") } }`)
	o.ok("backup", more, "--since", full)
	a, _ := os.Stat(full)
	if st, err := os.Stat(more); err != nil || st.Mode().Perm() != 0o600 || a.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", st, err)
	}
	o.ok("compact")

	env := map[string]string{}
	if code, _, stderr := run(t, env, "", "restore", full, "--data", data); code != 1 || !strings.Contains(stderr, "holds a store already") {
		t.Errorf("restore over a store: %d %s", code, stderr)
	}
	// A damaged backup leaves nothing behind.
	text, err := os.ReadFile(full)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	damaged := filepath.Join(dir, "damaged")
	if err := os.WriteFile(damaged, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(t, env, "", "restore", damaged, "--data", to); code != 1 || !strings.Contains(stderr, "damaged") {
		t.Errorf("restore of a damaged backup: %d %s", code, stderr)
	}
	if code, _, stderr := run(t, env, "", "restore", more, "--data", to); code != 1 {
		t.Errorf("restore of an incremental backup alone: %d %s", code, stderr)
	}
	if code, stdout, stderr := run(t, env, "", "restore", full, more, "--data", to, "--key", filepath.Join(data, "secret.key")); code != 0 {
		t.Fatalf("restore: %d %s%s", code, stdout, stderr)
	}
	if code, stdout, stderr := run(t, env, "", "repair", "--data", to); code != 0 || !strings.Contains(stdout, "is in order") {
		t.Errorf("repair: %d %s%s", code, stdout, stderr)
	}
	q := serve(t, to)
	if got := q.get("one", "/"); got.body != "one sealed" {
		t.Errorf("one answers %+v", got)
	}
	if got := q.get("two", "/"); got.body != "two" {
		t.Errorf("two answers %+v", got)
	}
}

func TestBackupNeedsAdmin(t *testing.T) {
	p := serve(t, "")
	o := operator{t, map[string]string{"MAYFLY_TOKEN": rootToken}, p}
	weak := strings.TrimSpace(o.ok("token", "create", "weak", "--scope", "admin"))
	file := filepath.Join(t.TempDir(), "b")
	code, _, stderr := run(t, map[string]string{"MAYFLY_TOKEN": weak}, "", "backup", file, "--control", p.control)
	if code != 1 || !strings.Contains(stderr, "all accounts") {
		t.Errorf("with a token of one account: %d %s", code, stderr)
	}
	code, _, stderr = run(t, o.env, "", "backup", file, "--since", "99999999", "--control", p.control)
	if code != 1 || !strings.Contains(stderr, "since") {
		t.Errorf("since a version to come: %d %s", code, stderr)
	}
	if left, _ := filepath.Glob(file + "*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAudit(t *testing.T) {
	p := serve(t, "")
	o := operator{t, map[string]string{"MAYFLY_TOKEN": rootToken}, p}
	p.deploy("audited", `export default { fetch() { return new Response("x") } }`)
	if got := o.ok("audit"); !strings.Contains(got, "script.create") || !strings.Contains(got, "audited") {
		t.Errorf("audit: %s", got)
	}
	var all []script.AuditEntry
	if err := json.Unmarshal([]byte(o.ok("audit", "--json", "--limit", "2")), &all); err != nil || len(all) != 2 {
		t.Errorf("audit: %v %v", all, err)
	}
}

// TestMetrics looks for what an operator needs to see, on the listener that asks for no
// token, of a server that runs workers in processes of their own.
func TestMetrics(t *testing.T) {
	p := serve(t, "", "--metrics-listen", "127.0.0.1:0", "--containment", "process")
	n, err := p.client(rootToken).CreateNamespace(t.Context(), "n")
	if err != nil {
		t.Fatal(err)
	}
	p.deploy("seen", `export default { async fetch(r, env) { await env.N.put("k", "v"); await env.N.get("k"); if (r.url.endsWith("bad")) throw new Error("x"); return new Response("x") } }`,
		script.Binding{Name: "N", Type: script.KVNamespace, NamespaceID: n.ID})
	p.get("seen", "/")
	p.get("seen", "/bad")
	var text string
	has := func(pattern string) bool { return regexp.MustCompile(`(?m)^` + pattern).MatchString(text) }
	p.until("the requests are counted and an isolate is idle", func() bool {
		text = p.scrape()
		return has(`mayfly_requests_total\{[^}]*outcome="exception",script="seen",status="5xx"\} 1`) && has(`mayfly_isolates_idle [1-9]`)
	})
	for _, pattern := range []string{
		`mayfly_requests_total\{account="[0-9a-f]{32}",event="fetch",outcome="ok",script="seen",status="2xx"\} 1$`,
		`mayfly_cpu_seconds_bucket\{account="[0-9a-f]{32}",script="seen",le="\+Inf"\} 2$`, `mayfly_wall_seconds_count\{[^}]*script="seen"\} 2$`,
		`mayfly_cold_start_seconds_count\{[^}]*script="seen"\} [12]$`, `mayfly_subrequests_total\{[^}]*script="seen"\} 0$`,
		`mayfly_isolates [1-9]`, `mayfly_isolates_made_total [1-9]`, `mayfly_isolates_evicted_total 0$`, `mayfly_queue_depth 0$`, `mayfly_requests_in_flight 0$`,
		`mayfly_kv_operations_total\{[^}]*operation="write",script="seen"\} 2$`, `mayfly_kv_seconds_count\{operation="read"\} 2$`,
		`mayfly_hosts [1-9]`, `mayfly_hosts_heap_bytes [1-9]`, `mayfly_host_deaths_total 0$`, `mayfly_scripts_refused 0$`, `go_memstats_heap_alloc_bytes [1-9]`, `process_cpu_seconds_total `,
	} {
		if !has(pattern) {
			t.Errorf("%s is not in the metrics:\n%s", pattern, text)
		}
	}
	res, err := http.Get(p.control + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 401 {
		t.Errorf("without a token the control plane answers %d", res.StatusCode)
	}
}

// TestTail watches a worker in both formats.
func TestTail(t *testing.T) {
	p := serve(t, "")
	p.deploy("noisy", `export default { fetch(r) { console.log("hello", { a: 1 }); if (r.url.endsWith("bad")) throw new Error("bad"); return new Response("x") } }`)
	for _, tc := range []struct {
		args []string
		want []string
	}{
		{nil, []string{"GET http://noisy.localhost/", "-> 200", "ok", `(log) hello {"a":1}`}},
		{[]string{"--format", "json"}, []string{`"outcome":"ok"`, `"scriptName":"noisy"`}},
		{[]string{"--status", "error"}, []string{"exception", "Error: bad"}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		out := &output{}
		m := Main{Stdin: strings.NewReader(""), Stdout: out, Stderr: out, Getenv: func(name string) string {
			return map[string]string{"MAYFLY_TOKEN": rootToken}[name]
		}}
		ended := make(chan int)
		go func() { ended <- m.Run(ctx, append([]string{"tail", "noisy", "--control", p.control}, tc.args...)) }()
		p.until("the tail shows requests", func() bool {
			p.get("noisy", "/")
			p.get("noisy", "/bad")
			text := out.String()
			return !slices.ContainsFunc(tc.want, func(want string) bool { return !strings.Contains(text, want) })
		})
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("tail %v: exit code %d", tc.args, code)
		}
	}
	if code, _, stderr := run(t, map[string]string{"MAYFLY_TOKEN": rootToken}, "", "tail", "nobody", "--control", p.control); code != 1 || !strings.Contains(stderr, "does not exist") {
		t.Errorf("tail of no worker: %d %s", code, stderr)
	}
}
