package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/url"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/ledger"
)

type usageCommand struct {
	From      string `help:"Begin: a date or an RFC 3339 time, in UTC. Default: the first of the month." placeholder:"TIME"`
	To        string `help:"End, not included. Default: now." placeholder:"TIME"`
	Script    string `help:"Only this worker." placeholder:"NAME"`
	Step      string `help:"One row for each minute, hour, day or so long, such as 15m." placeholder:"STEP"`
	ByVersion bool   `help:"Rows of each version apart."`
	Plan      string `help:"Show an invoice by the prices of this plan: workers or lambda." enum:",workers,lambda" default:"" placeholder:"PLAN"`
	JSON      bool   `help:"Answer as JSON." xor:"format"`
	CSV       bool   `name:"csv" help:"Answer as CSV." xor:"format"`
	controlFlags
}

func (usageCommand) Help() string {
	return `Examples:

  mayfly usage
  mayfly usage --from 2026-05-01 --to 2026-06-01 --plan workers
  mayfly usage --script hello --step day --csv`
}

func (c *usageCommand) Run(ctx context.Context, m *Main) error {
	query := url.Values{}
	set := func(name, value string) {
		if value != "" {
			query.Set(name, value)
		}
	}
	set("from", c.From)
	set("to", c.To)
	set("script", c.Script)
	k, err := c.client(m)
	if err != nil {
		return err
	}
	if c.Plan != "" {
		if c.Step != "" || c.ByVersion {
			return usageError("an invoice has no --step and no --by-version")
		}
		set("plan", c.Plan)
		inv, err := k.Invoice(ctx, query)
		if err != nil {
			return explain(err)
		}
		switch {
		case c.JSON:
			return printJSON(m.Stdout, inv)
		case c.CSV:
			return invoiceCSV(m, inv)
		}
		return invoiceTable(m, inv)
	}
	set("step", c.Step)
	if c.ByVersion {
		query.Set("group_by", "version")
	}
	res, err := k.Usage(ctx, query)
	if err != nil {
		return explain(err)
	}
	switch {
	case c.JSON:
		return printJSON(m.Stdout, res)
	case c.CSV:
		return usageCSV(m, res)
	}
	return c.table(m, res)
}

// failures counts invocations that did not end well.
func failures(u *ledger.Usage) int64 { return u.Invocations - u.Outcomes.Of(outside.OutcomeOK) }

func (c *usageCommand) table(m *Main, res *ledger.Result) error {
	fmt.Fprintf(m.Stdout, "Usage from %s to %s\n\n", res.From.UTC().Format(time.DateTime), res.To.UTC().Format(time.DateTime))
	t := tabwriter.NewWriter(m.Stdout, 0, 0, 2, ' ', 0)
	line := func(name, version, from string, u *ledger.Usage) {
		if c.Step != "" {
			fmt.Fprintf(t, "%s\t", from)
		}
		fmt.Fprintf(t, "%s\t", name)
		if c.ByVersion {
			fmt.Fprintf(t, "%s\t", version)
		}
		fmt.Fprintf(t, "%d\t%d\t%s\t%s\t%d\t%d/%d\t%s\n", u.Requests, failures(u), short(u.CPU.Duration()), short(u.Wall.Duration()),
			u.Subrequests, u.KVReads+u.KVLists, u.KVWrites+u.KVDeletes, size(int(u.BytesOut)))
	}
	if c.Step != "" {
		fmt.Fprint(t, "FROM\t")
	}
	fmt.Fprint(t, "WORKER\t")
	if c.ByVersion {
		fmt.Fprint(t, "VERSION\t")
	}
	fmt.Fprintln(t, "REQUESTS\tFAILED\tCPU\tWALL\tSUBREQUESTS\tKV READ/WRITE\tSENT")
	for i := range res.Rows {
		if r := &res.Rows[i]; r.Script != "" { // else it is about what is stored
			line(r.Script, r.Version, r.From.UTC().Format(time.DateTime), &r.Usage)
		}
	}
	line("total", "", "", &res.Total)
	if err := t.Flush(); err != nil || res.Total.KVHeld == 0 {
		return err
	}
	_, err := fmt.Fprintf(m.Stdout, "\nStored in KV on average: %s\n", size(int(res.Total.KVHeld.Average(res.To.Sub(res.From)))))
	return err
}

func usageCSV(m *Main, res *ledger.Result) error {
	w := csv.NewWriter(m.Stdout)
	rows := [][]string{{"from", "to", "account", "script", "version", "requests", "invocations", "failed", "cpu_ms", "wall_ms", "subrequests",
		"cold_starts", "cold_start_ms", "gb_seconds", "kv_reads", "kv_writes", "kv_deletes", "kv_lists", "bytes_in", "bytes_out", "kv_gb_minutes"}}
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	for i := range res.Rows {
		r := &res.Rows[i]
		rows = append(rows, []string{r.From.UTC().Format(time.RFC3339), r.To.UTC().Format(time.RFC3339), r.Account, r.Script, r.Version,
			n(r.Requests), n(r.Invocations), n(failures(&r.Usage)), millis(r.CPU), millis(r.Wall), n(r.Subrequests),
			n(r.ColdStarts), millis(r.ColdStart), r.Memory.String(), n(r.KVReads), n(r.KVWrites), n(r.KVDeletes), n(r.KVLists), n(r.BytesIn), n(r.BytesOut), r.KVHeld.String()})
	}
	return w.WriteAll(rows)
}

func millis(s ledger.Span) string {
	return strconv.FormatFloat(float64(s)/float64(time.Millisecond), 'f', -1, 64)
}

func invoiceTable(m *Main, inv *runtime.Invoice) error {
	fmt.Fprintf(m.Stdout, "%s, %s to %s\n\n", inv.Title, inv.From.UTC().Format(time.DateTime), inv.To.UTC().Format(time.DateTime))
	t := tabwriter.NewWriter(m.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ITEM\tQUANTITY\tINCLUDED\tPRICE\tAMOUNT")
	for _, l := range inv.Lines {
		quantity, included, price := l.Quantity, "", ""
		if l.Unit != "" {
			quantity += " " + l.Unit
		}
		if l.Included != 0 {
			included = strconv.FormatInt(l.Included, 10)
		}
		if l.Per != 0 {
			price = "$" + l.Price.Exact()
			if l.Per != 1 {
				price += " / " + strconv.FormatInt(l.Per, 10)
			}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", l.Name, quantity, included, price, l.Amount)
	}
	fmt.Fprintf(t, "Total\t\t\t\t%s\n", inv.Total)
	return t.Flush()
}

func invoiceCSV(m *Main, inv *runtime.Invoice) error {
	rows := [][]string{{"item", "unit", "quantity", "included", "billable", "price_usd", "per", "amount_usd"}}
	for _, l := range inv.Lines {
		rows = append(rows, []string{l.Name, l.Unit, l.Quantity, strconv.FormatInt(l.Included, 10), l.Billable, l.Price.Exact(), strconv.FormatInt(l.Per, 10), l.Amount.Exact()})
	}
	rows = append(rows, []string{"total", "", "", "", "", "", "", inv.Total.Exact()})
	return csv.NewWriter(m.Stdout).WriteAll(rows)
}
