package compiler

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func folder(t *testing.T, pairs ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(pairs); i += 2 {
		file := filepath.Join(dir, pairs[i])
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(pairs[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestProject(t *testing.T) {
	dir := folder(t,
		"src/index.tsx", `/** @jsxImportSource mini */
import { which } from "pkg";
import page from "./page.html";
import data from "./data.bin";
import wasm from "./add.wasm?module";
import note from "./note.md";
import { env } from "cloudflare:workers";
import { Buffer } from "buffer";
import { helper } from "@/helper";
declare const VERSION: string;
export default () => [which, page, data.byteLength > 0, wasm.wasm, note, env.A, typeof Buffer, helper(), VERSION, (<b>x</b>) as any]`,
		"src/helper.ts", `export const helper = () => "helped"`,
		"src/page.html", "<p>", "src/data.bin", "\x00\x01", "src/add.wasm", "\x00asm", "src/note.md", "# note",
		"tsconfig.json", `{"compilerOptions":{"jsx":"react-jsx","paths":{"@/*":["./src/*"]}}}`,
		"node_modules/pkg/package.json", `{"name":"pkg","exports":{"workerd":"./workerd.js","default":"./node.js"}}`,
		"node_modules/pkg/workerd.js", `exports.which = "workerd"`, "node_modules/pkg/node.js", `exports.which = "node"`,
		"node_modules/mini/package.json", `{"name":"mini"}`,
		"node_modules/mini/jsx-runtime.js", `export const jsx = (t, p) => t + p.children`,
	)
	p, err := BuildProject(context.Background(), ProjectOptions{
		Dir: dir, Entry: "src/index.tsx", NodeCompat: true, Define: map[string]string{"VERSION": `"v1"`},
		Rules: []Rule{{Text, []string{"**/*.md"}}},
	})
	if err != nil {
		t.Fatal(err, frame(err))
	}
	var kinds []string
	for _, m := range p.Source.Modules {
		name := m.Name
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			name = name[i+1:]
		}
		kinds = append(kinds, m.Kind.String()+" "+name)
	}
	slices.Sort(kinds)
	if want := []string{"data data.bin", "es-module index.js", "source-map index.js.map", "text note.md", "text page.html", "wasm add.wasm"}; !slices.Equal(kinds, want) {
		t.Errorf("modules %q", kinds)
	}
	got := eval(t, p.Source)
	if i := strings.Index(got, "wasm:./"); i < 0 || !strings.HasPrefix(got, `["workerd","<p>",true,"wasm:./`) ||
		!strings.HasSuffix(got, `-add.wasm","# note","1","undefined","helped","v1","bx"]`) {
		t.Errorf("got %s", got)
	}
	for _, in := range []string{"src/index.tsx", "src/page.html", "src/helper.ts", "node_modules/pkg/workerd.js"} {
		if !slices.Contains(p.Inputs, filepath.Join(dir, in)) {
			t.Errorf("%s is not among the inputs %q", in, p.Inputs)
		}
	}
	if slices.Contains(p.Inputs, filepath.Join(dir, "node_modules/pkg/node.js")) || p.Source.Classic {
		t.Errorf("inputs %q, classic %v", p.Inputs, p.Source.Classic)
	}
}

// TestProjectRequires has a CommonJS package require modules of the host's, by both names.
func TestProjectRequires(t *testing.T) {
	dir := folder(t, "index.js", `import old from "old"; export default () => old`,
		"node_modules/old/package.json", `{"name":"old"}`,
		"node_modules/old/index.js", `module.exports = [require("cloudflare:workers").env.A, typeof require("util"), require("util") === require("node:util")]`)
	p, err := BuildProject(context.Background(), ProjectOptions{Dir: dir, Entry: "index.js", NodeCompat: true})
	if err != nil {
		t.Fatal(err, frame(err))
	}
	if got, want := eval(t, p.Source), `["1","object",true]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestProjectStacks(t *testing.T) {
	dir := folder(t, "src/index.ts", "import { f } from './f';\nexport default () => f()\n", "src/f.ts", "type A = 1;\nexport const f = () => {\n  throw new Error('x')\n}\n")
	for _, minify := range []bool{false, true} {
		p, err := BuildProject(context.Background(), ProjectOptions{Dir: dir, Entry: "src/index.ts", Minify: minify})
		if err != nil {
			t.Fatal(err)
		}
		if got := stack(t, compileSource(t, p.Source)); !strings.Contains(got, "src/f.ts:3:9(") {
			t.Errorf("minify %v:\n%s", minify, got)
		}
	}
}

func TestProjectOfAServiceWorker(t *testing.T) {
	dir := folder(t, "w.js", `addEventListener("fetch", () => {})`)
	p, err := BuildProject(context.Background(), ProjectOptions{Dir: dir, Entry: "w.js"})
	if err != nil || !p.Source.Classic {
		t.Errorf("%+v %v", p, err)
	}
}

func TestProjectErrors(t *testing.T) {
	dir := folder(t, "a.js", `import "fs"; import "./b"; import "nope"; export default 1`, "c.ts", "let x: = 1")
	for _, c := range []struct {
		o    ProjectOptions
		want string
	}{
		{ProjectOptions{Dir: dir}, "names no main file"},
		{ProjectOptions{Dir: dir, Entry: "x.js"}, "the main file x.js cannot be read"},
		{ProjectOptions{Dir: dir, Entry: "a.js"}, `a.js:1:8: Could not resolve "fs"`},
		{ProjectOptions{Dir: dir, Entry: "c.ts"}, `c.ts:1:8: Unexpected "="`},
		{ProjectOptions{Dir: dir, Entry: "c.ts", Rules: []Rule{{JSON, nil}}}, "a rule makes files json modules"},
	} {
		_, err := BuildProject(context.Background(), c.o)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}
