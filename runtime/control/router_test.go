package control

import (
	"fmt"
	"strings"
	"testing"
)

func TestRouter(t *testing.T) {
	r := newRouter()
	for _, pattern := range []string{"/a/{x}", "/a/fixed", "/a/fixed/b", "/a/{x}/c/{y}", "/r", "/r/{rest...}", "/{x}/z"} {
		r.add(endpoint{method: "GET", pattern: pattern})
	}
	r.add(endpoint{method: "*", pattern: "/any/{x}"})
	for _, c := range []struct{ method, path, want string }{
		{"GET", "/a/1", "/a/{x} map[x:1]"},
		{"GET", "/a/fixed", "/a/fixed map[]"},
		{"GET", "/a/fixed/c/%2F%252F", "/a/{x}/c/{y} map[x:fixed y:/%2F]"},
		{"GET", "/a/..%2F..", "/a/{x} map[x:../..]"},
		{"GET", "/a/z", "/a/{x} map[x:z]"},
		{"GET", "/b/z", "/{x}/z map[x:b]"},
		{"GET", "/r", "/r map[]"},
		{"GET", "/r/a/b/c", "/r/{rest...} map[rest:a/b/c]"},
		{"PATCH", "/any/1", "/any/{x} map[x:1]"},
		{"POST", "/a/1", "other method"},
		{"GET", "/a/", "none"},
		{"GET", "/a", "none"},
		{"GET", "/a/1/", "none"},
		{"GET", "/", "none"},
		{"GET", "", "none"},
		{"GET", "/a/%zz", "error"},
	} {
		e, params, known, err := r.find(c.method, c.path)
		got := "none"
		switch {
		case err != nil:
			got = "error"
		case e != nil:
			got = fmt.Sprint(e.pattern, " ", params)
		case known:
			got = "other method"
		}
		if got != c.want {
			t.Errorf("%s %s: %s, want %s", c.method, c.path, got, c.want)
		}
	}
}

func TestEndpointsAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range endpoints() {
		name := e.method + " " + e.pattern
		if seen[name] || e.run == nil || !strings.HasPrefix(e.pattern, "/") {
			t.Errorf("%s is listed twice or incomplete", name)
		}
		seen[name] = true
	}
}

func FuzzRouter(f *testing.F) {
	r := newRouter()
	for _, e := range endpoints() {
		r.add(e)
		f.Add(e.verb(), e.pattern)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		e, params, _, err := r.find(method, path)
		if e != nil && err == nil && len(params) != len(e.names) {
			t.Errorf("%s %s: %d of %d parameters", method, path, len(params), len(e.names))
		}
	})
}
