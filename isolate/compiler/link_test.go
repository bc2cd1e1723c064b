package compiler

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestModules(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string
		want  string
	}{
		{"by name", []string{"index.js", `import { a } from "./lib/a.mjs"; export default a`, "lib/a.mjs", `export const a = 1`}, `1`},
		{"part name with dot slash", []string{"index.js", `import s from "./abc-x.txt"; export default s`, "./abc-x.txt", "héllo"}, `héllo`},
		{"part name from a folder", []string{"a/index.js", `import s from "./abc-x.txt"; export default s`, "./abc-x.txt", "hi"}, `hi`},
		{"bare part name", []string{"index.js", `import s from "__STATIC_CONTENT_MANIFEST.txt"; export default s`, "__STATIC_CONTENT_MANIFEST.txt", "{}"}, `{}`},
		{"parent", []string{"src/a/index.js", `import { b } from "../b.js"; export default b`, "src/b.js", `export const b = 2`}, `2`},
		{"no extension", []string{"index.ts", `import { a } from "./a"; import { b } from "./b"; export default a + b`, "a.ts", `export const a: number = 1`, "b/index.ts", `export const b = 2`}, `3`},
		{"output extension", []string{"index.ts", `import { a } from "./a.js"; export default a`, "a.ts", `export const a = 4`}, `4`},
		{"json", []string{"index.js", `import j, { a } from "./d.json"; export default [j.a, a]`, "d.json", `{"a":1}`}, `[1,1]`},
		{"commonjs", []string{"index.js", `import c, { x } from "./c.cjs"; export default [c.x, x]`, "c.cjs", `exports.x = require("./d.cjs")`, "d.cjs", `module.exports = 3`}, `[3,3]`},
		{"empty commonjs", []string{"index.js", `import c from "./c.cjs"; export default c`, "c.cjs", `globalThis.z = 1`}, `{}`},
		{"data", []string{"index.js", `import d from "./d.bin"; export default String.fromCharCode(...new Uint8Array(d))`, "d.bin", "x"}, `bytes of data:d.bin`},
		{"wasm", []string{"index.js", `import w from "./w.wasm"; export default w.wasm`, "./w.wasm", "x"}, `wasm:./w.wasm`},
		{"cloudflare", []string{"index.js", `import { env } from "cloudflare:workers"; import * as w from "cloudflare:workers"; import d from "cloudflare:workers"; export default [env.A, w.name, d.name]`}, `["1","workers","workers"]`},
		{"node", []string{"index.js", `import { name } from "node:buffer"; import fs from "fs"; export default [name, fs.name, require("node:path").name]`}, `["node:buffer","fs","node:path"]`},
		{"live binding", []string{"index.js", `import { n, inc } from "./c.js"; inc(); export default n`, "c.js", `export let n = 1; export function inc() { n++ }`}, `2`},
		{"cycle", []string{"index.js", `import { b } from "./b.js"; export const a = 1; export default b()`, "b.js", `import { a } from "./index.js"; export const b = () => a`}, `1`},
		{"re-export", []string{"index.js", `export { x as default } from "./x.js"; export * from "./x.js"`, "x.js", `export const x = 5`}, `5`},
		{"top-level await across", []string{"index.js", `import { x } from "./x.js"; export default x`, "x.js", `export const x = await Promise.resolve(6)`}, `6`},
		{"dynamic", []string{"index.js", `export default async () => (await import("./x.js")).x`, "x.js", `export const x = 7`}, `7`},
		{"dynamic await", []string{"index.js", `export default async () => (await import("./x.js")).x`, "x.js", `export const x = await Promise.resolve(7)`}, `7`},
		{"dynamic with comment", []string{"index.js", `export default async () => (await import(/* webpackChunkName: "x" */ "./x.js")).x`, "x.js", `export const x = 8`}, `8`},
		{"computed", []string{"index.js", "export default async () => { const n = 'x'; return (await import(`./lib/${n}.js`)).x }", "lib/x.js", `export const x = 9`}, `9`},
		{"computed from a folder", []string{"a/index.js", "export default async () => { const n = 'x'; return (await import('../lib/' + n)).default }", "lib/x", `export default 10`}, `10`},
		{"computed text", []string{"index.ts", "export default async (): Promise<string> => (await import('./t' + '.txt')).default", "t.txt", `text`}, `text`},
		{"computed in commonjs", []string{"index.js", `import f from "./c.cjs"; export default f`, "c.cjs", `module.exports = async () => { const m = await import("./" + "x.js"); return [m.x, exports === module.exports] }`, "x.js", `export const x = 1`}, `[1,false]`},
		{"require that is a parameter", []string{"index.js", `const m = { "./a": 3 }; function f(require) { return require("./" + "a") } export default f((n) => m[n]) + (0, eval === eval)`}, `4`},
		{"strings that look like imports", []string{"index.js", `const s = "import('./' + x) require('./' + x)"; export default s`}, `import('./' + x) require('./' + x)`},
		{"jsx", []string{"index.jsx", `/** @jsx h */ const h = (t, p, ...c) => [t, p, c]; export default <a b="1">x{2}</a>`}, `["a",{"b":"1"},["x",2]]`},
		{"tsx", []string{"index.tsx", `/** @jsx h */ function h<T>(t: T) { return t } export default (<b /> as string)`}, `b`},
		{"class instance", []string{"index.js", `class A { x() { return 1 } } export default new A().x()`}, `1`},
		{"names that are not paths", []string{"index.js", `import a from "./a b%20#?.txt"; export default a`, "./a b%20#?.txt", "ok"}, `ok`},
		{"byte order mark", []string{"index.js", "\ufeffexport default 1"}, `1`},
		{"hashbang", []string{"index.js", "#!/usr/bin/env node\nexport default 1"}, `1`},
		{"members and methods called import", []string{"index.js", `const o = { import(x) { return x }, async require(x) {} }; class A { import(x) { return o.import("./" + x) } } export default async () => [new A().import("y"), (await import("./" + "x.js")).x]`, "x.js", `export const x = 1`}, `["./y",1]`},
		{"import in import", []string{"index.js", `export default async () => (await import((await import("./" + "n.js")).default)).x`, "n.js", `export default "./x.js"`, "x.js", `export const x = 1`}, `1`},
		{"directive", []string{"index.js", "'use strict'; export default 1"}, `1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := eval(t, files(c.files...)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestBundleNamesHostModules(t *testing.T) {
	b, err := BuildBundle(context.Background(), files("index.js",
		`import "cloudflare:workers"; import "fs"; import d from "./d.bin"; import w from "./w.wasm"; console.log(d, w)`,
		"d.bin", "1", "./w.wasm", "2", "unused.bin", "3"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"cloudflare:workers", "data:d.bin", "fs", "wasm:./w.wasm"}; !slices.Equal(b.Host, want) {
		t.Errorf("host modules %q, want %q", b.Host, want)
	}
}

func TestClassicScripts(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"handler", `addEventListener("fetch", (e) => { out.push("fetch") }); handlers.fetch()`, `fetch`},
		{"sloppy", `undeclared = 1; out.push(typeof undeclared, (function () { return typeof this })())`, `number,object`},
		{"this is global", `out.push(this === globalThis)`, `true`},
		{"own strict directive", `"use strict"; out.push((function () { return typeof this })())`, `undefined`},
		{"function hoisting", `out.push(f()); function f() { return 2 }`, `2`},
		{"with", `with ({ x: 3 }) { out.push(x) }`, `3`},
		{"import()", `import("./x").catch((e) => out.push(e.message))`, `No such module "./x".`},
		{"repairs", `class A { get = 4 } out.push(new A().get, (function () { return (() => arguments[0])() })(5))`, `4,5`},
		{"async generator", `(async () => { for await (const x of (async function* () { yield 6 })()) out.push(x) })()`, `6`},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := files("worker.js", c.src)
			src.Classic = true
			r := newRig(t)
			if _, err := r.vm.RunString(`var handlers = {}; function addEventListener(n, f) { handlers[n] = f }`); err != nil {
				t.Fatal(err)
			}
			if err := r.run(compileSource(t, src)); err != nil {
				t.Fatal(err)
			}
			v, err := r.vm.RunString(`out.join()`)
			if err != nil || v.String() != c.want {
				t.Errorf("got %v %v, want %s", v, err, c.want)
			}
		})
	}
}

// Every way a source can be wrong, and the frame its author sees.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		src  Source
		want string
	}{
		{"syntax", files("index.js", "const a = 1;\nlet\tx = ;\n"), "index.js:2:9: Unexpected \";\"\n  2 | let\tx = ;\n    |    \t    ^\n"},
		{"unterminated", files("index.js", "export default {"), "index.js:1:17: Expected identifier but found end of file\n  1 | export default {\n    |                 ^\n"},
		{"no such module", files("a/index.js", "import x from './b';"), "a/index.js:1:15: No such module \"./b\".\n  1 | import x from './b';\n    |               ~~~~~\n  note: imported from \"a/index.js\"\n"},
		{"package", files("index.js", "import x from 'hono';"), "index.js:1:15: No such module \"hono\".\n  1 | import x from 'hono';\n    |               ~~~~~~\n  note: imported from \"index.js\"\n  note: packages must be bundled before the upload, as wrangler and mayfly deploy do\n"},
		{"node without the flag", Source{Main: "index.js", Modules: []Module{{Name: "index.js", Contents: []byte("import 'node:fs'")}}}, "index.js:1:8: No such module \"node:fs\".\n  1 | import 'node:fs'\n    |        ~~~~~~~~~\n  note: imported from \"index.js\"\n  note: \"node:fs\" is a module of Node.js: add \"nodejs_compat\" to compatibility_flags to use it\n"},
		{"no such export", files("index.js", "import { y } from './b.js'; y", "b.js", "export const x = 1"), "index.js:1:10: No matching export in \"b.js\" for import \"y\"\n  1 | import { y } from './b.js'; y\n    |          ^\n"},
		{"duplicate", files("index.js", "let a; let a"), "index.js:1:12: The symbol \"a\" has already been declared\n  1 | let a; let a\n    |            ^\n  note: index.js:1: The symbol \"a\" was originally declared here:\n"},
		{"bad json", files("index.js", "import './a.json'", "a.json", "{\n  a: 1}"), "a.json:2:3: Expected string in JSON but found \"a\"\n  2 |   a: 1}\n    |   ^\n"},
		{"property name", files("index.js", "export default 1;\nexport const r = /\\p{Nope}/u"), "index.js:2:18: SyntaxError: Invalid regular expression: /\\p{Nope}/u: Invalid property name\n  2 | export const r = /\\p{Nope}/u\n    |                  ^\n"},
		{"bad regexp", files("index.js", "export default 1;\nexport const r = /(/"), "index.js:2:18: SyntaxError: Unterminated group\n  2 | export const r = /(/\n    |                  ^\n"},
		{"no main", Source{}, "the upload names no main module\n"},
		{"main missing", Source{Main: "x.js", Modules: []Module{{Name: "index.js"}}}, "the main module \"x.js\" was not uploaded\n  note: uploaded: index.js\n"},
		{"main is text", files("x.txt", ""), "the main module \"x.txt\" is a text module and cannot handle events\n"},
		{"twice", files("a.js", "", "./a.js", ""), "two modules are named \"./a.js\"\n"},
		{"no name", Source{Main: "a.js", Modules: []Module{{Name: ""}}}, "a module has no name\n"},
		{"name is not text", Source{Main: "a.js", Modules: []Module{{Name: "a\x00"}}}, "the module name \"a\\x00\" is not text\n"},
		{"import in a script", Source{Main: "w.js", Classic: true, Modules: []Module{{Name: "w.js", Contents: []byte("1;\nimport a from 'a'; a")}}}, "w.js: Cannot use import statement outside a module\n  note: the script was uploaded in service-worker syntax; upload it as an ES module to import and export\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := BuildBundle(context.Background(), c.src)
			if err == nil {
				_, err = b.Compile()
			}
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v", err)
			}
			if got := e.Frame(); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if !strings.HasPrefix(c.want, strings.SplitN(e.Error(), " (and ", 2)[0]) {
				t.Errorf("Error() = %q", e.Error())
			}
		})
	}
}

func TestLimits(t *testing.T) {
	many := Source{Main: "a.js", Modules: make([]Module, MaxModules+1)}
	if _, err := BuildBundle(context.Background(), many); err == nil || !strings.Contains(err.Error(), "4097 modules uploaded, the limit is 4096") {
		t.Error(err)
	}
	big := files("a.js", "", "b.bin", strings.Repeat("x", MaxSourceBytes+1))
	if _, err := BuildBundle(context.Background(), big); err == nil || !strings.Contains(err.Error(), "larger than the limit of 64 MiB") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := BuildBundle(ctx, files("a.js", "")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
