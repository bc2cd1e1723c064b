package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A folder is a project on disk.
type folder struct {
	t   *testing.T
	dir string
}

func newFolder(t *testing.T, files map[string]string) folder {
	f := folder{t, t.TempDir()}
	for name, text := range files {
		f.save(name, text)
	}
	return f
}

// save writes a file as editors do: a new file in place of the old one.
func (f folder) save(name, text string) {
	f.t.Helper()
	file := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(file+"~", []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Rename(file+"~", file); err != nil {
		f.t.Fatal(err)
	}
}

func dev(t *testing.T, f folder, args ...string) *process {
	t.Helper()
	return start(t, nil, append([]string{"dev", f.dir, "--port", "0"}, args...)...)
}

// eventually waits until a worker answers with a text, and fails when a request fails
// meanwhile.
func (p *process) eventually(path, want string) {
	p.t.Helper()
	p.until("the answer is "+want, func() bool {
		a := p.get("any.host", path)
		if a.status != 200 {
			p.t.Fatalf("a request failed: %+v", a)
		}
		return a.body == want
	})
}

func (p *process) writes(text string) {
	p.t.Helper()
	p.until("it has written "+text, func() bool { return strings.Contains(p.out.String(), text) })
}

func TestDevReloads(t *testing.T) {
	f := newFolder(t, map[string]string{
		"wrangler.toml": "name = \"app\"\nmain = \"src/index.ts\"\n[vars]\nWHO = \"file\"\n",
		"src/index.ts":  `import { greet } from "./greet"; export default { fetch(r: Request, env: any): Response { return new Response(greet(env.WHO)) } }`,
		"src/greet.ts":  `export const greet = (who: string) => "hello " + who`,
	})
	p := dev(t, f)
	p.writes("Listening on http://" + p.listen)
	p.eventually("/", "hello file")

	f.save("src/greet.ts", `export const greet = (who: string) => "good day " + who`)
	p.eventually("/", "good day file")

	f.save("wrangler.toml", "name = \"app\"\nmain = \"src/index.ts\"\n[vars]\nWHO = \"changed\"\n")
	p.eventually("/", "good day changed")

	f.save(".dev.vars", "WHO=\"secret\"\n")
	p.eventually("/", "good day secret")

	// What is broken is shown, and the version before goes on.
	f.save("src/greet.ts", "export const greet = ;\n")
	p.writes("greet.ts:1:22: Unexpected \";\"")
	p.writes("1 | export const greet = ;")
	p.eventually("/", "good day secret")
	f.save("src/greet.ts", `throw new Error("at the top"); export const greet = 1`)
	p.writes("at the top")
	f.save("wrangler.toml", "name = ")
	p.writes("wrangler.toml:1:")
	p.eventually("/", "good day secret")
	f.save("wrangler.toml", "name = \"renamed\"\nmain = \"src/index.ts\"\n")
	f.save("src/greet.ts", `export const greet = (who: string) => "bye " + who`)
	p.eventually("/", "bye secret")

	// An import that is missing is found when it appears.
	f.save("src/greet.ts", `export { greet } from "./other"`)
	p.writes(`Could not resolve "./other"`)
	f.save("src/other.ts", `export const greet = (who: string) => "found " + who`)
	p.eventually("/", "found secret")

	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestDevServesAssets changes, adds and removes files of a site without a worker.
func TestDevServesAssets(t *testing.T) {
	f := newFolder(t, map[string]string{
		"wrangler.jsonc":    `{"name": "site", "assets": {"directory": "dist"}}`,
		"dist/index.html":   "one",
		"dist/sub/page.txt": "page",
	})
	p := dev(t, f)
	p.eventually("/", "one")
	p.eventually("/sub/page.txt", "page")
	f.save("dist/index.html", "two")
	p.eventually("/", "two")
	f.save("dist/sub/new.txt", "new")
	p.until("the new file is served", func() bool { return p.get("any.host", "/sub/new.txt").body == "new" })
	if err := os.Remove(filepath.Join(f.dir, "dist/sub/page.txt")); err != nil {
		t.Fatal(err)
	}
	p.until("the file is gone", func() bool { return p.get("any.host", "/sub/page.txt").status == 404 })
}

func TestDevStartsBroken(t *testing.T) {
	f := newFolder(t, map[string]string{"index.js": "export default {"})
	p := dev(t, f)
	p.writes("index.js:1:")
	if got := p.get("any.host", "/"); got.status != 404 {
		t.Errorf("got %+v", got)
	}
	f.save("index.js", `export default { fetch() { return new Response("mended") } }`)
	p.until("it is mended", func() bool { return p.get("any.host", "/").body == "mended" })
}

func TestDevKeepsKV(t *testing.T) {
	f := newFolder(t, map[string]string{
		"wrangler.jsonc": `{ "name": "app", "main": "index.js", /* kept */ "kv_namespaces": [{ "binding": "KV", "id": "0123" }], "services": [{ "binding": "SELF", "service": "app" }] }`,
		"index.js": `export default { async fetch(request, env) {
			const { pathname } = new URL(request.url);
			if (pathname === "/self") return env.SELF.fetch("http://self/inner");
			if (pathname === "/put") await env.KV.put("k", "v");
			return new Response(pathname === "/inner" ? "inner" : await env.KV.get("k"));
		} }`,
	})
	p := dev(t, f)
	p.eventually("/put", "v")
	p.eventually("/self", "inner")
	if code := p.stop(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	p = dev(t, f)
	p.eventually("/", "v")
	if text, err := os.ReadFile(filepath.Join(f.dir, ".mayfly", ".gitignore")); err != nil || string(text) != "*\n" {
		t.Errorf("the data is not kept out of version control: %q %v", text, err)
	}
}

func TestDevConsole(t *testing.T) {
	f := newFolder(t, map[string]string{
		"worker.js": `addEventListener("fetch", (event) => {
	const { pathname } = new URL(event.request.url);
	if (pathname === "/throw") throw new TypeError("on purpose");
	event.respondWith(new Response(GREETING));
});
addEventListener("scheduled", (event) => event.waitUntil(event.cron === "1 * * * *" ? Promise.resolve() : Promise.reject(new Error("wrong cron"))));`,
	})
	p := dev(t, folder{t, filepath.Join(f.dir, "worker.js")}, "--var", "GREETING:hi: there")
	p.eventually("/a?b=c", "hi: there")
	p.writes("GET /a?b=c 200 OK ")
	if got := p.get("any.host", "/throw"); got.status != 500 || !strings.Contains(got.body, "on purpose") || !strings.Contains(got.body, "worker.js:3:") {
		t.Errorf("the error page of dev tells no stack: %+v", got)
	}
	p.writes("Uncaught TypeError: on purpose")
	p.writes("3 | \tif (pathname === \"/throw\") throw new TypeError(\"on purpose\");")
	p.writes("GET /throw 500 Internal Server Error (exception)")
	if strings.Contains(p.out.String(), "\x1b[") {
		t.Error("there is colour although no terminal")
	}
	if got := p.get("any.host", "/cdn-cgi/handler/scheduled?cron=1+*+*+*+*&time=1767225600000"); got.status != 200 || got.body != "ok" {
		t.Errorf("scheduled: %+v", got)
	}
	if got := p.get("any.host", "/cdn-cgi/handler/scheduled?cron=2+*+*+*+*"); got.status != 500 || got.body != "exception" {
		t.Errorf("scheduled that fails: %+v", got)
	}
	if got := p.get("any.host", "/cdn-cgi/handler/scheduled?time=noon"); got.status != 400 {
		t.Errorf("scheduled at a bad time: %+v", got)
	}
	p.writes("scheduled 1 * * * * ok")
}
