package main

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/mayfly-edge/mayfly/cmd/mayfly/client"
)

// TestReadyNamesSandbox has /readyz say what contains workers, and what is missing.
func TestReadyNamesSandbox(t *testing.T) {
	for _, tc := range []struct {
		mode  string
		parts []string
	}{
		{"process", []string{"processes: active", "network namespace: ", "memory group: ", "resource limits: ", "file system: ", "system calls: "}},
		{"none", []string{"containment: not active: "}},
	} {
		p := serve(t, "", "--containment", tc.mode)
		res, err := http.Get(p.control + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != 200 || !strings.HasPrefix(string(body), "ready\n") {
			t.Errorf("%s: %d %q, %v", tc.mode, res.StatusCode, body, err)
		}
		for _, part := range tc.parts {
			if !strings.Contains(string(body), "\n"+part) {
				t.Errorf("%s: %q is not in %q", tc.mode, part, body)
			}
		}
	}
}

// TestLongMatch has a regular expression backtrack for as long as the worker may compute.
func TestLongMatch(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second or more")
	}
	p := serve(t, "", "--containment", "process", "--cpu-limit", "1m")
	p.deploy("patient", `export default { fetch() { return new Response(/^(?:(a|aa)+\1b|a+)$/.test("a".repeat(33))) } }`)
	if a := p.get("patient", "/"); a.status != 200 || a.body != "true" {
		t.Errorf("the match ended before its time: %+v", a)
	}
}

// TestScriptRelease takes a worker out of service by its own doing and lets it in again.
func TestScriptRelease(t *testing.T) {
	p := serve(t, "", "--containment", "process", "--hosts", "1", "--metrics-listen", "127.0.0.1:0")
	o := operator{t, map[string]string{"MAYFLY_TOKEN": rootToken}, p}
	p.deploy("wild", `export default { fetch(r) { if (r.url.endsWith("/die")) { let n = 1n << 40n; n = 1n << n } return new Response("tame") } }`)
	p.deploy("good", `export default { fetch() { return new Response("good") } }`)
	for i := range 5 {
		// The race detector's own words do not say that it was memory: then it is 1101.
		if a := p.get("wild", "/die"); !strings.Contains(a.body, "1102") && !strings.Contains(a.body, "1101") {
			t.Fatalf("death %d: %+v", i+1, a)
		}
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &output{}
	m := Main{Stdin: strings.NewReader(""), Stdout: out, Stderr: out, Getenv: func(name string) string { return o.env[name] }}
	ended := make(chan int)
	go func() { ended <- m.Run(ctx, []string{"tail", "wild", "--control", p.control}) }()
	p.until("the tail says why", func() bool {
		if a := p.get("wild", "/"); a.status != 503 || !strings.Contains(a.body, "1102") || !strings.Contains(a.body, "stopped") {
			t.Fatalf("a stopped worker answers %+v", a)
		}
		return strings.Contains(out.String(), "took down 5 of its host processes")
	})
	cancel()
	<-ended
	has := func(pattern string) bool { return regexp.MustCompile(`(?m)^` + pattern).MatchString(p.scrape()) }
	p.until("it is counted", func() bool {
		return has(`mayfly_scripts_refused 1$`) && has(`mayfly_host_deaths_total [5-9]`) &&
			has(`mayfly_requests_total\{[^}]*outcome="internalError",script="wild",status="5xx"\} [1-9]`)
	})
	if a := p.get("good", "/"); a.status != 200 {
		t.Errorf("a good worker meanwhile: %+v", a)
	}

	o.ok("script", "release", "wild")
	if a := p.get("wild", "/"); a.status != 200 || a.body != "tame" {
		t.Errorf("released it answers %+v", a)
	}
	if !has(`mayfly_scripts_refused 0$`) {
		t.Error("it still counts as refused")
	}
}

// TestHostsPerAccount counts the processes that keep an isolate of a worker: all for the
// default account, and as many as are allowed for another.
func TestHostsPerAccount(t *testing.T) {
	p := serve(t, "", "--containment", "process", "--hosts", "3", "--hosts-per-account", "2", "--metrics-listen", "127.0.0.1:0")
	o := operator{t, map[string]string{"MAYFLY_TOKEN": rootToken}, p}
	isolates := func(want string) func() bool {
		return func() bool { return strings.Contains(p.scrape(), "\nmayfly_isolates "+want+"\n") }
	}
	const code = `export default { fetch() { return new Response("here") } }`
	p.deploy("first", code)
	o.ok("script", "limit", "first", "--provisioned", "1")
	p.until("each process has an isolate of the default account's", isolates("3"))

	id := strings.TrimSpace(o.ok("account", "create", "blue"))
	c, err := client.New(p.control, rootToken, id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Put(t.Context(), "second", moduleUpload(code)); err != nil {
		t.Fatal(err)
	}
	if err := c.SetSubdomain(t.Context(), "second", true, true); err != nil {
		t.Fatal(err)
	}
	o.ok("script", "limit", "second", "--provisioned", "1", "--account", id)
	p.until("two processes have an isolate of the other account's", isolates("5"))
	if a := p.get("second.blue.localhost", "/"); a.status != 200 || a.body != "here" {
		t.Errorf("got %+v", a)
	}
}

// TestColdCrowd sends many requests at once for a worker that has no isolate yet.
func TestColdCrowd(t *testing.T) {
	p := serve(t, "", "--containment", "process")
	p.deploy("cold", `let n = 0; for (let i = 0; i < 20000; i++) n += i; export default { fetch() { return new Response("warm") } }`)
	var all sync.WaitGroup
	var mu sync.Mutex
	counts := map[int]int{}
	for range 2000 {
		all.Go(func() {
			a, err := p.tryGet("cold", "/")
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			counts[a.status]++
		})
	}
	all.Wait()
	if len(counts) != 1 || counts[200] != 2000 {
		t.Errorf("answers by status: %v", counts)
	}
}
