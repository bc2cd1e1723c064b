package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

type logsCommand struct {
	Name    string `arg:"" help:"Name of the worker."`
	Since   string `help:"How far back, such as 1h, or a time such as 2026-05-01T00:00:00Z. Default: all that is kept." placeholder:"TIME"`
	Search  string `help:"Only invocations with this text." placeholder:"TEXT"`
	Outcome string `help:"Only invocations that ended so, such as ok or exception." placeholder:"OUTCOME"`
	Limit   int    `help:"Most invocations shown, the newest. Default: ${default}." default:"100" placeholder:"N"`
	Format  string `help:"pretty or json, one item on each line. Default: ${default}." enum:"pretty,json" default:"pretty" placeholder:"FORMAT"`
	controlFlags
}

func (logsCommand) Help() string {
	return `Logs are kept for seven days of workers whose configuration has

  "observability": { "enabled": true, "head_sampling_rate": 1 }

Examples:

  mayfly logs hello --since 1h --outcome exception
  mayfly logs hello --search "order 4711" --format json`
}

func (c *logsCommand) Run(ctx context.Context, m *Main) error {
	q := url.Values{}
	if c.Limit < 1 {
		return usageError("--limit %d: it must be at least 1", c.Limit)
	}
	if c.Since != "" {
		if d, err := time.ParseDuration(c.Since); err == nil {
			c.Since = time.Now().Add(-d).UTC().Format(time.RFC3339Nano)
		}
		q.Set("since", c.Since)
	}
	if c.Search != "" {
		q.Set("search", c.Search)
	}
	if c.Outcome != "" {
		q.Set("outcome", c.Outcome)
	}
	k, err := c.client(m)
	if err != nil {
		return err
	}
	var all []json.RawMessage
	for {
		q.Set("limit", strconv.Itoa(min(c.Limit-len(all), 1000)))
		items, cursor, err := k.Logs(ctx, c.Name, q)
		if err != nil {
			return explain(err)
		}
		all = append(all, items...)
		if cursor == "" || len(all) >= c.Limit {
			break
		}
		q.Set("cursor", cursor)
	}
	p := paletteFor(m.Stdout, m.Getenv)
	for _, item := range slices.Backward(all) { // as they happened
		if c.Format == "json" {
			fmt.Fprintf(m.Stdout, "%s\n", item)
		} else if err := printItem(m.Stdout, p, item); err != nil {
			return err
		}
	}
	return nil
}
