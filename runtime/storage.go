package runtime

import (
	"context"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// A storageMeter knows until when the ledger has heard of what is held in KV.
type storageMeter struct {
	mu    sync.Mutex
	until time.Time
}

// maxUnmetered is for how long what is held now is taken to have been held before: a
// clock that jumps must not make a bill.
const maxUnmetered = 24 * time.Hour

// meterStorage tells the ledger what each account holds in KV, as if it had held that
// since the time before, in whole minutes. Time in which the server did not run is not
// counted.
func (rt *Runtime) meterStorage(ctx context.Context) error {
	rt.meter.mu.Lock()
	defer rt.meter.mu.Unlock()
	now := rt.cfg.Now()
	minutes := int64(now.Sub(rt.meter.until) / time.Minute)
	if minutes < 1 {
		if now.Before(rt.meter.until) { // the clock was set back
			rt.meter.until = now
		}
		return nil
	}
	var all []*script.Namespace
	err := rt.store.View(func(tx *script.Tx) (err error) {
		all, err = tx.Namespaces("")
		return err
	})
	if err != nil {
		return err
	}
	held := map[string]int64{}
	for _, n := range all {
		u, err := rt.db.Namespace(n.ID).Usage(ctx)
		if err != nil {
			return err
		}
		held[n.Account] += u.Bytes
	}
	rt.meter.until = rt.meter.until.Add(time.Duration(minutes) * time.Minute)
	for account, bytes := range held {
		if bytes > 0 {
			rt.ledger.Hold(account, bytes, min(minutes, int64(maxUnmetered/time.Minute)))
		}
	}
	return nil
}

// meterStorageEvery meters until ctx is done.
func (rt *Runtime) meterStorageEvery(ctx context.Context, interval time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := rt.meterStorage(ctx); err != nil && ctx.Err() == nil {
			rt.cfg.Log.Error("KV storage was not metered and will be later", "error", err)
		}
	}
}
