package ecma_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/ecma"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// test262Directories are the built-ins that this package adds or replaces, below test/.
var test262Directories = []string{
	"built-ins/JSON", "built-ins/Array/fromAsync", "built-ins/ArrayBuffer/prototype/detached", "built-ins/ArrayBuffer/prototype/transfer", "built-ins/ArrayBuffer/prototype/transferToFixedLength",
	"built-ins/DataView/prototype/getFloat16", "built-ins/DataView/prototype/setFloat16",
	"built-ins/Array/prototype/at", "built-ins/Array/prototype/shift", "built-ins/Array/prototype/unshift", "built-ins/Array/prototype/concat", "built-ins/Array/prototype/slice",
	"built-ins/Array/prototype/Symbol.iterator", "built-ins/Array/prototype/values", "built-ins/Array/prototype/entries",
	"built-ins/AsyncDisposableStack", "built-ins/DisposableStack", "built-ins/Error", "built-ins/FinalizationRegistry", "built-ins/Iterator",
	"built-ins/Map/groupBy", "built-ins/Map/prototype/getOrInsert", "built-ins/Map/prototype/getOrInsertComputed", "built-ins/Math/f16round", "built-ins/Math/sumPrecise",
	"built-ins/Object/groupBy", "built-ins/Promise/try", "built-ins/Promise/withResolvers", "built-ins/RegExp/escape", "built-ins/RegExp/match-indices",
	"built-ins/RegExp/named-groups", "built-ins/RegExp/property-escapes", "built-ins/RegExp/regexp-modifiers", "built-ins/RegExp/unicodeSets",
	"built-ins/RegExp/prototype/hasIndices", "built-ins/RegExp/prototype/unicodeSets", "built-ins/String/prototype/isWellFormed", "built-ins/String/prototype/toWellFormed",
	"built-ins/SuppressedError", "built-ins/Symbol", "built-ins/TypedArray/from", "built-ins/TypedArrayConstructors/from", "built-ins/WeakMap/prototype/getOrInsert", "built-ins/WeakMap/prototype/getOrInsertComputed", "built-ins/WeakRef",
	"annexB/built-ins/Date", "annexB/built-ins/Object", "annexB/built-ins/String",
	"intl402",
}

// notHere are features that tests name and the engine does not have at all.
var notHere = []string{"Temporal", "ShadowRealm", "SharedArrayBuffer", "Atomics", "cross-realm", "resizable-arraybuffer", "Intl.DurationFormat", "source-phase-imports", "IsHTMLDDA", "Intl.Era-monthcode"}

