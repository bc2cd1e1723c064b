package webcrypto

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// deviations are the failing subtests of the checkout of July 2021, by the end of their
// names, with the reason.
var deviations = map[string]string{
	" with 0 length": "since 2024 PBKDF2 derives an empty result for the length 0",
	"Non-secure context window does not have access to crypto.subtle":                             "workers are secure contexts",
	"SubtleCrypto interface: operation deriveBits(AlgorithmIdentifier, CryptoKey, unsigned long)": "since 2022 the length is optional",
	"WorkerGlobalScope interface: attribute crypto":                                               "the global object is of no class here",
}

func deviates(name string) bool {
	for end := range deviations {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// TestWPT runs the tests of the web-platform-tests checkout that MAYFLY_WPT names, those
// whose paths contain MAYFLY_WPT_FILES, and counts what passes.
func TestWPT(t *testing.T) {
	root := os.Getenv("MAYFLY_WPT")
	if root == "" {
		t.Skip("MAYFLY_WPT does not name a web-platform-tests checkout")
	}
	areas := map[string][2]int{}
	err := filepath.WalkDir(filepath.Join(root, "WebCryptoAPI"), func(name string, _ os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".any.js") && strings.Contains(name, os.Getenv("MAYFLY_WPT_FILES")) {
			t.Run(strings.TrimPrefix(name, root), func(t *testing.T) {
				passed, all := runWPT(t, root, strings.TrimPrefix(name, root))
				area := filepath.Base(filepath.Dir(name))
				areas[area] = [2]int{areas[area][0] + passed, areas[area][1] + all}
			})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for area, n := range areas {
		t.Logf("%s: %d of %d subtests passed", area, n[0], n[1])
	}
}

var metaScript = regexp.MustCompile(`(?m)^// META: script=(.*)$`)

func runWPT(t *testing.T, root, name string) (passed, all int) {
	js := webidl.NewRealm(goja.New(), webidl.Options{Globals: webidl.NewGlobals(Globals, []webidl.Global{webidl.Expose(webidl.DOMException)})})
	js.BuildGlobals() // idlharness looks for own properties of the global object
	var timers []func(goja.FunctionCall) goja.Value
	set := func(name string, v any) {
		if err := js.VM.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	set("self", js.VM.GlobalObject())
	set("setTimeout", func(call goja.FunctionCall) goja.Value {
		if call.Argument(1).ToInteger() < 1000 { // not the harness's timeout
			timers = append(timers, call.Argument(0).Export().(func(goja.FunctionCall) goja.Value))
		}
		return js.VM.ToValue(1)
	})
	set("clearTimeout", func() {})
	set("fetch", func(name string) goja.Value {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		o := js.VM.NewObject()
		if err := o.Set("text", func() string { return string(text) }); err != nil {
			t.Fatal(err)
		}
		if err := o.Set("ok", true); err != nil {
			t.Fatal(err)
		}
		return o
	})
	set("btoa", func(s string) string { return encoded(latin1(s)).Value })
	set("report", func(name string, status int, message string) {
		if all++; status == 0 {
			passed++
			return
		}
		if !deviates(name) {
			t.Errorf("%s: %s", name, message)
		}
	})
	run := func(file string) {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := js.VM.RunScript(file, string(text)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := js.VM.RunString(`self.location = {search: "", pathname: "/", href: "http://x/"}; self.GLOBAL = {isWindow() { return false }, isWorker() { return true }};
		self.addEventListener = function () {}; self.fetch = (f => async n => f(n))(self.fetch); Symbol.asyncIterator = Symbol.asyncIterator || Symbol();`); err != nil {
		t.Fatal(err)
	}
	run("resources/testharness.js")
	if _, err := js.VM.RunString(`self.WorkerGlobalScope = self.DedicatedWorkerGlobalScope = class { static [Symbol.hasInstance]() { return true } };
		add_result_callback(t => report(t.name, t.status, String(t.message)));
		var finished = false; add_completion_callback(() => { finished = true }); setup({explicit_timeout: true})`); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range metaScript.FindAllStringSubmatch(string(text), -1) {
		if file := m[1]; path.IsAbs(file) {
			run(file)
		} else {
			run(path.Join(path.Dir(name), file))
		}
	}
	run(name)
	if _, err := js.VM.RunString(`done()`); err != nil {
		t.Fatal(err)
	}
	for len(timers) > 0 {
		f := timers[0]
		timers = timers[1:]
		f(goja.FunctionCall{This: goja.Undefined()})
		js.Drain()
	}
	if v := js.VM.Get("finished"); !v.ToBoolean() {
		t.Errorf("the harness did not finish")
	}
	return passed, all
}

func latin1(s string) (b []byte) {
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b
}
