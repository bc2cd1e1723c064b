package assets

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

func site(t testing.TB, config string, paths ...string) *Site {
	t.Helper()
	files := map[string]File{}
	for _, p := range paths {
		files[p] = File{Hash: "hash of " + p}
	}
	s, err := New(files, []byte(config))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func show(a Answer, ok bool) string {
	switch {
	case !ok:
		return "-"
	case a.Found:
		return fmt.Sprint(a.Status, " ", a.Path)
	}
	return fmt.Sprint(a.Status, " -> ", a.Location)
}

var pages = []string{"/index.html", "/about.html", "/docs/index.html", "/both.html", "/both/index.html", "/app.js", "/404.html", "/docs/404.html", "/a b.html"}

func TestHTMLHandling(t *testing.T) {
	for _, c := range []struct{ target, auto, force, drop, none string }{
		{"/", "200 /index.html", "200 /index.html", "200 /index.html", "-"},
		{"/index.html", "307 -> /", "307 -> /", "307 -> /", "200 /index.html"},
		{"/index", "307 -> /", "307 -> /", "307 -> /", "-"},
		{"/about", "200 /about.html", "307 -> /about/", "200 /about.html", "-"},
		{"/about/", "307 -> /about", "200 /about.html", "307 -> /about", "-"},
		{"/about.html", "307 -> /about", "307 -> /about/", "307 -> /about", "200 /about.html"},
		{"/about.html?x=1", "307 -> /about?x=1", "307 -> /about/?x=1", "307 -> /about?x=1", "200 /about.html"},
		{"/docs", "307 -> /docs/", "307 -> /docs/", "200 /docs/index.html", "-"},
		{"/docs/", "200 /docs/index.html", "200 /docs/index.html", "307 -> /docs", "-"},
		{"/docs/index", "307 -> /docs/", "307 -> /docs/", "307 -> /docs", "-"},
		{"/docs/index.html", "307 -> /docs/", "307 -> /docs/", "307 -> /docs", "200 /docs/index.html"},
		{"/both", "200 /both.html", "200 /both.html", "200 /both.html", "-"},
		{"/both/", "200 /both/index.html", "200 /both/index.html", "200 /both/index.html", "-"},
		{"/app.js", "200 /app.js", "200 /app.js", "200 /app.js", "200 /app.js"},
		{"/a%20b", "200 /a b.html", "307 -> /a%20b/", "200 /a b.html", "-"},
		{"/nope", "-", "-", "-", "-"},
		{"/%zz", "-", "-", "-", "-"},
	} {
		for mode, want := range map[string]string{AutoTrailingSlash: c.auto, ForceTrailingSlash: c.force, DropTrailingSlash: c.drop, NoHTMLHandling: c.none} {
			s := site(t, `{"html_handling":"`+mode+`"}`, pages...)
			if got := show(s.Find(c.target)); got != want {
				t.Errorf("%s with %s: got %s, want %s", c.target, mode, got, want)
			}
		}
	}
}

func TestMissing(t *testing.T) {
	for _, c := range []struct{ mode, target, want string }{
		{"none", "/nope", "-"}, {"404-page", "/nope", "404 /404.html"}, {"404-page", "/docs/x/y", "404 /docs/404.html"},
		{"404-page", "/other/x?q", "404 /404.html"}, {"single-page-application", "/deep/link", "200 /index.html"},
	} {
		s := site(t, `{"not_found_handling":"`+c.mode+`"}`, pages...)
		if got := show(s.Missing(c.target)); got != c.want {
			t.Errorf("%s with %s: got %s, want %s", c.target, c.mode, got, c.want)
		}
	}
}

func TestWorkerFirst(t *testing.T) {
	for _, c := range []struct {
		config, path string
		want         bool
	}{
		{`true`, "/x", true}, {`false`, "/x", false}, {`["/api/*"]`, "/api/a", true}, {`["/api/*"]`, "/ap", false},
		{`["/api/*","!/api/docs/*"]`, "/api/docs/x", false}, {`["/*.json"]`, "/a/b.json", true}, {`["/exact"]`, "/exact/", false},
	} {
		if got := site(t, `{"run_worker_first":`+c.config+`}`).WorkerFirst(c.path); got != c.want {
			t.Errorf("%s for %s: %v", c.config, c.path, got)
		}
	}
}

func TestRedirects(t *testing.T) {
	s := site(t, `{"_redirects":"# moved\n/old /new 301\n/blog/* https://blog.example/:splat\n/u/:id/x /users/:id 308\n/app/* /index.html 200\n"}`, pages...)
	for _, c := range []struct{ target, want string }{
		{"/old", "301 -> /new"}, {"/old?a=1", "301 -> /new?a=1"}, {"/blog/2024/x", "302 -> https://blog.example/2024/x"},
		{"/u/7/x", "308 -> /users/7"}, {"/u/7/8/x", "-"}, {"/app/any", "307 -> /"},
	} {
		if got := show(s.Find(c.target)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.target, got, c.want)
		}
	}
}

