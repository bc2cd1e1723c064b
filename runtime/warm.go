package runtime

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/mayfly-edge/mayfly/router"
	"github.com/mayfly-edge/mayfly/runtime/ledger"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

const (
	// provisionTime is how long the isolates of a new deployment may take to be made
	// before it gets requests without them.
	provisionTime = 30 * time.Second
	// warmedScripts is how many scripts get an isolate when the server starts.
	warmedScripts = 32
	// warmedSince is how recently those have been used.
	warmedSince = 24 * time.Hour
)

// provision makes the provisioned isolates of a script's deployed versions and keeps
// them. What fails shows with the first request, which makes its own.
func (rt *Runtime) provision(d *deployed) {
	ctx, cancel := context.WithTimeout(context.Background(), provisionTime)
	defer cancel()
	for _, l := range d.versions {
		rt.pool.Keep(l.version, d.provisioned)
		if err := rt.pool.Prewarm(ctx, l.version, d.provisioned); err != nil {
			rt.cfg.Log.Warn("provisioned isolates could not be made", "script", d.name, "version", l.version.Version, "error", err)
		}
	}
}

// readScripts reads all scripts once, at the start: their hosts, and which of them have
// their logs kept. It returns those that have provisioned isolates.
func (rt *Runtime) readScripts() (provisioned []router.Script, err error) {
	kept := map[named]float64{}
	err = rt.store.View(func(tx *script.Tx) error {
		list, err := tx.Accounts()
		if err != nil {
			return err
		}
		accounts := make(map[string]*script.Account, len(list))
		for _, a := range list {
			accounts[a.ID] = a
		}
		return tx.EachScript(func(s *script.Script) error {
			key := scriptKey(s.Account, s.Name)
			if a := accounts[s.Account]; a != nil {
				rt.hosts.set(rt.hostOf(a, s.Name), key, s)
			}
			if rate := keepRate(s.Settings.Observability); rate > 0 {
				kept[named{s.Account, s.Name}] = rate
			}
			if s.Settings.Provisioned > 0 && s.Deployments > 0 {
				provisioned = append(provisioned, key)
			}
			return nil
		})
	})
	rt.kept.Store(&kept)
	return provisioned, err
}

// warm prepares a server that has just started: provisioned isolates are made, and one
// for each of the scripts used most in the last day, so that their first requests find
// no cold start. It stops when ctx is done.
func (rt *Runtime) warm(ctx context.Context, provisioned []router.Script) {
	for _, key := range provisioned {
		if ctx.Err() != nil {
			return
		}
		if d, err := rt.scripts.get(key); err == nil {
			rt.provision(d)
		}
	}
	for _, key := range rt.recent() {
		if ctx.Err() != nil {
			return
		}
		d, err := rt.scripts.get(key)
		if err != nil {
			continue // deleted since
		}
		for _, l := range d.versions {
			if err := rt.pool.Prewarm(ctx, l.version, 1); err != nil {
				rt.cfg.Log.Debug("not warmed", "script", d.name, "error", err)
			}
		}
	}
}

// recent lists the scripts that had the most requests of late.
func (rt *Runtime) recent() []router.Script {
	now := rt.cfg.Now()
	res, err := rt.ledger.Usage(ledger.Query{From: now.Add(-warmedSince), To: now})
	if err != nil {
		rt.cfg.Log.Debug("usage of the last day is not known", "error", err)
		return nil
	}
	slices.SortStableFunc(res.Rows, func(a, b ledger.Row) int { return cmp.Compare(b.Requests, a.Requests) })
	var keys []router.Script
	for _, r := range res.Rows[:min(len(res.Rows), warmedScripts)] {
		keys = append(keys, scriptKey(r.Account, r.Script))
	}
	return keys
}