// TestTest262 runs the files of the ECMAScript conformance suite
// (https://github.com/tc39/test262) in the directories above. MAYFLY_TEST262 is a
// checkout; without it nothing is run. The files that fail are listed by cause in
// testdata/test262.txt; a failure that is not there is an error, and so is one that is
// there and passes. With -update the new ones are listed under "not yet sorted".
func TestTest262(t *testing.T) {
	root := os.Getenv("MAYFLY_TEST262")
	if root == "" {
		t.Skip("MAYFLY_TEST262 names no checkout")
	}
	suite := &test262{root: root, harness: map[string]string{}}
	expected := readExpectations(t)
	var failed []string
	for _, dir := range test262Directories {
		if only := os.Getenv("MAYFLY_TEST262_ONLY"); only != "" && !strings.HasPrefix(dir, only) {
			continue
		}
		passed, total := 0, 0
		err := filepath.WalkDir(filepath.Join(root, "test", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && d.Name() == "generated" { // thousands, of which property_test.go checks the tables
				return filepath.SkipDir
			}
			if d.IsDir() || !strings.HasSuffix(path, ".js") || strings.Contains(path, "_FIXTURE") {
				return nil
			}
			name, _ := filepath.Rel(filepath.Join(root, "test"), path)
			reason, ran := suite.run(path)
			if !ran {
				return nil
			}
			total++
			switch {
			case reason == "":
				passed++
				if expected[name] && !*update262 {
					t.Errorf("%s passes now", name)
				}
			case !expected[name]:
				failed = append(failed, name)
				if !*update262 {
					t.Errorf("%s: %s", name, reason)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%-45s %5d of %5d", dir, passed, total)
	}
	if *update262 && len(failed) > 0 {
		appendExpectations(t, failed)
	}
}

// test262 is a checkout of the suite.
type test262 struct {
	root    string
	harness map[string]string // texts of harness files
}

var frontMatter = regexp.MustCompile(`(?s)/\*---(.*?)---\*/`)

// field returns a list of the front matter, in either of its notations.
func field(front, name string) []string {
	m := regexp.MustCompile(`(?m)^` + name + `:\s*(?:\[([^\]]*)\]|((?:\n\s+- .*)+))`).FindStringSubmatch(front)
	if m == nil {
		return nil
	}
	return strings.FieldsFunc(m[1]+m[2], func(r rune) bool { return strings.ContainsRune(", \n", r) })
}

// run returns why a file fails, or "", and whether it says anything about this engine.
func (s *test262) run(path string) (reason string, ran bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error(), true
	}
	front := ""
	if m := frontMatter.FindSubmatch(text); m != nil {
		front = string(m[1])
	}
	flags := field(front, "flags")
	if slices.Contains(flags, "module") || slices.ContainsFunc(field(front, "features"), func(f string) bool { return slices.Contains(notHere, f) }) {
		return "", false
	}
	var b strings.Builder
	if slices.Contains(flags, "onlyStrict") {
		b.WriteString("\"use strict\";\n")
	}
	if !slices.Contains(flags, "raw") {
		for _, name := range append([]string{"assert.js", "sta.js", "doneprintHandle.js"}, field(front, "includes")...) {
			b.WriteString(s.include(name))
			b.WriteByte('\n')
		}
		b.WriteString("globalThis.$DONE = $DONE;\n") // the script is the body of a function
	}
	b.Write(text)
	negative := regexp.MustCompile(`(?s)negative:\s*\n\s+phase: (\w+)\s*\n\s+type: (\w+)`).FindStringSubmatch(front)
	async := slices.Contains(flags, "async")
	got := runScript(b.String(), async)
	if negative != nil {
		if strings.Contains(got, negative[2]) || negative[1] == "parse" && got != "" {
			return "", true
		}
		return "no " + negative[2] + ", but " + got, true
	}
	return got, true
}

func (s *test262) include(name string) string {
	text, ok := s.harness[name]
	if !ok {
		b, _ := os.ReadFile(filepath.Join(s.root, "harness", name))
		text = string(b)
		s.harness[name] = text
	}
	return text
}

// runScript runs a script as a worker's is and returns what went wrong.
func runScript(code string, async bool) (failure string) {
	defer func() {
		if r := recover(); r != nil {
			failure = fmt.Sprint("panic: ", r)
		}
	}()
	bundle, err := compiler.BuildBundle(context.Background(), compiler.Source{
		Main: "test.js", Classic: true, Modules: []compiler.Module{{Name: "test.js", Contents: []byte(code)}},
	})
	if err != nil {
		return "SyntaxError: " + err.Error()
	}
	program, err := bundle.Compile()
	if err != nil {
		return "SyntaxError: " + err.Error()
	}
	js := webidl.NewRealm(goja.New(), webidl.Options{Globals: globals})
	ecma.Install(js, nil)
	ecma.ShowSources(js, program.Patterns)
	js.BuildGlobals() // the tests inspect the global object
	var printed []string
	global := js.VM.GlobalObject()
	_ = global.Set("print", func(s string) { printed = append(printed, s) })
	host := js.VM.NewObject()
	_ = host.Set("global", global)
	_ = host.Set("gc", func() {})
	_ = host.Set("detachArrayBuffer", func(v goja.Value) {
		if b, ok := v.Export().(goja.ArrayBuffer); ok {
			b.Detach()
		}
	})
	_ = global.Set("$262", host)
	arguments := []goja.Value{goja.Undefined()} // there are no modules to import
	for _, name := range program.Intrinsics {
		arguments = append(arguments, ecma.Intrinsic(js, string(name), program.Shapes))
	}
	timer := time.AfterFunc(5*time.Second, func() { js.VM.Interrupt("too long") })
	defer timer.Stop()
	v, err := js.VM.RunProgram(program.Program)
	if err == nil {
		if run, ok := goja.AssertFunction(v); ok {
			_, err = run(global, arguments...)
		}
	}
	if err != nil {
		return err.Error()
	}
	if async && !slices.Contains(printed, "Test262:AsyncTestComplete") {
		return "asynchronous: " + strings.Join(printed, "; ")
	}
	return ""
}

var update262 = flag.Bool("update", false, "add new failures to testdata/test262.txt")

const expectations = "testdata/test262.txt"

func readExpectations(t *testing.T) map[string]bool {
	f, err := os.Open(expectations)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	names := map[string]bool{}
	for s := bufio.NewScanner(f); s.Scan(); {
		if line := s.Text(); line != "" && line[0] != '#' {
			names[line] = true
		}
	}
	return names
}

func appendExpectations(t *testing.T, names []string) {
	old, err := os.ReadFile(expectations)
	if err != nil {
		t.Fatal(err)
	}
	text := string(old) + "\n# not yet sorted\n" + strings.Join(names, "\n") + "\n"
	if err := os.WriteFile(expectations, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