func TestRespond(t *testing.T) {
	s := site(t, `{"_headers":"/*\n  X-All: 1\n  Cache-Control: no-store\n/app.js\n  X-All: 2\n/docs/*\n  ! X-All\n  X-Path: :splat\n"}`, pages...)
	content := []byte("0123456789")
	for _, c := range []struct {
		path, header, value string
		status              int
		body, want          string
	}{
		{path: "/app.js", status: 200, body: "0123456789", want: "x-all: 1, 2"},
		{path: "/app.js", status: 200, body: "0123456789", want: "cache-control: no-store"},
		{path: "/docs/", status: 200, body: "0123456789", want: "x-path: "},
		{path: "/app.js", header: "if-none-match", value: `W/"hash of /app.js"`, status: 304, want: "etag"},
		{path: "/app.js", header: "range", value: "bytes=2-4", status: 206, body: "234", want: "content-range: bytes 2-4/10"},
		{path: "/app.js", header: "range", value: "bytes=-3", status: 206, body: "789", want: "content-range: bytes 7-9/10"},
		{path: "/app.js", header: "range", value: "bytes=8-", status: 206, body: "89", want: "content-range: bytes 8-9/10"},
		{path: "/app.js", header: "range", value: "bytes=20-", status: 416, want: "content-range: bytes */10"},
		{path: "/app.js", header: "range", value: "bytes=5-2", status: 200, body: "0123456789"},
		{path: "/app.js", header: "range", value: "bytes=0-1,3-4", status: 200, body: "0123456789"},
	} {
		a, ok := s.Find(c.path)
		if !ok {
			t.Fatal(c.path)
		}
		req := &outside.Request{Header: []outside.Field{{Name: c.header, Value: c.value}}}
		res := s.Respond(req, c.path, a, "text/plain", content)
		all := ""
		for _, f := range res.Header {
			all += f.Name + ": " + f.Value + "\n"
		}
		if res.Status != c.status || string(res.Body.Bytes) != c.body || !strings.Contains(all, c.want) {
			t.Errorf("%s %s: %d %q\n%s", c.path, c.value, res.Status, res.Body.Bytes, all)
		}
		if c.path == "/docs/" && strings.Contains(all, "x-all") {
			t.Error("a removed header is there")
		}
	}
}

func TestBadConfig(t *testing.T) {
	for _, c := range []struct{ config, want string }{
		{`{`, "asset configuration"}, {`{"html_handling":"x"}`, "html_handling"}, {`{"not_found_handling":"x"}`, "not_found_handling"},
		{`{"run_worker_first":["api"]}`, "must begin with /"}, {`{"run_worker_first":3}`, "run_worker_first"},
		{`{"_redirects":"/a"}`, "_redirects line 1: 1 fields"}, {`{"_redirects":"\n/a /b 404"}`, "_redirects line 2: status"}, {`{"_redirects":"a /b"}`, "begins with /"},
		{`{"_redirects":"/a ftp://x"}`, "path or an http"}, {`{"_redirects":"/*/* /b"}`, "more than one *"}, {`{"_redirects":"/:a/:a /b"}`, "twice"},
		{`{"_headers":"  a: b"}`, "before the first path"}, {`{"_headers":"/a\n  b"}`, "_headers line 2"},
	} {
		if _, err := New(nil, []byte(c.config)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.config, err, c.want)
		}
	}
}

func FuzzRules(f *testing.F) {
	f.Add("/a/* /b/:splat 301\n/x/:y /z", "/*\n  A: b\n  ! C", "/a/b/c")
	f.Fuzz(func(t *testing.T, redirects, headers, target string) {
		r, err := parseRedirects(redirects)
		if err != nil {
			return
		}
		h, err := parseHeaders(headers)
		if err != nil {
			return
		}
		s := &Site{files: map[string]File{"/index.html": {}}, html: AutoTrailingSlash, redirects: r, headers: h}
		s.Find(target)
		s.Headers(target)
	})
}

func BenchmarkFind(b *testing.B) {
	s := site(b, "", pages...)
	b.ReportAllocs()
	for b.Loop() {
		s.Find("/app.js")
	}
}

func TestFindAllocatesNothing(t *testing.T) {
	s := site(t, "", pages...)
	if n := testing.AllocsPerRun(100, func() { s.Find("/app.js") }); n != 0 {
		t.Errorf("finding a file allocates %g times", n)
	}
}
