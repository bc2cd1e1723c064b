package project

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// both is the same project in two syntaxes.
var both = map[string]string{
	"wrangler.jsonc": `{
	// a comment
	"$schema": "node_modules/wrangler/config-schema.json",
	"name": "app", "main": "src/index.ts", "compatibility_date": "2026-01-01", "compatibility_flags": ["nodejs_compat"],
	"vars": { "TEXT": "t", "LIST": [1, 2], "NULL": null },
	"kv_namespaces": [{ "binding": "KV", "id": "abc" }, { "binding": "NEW" }],
	"services": [{ "binding": "OTHER", "service": "other", "entrypoint": "Api" }],
	"version_metadata": { "binding": "META" },
	"triggers": { "crons": ["* * * * *"] },
	"routes": ["example.com/*", { "pattern": "app.example.com", "custom_domain": true }],
	"limits": { "cpu_ms": 20 }, "workers_dev": false,
	"rules": [{ "type": "Text", "globs": ["**/*.md"] }],
	"env": { "staging": { "vars": { "TEXT": "staged" }, "limits": { "cpu_ms": 30 } }, "named": { "name": "other-name" } },
	"queues": {},
	"colour": "red", // trailing comma
}`,
	"wrangler.toml": `
name = "app"
main = "src/index.ts"
compatibility_date = 2026-01-01
compatibility_flags = ["nodejs_compat"]
workers_dev = false
routes = ["example.com/*", { pattern = "app.example.com", custom_domain = true }]
colour = "red"
[vars]
TEXT = "t"
LIST = [1, 2]
[[kv_namespaces]]
binding = "KV"
id = "abc"
[[kv_namespaces]]
binding = "NEW"
[[services]]
binding = "OTHER"
service = "other"
entrypoint = "Api"
[version_metadata]
binding = "META"
[triggers]
crons = ["* * * * *"]
[limits]
cpu_ms = 20
[[rules]]
type = "Text"
globs = ["**/*.md"]
[env.staging.vars]
TEXT = "staged"
[env.staging.limits]
cpu_ms = 30
[env.named]
name = "other-name"
`,
}

func TestLoad(t *testing.T) {
	for file, text := range both {
		t.Run(file, func(t *testing.T) {
			dir := folder(t, map[string]string{file: text})
			p, err := Load(dir, "")
			if err != nil {
				t.Fatal(err)
			}
			if p.Name != "app" || p.Main != "src/index.ts" || p.CompatibilityDate != "2026-01-01" || !p.build.NodeCompat ||
				p.Limits.CPUMs != 20 || *p.WorkersDev || len(*p.Crons) != 1 || len(p.Routes) != 2 || !p.Routes[1].CustomDomain || len(p.build.Rules) != 1 {
				t.Errorf("got %+v", p)
			}
			want := map[string]script.Binding{
				"TEXT":  {Name: "TEXT", Type: script.PlainText, Text: "t"},
				"KV":    {Name: "KV", Type: script.KVNamespace, NamespaceID: "abc"},
				"NEW":   {Name: "NEW", Type: script.KVNamespace},
				"OTHER": {Name: "OTHER", Type: script.Service, Service: "other", Entrypoint: "Api"},
				"META":  {Name: "META", Type: script.VersionMetadata},
			}
			for _, b := range p.Bindings {
				if w, ok := want[b.Name]; ok {
					got, _ := json.Marshal(b)
					if expected, _ := json.Marshal(w); string(got) != string(expected) {
						t.Errorf("binding %s, want %s", got, expected)
					}
					delete(want, b.Name)
				} else if b.Type != script.JSON {
					t.Errorf("binding %+v", b)
				}
			}
			if len(want) > 0 {
				t.Errorf("missing are %v", want)
			}
			if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], `"colour"`) {
				t.Errorf("warnings %q", p.Warnings)
			}

			staged, err := Load(filepath.Join(dir, file), "staging")
			if err != nil {
				t.Fatal(err)
			}
			if staged.Name != "app-staging" || len(staged.Bindings) != 1 || staged.Bindings[0].Text != "staged" || staged.Limits.CPUMs != 30 ||
				staged.Main != "src/index.ts" || len(staged.Routes) != 2 {
				t.Errorf("staging is %+v", staged)
			}
			if named, err := Load(dir, "named"); err != nil || named.Name != "other-name" {
				t.Errorf("named is %+v, %v", named, err)
			}
			if _, err := Load(dir, "absent"); err == nil || !strings.Contains(err.Error(), "named, staging") {
				t.Errorf("an absent environment: %v", err)
			}
		})
	}
}

