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
	for _, c := range []struct {
		path, source, want string
		scripts            []string
	}{
		{"url/a.any.js", "test(() => new URL('x:y'))", "", nil},
		{"url/a.any.js", "// META: global=window\ntest(() => {})", needsDOM, nil},
		{"url/a.any.js", "// META: global=window,worker\ntest(() => {})", "", nil},
		{"url/a.any.js", "// document.title\ntest(() => {})", "", nil},
		{"url/a.any.js", "document.title", needsDOM, nil},
		{"url/a.any.js", "if (GLOBAL.isWindow()) document.title", "", nil},
		{"fetch/a.any.js", "fetch('resources/echo.py')", needsServer, nil},
		{"fetch/a.any.js", "// META: script=/common/get-host-info.sub.js", needsServer, nil},
		{"fetch/a.h2.any.js", "1", needsServer, nil},
		{"xhr/a.any.js", "new XMLHttpRequest()", needsXHR, nil},
		{"encoding/a.any.js", "// META: script=x.js", needsXHR, []string{"", "new XMLHttpRequest()"}},
		{"x/idlharness.any.js", "1", "", []string{"new XMLHttpRequest()"}},
		{"x/a.any.js", "// META: script=/IndexedDB/support.js", needsAPI, nil},
		{"x/a.any.js", "assert_false(isSecureContext, 'Non-secure context')", insecure, nil},
		{"x/a.any.js", "new Worker('x.js')", needsWorker, nil},
		{"x/a.any.js", "self.postMessage(1, '*')", needsPost, nil},
		{"x/idlharness.any.js", "idl_array.add_objects({ Document: ['document.x'] })", "", nil},
	} {
		test := &Test{Path: c.path, Metadata: parseMetadata(c.source), source: c.source}
		if got := skip(test, c.scripts); got != c.want {
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
	e := Expectations{
		"url":     {{Reason: "known", Entries: []Entry{{File: "url/*.any.js", Kind: Matching, Name: "a*b*"}, {File: "url/bad.any.js", Name: "gone"}}}},
		"streams": {{Reason: "other", Entries: []Entry{{File: "streams/x.any.js", Kind: Every}}}},
	}
	// gone, no such name in five other files, three files that fail
	if found := e.Check(r); len(found) != 9 {
		t.Errorf("surprises %v", found)
	}
	e.Update(r)
	if found := e.Check(r); len(found) != 0 {
		t.Errorf("surprises after the update: %v", found)
	}
	if got := e["url"][0].Entries; !slices.Equal(got, []Entry{{File: "url/bad.any.js", Name: `a "b"`}}) {
		t.Errorf("the update made %v of a pattern that names too much", got)
	}
	if got := e.Unexplained(); len(got) != 3 || !strings.HasPrefix(got[0], "url: unexplained: ERROR ") {
		t.Errorf("unexplained %q", got)
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
	if _, err := os.Stat(dir + "/empty.txt"); err == nil {
		t.Error("the file of an area without failures is still there")
	}
}

func TestCheck(t *testing.T) {
	r := &Report{Results: []*Result{
		{File: "a/a", Status: OK, Subtests: []Subtest{{"p", Pass, ""}, {"f", Fail, "m"}, {"f2", Timeout, "m"}}},
		{File: "a/b", Status: Error, Message: "x", Subtests: []Subtest{{"f", Fail, ""}}},
	}}
	for _, c := range []struct{ entries, want string }{
		{"\ta/a :: `f*`\n\ta/b :: *\n\ta/b :: harness", ""},
		{"\ta/a :: \"f\"\n\ta/a :: \"f2\"\n\ta/b :: \"f\"\n\ta/b :: harness", ""},
		{"\ta/* :: `f*`\n\ta/b :: harness", ""},
		{"\ta/b :: *\n\ta/b :: harness", `a/a :: "f": unexpected failure: FAIL m; a/a :: "f2": unexpected failure: TIMEOUT m`},
		{"\ta/a :: `f*`\n\ta/b :: *", "a/b :: harness: unexpected failure: ERROR x"},
		{"\ta/a :: `f*`\n\ta/* :: harness\n\ta/b :: *", "a/a :: harness: it passed, but was known to fail: why"},
		{"\ta/* :: *\n\ta/b :: harness", `a/a :: "p": it passed, but was known to fail: why`},
		{"\ta/a :: `f*`\n\ta/a :: \"p\"\n\ta/b :: *\n\ta/b :: harness", `a/a :: "p": it passed, but was known to fail: why`},
		{"\ta/a :: `f*`\n\ta/a :: \"q\"\n\ta/b :: *\n\ta/b :: harness", `a/a :: "q": there is no such subtest, but was known to fail: why`},
		{"\ta/a :: `f*`\n\ta/a :: `q*`\n\ta/b :: *\n\ta/b :: harness", "a/a :: `q*`: there is no such subtest, but was known to fail: why"},
		{"\ta/* :: `*` 2\n\ta/b :: harness", "a/b :: `*` 2: 1 fail, but was known to fail: why"},
		{"\ta/a :: `*` 2\n\ta/a :: `q*` 2\n\ta/b :: *\n\ta/b :: harness", "a/a :: `q*` 2: there is no such subtest, but was known to fail: why"},
		{"\ta/a :: `f*`\n\tb/a :: `q*`\n", "a.txt:3: b/a belongs into b.txt"},
	} {
		e, err := ReadExpectations(fstest.MapFS{"a.txt": {Data: []byte("why\n" + c.entries)}})
		var got []string
		if err != nil {
			got = append(got, err.Error())
		} else {
			for _, s := range e.Check(r) {
				got = append(got, s.String())
			}
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: got %q, want %s", c.entries, got, c.want)
		}
	}
}

func TestReadExpectations(t *testing.T) {
	for _, bad := range []string{"\ta/b :: *", "why\nwhy\n\ta/b :: *", "why\n\ta/b", "why\n\ta/b :: c", "why\n\ta/b :: \"c", "why\n\ta/b :: `c", "why\n\ta/b :: `", "why\n\ta/b :: `c` 0", "why\n\ta/b :: `c` x"} {
		if _, err := ReadExpectations(fstest.MapFS{"a.txt": {Data: []byte(bad)}}); err == nil || !strings.HasPrefix(err.Error(), "a.txt:") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"a", "a", true}, {"a", "ab", false}, {"a*", "a", true}, {"a*", "ba", false}, {"*", "", true}, {"*b", "ab", true}, {"*b", "abc", false},
		{"a*a", "a", false}, {"a*a", "aa", true}, {"a*b*c", "a-b-c", true}, {"a*b*c", "a-c-b", false}, {"*a*", "bab", true}, {"*ab*ab*", "xabx", false},
	} {
		if got := matches(c.pattern, c.text); got != c.want {
			t.Errorf("%q, %q: %v", c.pattern, c.text, got)
		}
	}
}

func FuzzParseEntry(f *testing.F) {
	f.Add(`url/a.any.js?1-2 :: "a \"b\" # c"`)
	f.Add("a :: *")
	f.Add("a :: `*b`")
	f.Add("a :: `*b` 12")
	f.Add("a :: harness")
	f.Fuzz(func(t *testing.T, line string) {
		entry, err := parseEntry(line)
		if err != nil {
			return
		}
		if again, err := parseEntry(entry.File + " :: " + entry.what()); err != nil || again != entry {
			t.Errorf("%q became %v, then %v, %v", line, entry, again, err)
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
