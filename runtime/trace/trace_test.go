package trace

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

func TestTraceparent(t *testing.T) {
	const good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	e := &Exporter{}
	for header, follows := range map[string]bool{
		good: true,
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00":   true,
		"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x": true,
		"": false, "00": false,
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x": false,
		"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01":   false,
		"00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01":   false,
		"00-00000000000000000000000000000000-b7ad6b7169203331-01":   false,
		"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01":   false,
	} {
		s := e.Start(header)
		next := s.Traceparent()
		if got := header != "" && len(header) > 35 && next[3:35] == header[3:35]; got != follows {
			t.Errorf("%q is followed by %q", header, next)
		}
		if follows && (next[53:] != header[53:55] || next[36:52] == header[36:52]) {
			t.Errorf("%q is followed by %q", header, next)
		}
		if again, ok := parse(next); !ok || again.id != s.id || s.parent != [8]byte{} != follows {
			t.Errorf("%q does not round-trip", next)
		}
	}
	if n := testing.AllocsPerRun(100, func() { e.Start("") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzTraceparent(f *testing.F) {
	f.Add("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	f.Fuzz(func(t *testing.T, header string) {
		if s, ok := parse(header); ok && s.Traceparent()[2:52] != header[2:52] {
			t.Errorf("%q becomes %q", header, s.Traceparent())
		}
	})
}

// An Exporter that is not there costs nothing.
func TestOff(t *testing.T) {
	e, err := New(Config{}, nil)
	if e != nil || err != nil {
		t.Fatal(e, err)
	}
	r := &outside.Report{}
	if n := testing.AllocsPerRun(100, func() {
		s := e.Start("")
		if s.Traceparent() != "" {
			t.Fatal("a trace without exporter")
		}
		e.End(s, r)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	e.Run(t.Context())
	if _, err := New(Config{Endpoint: "localhost:4318"}, nil); err == nil {
		t.Error("an endpoint that is no URL is taken")
	}
}

func TestExport(t *testing.T) {
	got := make(chan string, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r.URL.Path + " " + r.Header.Get("X-Key") + " " + string(body)
	}))
	defer collector.Close()
	env := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL + "/otlp/", "OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20b, bad", "OTEL_SERVICE_NAME": "edge"}
	e, err := New(ConfigFromEnv(func(name string) string { return env[name] }), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Unix(1_700_000_000, 5)
	s, _ := parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	e.End(s, &outside.Report{Account: "a", Script: "s", Version: "v", Invocation: "i", Event: outside.EventFetch, Method: "GET", URL: "http://h/p?secret", Status: 500,
		Outcome: outside.OutcomeException, Start: start, Wall: time.Second, CPU: 1500 * time.Microsecond, Exceptions: []outside.Exception{{Name: "Error", Message: "x"}}})
	unsampled := s
	unsampled.sampled = false
	e.End(unsampled, &outside.Report{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e.Run(ctx) // sends what is left
	body, ok := strings.CutPrefix(<-got, "/otlp/v1/traces a b ")
	if !ok || !json.Valid([]byte(body)) {
		t.Fatalf("got %s", body)
	}
	for _, want := range []string{
		`{"key":"service.name","value":{"stringValue":"edge"}}`, `"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"GET s","kind":2`,
		`"startTimeUnixNano":"1700000000000000005","endTimeUnixNano":"1700000001000000005"`, `{"key":"http.response.status_code","value":{"intValue":"500"}}`,
		`{"key":"url.full","value":{"stringValue":"http://h/p"}}`, `{"key":"mayfly.cpu_ms","value":{"doubleValue":1.5}}`, `"status":{"code":2,"message":"Error: x"}`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in %s", want, body)
		}
	}
	if strings.Count(body, "spanId") != 1 || len(got) > 0 {
		t.Errorf("more than the sampled span: %s", body)
	}
}
