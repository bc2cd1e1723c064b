package main

import (
	"context"
	"log/slog"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// newLog makes the log of a server, on standard error.
func newLog(m *Main, format, level string) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level)) // the flag takes nothing else
	o := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(m.Stderr, o))
	}
	return slog.New(slog.NewTextHandler(m.Stderr, o))
}

// A workerLog writes what goes wrong in workers to the server's log, and their console
// when the log takes debug messages.
type workerLog struct{ log *slog.Logger }

// Log implements runtime.Observer.
func (w *workerLog) Log(account, script string, line *outside.LogLine) {
	if !w.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	w.log.Debug("console", "script", script, "account", account, "level", line.Level, "text", line.Text)
}

// Report implements runtime.Observer.
func (w *workerLog) Report(r *outside.Report) {
	switch r.Outcome {
	case outside.OutcomeOK, outside.OutcomeCanceled, outside.OutcomeStreamDisconnected, outside.OutcomeLoadShed:
		return
	}
	attrs := []any{"outcome", string(r.Outcome), "script", r.Script, "version", r.Version, "request", r.Invocation, "event", string(r.Event)}
	if r.Event == outside.EventFetch {
		attrs = append(attrs, "method", r.Method, "url", r.URL)
	} else if r.Cron != "" {
		attrs = append(attrs, "cron", r.Cron)
	}
	attrs = append(attrs, "cpu", r.CPU, "wall", r.Wall)
	if len(r.Exceptions) > 0 {
		attrs = append(attrs, "error", exceptionText(&r.Exceptions[0]))
	}
	w.log.Warn("worker failed", attrs...)
}

// exceptionText is an exception as a person reads it: with its stack if there is one.
func exceptionText(e *outside.Exception) string {
	head := e.Message
	if e.Name != "" {
		head = e.Name + ": " + e.Message
	}
	stack := strings.TrimRight(e.Stack, "\n")
	switch {
	case stack == "":
		return head
	case strings.HasPrefix(stack, e.Name):
		return stack
	}
	return head + "\n" + stack
}
