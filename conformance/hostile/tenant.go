package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/mayfly-edge/mayfly/conformance/process"
	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// tenants reach for what belongs to another.
func tenants() (all []*assault) {
	add := func(group, name string, short bool, run func(context.Context, *arena) finding) {
		all = append(all, &assault{group: group, name: name, short: short, run: run})
	}
	for _, path := range []string{
		"/workers/scripts", "/workers/scripts/store", "/workers/scripts/store/content/v2", "/workers/scripts/store/settings", "/workers/scripts/store/versions",
		"/workers/scripts/store/secrets", "/workers/scripts/store/deployments", "/workers/services/store/environments/production/bindings",
		"/storage/kv/namespaces", "/storage/kv/namespaces/GOOD/keys", "/storage/kv/namespaces/GOOD/values/kept", "/mayfly/usage", "/mayfly/audit", "/mayfly/tokens",
	} {
		add("cross-account", "good tenant's "+path, path == "/storage/kv/namespaces/GOOD/values/kept", func(ctx context.Context, a *arena) finding {
			path := strings.ReplaceAll(path, "GOOD", a.goodSpace)
			spy := a.mallory
			spy.Account = a.good
			if body, err := spy.Open(ctx, path); err == nil {
				defer body.Close()
				text, _ := io.ReadAll(io.LimitReader(body, 1<<10))
				return wrongf("with Mallory's token: %q", text)
			} else if f := refusedBelow500(err); f.wrong != "" {
				return f
			}
			// In Mallory's own account, by the same id.
			body, err := a.mallory.Open(ctx, path)
			if err != nil {
				return refusedBelow500(err)
			}
			defer body.Close()
			text, _ := io.ReadAll(io.LimitReader(body, 1<<20))
			for _, mark := range []string{victimSecret, victimValue, a.goodSpace, "good store"} {
				if strings.Contains(string(text), mark) {
					return wrongf("Mallory's account shows the good tenant's %q", mark)
				}
			}
			return finding{ended: "own things only"}
		})
	}
	add("cross-account", "KV binding of the good tenant's namespace", true, func(ctx context.Context, a *arena) finding {
		name := a.name()
		err := a.deploy(ctx, remote.Worker{Name: name, KV: map[string]string{"KV": a.goodSpace},
			Code: `export default { async fetch(request, env) { return new Response(await env.KV.get("kept")) } }`})
		if err != nil {
			return refusedBelow500(err)
		}
		got, err := a.get(ctx, host(name), "/")
		if err != nil || strings.Contains(got.body, victimValue) {
			return wrongf("read %q, %v", got.body, err)
		}
		return finding{ended: fmt.Sprint("empty ", got.status)}
	})
	add("cross-account", "service binding to the good tenant's worker", false, func(ctx context.Context, a *arena) finding {
		name := a.name()
		err := a.deploy(ctx, remote.Worker{Name: name, Bindings: []map[string]any{{"type": "service", "name": "S", "service": "store"}},
			Code: `export default { async fetch(request, env) { const r = await env.S.fetch(request); return new Response(await r.text()) } }`})
		if err != nil {
			return refusedBelow500(err)
		}
		got, err := a.get(ctx, host(name), "/")
		if err != nil || strings.Contains(got.body, "good store") {
			return wrongf("read %q, %v", got.body, err)
		}
		return finding{ended: fmt.Sprint("no such service ", got.status)}
	})
	add("cross-account", "route on the good tenant's host", false, func(ctx context.Context, a *arena) finding {
		name := a.name()
		if err := a.deploy(ctx, remote.Worker{Name: name, Code: `export default { fetch() { return new Response("hijacked") } }`}); err != nil {
			return wrongf("deployment: %v", err)
		}
		for _, pattern := range []string{"hello." + process.Domain + "/*", "*." + process.Domain + "/*", "*/*"} {
			_ = a.mallory.Call(ctx, "PUT", "/workers/scripts/"+name+"/routes", "application/json", toJSON([]map[string]string{{"pattern": pattern}}), nil) // it may be refused
			got, err := a.get(ctx, "hello."+process.Domain, "/")
			_ = a.mallory.Call(ctx, "PUT", "/workers/scripts/"+name+"/routes", "application/json", []byte("[]"), nil)
			if err != nil || got.body == "hijacked" {
				return wrongf("the route %s took the good tenant's requests: %q, %v", pattern, got.body, err)
			}
		}
		return finding{ended: "not taken"}
	})
	add("cross-account", "making tokens and accounts", false, func(ctx context.Context, a *arena) finding {
		for path, body := range map[string]string{
			"/mayfly/tokens": `{"name":"x","scopes":["admin"]}`, "../mayfly/accounts": `{"name":"x"}`, "../mayfly/compact": ``,
		} {
			if f := refusedBelow500(a.mallory.Call(ctx, "POST", path, "application/json", []byte(body), nil)); f.wrong != "" {
				return wrongf("%s: %s", path, f.wrong)
			}
		}
		if _, err := a.mallory.Open(ctx, "../mayfly/backup"); err == nil {
			return wrongf("the backup of all accounts was given out")
		}
		return finding{ended: "refused 403"}
	})
	add("cache poisoning", "of another account's URL", true, poison(`http://store.localhost/poison`, false))
	add("cache poisoning", "by a named cache", false, poison(`http://store.localhost/poison-named`, true))
	add("cache poisoning", "by headers that are no key", false, func(ctx context.Context, a *arena) finding {
		for _, header := range []string{"X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "Forwarded", "X-Host", "CF-Connecting-IP"} {
			got, err := a.do(ctx, "GET", "hello."+process.Domain, "/", nil, header, "evil.example")
			if err != nil || got.body != "good hello" {
				return wrongf("%s: %q, %v", header, got.body, err)
			}
		}
		return finding{ended: "no effect"}
	})
	add("secrets", "in a worker's error", true, func(ctx context.Context, a *arena) finding {
		name := a.name()
		if err := a.deploy(ctx, remote.Worker{Name: name, Bindings: []map[string]any{{"type": "secret_text", "name": "SECRET", "text": "thrown-secret-91"}},
			Code: `export default { fetch(request, env) { throw new Error(env.SECRET) } }`}); err != nil {
			return wrongf("deployment: %v", err)
		}
		got, err := a.do(ctx, "GET", host(name), "/", nil, "Accept", "application/json")
		if err != nil || strings.Contains(got.body, "thrown-secret-91") || got.status != 500 {
			return wrongf("%d %q, %v", got.status, got.body, err)
		}
		return finding{ended: "not shown", took: got.took}
	})
	add("secrets", "in answers of the control plane", false, secretsInAnswers)
	add("secrets", "in the errors of an upload", false, func(ctx context.Context, a *arena) finding {
		name := a.name()
		err := a.deploy(ctx, remote.Worker{Name: name, Bindings: []map[string]any{{"type": "secret_text", "name": "SECRET", "text": "upload-secret-17"}},
			Code: `export default {{{ fetch() {} }`})
		if err == nil || strings.Contains(err.Error(), "upload-secret-17") || strings.Contains(a.Output(), "upload-secret-17") {
			return wrongf("%v", err)
		}
		return refusedBelow500(err)
	})
	add("secrets", "in the server's files and log", true, secretsInFiles)
	return all
}

