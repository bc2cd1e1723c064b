package runtime

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mayfly-edge/mayfly/runtime/control"
	"github.com/mayfly-edge/mayfly/runtime/ledger"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

var _ control.Usage = (*Runtime)(nil)

// Usage implements control.Usage. It takes the parameters
//
//	from, to   RFC 3339 times or dates (UTC); by default the month so far
//	script     only this script
//	step       minute, hour, day or a duration: one row for each
//	group_by   version: rows of each version apart
//
// and returns a *ledger.Result.
func (rt *Runtime) Usage(ctx context.Context, account string, query url.Values) (any, error) {
	if err := known(query, "from", "to", "script", "step", "group_by"); err != nil {
		return nil, err
	}
	q := ledger.Query{Account: account, Script: query.Get("script")}
	var err error
	if q.From, q.To, err = rt.period(query); err != nil {
		return nil, err
	}
	if q.Step, err = step(query.Get("step")); err != nil {
		return nil, err
	}
	switch by := query.Get("group_by"); by {
	case "", "script":
	case "version":
		q.ByVersion = true
	default:
		return nil, script.Errorf(script.BadValue, "group_by=%q must be script or version", by)
	}
	return rt.usage(ctx, q)
}

// usage asks the ledger, which then knows what is stored until now.
func (rt *Runtime) usage(ctx context.Context, q ledger.Query) (*ledger.Result, error) {
	if err := rt.meterStorage(ctx); err != nil {
		return nil, err
	}
	res, err := rt.ledger.Usage(q)
	if err != nil {
		return nil, script.Errorf(script.BadValue, "%s", strings.TrimPrefix(err.Error(), "ledger: "))
	}
	return res, nil
}

// An Invoice is what the usage of one period costs.
type Invoice struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Script string    `json:"script,omitempty"`
	ledger.Invoice
}

// Invoice implements control.Usage. It takes from, to and script as Usage does, and
// plan, which is workers (the default) or lambda, and returns an *Invoice.
func (rt *Runtime) Invoice(ctx context.Context, account string, query url.Values) (any, error) {
	if err := known(query, "from", "to", "script", "plan"); err != nil {
		return nil, err
	}
	name := query.Get("plan")
	if name == "" {
		name = ledger.Workers().Name
	}
	plan, err := ledger.PlanByName(name)
	if err != nil {
		return nil, script.Errorf(script.BadValue, "plan=%q must be %s", name, planNames())
	}
	q := ledger.Query{Account: account, Script: query.Get("script")}
	if q.From, q.To, err = rt.period(query); err != nil {
		return nil, err
	}
	res, err := rt.usage(ctx, q)
	if err != nil {
		return nil, err
	}
	used := ledger.Consumption{Usage: res.Total, KVStored: res.Total.KVHeld.Average(res.To.Sub(res.From))}
	return &Invoice{From: res.From, To: res.To, Script: q.Script, Invoice: ledger.NewInvoice(plan, used)}, nil
}

func planNames() string {
	var names []string
	for _, p := range ledger.Plans() {
		names = append(names, p.Name)
	}
	return strings.Join(names, " or ")
}

// period reads from and to. Without from it is the month of to so far.
func (rt *Runtime) period(query url.Values) (from, to time.Time, err error) {
	to = rt.cfg.Now().UTC()
	if text := query.Get("to"); text != "" {
		if to, err = moment("to", text); err != nil {
			return from, to, err
		}
	}
	from = time.Date(to.Year(), to.Month(), 1, 0, 0, 0, 0, time.UTC)
	if text := query.Get("from"); text != "" {
		if from, err = moment("from", text); err != nil {
			return from, to, err
		}
	}
	if !from.Before(to) {
		return from, to, script.Errorf(script.BadValue, "the time asked for ends at %s, which is not after its start at %s",
			to.Format(time.RFC3339), from.Format(time.RFC3339))
	}
	return from, to, nil
}

// moment reads a time or the start of a day, in UTC.
func moment(name, text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, script.Errorf(script.BadValue, "%s=%q must be a time such as 2026-05-01T00:00:00Z or a date such as 2026-05-01", name, text)
}

func step(text string) (time.Duration, error) {
	switch text {
	case "":
		return 0, nil
	case "minute":
		return time.Minute, nil
	case "hour":
		return time.Hour, nil
	case "day":
		return 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d%time.Minute != 0 {
		return 0, script.Errorf(script.BadValue, "step=%q must be minute, hour, day or a whole number of minutes such as 15m", text)
	}
	return d, nil
}

// known refuses query parameters that mean nothing, which are misspelt ones.
func known(query url.Values, names ...string) error {
	for name := range query {
		if len(names) == 0 {
			return script.Errorf(script.BadValue, "unknown query parameter %q: there are none", name)
		}
		if !slices.Contains(names, name) {
			return script.Errorf(script.BadValue, "unknown query parameter %q: there are %s", name, strings.Join(names, ", "))
		}
	}
	return nil
}
