package main

import (
	"context"
	"crypto/sha256"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/compiler"

	"github.com/mayfly-edge/mayfly/conformance/npm"
)

// A workload is a worker and the request that is made of it.
type workload struct {
	name   string
	about  string // what is done for one request, for the page
	code   string // one ES module, the same for all servers
	kernel bool   // the module imports kernel.wasm
	npm    string // packages that are bundled with it, by name and version
	needs  need
	floor  bool // bare fasthttp has an answer worth comparing: the same bytes in and out
	copies int  // this many workers that differ, asked at random; 0 is one

	method string // "" is GET
	path   string
	header []string // lines of the request
	body   string
	want   answer
}

// A need is what a workload asks of a server beyond JavaScript and the Web's interfaces.
type need int

const (
	needKV      need = 1 << iota // the keys of stored, in the namespace KV
	needAssets                   // the file of asset, and no worker
	needHTML                     // HTMLRewriter
	needTenants                  // many workers in one server
)

// An answer is what a request must be answered with.
type answer struct {
	status int    // 0 is 200
	body   string // the whole of it
	header []string
}

//go:embed workers
var workers embed.FS

// versions of what is bundled from npm.
const (
	honoVersion         = "4.13.19"
	preactVersion       = "11.2.0"
	preactRenderVersion = "6.8.2"
)

const (
	helloText  = "Hello World"
	tenants    = 100
	megabyte   = 1 << 20
	originText = "This is the origin's answer.\n"
	// originMark stands in a worker's text for the address of the bench's origin.
	originMark = "origin.invalid"
	// The claims are {"sub":"ada","exp":4102444800}.
	claims = "eyJzdWIiOiJhZGEiLCJleHAiOjQxMDI0NDQ4MDB9"
)

// stored are the keys that KV holds: a kilobyte of text and of JSON.
var stored = map[string]string{
	"kilobyte": strings.Repeat("0123456789abcdef", 64),
	"session":  `{"user":"ada","roles":["reader","writer"],"note":"` + strings.Repeat("session ", 120) + `"}`,
}

// asset is the file that is served without a worker.
var asset = struct{ path, text string }{"/style.css", strings.Repeat(".row { color: #123456; margin: 0 1em }\n", 256)}

// workloads are all that can be measured, in the order of the tables.
func workloads() []workload {
	bulk := strings.Repeat("All the world's a stage, and all the men and women merely players. ", megabyte/67+1)[:megabyte]
	products, inStock := catalog()
	before, after := article()
	list := []workload{
		{name: "hello", about: "a constant text", floor: true, want: answer{body: helloText}},
		{name: "headers", about: "a URL rewritten, cookies read, headers copied", floor: true,
			path:   "/shop/list?utm_source=mail&page=2",
			header: []string{"Cookie: theme=dark; session=0123456789; lang=en", "X-App-Tenant: acme", "Accept-Language: en", "Accept-Encoding: identity"},
			want: answer{body: "https://origin.example/v2/shop/list?page=2&lang=en",
				header: []string{"set-cookie: seen=1; Path=/; HttpOnly", "x-app-session: 0123456789", "x-app-tenant: acme"}}},
		{name: "hono", about: "Hono with 25 routes: two parameters, a query, JSON", floor: true, npm: "hono@" + honoVersion,
			path: "/users/ada/posts/42?page=7",
			want: answer{body: `{"user":"ada","post":42,"page":"7","tags":["edge","workers"]}`, header: []string{"x-powered-by: hono"}}},
		{name: "jwt", about: "a JWT verified by WebCrypto (HS256)", header: []string{"Authorization: Bearer " + token256()}, want: answer{body: `{"sub":"ada"}`}},
		{name: "sha256", about: "SHA-256 of a body of 1 MiB", floor: true, method: "POST", body: bulk, want: answer{body: fmt.Sprintf("%x", sha256.Sum256([]byte(bulk)))}},
		{name: "json", about: "80 KB of JSON in; filtered, mapped, sorted, out", floor: true, method: "POST", body: products, want: answer{body: inStock}},
		{name: "ssr", about: "a page of 100 rows by preact-render-to-string", npm: "preact@" + preactVersion + " preact-render-to-string@" + preactRenderVersion, want: answer{body: page()}},
		{name: "stream", about: "1 MiB through a TransformStream of JavaScript", floor: true, method: "POST", body: bulk, want: answer{body: bulk}},
		{name: "kv-get", about: "KV get of 1 KB of text", floor: true, needs: needKV, want: answer{body: stored["kilobyte"]}},
		{name: "kv-json", about: "KV get of 1 KB of JSON", needs: needKV, want: answer{body: `{"user":"ada","roles":2}`}},
		{name: "kv-put", about: "KV put of 1 KB", needs: needKV, method: "POST", body: stored["kilobyte"], want: answer{body: "stored"}},
		{name: "proxy", about: "a subrequest to an origin, its answer passed on", path: "/item", want: answer{body: originText, header: []string{"x-proxied: 1"}}},
		{name: "html", about: "HTMLRewriter over a page of 50 KB", floor: true, needs: needHTML, method: "POST", body: before, want: answer{body: after}},
		{name: "asset", about: "a static asset of 10 KB", floor: true, needs: needAssets, path: asset.path, want: answer{body: asset.text}},
		{name: "tenants", about: "100 workers, asked at random", needs: needTenants, copies: tenants, want: answer{body: helloText}},
		{name: "fib", about: "fib(20) in JavaScript", want: answer{body: "6765"}},
		{name: "wasm", about: "primes below 10,000 sieved in WebAssembly", kernel: true, want: answer{body: "1229"}},
	}
	for i := range list {
		w := &list[i]
		if w.path == "" {
			w.path = "/"
		}
		if w.needs&needAssets == 0 {
			w.code = source(w.name)
		}
	}
	return list
}

