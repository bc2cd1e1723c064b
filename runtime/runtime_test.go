package runtime_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/ingress"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// server is a runtime in memory with a front end that answers on one connection a call.
type server struct {
	*runtime.Runtime
	ingress *ingress.Server
	account string
	t       testing.TB
}

func newServer(t testing.TB) *server {
	t.Helper()
	return newServerWith(t)
}

func newServerWith(t testing.TB, observers ...runtime.Observer) *server {
	t.Helper()
	rt, err := runtime.New(runtime.Config{Observers: observers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rt.Close() })
	s, err := ingress.New(ingress.Config{}, rt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	srv := &server{Runtime: rt, ingress: s, t: t}
	if err := rt.Store().View(func(tx *script.Tx) error {
		accounts, err := tx.Accounts()
		if err == nil {
			srv.account = accounts[0].ID
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return srv
}

// get asks for a path of a host and returns "status body" and the header.
func (s *server) get(host, target string, header ...string) (string, http.Header) {
	s.t.Helper()
	client, conn := net.Pipe()
	go s.ingress.ServeConn(conn)
	defer client.Close()
	request := "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n"
	for _, h := range header {
		request += h + "\r\n"
	}
	go io.WriteString(client, request+"\r\n")
	res, err := http.ReadResponse(bufio.NewReader(client), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprint(res.StatusCode, " ", strings.TrimSpace(string(body))), res.Header
}

// upload stores v and deploys it to all requests.
func (s *server) upload(v *script.Version) {
	s.t.Helper()
	v.Account, v.Source = s.account, "api"
	err := s.Store().Update(script.Actor{Name: "test"}, func(tx *script.Tx) error {
		sc, err := tx.Script(v.Account, v.Script)
		if err != nil {
			if sc, err = tx.CreateScript(v.Account, v.Script); err != nil {
				return err
			}
		}
		sc.Subdomain = script.Subdomain{Enabled: true, Previews: true}
		if err := tx.SaveScript(sc); err != nil {
			return err
		}
		if err := tx.AddVersion(v); err != nil {
			return err
		}
		return tx.Deploy(v.Account, v.Script, &script.Deployment{Source: "api", Versions: []script.Share{{VersionID: v.ID, Percentage: 100}}})
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func modules(name, js string) *script.Version {
	return &script.Version{Script: name, Format: script.Modules, Main: "index.js", Modules: []script.Module{{Name: "index.js", Type: script.ESModule, Content: []byte(js)}}}
}

func TestStaticAssets(t *testing.T) {
	s := newServer(t)
	files := map[string]string{"/index.html": "home", "/about.html": "about", "/404.html": "missing"}
	var ref string
	err := s.Store().Update(script.Actor{Name: "test"}, func(tx *script.Tx) error {
		m := script.Manifest{}
		hash := func(path string) string { return fmt.Sprintf("%032x", path[1]) }
		for path, content := range files {
			m[path] = script.AssetEntry{Hash: hash(path), Size: int64(len(content))}
		}
		token, _, err := tx.OpenAssetSession(s.account, "site", m)
		if err != nil {
			return err
		}
		session, err := tx.AssetSession(token)
		if err != nil {
			return err
		}
		for path, content := range files {
			if err := tx.PutAsset(session, hash(path), "text/html", []byte(content)); err != nil {
				return err
			}
		}
		ref, err = tx.FinishAssets(s.account, "site", token)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	v := modules("site", `export default { async fetch(r, env) {
		if (new URL(r.url).pathname == "/via") return env.FILES.fetch(new URL("/about", r.url));
		return new Response("worker " + new URL(r.url).pathname) } }`)
	v.Assets = &script.AssetsRef{Manifest: ref, Config: []byte(`{"not_found_handling":"404-page","run_worker_first":["/about"]}`)}
	v.Bindings = []script.Binding{{Name: "FILES", Type: script.Assets}}
	s.upload(v)
	for _, c := range []struct{ target, want string }{
		{"/", "200 home"}, {"/index.html", "307"}, {"/about", "200 worker /about"}, {"/nope", "200 worker /nope"}, {"/via", "200 about"},
	} {
		if got, _ := s.get("site.localhost", c.target); strings.TrimSpace(got) != c.want {
			t.Errorf("%s: got %q, want %q", c.target, got, c.want)
		}
	}
	_, h := s.get("site.localhost", "/")
	if got, _ := s.get("site.localhost", "/", "If-None-Match: "+h.Get("Etag")); strings.TrimSpace(got) != "304" {
		t.Errorf("conditional request: %q", got)
	}
	only := &script.Version{Script: "site", Format: script.AssetsOnly, Assets: v.Assets}
	s.upload(only)
	for _, c := range []struct{ target, want string }{{"/about", "200 about"}, {"/nope", "404 missing"}} {
		if got, _ := s.get("site.localhost", c.target); got != c.want {
			t.Errorf("files alone, %s: got %q, want %q", c.target, got, c.want)
		}
	}
}

func TestVersions(t *testing.T) {
	s := newServer(t)
	one := modules("w", `export default { fetch() { return new Response("one") } }`)
	one.Annotations = map[string]string{"workers/alias": "first"}
	two := modules("w", `export default { fetch() { return new Response("two") } }`)
	s.upload(one)
	s.upload(two)
	if got, _ := s.get("w.localhost", "/"); got != "200 two" {
		t.Errorf("deployed: %q", got)
	}
	for _, prefix := range []string{one.ID[:8], "first"} {
		if got, _ := s.get(prefix+"-w.localhost", "/"); got != "200 one" {
			t.Errorf("preview %s: %q", prefix, got)
		}
	}
	if got, _ := s.get("nope-w.localhost", "/"); !strings.HasPrefix(got, "404") {
		t.Errorf("unknown preview: %q", got)
	}
	split := &script.Deployment{Source: "api", Versions: []script.Share{{VersionID: one.ID, Percentage: 50}, {VersionID: two.ID, Percentage: 50}}}
	if err := s.Store().Update(script.Actor{}, func(tx *script.Tx) error { return tx.Deploy(s.account, "w", split) }); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for i := range 64 {
		key := fmt.Sprint("Cloudflare-Workers-Version-Key: user", i)
		first, _ := s.get("w.localhost", "/", key)
		again, _ := s.get("w.localhost", "/", key)
		if first != again {
			t.Fatalf("key %d went to %q and then to %q", i, first, again)
		}
		seen[first]++
	}
	if seen["200 one"] < 10 || seen["200 two"] < 10 {
		t.Errorf("split %v", seen)
	}
	if got, _ := s.get("w.localhost", "/", `Cloudflare-Workers-Version-Overrides: w="`+one.ID+`"`); got != "200 one" {
		t.Errorf("override: %q", got)
	}
}
