package wrangler

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

func args(line string, more ...string) []string { return append(strings.Fields(line), more...) }

const versionID = `([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})`

// newest returns the newest version of a script with everything in it.
func (r *rig) newest(name string) *script.Version {
	r.t.Helper()
	var v *script.Version
	err := r.store.View(func(tx *script.Tx) error {
		a, err := tx.Account(script.DefaultAccount)
		if err != nil {
			return err
		}
		s, err := tx.Script(a.ID, name)
		if err != nil {
			return err
		}
		v, err = tx.LoadVersion(a.ID, name, s.Latest)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return v
}

// bindings are the names of a version's bindings with their types, sorted.
func bindings(v *script.Version) string {
	var all []string
	for _, b := range v.Bindings {
		all = append(all, b.Name+":"+string(b.Type))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestWrangler(t *testing.T) {
	bin := install(t)
	for name, test := range map[string]func(*rig){
		"Project": testProject, "ServiceWorker": testServiceWorker, "Assets": testAssets, "Refusals": testRefusals,
	} {
		t.Run(name, func(t *testing.T) { test(newRig(t, bin)) })
	}
}

// testProject is the life of a project, command by command.
func testProject(r *rig) {
	r.ok(args("whoami"), "Account ID")

	created := r.ok(args("kv namespace create things"), "things")
	id := r.find(created, `([0-9a-f]{32})`)
	r.fails(args("kv namespace create things"), "already exists")
	r.ok(args("kv namespace list"), id, "things")

	r.write("wrangler.jsonc", fmt.Sprintf(`{
		"name": "module", "main": "src/index.ts", "compatibility_date": "2025-09-01",
		"vars": {"GREETING": "hello", "LIMITS": {"n": [1, 2]}},
		"kv_namespaces": [{"binding": "THINGS", "id": "%s"}],
		"limits": {"cpu_ms": 50},
		"observability": {"enabled": true},
		"triggers": {"crons": ["*/5 * * * *"]}
	}`, id))
	r.write("src/index.ts", `import text from "./note.txt";
		import { twice } from "./twice";
		export default { async fetch(request: Request, env: any): Promise<Response> { return new Response(twice(text) + env.GREETING); } };`)
	r.write("src/twice.ts", `export const twice = (s: string): string => s + s;`)
	r.write("src/note.txt", "a note")
	first := r.find(r.ok(args("deploy --minify=false"), "Uploaded module", "env.GREETING", "schedule: */5 * * * *"), "Current Version ID: "+versionID)
	if r.store != nil {
		v := r.newest("module")
		if got := bindings(v); got != "GREETING:plain_text LIMITS:json THINGS:kv_namespace" {
			r.t.Errorf("bindings are %s", got)
		}
		if v.Limits.CPUMs != 50 || v.CompatibilityDate != "2025-09-01" || v.Format != script.Modules || len(v.Modules) != 2 {
			r.t.Errorf("version is %+v", v)
		}
	}

	r.okWith("s3cret", args("secret put TOKEN"), "Success")
	r.ok(args("secret list"), "TOKEN", "secret_text")
	r.write("src/note.txt", "another note")
	second := r.find(r.ok(args("deploy --minify=false"), "Uploaded module"), "Current Version ID: "+versionID)
	if second == first {
		r.t.Error("the second deploy has the version of the first")
	}
	if r.store != nil {
		v := r.newest("module")
		if b := v.Binding("TOKEN"); b == nil || b.Secret.Reveal() != "s3cret" {
			r.t.Errorf("the secret did not survive a deploy: %s", bindings(v))
		}
	}
	r.write("secrets.json", `{"A": "1", "B": "2"}`)
	r.ok(args("secret bulk secrets.json"), "A", "B")
	r.ok(args("secret list"), "TOKEN", `"A"`, `"B"`)
	r.ok(args("secret delete A"), "Success")

	r.ok(args("kv key put --remote --namespace-id", id, "a key/with ü?&#", "the value"))
	r.ok(args("kv key get --remote --namespace-id", id, "a key/with ü?&#"), "the value")
	r.ok(args("kv key put --remote --ttl 3600", "--namespace-id", id, "meta", "v2", "--metadata", `{"m":1}`))
	r.ok(args("kv key list --remote --namespace-id", id), "a key/with ü?&#", `"m": 1`, "expiration")
	r.ok(args("kv key list --remote --prefix me --namespace-id", id), "meta")
	r.write("bulk.json", `[{"key":"b1","value":"one"},{"key":"b2","value":"dHdv","base64":true}]`)
	r.ok(args("kv bulk put --remote --namespace-id", id, "bulk.json"))
	r.ok(args("kv key get --remote --namespace-id", id, "b2"), "two")
	r.write("keys.json", `["b1","b2","none"]`)
	r.ok(args("kv bulk get --remote --namespace-id", id, "keys.json"), "one", "two")
	r.ok(args("kv bulk delete --remote --force --namespace-id", id, "keys.json"))
	r.fails(args("kv key get --remote --namespace-id", id, "b2"), "404")
	r.ok(args("kv key delete --remote --namespace-id", id, "meta"))

	uploaded := r.find(r.ok(args("versions upload --message third --tag v3"), "Worker Version ID"), "Worker Version ID: "+versionID)
	r.ok(args("versions list"), uploaded, "third")
	r.ok(args("versions view", uploaded), uploaded, "GREETING", "TOKEN")
	r.fails(args("versions view 00000000-0000-0000-0000-000000000000"))
	deployed := r.find(r.ok(args("deployments status"), "100%"), versionID)
	r.ok(args("versions deploy -y", deployed+"@90", uploaded+"@10", "--message", "canary"), "SUCCESS")
	r.ok(args("deployments status"), "10%", "90%")
	r.ok(args("deployments list"), first, second, uploaded)
	r.ok(args("versions deploy -y", uploaded+"@100"), "SUCCESS")
	r.okWith("later", args("versions secret put LATER"), "Success")
	r.ok(args("versions secret list"), "TOKEN")
	r.ok(args("rollback", second, "--message", "back"), second)
	r.ok(args("deployments status"), second)

	if r.store != nil { // the server outside has no item to show
		r.until(`"hello from the tail"`, args("tail module --format json --status ok")...)
		r.until("GET https://h/x - Ok", args("tail module --format pretty")...)
	}
	r.ok(args("kv namespace rename things --new-name stuff"), "stuff")
	r.ok(args("delete --name module"), "Successfully deleted")
	r.fails(args("secret list"), "module")
	r.ok(args("kv namespace delete --namespace-id", id), "Deleted")
	if out := r.ok(args("kv namespace list")); strings.Contains(out, id) {
		r.t.Error("the namespace is still listed")
	}
}

// testServiceWorker deploys the old format with blobs, routes and a custom domain.
func testServiceWorker(r *rig) {
	r.write("wrangler.toml", `name = "classic"
main = "index.js"
compatibility_date = "2025-09-01"
routes = ["example.com/api/*", { pattern = "example.org/*", zone_name = "example.org" }, { pattern = "www.example.com", custom_domain = true }]
[vars]
GREETING = "hello"
[text_blobs]
NOTE = "note.txt"
`)
	r.write("note.txt", "a note")
	r.write("index.js", `addEventListener("fetch", (event) => event.respondWith(new Response(GREETING + NOTE)));`)
	for range 2 {
		r.ok(args("deploy"), "Uploaded classic", "example.com/api/*", "www.example.com")
	}
	r.ok(args("triggers deploy"), "example.com/api/*")
	if r.store != nil {
		v := r.newest("classic")
		if v.Format != script.ServiceWorker || bindings(v) != "GREETING:plain_text NOTE:text_blob" || v.Module("NOTE") == nil {
			r.t.Errorf("version is %v with %s", v.Format, bindings(v))
		}
	}
	r.ok(args("delete --name classic"), "Successfully deleted")
}

// testAssets deploys a site with a service binding and a KV namespace that is made on the way.
func testAssets(r *rig) {
	r.write("wrangler.jsonc", `{"name": "target", "main": "index.js", "compatibility_date": "2025-09-01"}`)
	r.write("index.js", `export default { fetch() { return new Response("x"); } };`)
	r.ok(args("deploy"), "Uploaded target")
	r.write("wrangler.jsonc", `{
		"name": "site", "main": "index.js", "compatibility_date": "2025-09-01",
		"assets": {"directory": "public", "binding": "ASSETS", "not_found_handling": "404-page"},
		"services": [{"binding": "TARGET", "service": "target"}],
		"kv_namespaces": [{"binding": "AUTO"}]
	}`)
	r.write("public/index.html", "<h1>hello</h1>")
	r.write("public/empty.txt", "")
	r.write("public/_headers", "/*\n  X-A: b\n")
	r.ok(args("deploy"), "Uploaded site", "env.TARGET")
	r.ok(args("deploy"), "Uploaded site")
	if r.store != nil {
		v := r.newest("site")
		if got := bindings(v); got != "ASSETS:assets AUTO:kv_namespace TARGET:service" {
			r.t.Errorf("bindings are %s", got)
		}
		if err := r.store.View(func(tx *script.Tx) error {
			m, err := tx.Manifest(v.Account, "site", v.Assets.Manifest)
			if err != nil {
				return err
			}
			typ, content, err := tx.Asset(v.Account, m["/index.html"].Hash)
			if typ != "text/html; charset=utf-8" && typ != "text/html" || string(content) != "<h1>hello</h1>" || len(m) != 2 {
				r.t.Errorf("assets are %v, index.html is %q %q", m, typ, content)
			}
			return err
		}); err != nil {
			r.t.Error(err)
		}
	}
	// The target of a service binding can go only by force, which wrangler uses once it has asked.
	r.ok(args("delete --name target"), "Successfully deleted")
	r.ok(args("delete --name site"), "Successfully deleted")
}

// testRefusals has wrangler show what is refused, and why.
func testRefusals(r *rig) {
	r.write("index.js", `export default { fetch() { return new Response("x"); } };`)
	config := func(more string) {
		r.write("wrangler.jsonc", `{"name": "refused", "main": "index.js", "compatibility_date": "2025-09-01"`+more+`}`)
	}
	config(`, "hyperdrive": [{"binding": "H", "id": "x"}]`)
	r.fails(args("deploy"), `binding "H" has type "hyperdrive"`)
	config(`, "durable_objects": {"bindings": [{"name": "D", "class_name": "D"}]}, "migrations": [{"tag": "v1", "new_classes": ["D"]}]`)
	r.write("index.js", `export class D {} export default { fetch() { return new Response("x"); } };`)
	r.fails(args("deploy"), "Mayfly does not support")
	config("")
	r.write("index.js", `throw new Error("BROKEN"); export default { fetch() {} };`)
	if r.store != nil { // what a real server says of it is tested elsewhere
		r.fails(args("deploy"), "boom")
	}
	r.fails(args("deployments list"), "10007")
	r.token = "wrong-token"
	r.fails(args("kv namespace list"), "Authentication error")
}
