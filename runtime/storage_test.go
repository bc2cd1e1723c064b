package runtime_test

import (
	"context"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/ledger"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// TestStorageIsBilled has an account hold a big value for a part of a month: it pays for
// the average beyond what is included, and others for nothing.
func TestStorageIsBilled(t *testing.T) {
	var now atomic.Int64
	now.Store(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC).UnixNano())
	s := start(t, runtime.ServerConfig{Config: runtime.Config{Now: func() time.Time { return time.Unix(0, now.Load()) }}})
	ctx := context.Background()
	var ids []string
	if err := s.Store().Update(script.Actor{}, func(tx *script.Tx) error {
		ids = ids[:0]
		a, err := tx.CreateAccount("Other")
		if err != nil {
			return err
		}
		for _, owner := range []string{account(t, s), a.ID} {
			n, err := tx.CreateNamespace(owner, "n")
			if err != nil {
				return err
			}
			ids = append(ids, n.ID)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	value := make([]byte, 25<<20-1)
	if err := s.DB().Namespace(ids[0]).Put(ctx, kv.Write{Key: "k", Value: value}); err != nil {
		t.Fatal(err)
	}
	held := func() ledger.HeldTime {
		t.Helper()
		return usage(t, s, "from", "2026-04-01", "to", "2026-05-01").Total.KVHeld
	}
	if got := held(); got != 0 {
		t.Errorf("at once: %s", got)
	}
	now.Add(int64(90 * time.Second)) // of which half a minute is left for the next time
	if got := held(); got != 25<<20 {
		t.Errorf("after a minute and a half: %s", got)
	}
	now.Add(int64(30 * time.Second))
	if got := held(); got != 2*(25<<20) {
		t.Errorf("after two minutes: %s", got)
	}
	now.Store(time.Date(2026, 4, 1, 0, 2, 0, 0, time.UTC).UnixNano())
	for range 15 {
		now.Add(int64(24 * time.Hour))
		held()
	}
	if err := s.DB().Namespace(ids[0]).Delete(ctx, "k"); err != nil {
		t.Fatal(err)
	}
	before := held()
	now.Add(int64(14 * 24 * time.Hour))
	if got := held(); got != before {
		t.Errorf("after the deletion %s, before %s", got, before)
	}
	inv, err := s.Invoice(ctx, account(t, s), url.Values{"from": {"2026-04-01"}, "to": {"2026-05-01"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range inv.(*runtime.Invoice).Lines {
		// 25 MiB for 15 days and two minutes of 30 days.
		if l.Name == "KV storage" && (l.Quantity != "0.013108413" || l.Amount != 0) {
			t.Errorf("%+v", l)
		}
	}
	// The clock jumps by years: a day of them counts.
	if err := s.DB().Namespace(ids[0]).Put(ctx, kv.Write{Key: "k", Value: value}); err != nil {
		t.Fatal(err)
	}
	now.Add(int64(1000 * 24 * time.Hour))
	if got := usage(t, s).Total.KVHeld; got != 24*60*(25<<20) {
		t.Errorf("after the jump: %s", got)
	}
	res, err := s.Usage(ctx, "nobody", url.Values{"from": {"2026-04-01"}})
	if err != nil || res.(*ledger.Result).Total.KVHeld != 0 {
		t.Errorf("of another account: %+v %v", res, err)
	}
}
