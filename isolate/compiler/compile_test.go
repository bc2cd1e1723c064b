package compiler

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"
)

// Every expression and statement type of the engine's tree that holds others
// must be walked: a probe in each of its fields must be found.
func TestWalkReachesEveryField(t *testing.T) {
	probe := `/\p{L}/u`
	for _, src := range []string{
		`[P]`, `[...P]`, `x = P`, `P + P`, `x[P]`, `P[x]`, `f(P)`, `P(x)`, `P ? P : P`, `P.x`, `P?.x?.[P]`, `(function(a = P) { P })`,
		`(class extends P { [P] = P; static { P } [P]() { P } #x = P; y() { P.#x } })`, `class A extends P {}`, `(a = P) => P`, `() => { P }`, `new P(P)`,
		`({ a: P, [P]: P, ...P, b() { P } })`, `({ a = P, b: [c = P, ...d] } = P)`, `P, P`, "P`${P}`", "`${P}`", `!P`, `var { a = P, [P]: b, ...c } = P`,
		`let a = P`, `{ P }`, `if (P) P; else if (P) P; else P`, `for (P; P; P) P`, `for (let a = P;;) P`, `for (var a = P;;) P`, `for (var { a = P } in P) P`,
		`for (const [a = P] of P) P`, `for (x[P] of P) P`, `while (P) P`, `do P; while (P)`, `switch (P) { case P: P; default: P }`,
		`try { P } catch ({ a = P }) { P } finally { P }`, `throw P`, `l: P`, `with (P) P`, `function* g() { yield P; yield* P; return P }`, `async () => { await P }`,
	} {
		text := "(() => {" + strings.ReplaceAll(src, "P", probe) + "\n})"
		p, err := goja.Parse("x", text, parser.WithDisableSourceMaps)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if _, err := repair(p, mended{code: text}); err != nil {
			t.Errorf("%s: %v", src, err)
		}
		left := 0
		reflectRegexps(reflect.ValueOf(p.Body), func(r *ast.RegExpLiteral) {
			if strings.Contains(r.Pattern, `\p`) {
				left++
			}
		})
		if left > 0 {
			t.Errorf("%s: %d places not reached", src, left)
		}
	}
}

func reflectRegexps(v reflect.Value, found func(*ast.RegExpLiteral)) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return
		}
		if r, ok := v.Interface().(*ast.RegExpLiteral); ok {
			found(r)
			return
		}
		reflectRegexps(v.Elem(), found)
	case reflect.Slice:
		for i := range v.Len() {
			reflectRegexps(v.Index(i), found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "DeclarationList" {
				reflectRegexps(v.Field(i), found)
			}
		}
	}
}

// What one function of this package says is right must be so for the engine too.
func TestCompileRefusesWhatTheEngineCannotParse(t *testing.T) {
	for _, code := range []string{"(", "(()=>{let a; let a})", "`", "(()=>{break})", "(()=>{/\\p{X}/u})"} {
		_, err := (&Bundle{Code: []byte(code)}).Compile()
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), "SyntaxError") {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func FuzzBuildBundle(f *testing.F) {
	for _, s := range []string{
		"export default 1", "import('./'+x)", "class A{get=1}", "f`\\u{10FFFF}`", "for await(const x of y){}", "/\\p{L}/u", "await 1",
		"import a from './index.js'", "<a/>", "enum A{b}", "function f(){return()=>arguments}", "#!a\n", "//# sourceMappingURL=x", "export*from'node:fs'",
	} {
		f.Add(s, uint8(0))
	}
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		name := []string{"index.js", "index.ts", "index.tsx", "index.jsx"}[kind%4]
		src := files(name, text)
		src.Classic = kind&4 != 0
		b, err := BuildBundle(context.Background(), src)
		if err == nil {
			_, err = b.Compile()
		}
		if err != nil {
			_ = frame(err)
		}
	})
}

// workload is a bundle to measure: a file of testdata or, with HONO set to a
// folder where npm installed hono, an application of it.
func workloads(b *testing.B) map[string]Source {
	out := map[string]Source{"hello": files("index.js", `export default { fetch() { return new Response("hello") } }`)}
	if dir := os.Getenv("HONO"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "app.ts"), []byte(`import { Hono } from "hono"; import { cors } from "hono/cors"; const app = new Hono(); app.use(cors()); app.get("/users/:id", (c) => c.json({ id: c.req.param("id") })); export default app`), 0o644); err != nil {
			b.Fatal(err)
		}
		for _, minify := range []bool{false, true} {
			p, err := BuildProject(context.Background(), ProjectOptions{Dir: dir, Entry: "app.ts", Minify: minify})
			if err != nil {
				b.Fatal(err)
			}
			out[map[bool]string{false: "hono", true: "hono-min"}[minify]] = p.Source
		}
	}
	return out
}

func BenchmarkPipeline(b *testing.B) {
	for name, src := range workloads(b) {
		bundle, err := BuildBundle(context.Background(), src)
		if err != nil {
			b.Fatal(err, frame(err))
		}
		code := string(bundle.Code)
		pos := bundle.Positions()
		run := func(step string, f func() error) {
			b.Run(name+"/"+step, func(b *testing.B) {
				b.SetBytes(int64(len(code)))
				for b.Loop() {
					if err := f(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("bundle", func() error { _, err := BuildBundle(context.Background(), src); return err })
		run("nesting", func() error { return checkNesting("x.js", code) })
		run("positions", func() error { bundle.Positions().engineMap().encode(); return nil })
		run("mend", func() error { mend(code); return nil })
		run("parse", func() error { _, _, err := parse(code, pos); return err })
		run("compile", func() error { _, err := bundle.Compile(); return err })
	}
}
