package runtime

import (
	"context"
	"time"

	"github.com/mayfly-edge/mayfly/router"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// Requests pass three limits, always in the order server, account, script:
//
//   - the server's, Config.Concurrency;
//   - the account's, shared by its scripts without a limit of their own: what those with
//     one have reserved is taken off it, as Lambda does;
//   - the script's: the places reserved for it, or Config.ScriptConcurrency.

// admit takes a place for an event of a script, waiting for one for at most wait. The
// error is errShed, or why ctx has ended.
func (rt *Runtime) admit(ctx func() context.Context, d *deployed, wait time.Duration) error {
	if err := rt.limiter.acquire(ctx, wait); err != nil {
		return err
	}
	if d.shared != nil {
		if err := d.shared.acquire(ctx, wait); err != nil {
			rt.limiter.release()
			return err
		}
	}
	if err := d.limiter.acquire(ctx, wait); err != nil {
		if d.shared != nil {
			d.shared.release()
		}
		rt.limiter.release()
		return err
	}
	return nil
}

// leave gives back what admit took for the same d.
func (rt *Runtime) leave(d *deployed) {
	d.limiter.release()
	if d.shared != nil {
		d.shared.release()
	}
	rt.limiter.release()
}

// limits are how many events of a script may be in flight.
type limits struct {
	script int
	// account is the places that scripts without a reservation share; 0 is no limit.
	account int
	// reserved says that the script has places of its own and takes none of the account's.
	reserved bool
	// provisioned is how many isolates of each deployed version are kept warm.
	provisioned int
}

// limits reads the limits of a script.
func (rt *Runtime) limits(tx *script.Tx, account, name string) (limits, error) {
	l := limits{script: rt.cfg.ScriptConcurrency}
	s, err := tx.Script(account, name)
	if err != nil {
		return l, err
	}
	l.provisioned = s.Settings.Provisioned
	if s.Settings.Concurrency > 0 {
		l.script, l.reserved = s.Settings.Concurrency, true
	}
	a, err := tx.Account(account)
	if err != nil || a.Concurrency <= 0 {
		return l, err
	}
	sums, err := tx.Tally(account)
	l.account = max(a.Concurrency-sums.Reserved, 1)
	return l, err
}

// limit gives d its limiters, which outlive deployments and changes of the limits. The
// caller holds s.mu.
func (s *scripts) limit(d *deployed, l limits) {
	if d.limiter = s.limiters[d.key]; d.limiter == nil {
		d.limiter = newLimiter(l.script)
		s.limiters[d.key] = d.limiter
	} else {
		d.limiter.resize(l.script)
	}
	if l.account == 0 {
		return
	}
	key := router.Script(d.account) // no script's key: that has a slash
	shared := s.limiters[key]
	if shared == nil {
		shared = newLimiter(l.account)
		s.limiters[key] = shared
	} else {
		shared.resize(l.account)
	}
	if !l.reserved {
		d.shared = shared
	}
}
