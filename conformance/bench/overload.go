package main

import (
	"context"
	"fmt"
	"os"

	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// What overload is: this many times what the server can do, by so many connections, with
// so many requests allowed in flight.
const (
	overloadFactor      = 5
	overloadConnections = 256
	overloadConcurrency = 8
)

// shedding measures how long answers take when more is asked than can be done: what is
// over the limit must be turned away, so that what is let in is answered in time.
func (b *bench) shedding(ctx context.Context, r *results) error {
	for _, mode := range mayflyModes() {
		o, err := b.overloaded(ctx, mode)
		if err != nil {
			return err
		}
		r.Overload = append(r.Overload, *o)
	}
	return nil
}

func (b *bench) overloaded(ctx context.Context, mode mode) (*overload, error) {
	dir, err := os.MkdirTemp(b.dir, "overload-")
	if err != nil {
		return nil, err
	}
	m, err := b.runMayfly(ctx, dir, append([]string{"--concurrency", fmt.Sprint(overloadConcurrency)}, mode.flags...)...)
	if err != nil {
		return nil, err
	}
	defer m.Stop()
	w, err := find(workloads(), "fib")
	if err != nil {
		return nil, err
	}
	if err := m.API.Deploy(ctx, remote.Worker{Name: w.name, Code: w.code}); err != nil {
		return nil, err
	}
	to := &way{[]endpoint{scriptEndpoint(m, w.name, &w)}, m.Process}
	full, err := measured(ctx, to, load{connections: overloadConcurrency, duration: b.overload / 2})
	if err != nil {
		return nil, m.Explain(err)
	}
	p, err := press(ctx, to.to, load{connections: overloadConnections, duration: b.overload, rate: overloadFactor * full.Rate})
	if err != nil {
		return nil, m.Explain(err)
	}
	return &overload{
		Server: mode.server, Worker: w.name, Concurrency: overloadConcurrency, Connections: overloadConnections,
		FullRate: full.Rate, FullP99: full.P99,
		Offered: overloadFactor * full.Rate, Rate: float64(p.requests) / p.elapsed.Seconds(), Shed: p.shed, Requests: p.requests,
		P50: micros(quantile(p.latencies, 0.5)), P99: micros(quantile(p.latencies, 0.99)), ShedP99: micros(quantile(p.turned, 0.99)),
	}, nil
}