// poison puts a response into the cache for a URL of the good tenant, whose worker must
// not find it.
func poison(url string, named bool) func(context.Context, *arena) finding {
	cache := `caches.default`
	if named {
		cache = `(await caches.open("shared"))`
	}
	return func(ctx context.Context, a *arena) finding {
		name := a.name()
		if err := a.deploy(ctx, remote.Worker{Name: name, Code: `export default { async fetch() {
			await ` + cache + `.put("` + url + `", new Response("poisoned", { headers: { "cache-control": "max-age=600" } }));
			const own = await ` + cache + `.match("` + url + `");
			return new Response(own ? "stored" : "not stored");
		} }`}); err != nil {
			return wrongf("deployment: %v", err)
		}
		stored, err := a.get(ctx, host(name), "/")
		if err != nil || stored.status != 200 {
			return wrongf("%d %q, %v", stored.status, stored.body, err)
		}
		reader := remote.Worker{Name: "reader", Code: `export default { async fetch() {
			const r = await ` + cache + `.match("` + url + `"); return new Response(r ? await r.text() : "miss") } }`}
		if err := a.API.Deploy(ctx, reader); err != nil {
			return wrongf("deployment: %v", err)
		}
		got, err := a.get(ctx, "reader."+process.Domain, "/")
		if err != nil || got.body != "miss" {
			return wrongf("the good tenant's cache gives %q, %v", got.body, err)
		}
		return finding{ended: stored.body + ", missed"}
	}
}

// secretsInAnswers reads all that the control plane tells of a worker with a secret, by
// its owner's own token.
func secretsInAnswers(ctx context.Context, a *arena) finding {
	for _, path := range []string{
		"", "/content/v2", "/settings", "/script-settings", "/versions", "/secrets", "/deployments",
	} {
		body, err := a.API.Open(ctx, "/workers/scripts/store"+path)
		var r *remote.Refusal
		if errors.As(err, &r) && r.Status < 500 {
			continue // there is no such page
		}
		if err != nil {
			return wrongf("%s: %v", path, err)
		}
		text, err := io.ReadAll(io.LimitReader(body, 4<<20))
		body.Close()
		if err != nil || strings.Contains(string(text), victimSecret) {
			return wrongf("%s shows the secret (%v)", path, err)
		}
	}
	for _, path := range []string{"/mayfly/audit", "/mayfly/tokens"} {
		body, err := a.API.Open(ctx, path)
		if err != nil {
			return wrongf("%s: %v", path, err)
		}
		text, _ := io.ReadAll(io.LimitReader(body, 4<<20))
		body.Close()
		if strings.Contains(string(text), victimSecret) || strings.Contains(string(text), process.Token) {
			return wrongf("%s shows a secret", path)
		}
	}
	res, err := http.Get("http://" + a.Control + "/readyz")
	if err != nil {
		return wrongf("%v", err)
	}
	defer res.Body.Close()
	if text, _ := io.ReadAll(res.Body); strings.Contains(string(text), victimSecret) {
		return wrongf("/readyz shows a secret")
	}
	return finding{ended: "not shown"}
}

// secretsInFiles looks for secrets where somebody with a copy of the store would.
func secretsInFiles(_ context.Context, a *arena) finding {
	for _, secret := range []string{victimSecret, process.Token, a.mallory.Token} {
		if strings.Contains(a.Output(), secret) {
			return wrongf("the log has a secret")
		}
	}
	looked := 0
	err := filepath.WalkDir(a.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // a file that went away
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		looked++
		for _, secret := range []string{victimSecret, a.mallory.Token} {
			if strings.Contains(string(b), secret) {
				return fmt.Errorf("%s has a secret in the clear", path)
			}
		}
		return nil
	})
	if err != nil || looked == 0 {
		return wrongf("%v; %d files", err, looked)
	}
	return finding{ended: "not there"}
}
