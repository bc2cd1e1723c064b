package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

type tailCommand struct {
	Name     string   `arg:"" help:"Name of the worker."`
	Format   string   `help:"pretty or json, one item on each line. Default: ${default}." enum:"pretty,json" default:"pretty" placeholder:"FORMAT"`
	Status   []string `help:"Only invocations that ended so: ok, error or canceled. May be repeated." placeholder:"STATUS"`
	Method   []string `help:"Only requests of this method. May be repeated." placeholder:"METHOD"`
	Search   string   `help:"Only invocations whose log has this text." placeholder:"TEXT"`
	Sampling float64  `help:"Share of invocations shown, above 0 and up to 1." default:"1" placeholder:"SHARE"`
	controlFlags
}

func (tailCommand) Help() string {
	return `Shows each invocation of a worker as it ends, until it is interrupted.

Examples:

  mayfly tail hello
  mayfly tail hello --status error --format json`
}

func (c *tailCommand) Run(ctx context.Context, m *Main) error {
	filters, err := c.filters()
	if err != nil {
		return err
	}
	k, err := c.client(m)
	if err != nil {
		return err
	}
	p := paletteFor(m.Stdout, m.Getenv)
	err = k.Tail(ctx, c.Name, filters, func(item []byte) error {
		if c.Format == "json" {
			_, err := fmt.Fprintf(m.Stdout, "%s\n", item)
			return err
		}
		return printItem(m.Stdout, p, item)
	})
	if ctx.Err() != nil {
		return nil // interrupted, as it is meant to be
	}
	return explain(err)
}

// filters is the session's filters in the control plane's form.
func (c *tailCommand) filters() (json.RawMessage, error) {
	list := []map[string]any{}
	if c.Sampling <= 0 || c.Sampling > 1 {
		return nil, usageError("--sampling %v: it must be above 0 and up to 1", c.Sampling)
	}
	if c.Sampling < 1 {
		list = append(list, map[string]any{"sampling_rate": c.Sampling})
	}
	var outcomes []string
	for _, s := range c.Status {
		switch s {
		case "ok":
			outcomes = append(outcomes, "ok")
		case "canceled":
			outcomes = append(outcomes, "canceled")
		case "error":
			outcomes = append(outcomes, "exception", "exceededCpu", "exceededMemory", "exceededWallTime", "internalError", "loadShed")
		default:
			return nil, usageError("--status %s: it must be ok, error or canceled", s)
		}
	}
	if outcomes != nil {
		list = append(list, map[string]any{"outcome": outcomes})
	}
	if c.Method != nil {
		list = append(list, map[string]any{"method": c.Method})
	}
	if c.Search != "" {
		list = append(list, map[string]any{"query": c.Search})
	}
	return json.Marshal(list)
}

// tailItem is what of a tail item a person reads.
type tailItem struct {
	Outcome        string `json:"outcome"`
	EventTimestamp int64  `json:"eventTimestamp"`
	CPUTime        int64  `json:"cpuTime"`
	WallTime       int64  `json:"wallTime"`
	Event          struct {
		Request  *struct{ Method, URL string } `json:"request"`
		Response *struct{ Status int }         `json:"response"`
		Cron     string                        `json:"cron"`
		Method   string                        `json:"rpcMethod"`
		Type     string                        `json:"type"`
		Message  string                        `json:"message"`
	} `json:"event"`
	Logs []struct {
		Level   string `json:"level"`
		Message []any  `json:"message"`
	} `json:"logs"`
	Exceptions []struct{ Name, Message, Stack string } `json:"exceptions"`
}

// printItem writes an item as a few lines.
func printItem(w io.Writer, p palette, text []byte) error {
	var i tailItem
	if err := json.Unmarshal(text, &i); err != nil {
		return fmt.Errorf("an item of the log is not understood: %w", err)
	}
	var b strings.Builder
	what := "event"
	switch {
	case i.Event.Type != "" && i.Event.Message != "":
		_, err := fmt.Fprintln(w, p.yellow(i.Event.Message))
		return err
	case i.Event.Request != nil && i.Event.Request.URL != "":
		what = i.Event.Request.Method + " " + i.Event.Request.URL
	case i.Event.Request != nil:
		what = "invoke"
	case i.Event.Cron != "":
		what = "cron " + i.Event.Cron
	case i.Event.Method != "":
		what = "rpc " + i.Event.Method
	}
	if i.Event.Response != nil {
		what += fmt.Sprintf(" -> %d", i.Event.Response.Status)
	}
	outcome := p.green(i.Outcome)
	if i.Outcome != "ok" {
		outcome = p.red(i.Outcome)
	}
	fmt.Fprintf(&b, "%s %s %s %s\n", p.dim(time.UnixMilli(i.EventTimestamp).UTC().Format(time.DateTime)), p.bold(what), outcome,
		p.dim(fmt.Sprintf("cpu %d ms, wall %d ms", i.CPUTime, i.WallTime)))
	for _, l := range i.Logs {
		words := make([]string, len(l.Message))
		for n, v := range l.Message {
			if s, ok := v.(string); ok {
				words[n] = s
			} else if t, err := json.Marshal(v); err == nil {
				words[n] = string(t)
			}
		}
		fmt.Fprintf(&b, "  (%s) %s\n", l.Level, strings.Join(words, " "))
	}
	for _, e := range i.Exceptions {
		line := e.Name + ": " + e.Message
		if e.Stack != "" {
			line = strings.ReplaceAll(strings.TrimRight(e.Stack, "\n"), "\n", "\n  ")
		}
		fmt.Fprintf(&b, "  %s\n", p.red(line))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
