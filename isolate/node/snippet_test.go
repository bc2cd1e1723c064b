package node_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/ecma"
	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/node"
	"github.com/mayfly-edge/mayfly/isolate/webapi/clone"
	"github.com/mayfly-edge/mayfly/isolate/webapi/console"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/encoding"
	"github.com/mayfly-edge/mayfly/isolate/webapi/file"
	"github.com/mayfly-edge/mayfly/isolate/webapi/performance"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webapi/timers"
	"github.com/mayfly-edge/mayfly/isolate/webapi/url"
	"github.com/mayfly-edge/mayfly/isolate/webapi/webcrypto"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

var update = flag.Bool("update", false, "write what Node.js answers into testdata/*.txt")

// A snippet of testdata is JavaScript, an expression or a function's body, followed by
// "=> " and what it gives in Node.js as text.
type snippet struct{ code, want string }

func (s *snippet) function() string {
	if strings.Contains(s.code, "return ") || strings.Contains(s.code, "throw ") {
		return "async function () {" + s.code + "\n}"
	}
	return "async function () { return (" + s.code + "\n) }"
}

// run calls a snippet's function and says what came of it; Node.js and the engine both run it.
const run = `(async function run(f) {
	const show = (v) => {
		if (v === undefined) return 'undefined';
		if (typeof v === 'bigint') return v + 'n';
		if (typeof v === 'function') return 'function ' + v.name;
		return JSON.stringify(v, (k, x) => x === undefined ? '(undefined)' : typeof x === 'bigint' ? x + 'n' :
			typeof x === 'function' ? '(function)' : Number.isNaN(x) ? '(NaN)' : Object.is(x, -0) ? '(-0)' : x === Infinity ? '(Infinity)' : x);
	};
	try { return show(await f()); } catch (e) {
		if (!(e instanceof Error)) return 'throws ' + show(e);
		return ('throws ' + e.name + (typeof e.code === 'string' ? ' [' + e.code + ']' : '') + ': ' + e.message).replace(/\n/g, '\\n');
	}
})`

func readSnippets(t *testing.T, path string) (list []*snippet, comments map[*snippet]string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	comments = map[*snippet]string{}
	s, comment := &snippet{}, ""
	for _, line := range strings.Split(string(b), "\n") {
		switch {
		case strings.HasPrefix(line, "=> "):
			s.want = line[3:]
			comments[s] = comment
			list, s, comment = append(list, s), &snippet{}, ""
		case s.code == "" && (strings.TrimSpace(line) == "" || strings.HasPrefix(line, "# ")):
			comment += line + "\n"
		case s.code == "":
			s.code = line
		default:
			s.code += "\n" + line
		}
	}
	if s.code != "" {
		t.Fatalf("%s: the last snippet has no answer", path)
	}
	return list, comments
}

var globals = webidl.NewGlobals(dom.Globals, console.Globals, timers.Globals, clone.Globals, streams.Globals, encoding.Globals,
	file.Globals, url.Globals, webcrypto.Globals, performance.Globals, node.Globals)

// keyFiles are the texts of testdata/keys by their names, which snippets see as "keys".
var keyFiles = sync.OnceValue(func() map[string]string {
	list := map[string]string{}
	files, _ := filepath.Glob("testdata/keys/*.pem")
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		list[strings.TrimSuffix(filepath.Base(path), ".pem")] = string(b)
	}
	return list
})

// A rig is a realm in which scripts may require Node's modules.
type rig struct {
	js *webidl.Realm
}

func newRig() *rig {
	r := &rig{}
	loop := eventloop.New(eventloop.Options{Turn: func(task *eventloop.Task) {
		context, _ := task.Context.(*webidl.AsyncContext)
		r.js.Run(context, task.Run)
	}})
	r.js = webidl.NewRealm(goja.New(), webidl.Options{Loop: loop, Globals: globals})
	ecma.Install(r.js, func(word string) bool { return !strings.HasSuffix(word, "Array") && word != "ArrayBuffer" })
	r.js.VM.Set("keys", keyFiles())
	node.SetEnvironment(r.js, func() map[string]string { return map[string]string{"NAME": "value"} })
	r.js.VM.Set("require", func(call goja.FunctionCall) goja.Value {
		name := call.Argument(0).String()
		v, ok := node.Module(r.js, name)
		if !ok {
			r.js.Throw(webidl.PlainError("No such module %q.", name))
		}
		return v
	})
	return r
}

