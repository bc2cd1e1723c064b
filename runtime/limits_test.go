package runtime_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// configure changes a script's settings and its account's limits.
func configure(t *testing.T, s *runtime.Server, name string, change func(*script.Script, *script.Account)) {
	t.Helper()
	err := s.Store().Update(script.Actor{Name: "test"}, func(tx *script.Tx) error {
		a, err := tx.Account(script.DefaultAccount)
		if err != nil {
			return err
		}
		sc, err := tx.Script(a.ID, name)
		if err != nil {
			return err
		}
		change(sc, a)
		if err := tx.SaveScript(sc); err != nil {
			return err
		}
		return tx.SaveAccount(a)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A gate is an origin whose requests wait until they are let through, one by one.
type gate struct {
	t             *testing.T
	url           string
	arrived, pass chan struct{}
	left          chan int // statuses that clients got
}

func newGate(t *testing.T) *gate {
	g := &gate{t: t, arrived: make(chan struct{}), pass: make(chan struct{}), left: make(chan int)}
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.arrived <- struct{}{}
		<-g.pass
	}))
	t.Cleanup(origin.Close)
	g.url = origin.URL
	return g
}

// worker is a worker whose requests wait at the gate.
func (g *gate) worker() string {
	return `export default { fetch() { return fetch("` + g.url + `") } }`
}

// begin sends a request and waits until it is at the gate.
func (g *gate) begin(s *runtime.Server, name string) {
	g.t.Helper()
	go func() {
		status, _ := get(g.t, s, name, "/")
		g.left <- status
	}()
	select {
	case <-g.arrived:
	case status := <-g.left:
		g.t.Fatalf("a request to %s was answered %d", name, status)
	case <-time.After(time.Minute):
		g.t.Fatalf("no request of %s is at the gate", name)
	}
}

// end lets n requests through.
func (g *gate) end(n int) {
	g.t.Helper()
	for range n {
		g.pass <- struct{}{}
		if status := <-g.left; status != 200 {
			g.t.Errorf("a request that was let through was answered %d", status)
		}
	}
}

// ask returns the response to a plain request.
func ask(t *testing.T, s *runtime.Server, name, accept string) *http.Response {
	t.Helper()
	req, _ := http.NewRequest("GET", "http://"+s.Addr().String(), nil)
	req.Host = name + ".localhost"
	req.Header.Set("Accept", accept)
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func TestConcurrencyLimits(t *testing.T) {
	g := newGate(t)
	s := start(t, runtime.ServerConfig{Config: runtime.Config{
		QueueTimeout: time.Millisecond, EgressAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	}})
	for _, name := range []string{"one", "two"} {
		deploy(t, s.Runtime, name, g.worker())
	}
	configure(t, s, "one", func(sc *script.Script, a *script.Account) { sc.Settings.Concurrency, a.Concurrency = 1, 2 })

	// The reservation of "one" is its limit, and off the account's limit.
	g.begin(s, "one")
	res := ask(t, s, "one", "text/html")
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != 429 || res.Header.Get("Retry-After") == "" || !strings.Contains(string(body), "1015") {
		t.Errorf("over the reservation: %d, Retry-After %q\n%s", res.StatusCode, res.Header.Get("Retry-After"), body)
	}
	g.begin(s, "two")
	if res := ask(t, s, "two", "application/json"); res.StatusCode != 429 {
		t.Errorf("over the account's limit: %d", res.StatusCode)
	}
	// More places are there at once.
	configure(t, s, "one", func(sc *script.Script, a *script.Account) { sc.Settings.Concurrency, a.Concurrency = 2, 4 })
	g.begin(s, "one")
	g.begin(s, "two")
	g.end(4)
	// Everything was given back, and limits can be taken off.
	g.begin(s, "one")
	g.begin(s, "one")
	configure(t, s, "one", func(sc *script.Script, a *script.Account) { sc.Settings.Concurrency, a.Concurrency = 0, 0 })
	for range 3 {
		g.begin(s, "two")
		g.begin(s, "one")
	}
	g.end(8)
}

func TestProvisioned(t *testing.T) {
	dir := t.TempDir()
	s, err := runtime.NewServer(runtime.ServerConfig{Config: runtime.Config{Data: dir}})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	deploy(t, s.Runtime, "warm", `export default { fetch() { return new Response("v1") } }`)
	if n := s.Pool().Stats().Made; n != 0 {
		t.Errorf("%d isolates before any request", n)
	}
	configure(t, s, "warm", func(sc *script.Script, _ *script.Account) { sc.Settings.Provisioned = 3 })
	if n := s.Pool().Stats().Live; n != 3 {
		t.Errorf("%d isolates, 3 are provisioned", n)
	}
	deploy(t, s.Runtime, "warm", `export default { fetch() { return new Response("v2") } }`)
	if st := s.Pool().Stats(); st.Live != 3 || st.Made != 6 {
		t.Errorf("after the next deployment: %+v, want 3 of 6", st)
	}
	if status, body := get(t, s, "warm", "/"); status != 200 || body != "v2" {
		t.Errorf("%d %s", status, body)
	}
	s.Pool().Evict(time.Now().Add(time.Hour))
	if st := s.Pool().Stats(); st.Live != 3 || st.Made != 6 {
		t.Errorf("after a request and an hour: %+v, want 3 of 6", st)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}

	// A new start makes them again, by itself.
	s = start(t, runtime.ServerConfig{Config: runtime.Config{Data: dir}})
	eventually(t, "the provisioned isolates are there", func() bool { return s.Pool().Stats().Live == 3 })
}

// Scripts used of late have an isolate before their first request after a start.
func TestRecentScriptsAreWarm(t *testing.T) {
	dir := t.TempDir()
	s, err := runtime.NewServer(runtime.ServerConfig{Config: runtime.Config{Data: dir}})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	deploy(t, s.Runtime, "used", `export default { fetch() { return new Response("x") } }`)
	deploy(t, s.Runtime, "idle", `export default { fetch() { return new Response("x") } }`)
	get(t, s, "used", "/")
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	s = start(t, runtime.ServerConfig{Config: runtime.Config{Data: dir}})
	eventually(t, "the script that was used is warm", func() bool { return s.Pool().Stats().Live == 1 })
}

// eventually waits for what the server does by itself.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("gave up waiting until %s", what)
		}
	}
}