// source is the text of a worker.
func source(name string) string {
	if name == "tenants" {
		name = "hello"
	}
	b, err := workers.ReadFile("workers/" + name + ".js")
	if err != nil {
		panic(err) // a mistake in the list: a test makes it
	}
	return string(b)
}

// prepare completes a worker's text: it is bundled once for all servers, and learns
// where the origin is. The error wraps npm.ErrAbsent if npm would be needed.
func (w *workload) prepare(ctx context.Context, packages *npm.Cache, origin string) (err error) {
	if w.npm != "" {
		if w.code, err = bundle(ctx, w.name, w.code, w.npm, packages); err != nil {
			return err
		}
	}
	w.code = strings.ReplaceAll(w.code, originMark, origin)
	return nil
}

// bundle links a worker with the npm packages it imports.
func bundle(ctx context.Context, name, code, imports string, packages *npm.Cache) (string, error) {
	dir, err := packages.Install(ctx, strings.Fields(imports)...)
	if err != nil {
		return "", err
	}
	entry := name + ".js"
	if err := os.WriteFile(filepath.Join(dir, entry), []byte(code), 0o644); err != nil {
		return "", err
	}
	p, err := compiler.BuildProject(ctx, compiler.ProjectOptions{Dir: dir, Entry: entry})
	if err != nil {
		return "", err
	}
	for _, m := range p.Source.Modules {
		if m.Name == p.Source.Main {
			return string(m.Contents), nil
		}
	}
	return "", fmt.Errorf("the bundle has no module %s", p.Source.Main)
}

// scripts are the workers of a workload by name: one, or its copies.
func (w *workload) scripts() []workload {
	if w.copies == 0 {
		return []workload{*w}
	}
	list := make([]workload, w.copies)
	for i := range list {
		list[i] = *w
		list[i].name = scriptName(*w, i)
		list[i].code = distinct(w.code, i)
	}
	return list
}

// names lists the workloads' names.
func names(list []workload) string {
	all := make([]string, len(list))
	for i, w := range list {
		all[i] = w.name
	}
	return strings.Join(all, ",")
}

func find(list []workload, name string) (workload, error) {
	if i := slices.IndexFunc(list, func(w workload) bool { return w.name == name }); i >= 0 {
		return list[i], nil
	}
	return workload{}, fmt.Errorf("no worker is called %q; there are %s", name, names(list))
}
