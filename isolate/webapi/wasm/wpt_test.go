package wasm

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma"
)

// deviations are the test files of web-platform-tests (2021) with tests that are not
// passed, with the reason.
var deviations = map[string]string{
	"exception/basic.tentative.any.js":           "exceptions are not supported",
	"exception/constructor.tentative.any.js":     "exceptions are not supported",
	"exception/getArg.tentative.any.js":          "exceptions are not supported",
	"exception/is.tentative.any.js":              "exceptions are not supported",
	"exception/toString.tentative.any.js":        "exceptions are not supported",
	"exception/type.tentative.any.js":            "exceptions are not supported",
	"tag/constructor.tentative.any.js":           "exceptions are not supported",
	"tag/toString.tentative.any.js":              "exceptions are not supported",
	"tag/type.tentative.any.js":                  "exceptions are not supported",
	"global/type.tentative.any.js":               "type reflection is not part of the standard",
	"memory/type.tentative.any.js":               "type reflection is not part of the standard",
	"memory/constructor-types.tentative.any.js":  "type reflection is not part of the standard",
	"table/type.tentative.any.js":                "type reflection is not part of the standard",
	"table/constructor-types.tentative.any.js":   "type reflection is not part of the standard",
	"table/grow-reftypes.tentative.any.js":       "the checkout of 2021 lacks a script of it",
	"table/set-reftypes.tentative.any.js":        "says otherwise than table/get-set.any.js",
	"memory/constructor-shared.tentative.any.js": "shared memory is not supported",
}

var metaScript = regexp.MustCompile(`(?m)^// META: script=(\S+)`)

// TestWebPlatform runs wasm/jsapi of the web-platform-tests checkout that MAYFLY_WPT names.
func TestWebPlatform(t *testing.T) {
	root := os.Getenv("MAYFLY_WPT")
	if root == "" {
		t.Skip("MAYFLY_WPT does not name a web-platform-tests checkout")
	}
	passed, failed := 0, 0
	base := filepath.Join(root, "wasm", "jsapi")
	err := filepath.WalkDir(base, func(path string, _ fs.DirEntry, err error) error {
		name, _ := filepath.Rel(base, path)
		if err != nil || !strings.HasSuffix(path, ".any.js") || name == "idlharness.any.js" {
			return err
		}
		runWebPlatformTest(t, root, path, func(subtest string, status int, message string) {
			if status == 0 {
				passed++
				return
			}
			failed++
			if deviations[name] == "" {
				t.Errorf("%s: %s: %s", name, subtest, message)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d subtests passed, %d failed", passed, failed)
}

func runWebPlatformTest(t *testing.T, root, path string, report func(name string, status int, message string)) {
	js := newRealm(t, Options{CompileBytes: true})
	ecma.Install(js, func(string) bool { return true })
	js.BuildGlobals()
	vm := js.VM
	var timers []goja.Callable
	for name, v := range map[string]any{
		"self":   vm.GlobalObject(),
		"report": report,
		"setTimeout": func(call goja.FunctionCall) goja.Value {
			f, _ := goja.AssertFunction(call.Argument(0))
			timers = append(timers, f)
			return vm.ToValue(len(timers))
		},
		"clearTimeout": func(goja.FunctionCall) goja.Value { return nil },
	} {
		if err := vm.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	run := func(path string) {
		src, err := os.ReadFile(path)
		if err == nil {
			_, err = vm.RunScript(path, string(src))
		}
		if err != nil {
			report("(the file)", 1, err.Error())
		}
	}
	run(filepath.Join(root, "resources", "testharness.js"))
	if _, err := vm.RunString(`setup({explicit_timeout: true}); add_result_callback(t => report(t.name, t.status, String(t.message)))`); err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range metaScript.FindAllStringSubmatch(string(src), -1) {
		if strings.HasPrefix(m[1], "/") {
			run(root + m[1])
		} else {
			run(filepath.Join(filepath.Dir(path), m[1]))
		}
	}
	run(path)
	for len(timers) > 0 {
		f := timers[0]
		timers = timers[1:]
		if _, err := f(goja.Undefined()); err != nil {
			report("(a timer)", 1, err.Error())
		}
	}
}