func TestAssets(t *testing.T) {
	dir := folder(t, map[string]string{
		"wrangler.jsonc":          `{"name": "site", "assets": {"directory": "./dist", "not_found_handling": "404-page", "run_worker_first": ["/api/*"]}}`,
		"dist/index.html":         "<p>home",
		"dist/copy/index.html":    "<p>home",
		"dist/copy/index.txt":     "<p>home",
		"dist/.assetsignore":      "*.map\nprivate/\n!keep.map\n",
		"dist/app.js.map":         "{}",
		"dist/keep.map":           "{}",
		"dist/private/secret.txt": "s",
		"dist/_headers":           "/*\n  A: b\n",
		"dist/_redirects":         "/a /b\n",
		"dist/copy/_headers":      "a file like any other",
	})
	p, err := Load(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	a, err := p.Assets()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"/copy/_headers", "/copy/index.html", "/copy/index.txt", "/index.html", "/keep.map"}
	if got := slices.Sorted(maps.Keys(a.Files)); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	home, again, text := a.Files["/index.html"], a.Files["/copy/index.html"], a.Files["/copy/index.txt"]
	if home.Hash != again.Hash || home.Hash == text.Hash {
		t.Errorf("hashes %s %s %s: the first two alone are the same file", home.Hash, again.Hash, text.Hash)
	}
	if home.ContentType != "text/html; charset=utf-8" || home.Size != 7 {
		t.Errorf("home is %+v", home)
	}
	if err := a.Manifest().Check(); err != nil {
		t.Error(err)
	}
	if content, kind, err := a.Reader()(home.Hash); err != nil || string(content) != "<p>home" || kind != home.ContentType {
		t.Errorf("read %q %q %v", content, kind, err)
	}
	const config = `{"_headers":"/*\n  A: b\n","_redirects":"/a /b\n","not_found_handling":"404-page","run_worker_first":["/api/*"]}`
	if string(a.Config) != config {
		t.Errorf("configuration %s", a.Config)
	}
	b, err := p.Bundle(context.Background())
	if err != nil || b.Format != script.AssetsOnly {
		t.Errorf("bundle %+v, %v", b, err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "dist")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Assets(); err == nil || !strings.Contains(err.Error(), "build the site first") {
		t.Errorf("without the folder: %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, tc := range []struct{ file, text, says string }{
		{"wrangler.jsonc", `{ "name": "a", `, "line 1, column"},
		{"wrangler.json", `[]`, "a array is not allowed here"},
		{"wrangler.jsonc", `{ "name": "a" }`, `"main" is missing`},
		{"wrangler.jsonc", `{ "name": "A B", "main": "x.js" }`, "A B"},
		{"wrangler.jsonc", `{ "name": 3, "main": "x.js" }`, `"name" cannot be a number`},
		{"wrangler.jsonc", `{ "name": "a", "main": "x.js", "r2_buckets": [{ "binding": "B" }] }`, `"r2_buckets" is not supported`},
		{"wrangler.jsonc", `{ "name": "a", "main": "x.js", "kv_namespaces": [{ "id": "x" }] }`, `kv_namespaces[0]: "binding" is missing`},
		{"wrangler.jsonc", `{ "name": "a", "main": "x.js", "services": [{ "binding": "x" }] }`, "services[0]"},
		{"wrangler.jsonc", `{ "name": "a", "main": "x.js", "vars": { "X": "1" }, "kv_namespaces": [{ "binding": "X" }] }`, `"X" is there twice`},
		{"wrangler.jsonc", `{ "name": "a", "main": "x.js", "rules": [{ "type": "Python", "globs": [] }] }`, "rules[0]"},
		{"wrangler.jsonc", `{ "name": "a", "main": "x.js", "routes": [{ "zone_name": "x" }] }`, "routes[0]"},
		{"wrangler.jsonc", `{ "name": "a", "main": "x.js", "limits": { "cpu_ms": 900000 } }`, "cpu_ms"},
		{"wrangler.jsonc", `{ "name": "a", "assets": { "binding": "A" } }`, `"assets.directory" is missing`},
		{"wrangler.jsonc", `{ "name": "a", "assets": { "binding": "A", "directory": "d" } }`, `of no use without "main"`},
		{"wrangler.toml", "name = \nmain = 1", "wrangler.toml:1:"},
		{"README", "", "no wrangler.jsonc"},
	} {
		dir := folder(t, map[string]string{tc.file: tc.text})
		if _, err := Load(dir, ""); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: got %v, want %q", tc.text, err, tc.says)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "absent"), ""); err == nil {
		t.Error("a folder that does not exist was loaded")
	}
}

func TestLoadWithoutFile(t *testing.T) {
	dir := folder(t, map[string]string{"My App/src/index.ts": "export default {}", "Solo.Worker.js": "addEventListener('fetch', () => {})"})
	p, err := Load(filepath.Join(dir, "My App"), "")
	if err != nil || p.Name != "my-app" || p.Main != "src/index.ts" {
		t.Errorf("got %+v, %v", p, err)
	}
	p, err = Load(filepath.Join(dir, "Solo.Worker.js"), "")
	if err != nil || p.Name != "solo-worker" || p.Main != "Solo.Worker.js" {
		t.Fatalf("got %+v, %v", p, err)
	}
	b, err := p.Bundle(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if v := p.Version(b); b.Format != script.ServiceWorker || v.Check() != nil {
		t.Errorf("bundle %+v, %v", b, v.Check())
	}
}

func TestParseVars(t *testing.T) {
	for _, tc := range []struct {
		text string
		want [][2]string
		err  string
	}{
		{"", nil, ""},
		{"# comment\n\nA=1\nB = two words # comment\nexport C=3", [][2]string{{"A", "1"}, {"B", "two words"}, {"C", "3"}}, ""},
		{"A='x # $y \\n'\nB=\"a\\nb \\\"c\\\"\" # comment\n", [][2]string{{"A", `x # $y \n`}, {"B", "a\nb \"c\""}}, ""},
		{"KEY=\"-----BEGIN\nline\n-----END\"\nNEXT=1\n", [][2]string{{"KEY", "-----BEGIN\nline\n-----END"}, {"NEXT", "1"}}, ""},
		{"A=1\r\nA=2\r\n", [][2]string{{"A", "2"}}, ""},
		{"A=", [][2]string{{"A", ""}}, ""},
		{"A=b=c", [][2]string{{"A", "b=c"}}, ""},
		{"A=1\nnonsense", nil, "2: a line must be NAME=value"},
		{"A=\"x", nil, "1: A: the closing quote is missing"},
		{"A='x' y", nil, "1: A: there is something behind"},
		{"=x", nil, "1: a line must be"},
	} {
		got, err := ParseVars(tc.text)
		if tc.err != "" {
			if err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%q: got %v, want %q", tc.text, err, tc.err)
			}
			continue
		}
		if err != nil || len(got) != len(tc.want) {
			t.Errorf("%q: got %q, %v", tc.text, got, err)
			continue
		}
		for i := range got {
			if got[i] != tc.want[i] {
				t.Errorf("%q: got %q, want %q", tc.text, got[i], tc.want[i])
			}
		}
	}
}

func FuzzParseVars(f *testing.F) {
	for _, seed := range []string{"A=1", "A=\"x\ny\" # z", "A='", "export A=\\", "\ufeffA=1\r\n", "A=\"\\\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		vars, err := ParseVars(text)
		seen := map[string]bool{}
		for _, v := range vars {
			if v[0] == "" || seen[v[0]] {
				t.Errorf("%q gives %q", text, vars)
			}
			seen[v[0]] = true
		}
		if err != nil && vars != nil {
			t.Errorf("%q gives both %q and %v", text, vars, err)
		}
	})
}

func FuzzConfig(f *testing.F) {
	for name, text := range both {
		f.Add(name, text, "staging")
	}
	f.Add("wrangler.json", `{"main":"x","env":{"a":{"vars":null}},"route":null}`, "a")
	f.Fuzz(func(t *testing.T, name, text, env string) {
		plain, err := parse(name, []byte(text))
		if err != nil {
			return
		}
		p, err := fromConfig("/x/wrangler.json", plain, env)
		if err == nil && (p.Main == "" || script.CheckName(p.Name) != nil) {
			t.Errorf("%s is taken as %+v", text, p)
		}
	})
}
