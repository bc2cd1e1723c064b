package tail

import (
	"encoding/json"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// item is the JSON form of a report, as wrangler tail prints it.
type item struct {
	Outcome        outside.Outcome `json:"outcome"`
	ScriptName     string          `json:"scriptName"`
	ScriptVersion  version         `json:"scriptVersion"`
	Entrypoint     string          `json:"entrypoint"`
	ExecutionModel string          `json:"executionModel"`
	Truncated      bool            `json:"truncated"`
	WallTime       int64           `json:"wallTime"` // ms
	CPUTime        int64           `json:"cpuTime"`  // ms
	EventTimestamp int64           `json:"eventTimestamp"`
	Diagnostics    []any           `json:"diagnosticsChannelEvents"`
	Logs           []log           `json:"logs"`
	Exceptions     []exception     `json:"exceptions"`
	Event          any             `json:"event"`
}

type version struct {
	ID string `json:"id"`
}

type log struct {
	Level     string          `json:"level"`
	Message   json.RawMessage `json:"message"`
	Timestamp int64           `json:"timestamp"`
}

type exception struct {
	Name      string `json:"name"`
	Message   string `json:"message"`
	Stack     string `json:"stack,omitempty"`
	Timestamp int64  `json:"timestamp"`
}

type fetchEvent struct {
	Request  request   `json:"request"`
	Response *response `json:"response,omitempty"`
}

type request struct {
	URL     string            `json:"url"`
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers"`
	CF      json.RawMessage   `json:"cf"`
}

type response struct {
	Status int `json:"status"`
}

type scheduledEvent struct {
	Cron          string `json:"cron"`
	ScheduledTime int64  `json:"scheduledTime"`
}

type rpcEvent struct {
	Method string `json:"rpcMethod"`
}

// Marshal returns the JSON text of a report.
func Marshal(r *outside.Report) ([]byte, error) {
	i := item{
		Outcome: r.Outcome, ScriptName: r.Script, ScriptVersion: version{r.Version}, Entrypoint: r.Entrypoint,
		ExecutionModel: "stateless", Truncated: r.Truncated, WallTime: r.Wall.Milliseconds(), CPUTime: ceil(r.CPU),
		EventTimestamp: r.Start.UnixMilli(), Diagnostics: []any{}, Logs: []log{}, Exceptions: []exception{},
	}
	for _, l := range r.Logs {
		i.Logs = append(i.Logs, log{l.Level, l.Message, l.Time.UnixMilli()})
	}
	for _, e := range r.Exceptions {
		i.Exceptions = append(i.Exceptions, exception{e.Name, e.Message, e.Stack, e.Time.UnixMilli()})
	}
	switch r.Event {
	case outside.EventFetch, outside.EventLambda, outside.EventAsset:
		e := fetchEvent{Request: request{r.URL, r.Method, map[string]string{}, json.RawMessage("{}")}}
		for _, h := range r.Header {
			e.Request.Headers[h.Name] = redact(h)
		}
		if r.CF != nil {
			e.Request.CF = r.CF
		}
		if r.Status != 0 {
			e.Response = &response{r.Status}
		}
		i.Event = e
	case outside.EventScheduled:
		i.Event = scheduledEvent{r.Cron, r.Time.UnixMilli()}
	case outside.EventRPC:
		i.Event = rpcEvent{r.RPCMethod}
	}
	return json.Marshal(i)
}

// redact hides what authenticates a client, as Cloudflare's tail does.
func redact(h outside.Field) string {
	switch h.Name {
	case "authorization", "cookie", "proxy-authorization":
		return "REDACTED"
	}
	return h.Value
}

// ceil rounds up to milliseconds, so that no CPU time at all is told from a little.
func ceil(d time.Duration) int64 { return int64((d + time.Millisecond - 1) / time.Millisecond) }
