package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

const hello = `export default { fetch(request, env) { return new Response("hello " + (env.WHO ?? "nobody") + " at " + new URL(request.url).pathname) } }`

func plainText(name, text string) script.Binding {
	return script.Binding{Name: name, Type: script.PlainText, Text: text}
}

func TestServeKeepsStateOverRestart(t *testing.T) {
	data := t.TempDir()
	ctx := context.Background()
	p := serve(t, data)
	p.deploy("hello", hello, plainText("WHO", "world"))
	if got := p.get("hello", "/x"); got.status != 200 || got.body != "hello world at /x" {
		t.Fatalf("got %+v", got)
	}
	if err := p.client(rootToken).SetRoutes(ctx, "hello", []string{"example.com/a*"}); err != nil {
		t.Fatal(err)
	}
	if err := p.client(rootToken).PutSecret(ctx, "hello", "WHAT", "hidden"); err != nil {
		t.Fatal(err)
	}
	if code := p.stop(); code != 0 {
		t.Fatalf("exit code %d after SIGTERM", code)
	}

	p = serve(t, data)
	if got := p.get("hello", "/y"); got.body != "hello world at /y" {
		t.Errorf("after the restart: %+v", got)
	}
	if got := p.get("example.com", "/abc"); got.body != "hello world at /abc" {
		t.Errorf("by its route: %+v", got)
	}
	if got := p.get("example.com", "/b"); got.status != 404 {
		t.Errorf("beside its route: %+v", got)
	}
	if names, err := p.client(rootToken).Secrets(ctx, "hello"); err != nil || len(names) != 1 || names[0] != "WHAT" {
		t.Errorf("secrets %v, %v", names, err)
	}
	res, err := p.client(rootToken).Usage(ctx, url.Values{"script": {"hello"}})
	if err != nil {
		t.Fatal(err)
	}
	if res.Total.Requests != 3 {
		t.Errorf("%d requests were counted, want 3 from before and after the restart", res.Total.Requests)
	}
}

func TestServeMakesRootTokenOnce(t *testing.T) {
	data := t.TempDir()
	args := []string{"serve", "--data", data, "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"}
	p := start(t, []string{"MAYFLY_TOKEN="}, args...)
	file := filepath.Join(data, "token")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the token file has mode %v, %v", st.Mode(), err)
	}
	token := strings.TrimSpace(string(text))
	if !strings.Contains(p.out.String(), token) {
		t.Error("the token was not shown")
	}
	if !strings.Contains(p.out.String(), "containment") {
		t.Error("it was not said that there is no containment")
	}
	if err := p.client(token).Verify(context.Background()); err != nil {
		t.Error(err)
	}
	p.stop()

	p = start(t, []string{"MAYFLY_TOKEN="}, args...)
	if strings.Contains(p.out.String(), token) {
		t.Error("the token was shown again")
	}
	if err := p.client(token).Verify(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestServeDrains(t *testing.T) {
	g := newGate()
	origin := httptest.NewServer(g)
	defer origin.Close()
	p := serve(t, "", "--egress-allow", "127.0.0.0/8")
	p.deploy("slow", `export default { async fetch(request, env, ctx) {
		const text = await (await fetch(env.ORIGIN)).text();
		return new Response("got " + text);
	} }`, plainText("ORIGIN", origin.URL))

	answers := make(chan answer, 1)
	go func() {
		a, err := p.tryGet("slow", "/")
		if err != nil {
			a.body = err.Error()
		}
		answers <- a
	}()
	g.awaitArrival(t)
	p.signal(syscall.SIGTERM)
	p.until("no connection is taken any more", func() bool {
		c, err := net.Dial("tcp", p.listen)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	})
	close(g.open)
	if a := <-answers; a.status != 200 || a.body != "got through" {
		t.Errorf("the request in flight got %+v", a)
	}
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestServeKeepsAcknowledgedWrites(t *testing.T) {
	data := t.TempDir()
	p := serve(t, data)
	ns, err := p.client(rootToken).CreateNamespace(context.Background(), "kept")
	if err != nil {
		t.Fatal(err)
	}
	p.deploy("writer", `export default { async fetch(request, env) {
		const key = new URL(request.url).pathname.slice(1);
		await env.KV.put(key, "value of " + key);
		return new Response("written");
	} }`, script.Binding{Name: "KV", Type: script.KVNamespace, NamespaceID: ns.ID})

	const writers, enough = 8, 200
	var mu sync.Mutex
	var acknowledged []string
	var wg sync.WaitGroup
	full := make(chan struct{})
	for w := range writers {
		wg.Go(func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%d-%d", w, i)
				a, err := p.tryGet("writer", "/"+key)
				if err != nil || a.body != "written" {
					return // killed
				}
				mu.Lock()
				if acknowledged = append(acknowledged, key); len(acknowledged) == enough {
					close(full)
				}
				mu.Unlock()
			}
		})
	}
	select {
	case <-full:
	case <-time.After(patience):
		t.Fatal("too few writes are acknowledged")
	}
	p.kill()
	wg.Wait()

	p = serve(t, data)
	have, err := p.client(rootToken).GetAll(context.Background(), ns.ID, acknowledged)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range acknowledged {
		if e := have[key]; e == nil || e.Value != "value of "+key {
			t.Errorf("the acknowledged write of %s is lost: %v", key, e)
		}
	}
}

