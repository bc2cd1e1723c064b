package conformance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/mayfly-edge/mayfly/"

// listed is what go list says of a package, without what it imports of the standard
// library. Paths of our own packages are cut to what follows the module's path.
type listed struct {
	ImportPath, Name, Dir              string
	GoFiles, TestGoFiles, XTestGoFiles []string
	Imports, TestImports, XTestImports []string
	Deps                               []string // all that is linked with it
}

// A place is a set of packages, given by patterns as go list takes them: a path, or a
// path with /... for everything below it as well.
type place []string

func (p place) holds(path string) bool {
	return slices.ContainsFunc(p, func(pattern string) bool {
		if root, ok := strings.CutSuffix(pattern, "/..."); ok {
			return path == root || strings.HasPrefix(path, root+"/")
		}
		return path == pattern
	})
}

// libraries may be imported, in tests too, only by the packages that wrap them.
var libraries = []struct {
	library string
	only    place
	reason  string
}{
	{"github.com/dop251/goja", place{"isolate/..."}, "the JavaScript engine shows only in isolate, so that isolates can live in another process"},
	{"github.com/dgraph-io/badger", place{"kv/..."}, "kv is the only door to the store: its limits, clocks and repairs hold for everybody"},
	{"github.com/evanw/esbuild", place{"isolate/compiler/..."}, "esbuild is fed hostile input; the compiler guards it"},
	{"github.com/valyala/fasthttp", place{"runtime/ingress/...", "runtime/control/...", "conformance/bench/..."}, "fasthttp lends memory that is reused after the answer; only the two front ends copy it in time"},
	{"github.com/dlclark/regexp2", place{"isolate/...", "cmd/...", "conformance/hostile/..."}, "regexp2's budgets are process-wide: the isolates that run regular expressions and the command that sets them use it"},
}

// ours are the rules about packages of this module. A package of from must import
// nothing of to, except what is in but.
var ours = []struct {
	from, to, but place
	tests         bool // the rule holds for tests too
	reason        string
}{
	{place{"router/..."}, place{"..."}, place{"router/..."}, true, "router is a leaf"},
	{place{"kv/..."}, place{"..."}, place{"kv/..."}, true, "kv is a leaf"},
	{place{"isolate/..."}, place{"..."}, place{"isolate/..."}, true, "an isolate reaches the server only through isolate/outside, so that it can live in another process"},
	{place{"isolate/outside"}, place{"..."}, nil, false, "isolate/outside is plain values that anybody may import"},
	{place{"isolate/eventloop"}, place{"..."}, nil, false, "the event loop knows no Web API"},
	{place{"isolate/webidl"}, place{"isolate", "isolate/webapi/...", "isolate/worker", "isolate/compiler"}, nil, false, "the binding layer is below what it binds"},
	{place{"isolate"}, place{"isolate/webapi/...", "isolate/worker", "isolate/compiler"}, nil, false, "an isolate is below the Web APIs"},
	{place{"isolate/webapi/..."}, place{"isolate/worker", "isolate/compiler"}, nil, false, "the Web APIs are below the worker that uses them"},
	{place{"isolate/compiler/..."}, place{"isolate/..."}, place{"isolate/compiler/...", "isolate/ecma/layout"}, false, "the compiler makes programs for isolates and needs none; of their objects it knows the shapes"},
	{place{"isolate/ecma/layout"}, place{"..."}, nil, false, "how the engine keeps objects concerns no Web API"},
	{place{"runtime/ingress/...", "runtime/egress/...", "runtime/control/...", "runtime/cron/...", "runtime/tail/...", "runtime/metrics/...", "runtime/ledger/...", "runtime/httpcache/...", "runtime/script/..."},
		place{"isolate/..."}, place{"isolate/outside"}, false, "only pool and host hold isolates; the others see plain values"},
	{place{"runtime/rawio"}, place{"..."}, nil, true, "rawio is a leaf"},
	{place{"runtime/websocket"}, place{"..."}, nil, true, "frames are a leaf"},
	{place{"runtime/..."}, place{"cmd/...", "conformance/...", "examples/..."}, nil, false, "commands are above the runtime"},
	{place{"conformance/..."}, place{"cmd/..."}, nil, false, "the command imports the conformance tests"},
}

// standards orders the packages of isolate/webapi. None is linked with a later one, nor
// with another of its own line.
var standards = [][]string{
	{"dom"},
	{"streams"},
	{"encoding"},
	{"file"},
	{"url"},
	{"fetch"},
	{"cache", "websocket", "eventsource", "htmlrewriter", "kvnamespace"},
}

// nameless are package names that say nothing.
var nameless = []string{"util", "utils", "common", "helper", "helpers", "manager", "base", "misc", "types", "data", "info"}

func TestImports(t *testing.T) {
	pkgs := list(t)
	if len(pkgs) < 20 {
		t.Fatalf("go list found %d packages", len(pkgs))
	}
	for _, v := range violations(pkgs) {
		t.Error(v)
	}
}

