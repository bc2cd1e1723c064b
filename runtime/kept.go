package runtime

import (
	"context"
	"encoding/json"
	"maps"
	"strconv"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/control"
	"github.com/mayfly-edge/mayfly/runtime/logs"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// Where a script's kept logs are searched, and its cron runs listed.
const (
	logsPath = "/client/v4/accounts/{account}/mayfly/scripts/{script}/logs"
	runsPath = "/client/v4/accounts/{account}/mayfly/scripts/{script}/runs"
)

// named is a script of an account.
type named struct{ account, script string }

// keepRate is the share of a script's invocations whose logs are kept, by its setting
// observability: https://developers.cloudflare.com/workers/observability/logs/workers-logs/
func keepRate(setting json.RawMessage) float64 {
	type part struct {
		Enabled *bool    `json:"enabled"`
		Rate    *float64 `json:"head_sampling_rate"`
	}
	var o struct {
		part
		Logs *part `json:"logs"`
	}
	if len(setting) == 0 || json.Unmarshal(setting, &o) != nil {
		return 0
	}
	p := o.part
	if o.Logs != nil { // the setting for logs is the closer one
		if o.Logs.Enabled != nil {
			p.Enabled = o.Logs.Enabled
		}
		if o.Logs.Rate != nil {
			p.Rate = o.Logs.Rate
		}
	}
	switch {
	case p.Enabled == nil || !*p.Enabled:
		return 0
	case p.Rate == nil:
		return 1
	}
	return min(max(*p.Rate, 0), 1)
}

// refreshKept reads anew whether the logs of one script are kept.
func (rt *Runtime) refreshKept(account, name string) error {
	return rt.store.View(func(tx *script.Tx) error {
		rate := 0.0
		if s, err := tx.Script(account, name); err == nil { // else it was deleted
			rate = keepRate(s.Settings.Observability)
		}
		var old map[named]float64
		if p := rt.kept.Load(); p != nil {
			old = *p
		}
		key := named{account, name}
		if old[key] == rate {
			return nil
		}
		rates := maps.Clone(old)
		if rates == nil {
			rates = map[named]float64{}
		}
		rates[key] = rate
		if rate == 0 {
			delete(rates, key)
		}
		rt.kept.Store(&rates)
		return nil
	})
}

// keep keeps a report if its script asks for it.
func (rt *Runtime) keep(r *outside.Report) {
	rates := rt.kept.Load()
	if rates == nil || len(*rates) == 0 {
		return
	}
	if rate := (*rates)[named{r.Account, r.Script}]; rate > 0 {
		rt.logs.Keep(r, rate)
	}
}

// Logs searches the kept logs of a script. It takes the query parameters
//
//	since, until  RFC 3339 times or dates (UTC)
//	search        text that an item must have
//	outcome       the outcome that an item must have
//	limit         1 to 1000 items, by default 100
//	cursor        that of the page before
//
// and answers items in the form of tail items, newest first.
func (rt *Runtime) Logs(_ context.Context, ask control.Question) (any, error) {
	page, err := rt.searchLogs(ask)
	if err != nil {
		return nil, err
	}
	return control.List{Items: page.Items, Count: len(page.Items), Cursor: page.Cursor}, nil
}

func (rt *Runtime) searchLogs(ask control.Question) (*logs.Page, error) {
	query := ask.Query
	if err := known(query, "since", "until", "search", "outcome", "limit", "cursor"); err != nil {
		return nil, err
	}
	q := logs.Query{
		Account: ask.Account, Script: ask.Param("script"),
		Search: query.Get("search"), Outcome: query.Get("outcome"), Cursor: query.Get("cursor"),
	}
	if err := rt.store.View(func(tx *script.Tx) error {
		_, err := tx.Script(q.Account, q.Script)
		return err
	}); err != nil {
		return nil, err
	}
	for name, into := range map[string]*time.Time{"since": &q.Since, "until": &q.Until} {
		if text := query.Get(name); text != "" {
			t, err := moment(name, text)
			if err != nil {
				return nil, err
			}
			*into = t
		}
	}
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1000 {
			return nil, script.Errorf(script.BadValue, "limit=%q must be a whole number from 1 to 1000", text)
		}
		q.Limit = n
	}
	return rt.logs.Search(q)
}
