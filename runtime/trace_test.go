package runtime_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/script"
	"github.com/mayfly-edge/mayfly/runtime/trace"
)

// A request's trace context reaches what its worker asks for, and its span the collector.
func TestTraces(t *testing.T) {
	type span struct{ TraceID, SpanID, ParentSpanID, Name string }
	spans := make(chan span, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			ResourceSpans []struct{ ScopeSpans []struct{ Spans []span } }
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		for _, s := range in.ResourceSpans[0].ScopeSpans[0].Spans {
			spans <- s
		}
	}))
	defer collector.Close()
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("Traceparent"))
	}))
	defer origin.Close()

	s, err := runtime.NewServer(runtime.ServerConfig{Config: runtime.Config{
		Traces: trace.Config{Endpoint: collector.URL}, EgressAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	deploy(t, s.Runtime, "traced", `export default { fetch() { return fetch("`+origin.URL+`") } }`)
	configure(t, s, "traced", func(*script.Script, *script.Account) {})
	req, _ := http.NewRequest("GET", "http://"+s.Addr().String(), nil)
	req.Host = "traced.localhost"
	req.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	seen, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Shutdown(t.Context()); err != nil { // spans left are sent
		t.Fatal(err)
	}
	got := <-spans
	if got.TraceID != "0af7651916cd43dd8448eb211c80319c" || got.ParentSpanID != "b7ad6b7169203331" || got.Name != "GET traced" {
		t.Errorf("span %+v", got)
	}
	if want := "00-" + got.TraceID + "-" + got.SpanID + "-01"; string(seen) != want {
		t.Errorf("the origin sees %q, want %q", seen, want)
	}
}
