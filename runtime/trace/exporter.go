package trace

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// Config says where spans go. The zero Config sends none.
type Config struct {
	// Endpoint is the base URL of a collector, such as http://127.0.0.1:4318; spans go
	// to its path v1/traces. "" sends none.
	Endpoint string
	// Headers are added to each request, such as an authorization.
	Headers map[string]string
	// Service is the name under which spans are shown. "" means mayfly.
	Service string
}

// ConfigFromEnv reads the variables that OpenTelemetry gives its exporters:
// OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS and OTEL_SERVICE_NAME.
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
func ConfigFromEnv(getenv func(string) string) Config {
	c := Config{Endpoint: getenv("OTEL_EXPORTER_OTLP_ENDPOINT"), Service: getenv("OTEL_SERVICE_NAME")}
	for pair := range strings.SplitSeq(getenv("OTEL_EXPORTER_OTLP_HEADERS"), ",") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			if v, err := url.PathUnescape(strings.TrimSpace(value)); err == nil {
				if c.Headers == nil {
					c.Headers = map[string]string{}
				}
				c.Headers[strings.TrimSpace(name)] = v
			}
		}
	}
	return c
}

const (
	queueSpans  = 8192
	batchSpans  = 512
	sendEvery   = time.Second
	sendTimeout = 10 * time.Second
)

// An Exporter sends spans. Its methods may be called from any goroutine; those of a nil
// Exporter do nothing.
type Exporter struct {
	cfg     Config
	url     string
	log     *slog.Logger
	http    *http.Client
	queue   chan ended
	dropped atomic.Int64
}

// ended is a span with the report of its invocation.
type ended struct {
	span   Span
	report *outside.Report
}

// New returns an Exporter, nil when the Config sends none. Run sends.
func New(cfg Config, log *slog.Logger) (*Exporter, error) {
	if cfg.Endpoint == "" {
		return nil, nil
	}
	u, err := url.Parse(cfg.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("OTLP endpoint %q is not a URL such as http://127.0.0.1:4318", cfg.Endpoint)
	}
	if cfg.Service == "" {
		cfg.Service = "mayfly"
	}
	return &Exporter{
		cfg: cfg, url: u.JoinPath("v1", "traces").String(), log: log,
		http: &http.Client{Timeout: sendTimeout}, queue: make(chan ended, queueSpans),
	}, nil
}

// End sends a span with what the report of its invocation tells. It does not block:
// spans over a bound are dropped.
func (e *Exporter) End(s Span, r *outside.Report) {
	if e == nil || !s.sampled {
		return
	}
	select {
	case e.queue <- ended{s, r}:
	default:
		e.dropped.Add(1)
	}
}

// Run sends spans until ctx is done, then what is left.
func (e *Exporter) Run(ctx context.Context) {
	if e == nil {
		return
	}
	tick := time.NewTicker(sendEvery)
	defer tick.Stop()
	failing := false
	for over := false; !over; {
		select {
		case <-ctx.Done():
			over = true
		case <-tick.C:
		}
		err := e.flush(context.WithoutCancel(ctx))
		if err != nil && !failing {
			e.log.Warn("spans are not taken by the collector and are dropped", "error", err)
		}
		failing = err != nil
		if n := e.dropped.Swap(0); n > 0 {
			e.log.Warn("spans came too fast and were dropped", "spans", n)
		}
	}
}

// flush sends what is in the queue.
func (e *Exporter) flush(ctx context.Context) error {
	for {
		spans := e.take()
		if len(spans) == 0 {
			return nil
		}
		if err := e.send(ctx, spans); err != nil {
			return err
		}
	}
}

func (e *Exporter) take() (spans []otlpSpan) {
	for len(spans) < batchSpans {
		select {
		case s := <-e.queue:
			spans = append(spans, s.otlp())
		default:
			return spans
		}
	}
	return spans
}

func (e *Exporter) send(ctx context.Context, spans []otlpSpan) error {
	text, err := json.Marshal(map[string]any{"resourceSpans": []any{map[string]any{
		"resource":   map[string]any{"attributes": []attribute{text("service.name", e.cfg.Service)}},
		"scopeSpans": []any{map[string]any{"scope": map[string]string{"name": "mayfly"}, "spans": spans}},
	}}})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, "POST", e.url, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range e.cfg.Headers {
		req.Header.Set(name, value)
	}
	res, err := e.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(res.Body, 512))
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s answers %d %s", e.url, res.StatusCode, bytes.TrimSpace(answer))
	}
	return nil
}

// otlpSpan is a span in OTLP's JSON form:
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
type otlpSpan struct {
	TraceID    string      `json:"traceId"`
	SpanID     string      `json:"spanId"`
	ParentID   string      `json:"parentSpanId,omitempty"`
	Name       string      `json:"name"`
	Kind       int         `json:"kind"`
	Start      string      `json:"startTimeUnixNano"`
	End        string      `json:"endTimeUnixNano"`
	Attributes []attribute `json:"attributes"`
	Status     status      `json:"status"`
}

type status struct {
	Code    int    `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

type attribute struct {
	Key   string         `json:"key"`
	Value map[string]any `json:"value"`
}

func text(key, value string) attribute {
	return attribute{key, map[string]any{"stringValue": strings.ToValidUTF8(value, "\uFFFD")}}
}
func number(key string, n int64) attribute {
	return attribute{key, map[string]any{"intValue": strconv.FormatInt(n, 10)}}
}
func decimal(key string, f float64) attribute {
	return attribute{key, map[string]any{"doubleValue": f}}
}
func boolean(key string, b bool) attribute { return attribute{key, map[string]any{"boolValue": b}} }

// Span kinds and status codes of OTLP.
const (
	kindServer  = 2
	statusError = 2
)

func (s ended) otlp() otlpSpan {
	r := s.report
	o := otlpSpan{
		TraceID: hex.EncodeToString(s.span.trace[:]), SpanID: hex.EncodeToString(s.span.id[:]),
		Name: r.Script + " " + string(r.Event), Kind: kindServer,
		Start: strconv.FormatInt(r.Start.UnixNano(), 10), End: strconv.FormatInt(r.Start.Add(r.Wall).UnixNano(), 10),
		Attributes: []attribute{
			text("faas.name", r.Script), text("faas.version", r.Version), text("faas.invocation_id", r.Invocation),
			text("mayfly.account", r.Account), text("mayfly.outcome", string(r.Outcome)), boolean("faas.coldstart", r.ColdStart > 0),
			decimal("mayfly.cpu_ms", float64(r.CPU)/float64(time.Millisecond)), number("mayfly.subrequests", int64(r.Subrequests)),
		},
	}
	if s.span.parent != [8]byte{} {
		o.ParentID = hex.EncodeToString(s.span.parent[:])
	}
	if r.Method != "" {
		o.Name = r.Method + " " + r.Script
		o.Attributes = append(o.Attributes, text("http.request.method", r.Method), text("url.full", withoutQuery(r.URL)))
	}
	if r.Status != 0 {
		o.Attributes = append(o.Attributes, number("http.response.status_code", int64(r.Status)))
	}
	if r.Cron != "" {
		o.Attributes = append(o.Attributes, text("faas.cron", r.Cron))
	}
	if r.Outcome != outside.OutcomeOK {
		o.Status = status{Code: statusError, Message: string(r.Outcome)}
		if len(r.Exceptions) > 0 {
			o.Status.Message = strings.ToValidUTF8(r.Exceptions[0].Name+": "+r.Exceptions[0].Message, "\uFFFD")
		}
	}
	return o
}

// withoutQuery leaves out of a URL what may hold secrets.
func withoutQuery(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return address
}
