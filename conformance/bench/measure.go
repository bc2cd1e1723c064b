package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
)

// measure runs everything that was asked for.
func (b *bench) measure(ctx context.Context) (*results, error) {
	r := &results{
		When: time.Now().UTC().Truncate(time.Second), Machine: process.Machine(), Cores: runtime.NumCPU(), Go: runtime.Version(),
		Versions: map[string]string{"workerd": workerdVersion, "miniflare": miniflareVersion, "hono": honoVersion},
		Rounds:   b.rounds, Connections: b.load.connections, Duration: b.load.duration.Seconds(),
		LoadBefore: process.LoadAverage(),
	}
	if len(b.workloads) > 0 {
		if err := b.throughput(ctx, r); err != nil {
			return nil, err
		}
	}
	if b.measures("mayfly") {
		if b.cold > 0 {
			if err := b.coldStarts(ctx, r); err != nil {
				return nil, fmt.Errorf("cold starts: %w", err)
			}
		}
		if b.isolates > 0 {
			if err := b.idleIsolates(ctx, r); err != nil {
				return nil, fmt.Errorf("idle isolates: %w", err)
			}
		}
	}
	r.LoadAfter = process.LoadAverage()
	r.Notes = b.notes
	return r, nil
}

func (b *bench) measures(name string) bool {
	for _, s := range b.servers {
		if s.name == name {
			return true
		}
	}
	return false
}

// throughput puts the load on every server with every worker, in rounds.
func (b *bench) throughput(ctx context.Context, r *results) error {
	var up []*running
	defer func() {
		for _, s := range up {
			s.Stop()
		}
	}()
	for _, s := range b.servers {
		run, err := s.start(ctx, b)
		if run != nil && run.Process != nil {
			up = append(up, run)
		}
		if errors.Is(err, errAbsent) {
			b.note("%s is left out: %v", s.name, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	for round := range b.rounds {
		for _, w := range b.workloads {
			for _, s := range up {
				e, ok := s.endpoints[w.name]
				if !ok {
					continue
				}
				if round == 0 { // caches, compilers and heaps settle before the first turn
					warm := b.load
					warm.duration = max(b.load.duration/3, 500*time.Millisecond)
					if _, err := press(ctx, e, warm); err != nil {
						return fmt.Errorf("%s, %s: %w", s.name, w.name, err)
					}
				}
				f, err := turn(ctx, s, e, b.load)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", s.name, w.name, err)
				}
				f.Worker, f.Server = w.name, s.name
				fmt.Fprintf(os.Stderr, "round %d  %-6s %-9s %8.1f us CPU  %8.0f req/s\n", round+1, f.Worker, f.Server, f.CPU, f.Rate)
				r.take(f)
			}
		}
	}
	return nil
}

// turn is one measured load.
func turn(ctx context.Context, s *running, e endpoint, l load) (figures, error) {
	before, err := process.Read(s.PID())
	if err != nil {
		return figures{}, err
	}
	p, err := press(ctx, e, l)
	if err != nil {
		return figures{}, err
	}
	after, err := process.Read(s.PID())
	if err != nil {
		return figures{}, err
	}
	return figures{
		Requests: p.requests,
		CPU:      float64((after.CPU - before.CPU).Nanoseconds()) / 1e3 / float64(p.requests),
		Rate:     float64(p.requests) / p.elapsed.Seconds(),
		P50:      micros(p.quantile(0.50)), P99: micros(p.quantile(0.99)),
		RSS: after.RSS,
	}, nil
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