// TestImportRules shows that each rule catches what it forbids.
func TestImportRules(t *testing.T) {
	for _, c := range []struct {
		pkg  listed
		want string // "" if allowed
	}{
		{listed{ImportPath: "runtime/pool", Imports: []string{"github.com/dop251/goja"}}, "the JavaScript engine"},
		{listed{ImportPath: "runtime/pool", TestImports: []string{"github.com/dop251/goja/parser"}}, "the JavaScript engine"},
		{listed{ImportPath: "isolate/webapi/url", Imports: []string{"github.com/dop251/goja"}}, ""},
		{listed{ImportPath: "runtime/script", Imports: []string{"github.com/dgraph-io/badger/v4"}}, "kv is the only door"},
		{listed{ImportPath: "isolate/worker", XTestImports: []string{"github.com/evanw/esbuild/pkg/api"}}, "esbuild"},
		{listed{ImportPath: "runtime", Imports: []string{"github.com/valyala/fasthttp"}}, "fasthttp"},
		{listed{ImportPath: "runtime/control", Imports: []string{"github.com/valyala/fasthttp/fasthttpadaptor"}}, ""},
		{listed{ImportPath: "cmd/mayfly", Imports: []string{"github.com/dlclark/regexp2/v2"}}, ""},
		{listed{ImportPath: "router", TestImports: []string{"isolate/outside"}}, "router is a leaf"},
		{listed{ImportPath: "kv/kvtest", Imports: []string{"kv"}}, ""},
		{listed{ImportPath: "kv", Imports: []string{"router"}}, "kv is a leaf"},
		{listed{ImportPath: "isolate/worker", Imports: []string{"runtime/script"}}, "only through isolate/outside"},
		{listed{ImportPath: "isolate/webidl", Imports: []string{"isolate"}}, "binding layer"},
		{listed{ImportPath: "runtime/ledger", Imports: []string{"isolate/worker"}}, "plain values"},
		{listed{ImportPath: "runtime/ledger", Imports: []string{"isolate/outside", "runtime/script", "kv"}}, ""},
		{listed{ImportPath: "runtime/ledger", Imports: []string{"runtime/cron"}}, "runtime knows both"},
		{listed{ImportPath: "runtime/host/sandbox", Imports: []string{"runtime/host"}}, ""},
		{listed{ImportPath: "isolate/webapi/streams", Deps: []string{"isolate/webapi/fetch"}}, "below"},
		{listed{ImportPath: "isolate/webapi/cache", Deps: []string{"isolate/webapi/kvnamespace"}}, "below"},
		{listed{ImportPath: "isolate/webapi/fetch", Deps: []string{"isolate/webapi/dom", "isolate/webapi/url"}}, ""},
		{listed{ImportPath: "router/util", Name: "util"}, "says nothing"},
	} {
		got := strings.Join(violations([]listed{c.pkg}), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%+v: got %q, want %q", c.pkg, got, c.want)
		}
	}
}

// violations names each forbidden import and its reason.
func violations(pkgs []listed) (found []string) {
	report := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	for _, p := range pkgs {
		all := slices.Concat(p.Imports, p.TestImports, p.XTestImports)
		slices.Sort(all)
		all = slices.Compact(all)
		for _, r := range libraries {
			for _, path := range all {
				if (place{r.library + "/..."}).holds(path) && !r.only.holds(p.ImportPath) {
					report("%s imports %s: %s", p.ImportPath, path, r.reason)
				}
			}
		}
		for _, r := range ours {
			if !r.from.holds(p.ImportPath) {
				continue
			}
			imports := p.Imports
			if r.tests {
				imports = all
			}
			for _, path := range imports {
				if mine(path) && (slices.Equal(r.to, place{"..."}) || r.to.holds(path)) && !r.but.holds(path) {
					report("%s imports %s: %s", p.ImportPath, path, r.reason)
				}
			}
		}
		for _, path := range p.Imports {
			if a, b := room(p.ImportPath), room(path); a != "" && b != "" && a != b && b != "script" && b != "rawio" && b != "websocket" && !(a == "host" && b == "pool") {
				report("%s imports %s: the rooms of runtime do not know each other; runtime knows both", p.ImportPath, path)
			}
		}
		for _, path := range p.Deps {
			if a, b := floor(p.ImportPath), floor(path); a >= 0 && b >= a && path != p.ImportPath {
				report("%s is linked with %s, which is not below it", p.ImportPath, path)
			}
		}
		if slices.Contains(nameless, p.Name) {
			report("%s: a package name that says nothing", p.ImportPath)
		}
	}
	return found
}

// mine reports whether path, as list gives it, is a package of this module.
func mine(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return slices.Contains([]string{"cmd", "router", "kv", "isolate", "runtime", "conformance", "examples"}, first)
}

// room is the NAME of runtime/NAME and what is below it. Four rooms may be entered from
// others: script, by all, for it is their vocabulary; rawio, by all, for it is two system
// calls; websocket, by all, for both ends read and write its frames; and pool, by host,
// which holds one.
func room(path string) string {
	rest, ok := strings.CutPrefix(path, "runtime/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// floor is the place of a package in standards, or -1.
func floor(path string) int {
	name, ok := strings.CutPrefix(path, "isolate/webapi/")
	if !ok {
		return -1
	}
	return slices.IndexFunc(standards, func(line []string) bool { return slices.Contains(line, name) })
}

// TestNoInit looks for init functions: what happens when a package is linked is
// invisible to those who link it.
func TestNoInit(t *testing.T) {
	files := 0
	for _, p := range list(t) {
		for _, name := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) {
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Error(err)
				continue
			}
			files++
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s: func init: nothing registers itself; make a value and pass it", fset.Position(fn.Pos()))
				}
			}
		}
	}
	if files < 100 {
		t.Errorf("only %d files seen", files)
	}
}

// nonstandard cuts our own paths and drops those of the standard library, one of which
// is called runtime as well.
func nonstandard(paths []string) (kept []string) {
	for _, path := range paths {
		if own, ok := strings.CutPrefix(path, module); ok {
			kept = append(kept, own)
		} else if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			kept = append(kept, path)
		}
	}
	return kept
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Name,Dir,GoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports,Deps", "./...")
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var pkgs []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module)
		for _, paths := range []*[]string{&p.Imports, &p.TestImports, &p.XTestImports, &p.Deps} {
			*paths = nonstandard(*paths)
		}
		pkgs = append(pkgs, p)
	}
}