// eval runs a function's text and returns what came of it.
func (r *rig) eval(t *testing.T, function string) string {
	t.Helper()
	answer := make(chan string, 1)
	r.js.VM.Set("answer", func(s string) { answer <- s })
	if err := r.js.Loop.Do(&eventloop.Task{Run: func() {
		if err := r.start(run + "(" + function + ").then(answer)"); err != nil {
			answer <- "failed: " + err.Error()
		}
	}}); err != nil {
		t.Fatal(err)
	}
	select {
	case s := <-answer:
		return s
	case <-time.After(20 * time.Second):
		return "nothing"
	}
}

// start runs a script; what the engine lacks is lowered, as it is for workers.
func (r *rig) start(script string) error {
	if !strings.Contains(script, "for await") {
		_, err := r.js.VM.RunString(script)
		return err
	}
	bundle, err := compiler.BuildBundle(context.Background(), compiler.Source{Main: "m.js", Modules: []compiler.Module{
		{Name: "m.js", Kind: compiler.KindOf("m.js"), Contents: []byte(strings.ReplaceAll(script, "require(", "globalThis.require("))},
	}})
	if err != nil {
		return err
	}
	program, err := bundle.Compile()
	if err != nil {
		return err
	}
	v, err := r.js.VM.RunProgram(program.Program)
	if err != nil {
		return err
	}
	f, _ := goja.AssertFunction(v)
	arguments := []goja.Value{r.js.VM.ToValue(func(goja.FunctionCall) goja.Value { return nil }), goja.Undefined(), r.js.VM.NewObject()}
	for _, name := range program.Intrinsics {
		arguments = append(arguments, ecma.Intrinsic(r.js, string(name), program.Shapes))
	}
	_, err = f(goja.Undefined(), arguments...)
	return err
}

func TestSnippets(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no snippets", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			list, _ := readSnippets(t, path)
			for _, s := range list {
				if got := newRig().eval(t, s.function()); got != s.want {
					t.Errorf("%s\n\t got %s\n\twant %s", s.code, got, s.want)
				}
			}
		})
	}
}

// TestNodeAgrees runs the snippets in Node.js, so that what is expected is what Node does.
// Files whose names begin with "own" are of what differs.
func TestNodeAgrees(t *testing.T) {
	program, err := exec.LookPath("node")
	if err != nil {
		t.Skip("Node.js is not installed")
	}
	if v, err := exec.Command(program, "--version").Output(); err != nil || !strings.HasPrefix(string(v), "v20.") {
		t.Skipf("the answers are those of Node.js 20, not of %s", v)
	}
	files, _ := filepath.Glob("testdata/[^o]*.txt")
	for _, path := range files {
		list, comments := readSnippets(t, path)
		var script strings.Builder
		texts, _ := json.Marshal(keyFiles())
		script.WriteString("process.env.NAME = 'value'; globalThis.keys = " + string(texts) + "; globalThis.require = require; globalThis.run = " + run + ";\n(async () => { const out = [];\n")
		for _, s := range list {
			code, _ := json.Marshal(s.function())
			script.WriteString("try { out.push(await run(eval('(' + " + string(code) + " + ')'))) } catch (e) { out.push('failed: ' + e) }\n")
		}
		script.WriteString("process.stdout.write(JSON.stringify(out)); process.exit() })()")
		cmd := exec.Command(program, "--no-warnings", "-e", script.String())
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		b, err := cmd.Output()
		var answers []string
		if err != nil || json.Unmarshal(b, &answers) != nil || len(answers) != len(list) {
			t.Errorf("%s: %v %s %s", path, err, b, stderr.String())
			continue
		}
		var text strings.Builder
		for i, s := range list {
			if answers[i] != s.want && !*update {
				t.Errorf("%s: %s\n\tNode.js gives %s\n\twant %s", path, s.code, answers[i], s.want)
			}
			text.WriteString(comments[s] + s.code + "\n=> " + answers[i] + "\n")
		}
		if *update {
			if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
				t.Error(err)
			}
		}
	}
}