func TestServeSwapsUnderLoad(t *testing.T) {
	const deployments = 20
	p := serve(t, "", "--containment", "process")
	source := func(n int) string {
		return fmt.Sprintf(`export default { fetch() { return new Response("%d") } }`, n)
	}
	p.deploy("swap", source(0))
	var newest atomic.Int64 // acknowledged
	var asked atomic.Int64
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for ctx.Err() == nil {
				least := newest.Load()
				a, err := p.tryGet("swap", "/")
				if err != nil || a.status != 200 {
					t.Errorf("a request failed during a deployment: %+v %v", a, err)
					return
				}
				if n, err := strconv.Atoi(a.body); err != nil || int64(n) < least {
					t.Errorf("version %s answered after version %d was acknowledged", a.body, least)
					return
				}
				asked.Add(1)
			}
		})
	}
	for n := 1; n <= deployments; n++ {
		if err := p.tryDeploy("swap", source(n)); err != nil {
			t.Error(err)
			break
		}
		newest.Store(int64(n))
		// Let some requests meet this version.
		seen := asked.Load()
		p.until("requests go on", func() bool { return asked.Load() > seen+8 || t.Failed() })
	}
	cancel()
	wg.Wait()
	if got := p.get("swap", "/"); got.body != strconv.Itoa(deployments) {
		t.Errorf("in the end version %q answers", got.body)
	}
}

func TestServeErrorPages(t *testing.T) {
	p := serve(t, "", "--cpu-limit", "20ms")
	p.deploy("thrower", `export default { fetch() { throw new Error("secret detail") } }`)
	p.deploy("spinner", `export default { fetch() { for (;;); } }`)
	p.deploy("hung", `export default { fetch() { return new Promise(() => {}) } }`)
	p.deploy("mute", `export default { fetch() {} }`)
	for _, tc := range []struct {
		host   string
		status int
		code   int
	}{
		{"unknown", 404, 0},
		{"bad..host", 400, 0},
		{"thrower", 500, 1101},
		{"spinner", 503, 1102},
		{"hung", 500, 1101},
		{"mute", 500, 1101},
	} {
		t.Run(tc.host, func(t *testing.T) {
			plain := p.get(tc.host, "/path")
			if plain.status != tc.status || tc.code != 0 && !strings.Contains(plain.body, strconv.Itoa(tc.code)) {
				t.Errorf("got %d, want %d with code %d:\n%s", plain.status, tc.status, tc.code, plain.body)
			}
			if strings.Contains(plain.body, "secret") || strings.Contains(plain.body, "index.js") {
				t.Errorf("the page tells of the worker's insides:\n%s", plain.body)
			}
			asked := p.get(tc.host, "/path", "accept", "application/json")
			var page struct {
				Status int    `json:"status"`
				Code   int    `json:"error_code"`
				Ray    string `json:"ray_id"`
			}
			if err := json.Unmarshal([]byte(asked.body), &page); err != nil {
				t.Fatalf("%v:\n%s", err, asked.body)
			}
			if page.Status != tc.status || page.Code != tc.code || page.Ray == "" || page.Ray != asked.header.Get("Cf-Ray") {
				t.Errorf("got %s with the id %s", asked.body, asked.header.Get("Cf-Ray"))
			}
		})
	}
	if got := p.get("unknown", "/path").body; !strings.Contains(got, "unknown.localhost/path") {
		t.Errorf("the page does not say what was looked for:\n%s", got)
	}
	p.until("the log has the stack", func() bool {
		return strings.Contains(p.out.String(), "secret detail") && strings.Contains(p.out.String(), "index.js:1")
	})
	p.until("the log has the CPU limit", func() bool { return strings.Contains(p.out.String(), "the limit is 20ms") })
}

