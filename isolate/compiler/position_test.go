package compiler

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"testing/quick"

	"github.com/evanw/esbuild/pkg/api"
)

// stack runs the default export and returns the stack of what it throws.
func stack(t *testing.T, p *Program) string {
	t.Helper()
	r := newRig(t)
	if err := r.run(p); err != nil {
		return err.Error()
	}
	return r.get()
}

func TestStacksShowTheAuthorsFiles(t *testing.T) {
	lib := "// a comment\ninterface A { x: number }\nexport function greet(n: string): string {\n  const é = '漢字', o: any = null; return o.x + é;\n}\n"
	src := files("src/index.ts", "import { greet } from './lib/greet';\n\nexport default async () => {\n  await null;\n  return greet('x')\n}\n", "src/lib/greet.ts", lib)
	got := stack(t, compileSource(t, src))
	for _, want := range []string{"at greet (src/lib/greet.ts:4:43(", "src/index.ts:5:10("} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// An upload that another bundler made: the author's file is two maps away, three
// when a computed import had the module rewritten.
func TestUploadedMapsCompose(t *testing.T) {
	author := "type T = string;\n\nexport default function handler(x?: T) {\n  const longName = { inner: null as any };\n  return longName.inner.deep + x;\n}\n"
	for _, extra := range []string{"", "export const later = (n: string) => import('./' + n);\n"} {
		r := api.Transform(author+extra, api.TransformOptions{
			Loader: api.LoaderTS, Sourcefile: "src/handler.ts", Sourcemap: api.SourceMapExternal,
			MinifyIdentifiers: true, MinifySyntax: true, MinifyWhitespace: true,
		})
		separate := files("index.js", string(r.Code), "index.js.map", string(r.Map))
		inline := files("index.js", string(r.Code)+"//# sourceMappingURL=data:application/json;base64,"+base64.StdEncoding.EncodeToString(r.Map)+"\n")
		for _, src := range []Source{separate, inline} {
			p := compileSource(t, src)
			if got := stack(t, p); !strings.Contains(got, "(src/handler.ts:5:25(") {
				t.Errorf("stack\n%s", got)
			}
			if text, ok := p.Positions.Source("src/handler.ts"); !ok || text != author+extra {
				t.Errorf("source %q", text)
			}
			want := "  5 |   return longName.inner.deep + x;\n    |                         ^\n"
			if got := p.Positions.Frame(Position{File: "src/handler.ts", Line: 5, Column: 25}); got != want {
				t.Errorf("frame\n%s", got)
			}
		}
	}
}

func TestOriginalPosition(t *testing.T) {
	b, err := BuildBundle(context.Background(), files("index.ts", "const x: number = 1;\nexport default () => '漢' + missing;\n"))
	if err != nil {
		t.Fatal(err)
	}
	line, column := linePosition(string(b.Code), strings.Index(string(b.Code), "missing"))
	got, ok := b.Positions().Original(line, column)
	if want := (Position{File: "index.ts", Line: 2, Column: 28}); !ok || got != want {
		t.Errorf("got %+v %v", got, ok)
	}
	for _, at := range [][2]int{{0, 0}, {-1, 5}, {1 << 30, 1}, {1, 1 << 30}} {
		b.Positions().Original(at[0], at[1])
	}
	if _, ok := (&Bundle{Code: []byte("1")}).Positions().Original(1, 1); ok {
		t.Error("a bundle without a map maps")
	}
	if (&Bundle{}).Positions().Frame(Position{File: "x", Line: 1}) != "" {
		t.Error("a frame of nothing")
	}
}

func TestMalformedMapsAreIgnored(t *testing.T) {
	for _, m := range []string{"", "{", "[]", `{"version":3,"sources":["a"],"mappings":"!!"}`, `{"sources":["a"],"mappings":"AAAAAAAAAA"}`,
		`{"sources":[],"mappings":"AAAA"}`, `{"sources":["a"],"mappings":"ADAA"}`, `{"sections":[{"offset":{"line":-1},"map":{}}]}`,
		`{"sections":[{}]}`, strings.Repeat("[", 100000)} {
		if got := eval(t, files("index.js", "export default 1", "index.js.map", m)); got != "1" {
			t.Errorf("%.80s: %s", m, got)
		}
	}
}

func TestIndexedMap(t *testing.T) {
	m, err := parseMap([]byte(`{"version":3,"sections":[
		{"offset":{"line":0,"column":0},"map":{"version":3,"sources":["a"],"names":[],"mappings":"AAAA"}},
		{"offset":{"line":1,"column":4},"map":{"version":3,"sources":["b"],"sourceRoot":"r","names":["n"],"mappings":"AACAA;AACA"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if s := m.find(1, 5); s == nil || m.sources[s.source] != "r/b" || s.line != 1 || m.names[s.name] != "n" {
		t.Errorf("%+v", s)
	}
	if m.find(1, 3) != nil {
		t.Error("before the section")
	}
}

func TestVLQ(t *testing.T) {
	if err := quick.Check(func(v int32) bool {
		if v == -1<<31 {
			return true
		}
		s := string(appendVLQ(nil, v))
		got, n := readVLQ(s + "A")
		return got == v && n == len(s)
	}, nil); err != nil {
		t.Error(err)
	}
}

func FuzzParseMap(f *testing.F) {
	f.Add([]byte(`{"version":3,"sources":["a"],"names":["n"],"mappings":"AAAAA,CAAC;;D"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseMap(data)
		if err != nil {
			return
		}
		again, err := parseMap(m.encode())
		if err != nil || len(again.sources) != len(m.sources) {
			t.Fatalf("%q: %v", data, err)
		}
		m.through(func(string) *sourceMap { return again })
	})
}

func TestCodeFrames(t *testing.T) {
	long := strings.Repeat("x", 300) + "y" + strings.Repeat("z", 300)
	for _, c := range []struct {
		d    Diagnostic
		want string
	}{
		{Diagnostic{Text: "no place"}, "no place\n"},
		{Diagnostic{File: "a.js", Text: "no line"}, "a.js: no line\n"},
		{Diagnostic{File: "a.js", Line: 10, Column: 3, Length: 2, Text: "t", LineText: "漢漢ab"}, "a.js:10:3: t\n  10 | 漢漢ab\n     |   ~~\n"},
		{Diagnostic{File: "a.js", Line: 1, Column: 99, Text: "t", LineText: "ab"}, "a.js:1:99: t\n  1 | ab\n    |   ^\n"},
	} {
		if got := c.d.Frame(); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
	d := Diagnostic{File: "a.js", Line: 1, Column: 301, Text: "t", LineText: long}
	lines := strings.Split(d.Frame(), "\n")
	at := strings.Index(lines[2], "^")
	if []rune(lines[1])[at] != 'y' || len([]rune(lines[1])) > frameWidth+10 {
		t.Errorf("\n%s", d.Frame())
	}
}
