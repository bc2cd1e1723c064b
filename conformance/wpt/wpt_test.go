package wpt

import (
	"context"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestParseMetadata(t *testing.T) {
	got := parseMetadata("// META: title=A title\n// META: script=/common/x.js\n// META: script=resources/y.js\n\n" +
		"// a comment\n// META: global=window,dedicatedworker\n// META: variant=?1-10\n// META: variant=\n// META: timeout=long\n'use strict';\n// META: title=too late\n")
	want := Metadata{Title: "A title", Scripts: []string{"/common/x.js", "resources/y.js"}, Variants: []string{"?1-10", ""}, Globals: []string{"window", "dedicatedworker"}, Long: true}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := parseMetadata("test(() => {})"); !slices.Equal(got.Variants, []string{""}) {
		t.Errorf("variants %q", got.Variants)
	}
}

func TestSkip(t *testing.T) {
	for _, c := range []struct{ path, source, want string }{
		{"url/a.any.js", "test(() => new URL('x:y'))", ""},
		{"url/a.any.js", "// META: global=window\ntest(() => {})", needsDOM},
		{"url/a.any.js", "// META: global=window,worker\ntest(() => {})", ""},
		{"url/a.any.js", "// document.title\ntest(() => {})", ""},
		{"url/a.any.js", "document.title", needsDOM},
		{"url/a.any.js", "if (GLOBAL.isWindow()) document.title", ""},
		{"fetch/a.any.js", "fetch('resources/echo.py')", needsServer},
		{"fetch/a.any.js", "// META: script=/common/get-host-info.sub.js", needsServer},
		{"fetch/a.h2.any.js", "1", needsServer},
		{"xhr/a.any.js", "new XMLHttpRequest()", needsXHR},
		{"x/a.any.js", "new Worker('x.js')", needsWorker},
		{"x/a.any.js", "self.postMessage(1, '*')", needsPost},
		{"x/idlharness.any.js", "idl_array.add_objects({ Document: ['document.x'] })", ""},
	} {
		test := &Test{Path: c.path, Metadata: parseMetadata(c.source), source: c.source}
		if got := skip(test); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.path, c.source, got, c.want)
		}
	}
}

// checkout is a small one, with a harness that can do just what its tests need.
func checkout() fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"resources/testharness.js": `(function (scope) {
			function create_test_environment() { return "none" }
			const tests = [], callbacks = [];
			let pending = 0, ended = false;
			const finish = () => { if (ended && pending === 0) callbacks.forEach((c) => c(tests, { status: 0 })) };
			scope.add_completion_callback = (c) => callbacks.push(c);
			scope.setup = () => {};
			scope.timeout = () => {};
			scope.done = () => { ended = true; finish() };
			scope.promise_test = (f, name) => {
				pending++;
				f().then(() => tests.push({ name, status: 0 }), (e) => tests.push({ name, status: 1, message: String(e) })).then(() => { pending--; finish() });
			};
			scope.test = (f, name) => { try { f(); tests.push({ name, status: 0 }) } catch (e) { tests.push({ name, status: 1, message: String(e) }) } };
			scope.check = (ok) => { if (!ok) throw new Error("check") };
			scope.kind = create_test_environment;
			function ShellTestEnvironment() { this.shell = true }
		})(self);`,
		"url/good.any.js": "// META: script=resources/more.js\n// META: variant=?1\n// META: variant=?2\n" +
			"test(() => check(more === 1 && kind().shell), 'script');\ntest(() => check(location.search.length === 2), 'variant');\n" +
			"promise_test(async () => check((await (await fetch('resources/data.json')).json()).a[1] === 'é'), 'resource');\n",
		"url/resources/more.js":   "const more = 1;",
		"url/resources/data.json": `{"a":[1,"é"]}`,
		"url/bad.any.js":          "test(() => check(false), 'a \"b\"');\ntest(() => check(true), 'fine');\ntest(() => {}, 'fine')",
		"url/throws.any.js":       "test(() => {}, 'before');\nnope();",
		"url/strict.any.js":       "// strict\n'use strict';\ntest(() => check((function () { return this })() === undefined), 'strict')",
		"url/sloppy.any.js":       "test(() => check((function () { return this })() === globalThis), 'sloppy')",
		"url/syntax.any.js":       "test(",
		"url/lost.any.js":         "// META: script=gone.js",
		"url/dom.any.js":          "document.title",
		"url/other.html":          "",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func TestRun(t *testing.T) {
	target := NewIsolates()
	defer target.Close()
	r, err := Run(context.Background(), Options{Checkout: checkout(), Target: target, Parallel: 2})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range r.Results {
		line := x.File + " " + string(x.Status)
		for _, s := range x.Subtests {
			line += " " + s.Name + "=" + string(s.Status)
		}
		got = append(got, line)
	}
	want := []string{
		`url/bad.any.js OK a "b"=FAIL fine=PASS fine (2)=PASS`,
		"url/good.any.js?1 OK script=PASS variant=PASS resource=PASS",
		"url/good.any.js?2 OK script=PASS variant=PASS resource=PASS",
		"url/lost.any.js ERROR",
		"url/sloppy.any.js OK sloppy=PASS",
		"url/strict.any.js OK strict=PASS",
		"url/syntax.any.js ERROR",
		"url/throws.any.js ERROR before=PASS",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var table strings.Builder
	r.Print(&table)
	wantTable := `directory  files  harness OK  passed  subtests    rate
---------  -----  ----------  ------  --------  ------
url            7           4      11        12   91.7%
---------  -----  ----------  ------  --------  ------
ALL            7           4      11        12   91.7%

left out: 1 needs a DOM
`
	if table.String() != wantTable {
		t.Errorf("got\n%swant\n%s", &table, wantTable)
	}
	var text strings.Builder
	if err := r.WriteJSON(&text); err != nil || !json.Valid([]byte(text.String())) {
		t.Errorf("%v, %s", err, &text)
	}

	// What is written after an update is read back and expected.
	e := Expectations{"url/bad.any.js": {`a "b"`: "known", "gone": "old"}, "streams/x.any.js": {All: "not run"}}
	if found := e.Check(r); len(found) != 4 { // gone, three files that fail
		t.Errorf("surprises %v", found)
	}
	e.Update(r)
	if found := e.Check(r); len(found) != 0 {
		t.Errorf("surprises after the update: %v", found)
	}
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/empty.txt", []byte("# nothing\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := e.Write(dir); err != nil {
		t.Fatal(err)
	}
	back, err := ReadExpectations(os.DirFS(dir))
	if err != nil || !reflect.DeepEqual(back, e) {
		t.Errorf("read %v, %v, want %v", back, err, e)
	}
	if back["url/bad.any.js"][`a "b"`] != "known" || back["streams/x.any.js"][All] != "not run" {
		t.Errorf("reasons are lost: %v", back)
	}
	if _, err := os.Stat(dir + "/empty.txt"); err == nil {
		t.Error("the file of an area without failures is still there")
	}
}

