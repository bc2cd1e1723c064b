package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/npm"
	"github.com/mayfly-edge/mayfly/conformance/process"
)

// measure runs everything that was asked for.
func (b *bench) measure(ctx context.Context) (*results, error) {
	r := &results{
		When: time.Now().UTC().Truncate(time.Second), Machine: process.Machine(), Cores: runtime.NumCPU(), Apart: b.place.apart(), Go: runtime.Version(),
		Versions: map[string]string{
			"workerd": workerdVersion, "miniflare": miniflareVersion, "deno": denoVersion,
			"hono": honoVersion, "preact": preactVersion, "preact-render-to-string": preactRenderVersion,
		},
		Rounds: b.rounds, Connections: b.load.connections, Duration: b.load.duration.Seconds(),
		LoadBefore: process.LoadAverage(),
	}
	if !b.place.apart() {
		b.note("the load and the servers share %d cores: requests/s and latencies hold the load's own cost, CPU times do not", len(b.place.servers))
	}
	if len(b.workloads) > 0 {
		if err := b.throughput(ctx, r); err != nil {
			return nil, err
		}
	}
	if b.measuresMayfly() {
		for _, part := range []struct {
			name  string
			asked bool
			run   func(context.Context, *results) error
		}{
			{"cold starts", b.cold > 0, b.coldStarts},
			{"density", b.isolates > 0 || b.scripts > 0, b.density},
			{"scaling", b.slices > 0, b.scaling},
			{"overload", b.overload > 0, b.shedding},
		} {
			if !part.asked {
				continue
			}
			fmt.Fprintln(os.Stderr, part.name)
			if err := part.run(ctx, r); err != nil {
				return nil, fmt.Errorf("%s: %w", part.name, err)
			}
		}
	}
	r.LoadAfter = process.LoadAverage()
	r.Seconds = time.Since(r.When).Seconds()
	r.Notes = b.notes
	return r, nil
}

// throughput puts the load on every server with every worker, in rounds.
func (b *bench) throughput(ctx context.Context, r *results) error {
	origin, addr, err := b.startFloor(ctx, b.place.servers, map[string]string{"/item": originText})
	if origin != nil {
		defer origin.Stop()
	}
	if err != nil {
		return err
	}
	kept := b.workloads[:0]
	for _, w := range b.workloads {
		err := w.prepare(ctx, b.npm, addr)
		if errors.Is(err, npm.ErrAbsent) {
			b.note("%s is left out: %v", w.name, err)
			continue
		}
		if err != nil {
			return err
		}
		kept = append(kept, w)
	}
	b.workloads = kept
	up, err := b.launch(ctx)
	defer func() {
		for _, s := range up {
			s.stop()
		}
	}()
	if err != nil {
		return err
	}
	for round := range b.rounds {
		for _, w := range b.workloads {
			for _, s := range up {
				if s.ways[w.name] == nil {
					continue
				}
				if err := b.turn(ctx, r, s, &w, round); err != nil {
					return fmt.Errorf("%s, %s: %w", s.name, w.name, err)
				}
			}
		}
	}
	if b.profiles != "" {
		if err := b.profile(ctx, r, up); err != nil {
			return fmt.Errorf("profiles: %w", err)
		}
	}
	if b.pgo != "" {
		if err := b.profileForCompiler(ctx, up); err != nil {
			return fmt.Errorf("profile for the compiler: %w", err)
		}
	}
	return nil
}

// turn is one measured load. The first comes after a load that lets caches, compilers
// and heaps settle.
func (b *bench) turn(ctx context.Context, r *results, s *running, w *workload, round int) error {
	to := s.ways[w.name]
	if round == 0 {
		warm := b.load
		warm.duration = max(b.load.duration/3, 500*time.Millisecond)
		if _, err := press(ctx, to.to, warm); err != nil {
			return to.by.Explain(err)
		}
	}
	f, err := measured(ctx, to, b.load)
	if err != nil {
		return to.by.Explain(err)
	}
	f.Worker, f.Server = w.name, s.name
	fmt.Fprintf(os.Stderr, "round %d  %-8s %-14s %9.1f us CPU %9.0f req/s\n", round+1, f.Worker, f.Server, f.CPU, f.Rate)
	r.take(f)
	return nil
}

// measured puts a load on a server and reads what it used.
func measured(ctx context.Context, to *way, l load) (figures, error) {
	before, err := process.Read(to.by.PID())
	if err != nil {
		return figures{}, err
	}
	own := ownCPU()
	p, err := press(ctx, to.to, l)
	if err != nil {
		return figures{}, err
	}
	own = ownCPU() - own
	after, err := process.Read(to.by.PID())
	if err != nil {
		return figures{}, err
	}
	n := float64(max(p.requests+p.shed, 1))
	return figures{
		Requests: p.requests, Shed: p.shed,
		CPU: micros(after.CPU-before.CPU) / n, Load: micros(own) / n,
		Rate: float64(p.requests) / p.elapsed.Seconds(),
		P50:  micros(quantile(p.latencies, 0.50)), P99: micros(quantile(p.latencies, 0.99)),
		RSS: after.RSS,
	}, nil
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// ownCPU is what this process has used, or 0 if unknown.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
