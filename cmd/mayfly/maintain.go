package main

import (
	"context"
	"fmt"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

type compactCommand struct{ controlFlags }

func (compactCommand) Help() string {
	return "The server goes on meanwhile. A token of scope admin for all accounts is needed.\n\nExample:\n\n  mayfly compact"
}

func (c *compactCommand) Run(ctx context.Context, m *Main) error {
	k, err := c.client(m)
	if err != nil {
		return err
	}
	return explain(k.Compact(ctx))
}

type repairCommand struct {
	Data string `help:"Directory of the server. Default: ${default}." default:"./mayfly-data" placeholder:"DIR" type:"path"`
	JSON bool   `help:"Answer as JSON."`
}

func (repairCommand) Help() string {
	return `No server may run on the directory. Copy it first: what is damaged is removed. Files
that cannot be read are moved to DIR/store/lost.

Example:

  mayfly repair --data /var/lib/mayfly`
}

func (c *repairCommand) Run(m *Main) error {
	r, err := kv.Repair(filepath.Join(c.Data, "store"))
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(m.Stdout, r)
	}
	if r.Clean {
		fmt.Fprintf(m.Stdout, "%s is in order: %d records\n", c.Data, r.Records)
		return nil
	}
	for _, f := range r.Fixed {
		fmt.Fprintf(m.Stdout, "fixed  %s\n", f)
	}
	for _, f := range r.Moved {
		fmt.Fprintf(m.Stdout, "moved  %s\n", f)
	}
	for _, k := range r.Keys {
		fmt.Fprintf(m.Stdout, "lost   %q\n", k)
	}
	fmt.Fprintf(m.Stdout, "%d records can be read, %d were lost\n", r.Records, r.Lost)
	return nil
}

type auditCommand struct {
	Limit int  `help:"Most entries shown. Default: ${default}." default:"100" placeholder:"N"`
	JSON  bool `help:"Answer as JSON."`
	controlFlags
}

func (auditCommand) Help() string {
	return "Shows who changed what through the control plane, newest first; entries are kept for 400\ndays. A token of scope admin is needed.\n\nExample:\n\n  mayfly audit --limit 20"
}

func (c *auditCommand) Run(ctx context.Context, m *Main) error {
	if c.Limit < 1 || c.Limit > 1000 {
		return usageError("--limit %d: it must be from 1 to 1000", c.Limit)
	}
	k, err := c.client(m)
	if err != nil {
		return err
	}
	all, _, err := k.Audit(ctx, c.Limit, "")
	if err != nil {
		return explain(err)
	}
	if c.JSON {
		return printJSON(m.Stdout, all)
	}
	t := tabwriter.NewWriter(m.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "TIME\tACTION\tRESOURCE\tBY\tFROM\tDETAIL")
	for _, e := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", e.Time.UTC().Format(time.DateTime), e.Action, e.Resource, e.Actor, e.Address, e.Detail)
	}
	return t.Flush()
}