func TestServeShedsLoad(t *testing.T) {
	g := newGate()
	origin := httptest.NewServer(g)
	defer origin.Close()
	p := serve(t, "", "--egress-allow", "127.0.0.0/8", "--concurrency", "1")
	p.deploy("slow", `export default { async fetch(request, env) { return new Response(await (await fetch(env.ORIGIN)).text()) } }`, plainText("ORIGIN", origin.URL))

	// One request runs, one waits, the next of those sent at once is turned away.
	const sent = 3
	answers := make(chan answer, sent)
	ask := func() {
		a, err := p.tryGet("slow", "/")
		if err != nil {
			a.body = err.Error()
		}
		answers <- a
	}
	go ask()
	g.awaitArrival(t)
	go ask()
	go ask()
	select {
	case a := <-answers:
		if a.status != 429 || a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "1015") {
			t.Errorf("got %+v", a)
		}
	case <-time.After(patience):
		t.Fatal("no request is turned away")
	}
	close(g.open)
	for range sent - 1 {
		if a := <-answers; a.status != 200 {
			t.Errorf("got %+v", a)
		}
	}
	p.until("usage has all three", func() bool {
		res, err := p.client(rootToken).Usage(context.Background(), url.Values{})
		return err == nil && res.Total.Invocations == sent && res.Total.Requests == sent-1
	})
}

func TestServeRefusesPrivateNetworks(t *testing.T) {
	origin := httptest.NewServer(http.NotFoundHandler())
	defer origin.Close()
	p := serve(t, "")
	p.deploy("curious", `export default { async fetch(request, env) {
		try { await fetch(env.ORIGIN); return new Response("reached") } catch (e) { return new Response("refused") }
	} }`, plainText("ORIGIN", origin.URL))
	if got := p.get("curious", "/"); got.body != "refused" {
		t.Errorf("got %+v", got)
	}
}

func TestServeTokens(t *testing.T) {
	p := serve(t, "")
	ctx := context.Background()
	root := p.client(rootToken)
	if err := p.client("wrong").Verify(ctx); status(err) != 401 {
		t.Errorf("a wrong token: %v", err)
	}
	res, err := http.Get(p.control + "/healthz")
	if err != nil || res.StatusCode != 200 {
		t.Errorf("healthz without a token: %v %v", res, err)
	}
	res, err = http.Get(p.control + "/client/v4/accounts")
	if err != nil || res.StatusCode != 401 {
		t.Errorf("accounts without a token: %v %v", res, err)
	}
	made, err := root.CreateToken(ctx, "kv only", []script.Scope{script.ScopeKV}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	limited := p.client(made.Value)
	if _, err := limited.CreateNamespace(ctx, "mine"); err != nil {
		t.Errorf("what its scope allows: %v", err)
	}
	if _, err := limited.Put(ctx, "hello", moduleUpload(hello)); status(err) != 403 {
		t.Errorf("what its scope does not allow: %v", err)
	}
	if _, err := limited.Tokens(ctx); status(err) != 403 {
		t.Errorf("listing tokens: %v", err)
	}
	if err := root.RevokeToken(ctx, made.ID); err != nil {
		t.Fatal(err)
	}
	if err := limited.Verify(ctx); status(err) != 401 {
		t.Errorf("a revoked token: %v", err)
	}
}

func TestServeRefusesBadUploads(t *testing.T) {
	p := serve(t, "")
	p.deploy("kept", hello)
	for _, tc := range []struct{ name, source, says string }{
		{"syntax", "export default {;", "index.js:1"},
		{"throws", "throw new Error('at the top')", "at the top"},
		{"no handlers", "const x = 1;", "No event handlers"},
		{"spins", "for (;;);", "startup"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := p.tryDeploy("kept", tc.source)
			if status(err) < 400 || status(err) >= 500 || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want a refusal that says %q", err, tc.says)
			}
			if got := p.get("kept", "/"); got.body != "hello nobody at /" {
				t.Errorf("the version before no longer answers: %+v", got)
			}
		})
	}
}
