package runtime

import (
	"context"
	"time"

	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/pool"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// hostsStart bounds the start of the host processes.
const hostsStart = 30 * time.Second

// newHost makes what runs the isolates.
func (rt *Runtime) newHost() (host.Host, error) {
	if rt.cfg.Containment != ContainmentProcess {
		return host.NewInProcess(pool.Options{IdleTimeout: rt.cfg.Idle}), nil
	}
	o := rt.cfg.Hosts
	if o.Idle == 0 {
		o.Idle = rt.cfg.Idle
	}
	if o.Log == nil {
		o.Log = rt.cfg.Log
	}
	if o.Now == nil {
		o.Now = rt.cfg.Now
	}
	if o.DefaultAccount == "" {
		err := rt.store.View(func(tx *script.Tx) error {
			a, err := tx.Account(script.DefaultAccount)
			if err == nil {
				o.DefaultAccount = a.ID
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), hostsStart)
	defer cancel()
	p, err := host.NewProcess(ctx, o)
	if err != nil {
		return nil, err // not p: a nil *Process is no nil Host
	}
	return p, nil
}

// Containment lists the parts of the containment that isolates run in, and what is
// missing of it.
func (rt *Runtime) Containment() []host.Part { return rt.pool.Status() }

// Release lets a script run again that is stopped because of what it did to its hosts. It
// implements control.Strikes.
func (rt *Runtime) Release(_ context.Context, account, script string) error {
	rt.pool.Release(account, script)
	return nil
}
