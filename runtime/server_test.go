package runtime_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/ledger"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// start starts a server that is shut down when the test ends.
func start(t *testing.T, cfg runtime.ServerConfig) *runtime.Server {
	t.Helper()
	s, err := runtime.NewServer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

// get asks a worker by the host of its name.
func get(t *testing.T, s *runtime.Server, name, target string) (status int, body string) {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s.localhost\r\nConnection: close\r\n\r\n", target, name)
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func TestServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := runtime.NewServer(runtime.ServerConfig{Listener: l, Control: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Addr().String() != l.Addr().String() || s.ControlAddr() == nil {
		t.Errorf("the server is at %v and %v", s.Addr(), s.ControlAddr())
	}
	s.Start()
	if s.Serves("hello.localhost") {
		t.Error("hosts are served before anything is deployed")
	}
	deploy(t, s.Runtime, "hello", `export default { fetch() { return new Response("hello") } }`)
	if !s.Serves("hello.localhost") || s.Serves("other.localhost") {
		t.Error("Serves does not follow what is deployed")
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if got, want := s.Address("hello"), "http://hello.localhost:"+port; got != want {
		t.Errorf("address %s, want %s", got, want)
	}
	if status, body := get(t, s, "hello", "/"); status != 200 || body != "hello" {
		t.Errorf("got %d %q", status, body)
	}
	res, err := http.Get("http://" + s.ControlAddr().String() + "/readyz")
	if err != nil || res.StatusCode != 200 {
		t.Errorf("readyz: %v %v", res, err)
	}
	http.DefaultClient.CloseIdleConnections()
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	for _, addr := range []net.Addr{s.Addr(), s.ControlAddr()} {
		if c, err := net.Dial("tcp", addr.String()); err == nil {
			_ = c.Close()
			t.Errorf("%v still takes connections", addr)
		}
	}
	select {
	case err := <-s.Failed():
		t.Error(err)
	default:
	}
}

func TestServerTakesAddressesFirst(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	data := t.TempDir()
	for _, cfg := range []runtime.ServerConfig{
		{Listen: l.Addr().String()},
		{Control: l.Addr().String()},
		{Plain: "127.0.0.1:0"}, // without TLS
	} {
		cfg.Data = data
		if s, err := runtime.NewServer(cfg); err == nil {
			t.Errorf("a server was made of %+v", cfg)
			_ = s.Shutdown(context.Background())
		}
	}
	if left, err := os.ReadDir(data); err != nil || len(left) > 0 {
		t.Errorf("the data directory was touched: %v %v", left, err)
	}
}

// A worker that cannot be loaded must not use up the places of those in flight.
func TestLoadFailureGivesItsPlaceBack(t *testing.T) {
	s := start(t, runtime.ServerConfig{Config: runtime.Config{ScriptConcurrency: 1, Concurrency: 1}})
	deploy(t, s.Runtime, "broken", `throw new Error("at the top"); export default { fetch() {} }`)
	for range 5 {
		status, body := get(t, s, "broken", "/")
		if status != 500 || !strings.Contains(body, "1101") || strings.Contains(body, "at the top") {
			t.Fatalf("got %d %q", status, body)
		}
	}
	if err := s.Drain(context.Background()); err != nil {
		t.Error(err)
	}
	res := usage(t, s, "script", "broken")
	if res.Total.Invocations != 5 || res.Total.Outcomes.Of("exception") != 5 {
		t.Errorf("usage is %+v", res.Total)
	}
}

func TestScheduledTestEndpoint(t *testing.T) {
	const js = `let at = "never";
	export default {
		fetch(request) { return new Response(new URL(request.url).pathname + " " + at) },
		async scheduled(controller, env, ctx) { ctx.waitUntil(Promise.resolve().then(() => { at = controller.cron + " " + controller.scheduledTime })) },
	}`
	const path = "/cdn-cgi/handler/scheduled"
	off := start(t, runtime.ServerConfig{})
	deploy(t, off.Runtime, "w", js)
	if status, body := get(t, off, "w", path+"?cron=x"); status != 200 || body != path+" never" {
		t.Errorf("without the endpoint the worker is not asked: %d %q", status, body)
	}
	on := start(t, runtime.ServerConfig{Config: runtime.Config{TestEndpoints: true}})
	deploy(t, on.Runtime, "w", js)
	for _, target := range []string{
		path + "?cron=one&time=1767225600000",
		path + "?cron=two&time=1767225600",
		"/__scheduled?cron=three&time=1767225600000",
	} {
		if status, body := get(t, on, "w", target); status != 200 || body != "ok" {
			t.Errorf("%s: %d %q", target, status, body)
		}
		_, query, _ := strings.Cut(target, "=")
		cron, _, _ := strings.Cut(query, "&")
		if _, body := get(t, on, "w", "/"); body != "/ "+cron+" 1767225600000" {
			t.Errorf("%s: afterwards %q", target, body)
		}
	}
	for _, query := range []string{"?time=x", "?time=-1", "?time=999999999999999999", "?cron=%zz"} {
		if status, _ := get(t, on, "w", path+query); status != 400 {
			t.Errorf("%s: %d", query, status)
		}
	}
	if status, body := get(t, on, "w", path+"ler"); status != 200 || !strings.HasPrefix(body, path+"ler") {
		t.Errorf("a longer path: %d %q", status, body)
	}
}

func account(t *testing.T, s *runtime.Server) (id string) {
	t.Helper()
	if err := s.Store().View(func(tx *script.Tx) error {
		a, err := tx.Account(script.DefaultAccount)
		if err == nil {
			id = a.ID
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

// usage asks for usage; the query is in pairs.
func usage(t *testing.T, s *runtime.Server, query ...string) *ledger.Result {
	t.Helper()
	q := url.Values{}
	for i := 0; i < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	res, err := s.Usage(context.Background(), account(t, s), q)
	if err != nil {
		t.Fatal(err)
	}
	return res.(*ledger.Result)
}

func TestUsage(t *testing.T) {
	s := start(t, runtime.ServerConfig{})
	deploy(t, s.Runtime, "a", `export default { fetch() { return new Response("12345") } }`)
	deploy(t, s.Runtime, "b", `export default { fetch() { return new Response("1") } }`)
	for range 3 {
		get(t, s, "a", "/")
	}
	get(t, s, "b", "/")
	if err := s.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	if from := usage(t, s).From.UTC(); from.Day() != 1 || !from.Equal(from.Truncate(24*time.Hour)) {
		t.Errorf("usage is from %v on, want the first of the month", from)
	}
	// The month may have begun since the requests.
	hour := time.Now().UTC().Add(-time.Hour).Format(time.RFC3339)
	res := usage(t, s, "from", hour)
	if len(res.Rows) != 2 || res.Rows[0].Script != "a" || res.Rows[0].Requests != 3 || res.Rows[0].BytesOut != 15 || res.Total.Requests != 4 {
		t.Errorf("usage %+v", res)
	}
	if res := usage(t, s, "script", "b", "step", "minute", "from", hour, "group_by", "version"); len(res.Rows) != 1 ||
		res.Rows[0].To.Sub(res.Rows[0].From) != time.Minute || res.Rows[0].Version == "" {
		t.Errorf("by the minute %+v", res)
	}
	if res := usage(t, s, "to", "2026-05-20"); res.Total.Requests != 0 {
		t.Errorf("before the day %+v", res)
	}
	got, err := s.Invoice(context.Background(), account(t, s), url.Values{"plan": {"lambda"}})
	if err != nil {
		t.Fatal(err)
	}
	if inv := got.(*runtime.Invoice); inv.Plan != "lambda" || len(inv.Lines) == 0 || inv.Total != 0 {
		t.Errorf("invoice %+v", inv)
	}
	got, err = s.Invoice(context.Background(), account(t, s), url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	if inv := got.(*runtime.Invoice); inv.Plan != "workers" || inv.Total != 5*ledger.Dollar {
		t.Errorf("invoice %+v", inv)
	}
	for _, query := range []string{"from=x", "to=2026-13-01", "from=2026-05-20&to=2026-05-20", "step=week", "step=90s", "step=-1m", "group_by=moon", "form=2026-05-01", "plan=workers",
		"step=minute&from=2026-01-01"} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Usage(context.Background(), account(t, s), q); !errors.Is(err, script.BadValue) {
			t.Errorf("%s: got %v", query, err)
		}
	}
	for _, query := range []url.Values{{"plan": {"gcp"}}, {"step": {"day"}}, {"from": {"x"}}} {
		if _, err := s.Invoice(context.Background(), account(t, s), query); !errors.Is(err, script.BadValue) {
			t.Errorf("%v: got %v", query, err)
		}
	}
}
