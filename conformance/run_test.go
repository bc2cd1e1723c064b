package conformance

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRunWPT runs a checkout of two files in isolates and through a server.
func TestRunWPT(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"resources/testharness.js": `(function (scope) {
			function create_test_environment() {}
			const tests = [], callbacks = [];
			Object.assign(scope, {
				add_completion_callback: (c) => callbacks.push(c), setup() {}, timeout() {},
				test: (f, name) => tests.push({ name, status: f() ? 0 : 1, message: "no" }),
				done: () => callbacks.forEach((c) => c(tests, { status: 0 })),
			});
			create_test_environment();
			function ShellTestEnvironment() {}
		})(self);`,
		"url/a.any.js": "test(() => new URL('a:b').protocol === 'a:', 'good'); test(() => false, 'bad')",
		"url/b.any.js": "test(() => true, 'good')",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	expectations := t.TempDir()
	run := func(change func(*WPT)) (string, error) {
		var out strings.Builder
		o := WPT{Dir: dir, Out: &out, Expectations: expectations, JSON: filepath.Join(t.TempDir(), "r.json")}
		change(&o)
		err := RunWPT(context.Background(), o)
		if err == nil || errors.Is(err, ErrFailed) {
			if _, err := os.Stat(o.JSON); err != nil {
				t.Error(err)
			}
		}
		return out.String(), err
	}
	out, err := run(func(*WPT) {})
	if !errors.Is(err, ErrFailed) || !strings.Contains(out, "url            2           2       2         3   66.7%") || !strings.Contains(out, `url/a.any.js :: "bad": unexpected failure: FAIL no`) {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := run(func(o *WPT) { o.Only = []string{"url/b.any.js"} }); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := run(func(o *WPT) { o.Update = true }); err != nil {
		t.Error(err)
	}
	if out, err := run(func(*WPT) {}); err != nil {
		t.Errorf("after the update: %v\n%s", err, out)
	}
	if _, err := run(func(o *WPT) { o.Expectations, o.Update = "", true }); err == nil {
		t.Error("an update of what is built in")
	}
	if _, err := run(func(o *WPT) { o.Dir = t.TempDir() }); err == nil || errors.Is(err, ErrFailed) {
		t.Errorf("no checkout: %v", err)
	}

	site, err := StartSite()
	if err != nil {
		t.Fatal(err)
	}
	defer site.Close()
	out, err = run(func(o *WPT) {
		o.Against, o.Token, o.Workers, o.Host = site.api.API, siteToken, "http://"+site.visitor.addr, "wpt.localhost"
	})
	if err != nil || !strings.Contains(out, "url            2           2       2         3   66.7%") {
		t.Errorf("through a server: %v\n%s", err, out)
	}
}

func TestRunCases(t *testing.T) {
	var out strings.Builder
	err := RunCases(context.Background(), &out)
	if err != nil || !strings.Contains(out.String(), " as expected, 0 not;") {
		t.Errorf("%v\n%s", err, &out)
	}
}
