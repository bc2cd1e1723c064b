package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCommands goes through the commands that ask a control plane, as a person would.
func TestCommands(t *testing.T) {
	p := serve(t, "")
	f := newFolder(t, map[string]string{
		"wrangler.jsonc": `{ "name": "app", "main": "index.js", "vars": { "A": "text", "B": { "json": true } }, "kv_namespaces": [{ "binding": "KV" }],
			"triggers": { "crons": ["0 4 * * *"] }, "routes": ["example.com/*", { "pattern": "app.example.com", "custom_domain": true }],
			"workers_dev": true, "limits": { "cpu_ms": 20 }, "env": { "staging": { "vars": { "A": "staged" }, "routes": [] } } }`,
		"index.js": `export default { async fetch(request, env) {
			await env.KV.put("seen", "yes");
			return Response.json({ a: env.A, b: env.B, secret: env.PASSWORD, seen: await env.KV.get("seen") });
		} }`,
	})
	t.Chdir(f.dir)
	env := map[string]string{"XDG_CONFIG_HOME": t.TempDir()}
	do := func(stdin string, args ...string) (int, string, string) {
		t.Helper()
		return run(t, env, stdin, append(args, "--control", p.control)...)
	}
	ok := func(stdin string, args ...string) string {
		t.Helper()
		code, stdout, stderr := do(stdin, args...)
		if code != 0 {
			t.Fatalf("mayfly %s: exit code %d\n%s%s", strings.Join(args, " "), code, stdout, stderr)
		}
		return stdout
	}
	fails := func(says, stdin string, args ...string) {
		t.Helper()
		if code, stdout, stderr := do(stdin, args...); code != 1 || !strings.Contains(stderr, says) {
			t.Errorf("mayfly %s: exit code %d, want 1 with %q\n%s%s", strings.Join(args, " "), code, says, stdout, stderr)
		}
	}

	fails("MAYFLY_TOKEN", "", "deploy")
	fails("Authentication error", "wrong\n", "login")
	ok(rootToken+"\n", "login")
	if st, err := os.Stat(filepath.Join(env["XDG_CONFIG_HOME"], "mayfly", "credentials.json")); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("credentials: %v %v", st, err)
	}

	var made deployed
	if err := json.Unmarshal([]byte(ok("", "deploy", "--json")), &made); err != nil {
		t.Fatal(err)
	}
	if made.Name != "app" || made.Version == "" || !strings.HasPrefix(made.URL, "http://app.localhost:") || len(made.Made) != 1 || made.Made[0] != "app-KV" {
		t.Errorf("deployed %+v", made)
	}
	const answer = `{"a":"text","b":{"json":true},"seen":"yes"}`
	for _, host := range []string{"app.localhost", "example.com", "app.example.com"} {
		if got := p.get(host, "/"); got.body != answer {
			t.Errorf("%s answers %+v", host, got)
		}
	}
	ok("hunter2\n", "secret", "put", "PASSWORD")
	if got := ok("", "secret", "list"); got != "PASSWORD\n" {
		t.Errorf("secrets: %q", got)
	}
	// A deployment keeps secrets and namespaces.
	if got := ok("", "deploy"); strings.Contains(got, "Made") || !strings.Contains(got, "Cron      0 4 * * *") {
		t.Errorf("deploy says %s", got)
	}
	if got := p.get("app", "/"); got.body != `{"a":"text","b":{"json":true},"secret":"hunter2","seen":"yes"}` {
		t.Errorf("after the second deployment: %+v", got)
	}
	ok(`{"PASSWORD":null,"OTHER":"x"}`, "secret", "bulk", "-")
	ok("THIRD='y'\n", "secret", "bulk", "-")
	ok("", "secret", "delete", "THIRD")
	if got := ok("", "secret", "list", "--json"); strings.Join(strings.Fields(got), "") != `["OTHER"]` {
		t.Errorf("secrets: %q", got)
	}
	fails("NOPE", "", "secret", "delete", "NOPE")
	fails("no value", "", "secret", "put", "EMPTY")

	ok("", "deploy", "--env", "staging", "--var", "B:from the flag")
	if got := p.get("app-staging", "/").status; got != 500 { // its environment has no KV namespace
		t.Errorf("staging answers %d", got)
	}

	if got := ok("", "kv", "key", "get", "--binding", "KV", "seen"); got != "yes" {
		t.Errorf("seen is %q", got)
	}
	ok("", "kv", "namespace", "create", "people")
	fails("already exists", "", "kv", "namespace", "create", "people")
	ok("from\x00stdin\n", "kv", "key", "put", "-n", "people", "a/b c?ü")
	if got := ok("", "kv", "key", "get", "-n", "people", "a/b c?ü"); got != "from\x00stdin\n" {
		t.Errorf("value %q", got)
	}
	ok("", "kv", "key", "put", "-n", "people", "ann", "1", "--ttl", "1h", "--metadata", `{"x":1}`)
	if got := ok("", "kv", "key", "list", "-n", "people", "--prefix", "an", "--json"); !strings.Contains(got, `"expiration"`) || !strings.Contains(got, `"x": 1`) {
		t.Errorf("keys: %s", got)
	}
	ok(`[{"key":"p1","value":"v1"},{"key":"p2","value":"djI=","base64":true}]`, "kv", "bulk", "put", "-n", "people", "-")
	if got := ok(`["p1","p2","p3"]`, "kv", "bulk", "get", "-n", "people", "-"); strings.Join(strings.Fields(got), "") != `{"p1":{"value":"v1"},"p2":{"value":"v2"},"p3":null}` {
		t.Errorf("bulk get: %s", got)
	}
	ok(`["p1",{"key":"p2"},{"name":"ann"}]`, "kv", "bulk", "delete", "-n", "people", "-")
	if got := ok("", "kv", "key", "list", "-n", "people"); got != "a/b c?ü\n" {
		t.Errorf("keys after the deletion: %q", got)
	}
	ok("", "kv", "key", "delete", "-n", "people", "a/b c?ü")
	fails("key not found", "", "kv", "key", "get", "-n", "people", "a/b c?ü")
	fails("ttl", "", "kv", "key", "put", "-n", "people", "k", "v", "--ttl", "5s")
	ok("", "kv", "namespace", "delete", "-n", "people")
	fails("there is no namespace", "", "kv", "key", "get", "-n", "people", "k")
	if got := ok("", "kv", "namespace", "list"); !strings.Contains(got, "app-KV") || strings.Contains(got, "people") {
		t.Errorf("namespaces: %s", got)
	}

	text := strings.TrimSpace(ok("", "token", "create", "ci", "--scope", "read", "--scope", "kv", "--expires", "24h"))
	if err := p.client(text).Verify(t.Context()); err != nil {
		t.Error(err)
	}
	fields := strings.Fields(strings.Split(ok("", "token", "list"), "\n")[1])
	if fields[1] != "ci" || fields[2] != "read,kv" {
		t.Errorf("token list shows %q", fields)
	}
	ok("", "token", "revoke", fields[0])
	if err := p.client(text).Verify(t.Context()); status(err) != 401 {
		t.Errorf("a revoked token: %v", err)
	}

	if got := ok("", "usage", "--script", "app"); !strings.Contains(got, "WORKER") || !strings.Contains(got, "app ") {
		t.Errorf("usage:\n%s", got)
	}
	rows, err := csv.NewReader(strings.NewReader(ok("", "usage", "--csv"))).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][3] != "app" || rows[1][5] != "4" {
		t.Errorf("usage as CSV: %q %v", rows, err)
	}
	if got := ok("", "usage", "--plan", "workers"); !strings.Contains(got, "Total") || !strings.Contains(got, "$5.00") {
		t.Errorf("invoice:\n%s", got)
	}
	var invoice struct {
		Plan  string `json:"plan"`
		Total string `json:"total"`
	}
	if err := json.Unmarshal([]byte(ok("", "usage", "--plan", "lambda", "--json")), &invoice); err != nil || invoice.Plan != "lambda" || invoice.Total != "0" {
		t.Errorf("invoice %+v %v", invoice, err)
	}
	fails("must be a time such as", "", "usage", "--from", "yesterday")
	fails("not after its start", "", "usage", "--from", "2026-02-01", "--to", "2026-01-01")

	// Workers, their versions and limits.
	if got := ok("", "script", "list"); !strings.Contains(got, "app ") || !strings.Contains(got, "app-staging ") {
		t.Errorf("workers:\n%s", got)
	}
	versions, err := p.client(rootToken).Versions(t.Context(), "app")
	if err != nil || len(versions) < 3 {
		t.Fatalf("versions %v %v", versions, err)
	}
	last, first := versions[0].ID, versions[len(versions)-1].ID
	if got := ok("", "script", "versions", "app"); !strings.Contains(got, first) || !regexp.MustCompile(last+` .* 100%`).MatchString(got) {
		t.Errorf("versions:\n%s", got)
	}
	fails("secrets have changed", "", "script", "rollback", "app", first)
	fails("has no version", "", "script", "rollback", "app", "zzz")
	ok("", "script", "rollback", "app", first[:8], "--force", "--message", "as it was")
	if got := p.get("app", "/"); got.body != answer {
		t.Errorf("after going back: %+v", got)
	}
	ok("", "script", "rollback", "app", "--force")
	if got := ok("", "script", "versions", "app"); !regexp.MustCompile(last + ` .* 100%`).MatchString(got) {
		t.Errorf("versions:\n%s", got)
	}
	fails("had no other version", "", "script", "rollback", "app-staging")
	ok("", "script", "limit", "app", "--concurrency", "7", "--provisioned", "2")
	fails("must be from 0", "", "script", "limit", "app", "--concurrency=-1")
	if got := ok("", "script", "runs", "app"); !strings.HasPrefix(got, "DUE") {
		t.Errorf("runs: %s", got)
	}
	fails("does not exist", "", "script", "runs", "nobody")
	fails("does not exist", "", "logs", "nobody")
	ok("", "script", "delete", "app-staging")
	if got := ok("", "script", "list"); strings.Contains(got, "app-staging") {
		t.Errorf("workers:\n%s", got)
	}

	// Accounts.
	blue := strings.TrimSpace(ok("", "account", "create", "Blue", "--max-scripts", "1"))
	if got := ok("", "account", "list"); !regexp.MustCompile(blue + ` +Blue +default +1\n`).MatchString(got) {
		t.Errorf("accounts:\n%s", got)
	}
	ok("", "account", "limit", "--account", blue, "--concurrency", "5")
	if got := ok("", "account", "list"); !regexp.MustCompile(blue + ` +Blue +5 +1\n`).MatchString(got) {
		t.Errorf("accounts:\n%s", got)
	}
	ok("", "deploy", "--account", blue, "--env", "staging", "--name", "theirs")
	fails("limit", "", "deploy", "--account", blue, "--env", "staging", "--name", "another")
	if got := ok("", "script", "list"); strings.Contains(got, "theirs") {
		t.Errorf("another account's worker is listed:\n%s", got)
	}
	theirs := strings.TrimSpace(ok("", "token", "create", "blue", "--scope", "admin", "--account", blue))
	env["MAYFLY_TOKEN"] = theirs
	fails("all accounts", "", "account", "limit", "--account", blue, "--max-scripts", "9")
	fails("all accounts", "", "account", "create", "Green")
	all, err := p.client(rootToken).Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fails("Authentication error", "", "script", "list", "--account", all[0].ID)
	delete(env, "MAYFLY_TOKEN")

	ok("", "login", "--forget")
	fails("MAYFLY_TOKEN", "", "usage")
	code, _, stderr := run(t, map[string]string{"MAYFLY_TOKEN": "x"}, "", "usage", "--control", "http://127.0.0.1:1")
	if code != 1 || !strings.Contains(stderr, "is mayfly serve running there?") {
		t.Errorf("no server: exit code %d\n%s", code, stderr)
	}
}