func TestCheck(t *testing.T) {
	r := &Report{Results: []*Result{{File: "a", Status: OK, Subtests: []Subtest{{"p", Pass, ""}, {"f", Fail, "m"}}}, {File: "b", Status: OK, Subtests: []Subtest{{"f", Fail, ""}}}}}
	for _, c := range []struct {
		e    Expectations
		want []string
	}{
		{Expectations{"a": {"f": "why"}, "b": {All: "why"}}, nil},
		{Expectations{"b": {All: "why"}}, []string{`a :: "f": unexpected failure: FAIL m`}},
		{Expectations{"a": {"f": "why", "p": "why"}, "b": {All: "why"}}, []string{`a :: "p": it passed, but was known to fail: why`}},
		{Expectations{"a": {"f": "why", "q": "why"}, "b": {All: "why"}}, []string{`a :: "q": there is no such subtest, but was known to fail: why`}},
		{Expectations{"a": {All: "why"}, "b": {All: "why"}}, []string{"a :: *: 1 of 2 subtests passed, but was known to fail: why"}},
		{Expectations{"a": {"f": "why"}, "b": {All: "why", Whole: "why"}}, []string{"b :: harness: it passed, but was known to fail: why"}},
	} {
		var got []string
		for _, s := range c.e.Check(r) {
			got = append(got, s.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: got %q, want %q", c.e, got, c.want)
		}
	}
}

func TestParseExpectation(t *testing.T) {
	for _, bad := range []string{"", "a", "a :: b # c", `a :: "b"`, `a :: "b" #`, `a :: "b # c`, "a :: * # "} {
		if _, _, _, err := parseExpectation(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func FuzzParseExpectation(f *testing.F) {
	f.Add(`url/a.any.js?1-2 :: "a \"b\" # c" # why`)
	f.Add("a :: * # why")
	f.Fuzz(func(t *testing.T, line string) {
		file, subtest, reason, err := parseExpectation(line)
		if err != nil {
			return
		}
		again := file + " :: " + quoteName(subtest) + " # " + reason
		if f2, s2, r2, err := parseExpectation(again); err != nil || f2 != file || s2 != subtest || r2 != reason {
			t.Errorf("%q became %q, %v", line, again, err)
		}
	})
}

func FuzzParseMetadata(f *testing.F) {
	f.Add("// META: variant=?a\n")
	f.Fuzz(func(t *testing.T, source string) {
		if m := parseMetadata(source); len(m.Variants) == 0 {
			t.Error("no variant")
		}
	})
}
