package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// crowd is how many connections have a request waiting when a slice begins.
const crowd = 2000

// scaling measures how much more a server answers on all its cores than on one. The load
// would take a share of the cores for itself, so time is sliced: while the server is
// stopped by a signal, the load leaves a request on each of many connections; then the
// server goes on, and the load sleeps until all are answered. What is left of the load
// is a look now and then.
func (b *bench) scaling(ctx context.Context, r *results) error {
	if len(b.place.servers) < 2 {
		b.note("scaling is left out: there is one core")
		return nil
	}
	starts := []slicedStart{{"fasthttp", b.slicedFasthttp}}
	for _, mode := range mayflyModes() {
		starts = append(starts, slicedStart{mode.server, b.slicedMayfly(mode.flags)})
	}
	for _, start := range starts {
		one, all := b.place.servers[:1], b.place.servers
		var times [2][]time.Duration
		for i, cores := range [2][]int{one, all} {
			t, err := b.slicesOn(ctx, cores, start.on)
			if err != nil {
				return err
			}
			times[i] = t
		}
		r.Scaling = append(r.Scaling, scaling{
			Server: start.server, Cores: len(all), Slices: b.slices, Crowd: crowd,
			One: crowd / quantile(times[0], 0.5).Seconds(), All: crowd / quantile(times[1], 0.5).Seconds(),
		})
	}
	return nil
}

// A mode is a way to run Mayfly.
type mode struct {
	server string
	flags  []string
}

func mayflyModes() []mode {
	return []mode{{"mayfly", nil}, {"mayfly-none", []string{"--containment", "none"}}}
}

// A slicedStart starts a server on some cores.
type slicedStart struct {
	server string
	on     func(ctx context.Context, cores []int) (*sliced, error)
}

// sliced is a server that answers hello.
type sliced struct {
	*process.Process
	addr string
	to   endpoint
}

// slicedFasthttp starts the bare server: what the machine and the measurement allow.
func (b *bench) slicedFasthttp(ctx context.Context, cores []int) (*sliced, error) {
	w, err := find(workloads(), "hello")
	if err != nil {
		return nil, err
	}
	w.path, w.want.header = "/", nil
	p, addr, err := b.startFloor(ctx, cores, map[string]string{w.path: w.want.body})
	if err != nil {
		if p != nil {
			p.Stop()
		}
		return nil, err
	}
	return &sliced{p, addr, newEndpoint(addr, "", &w)}, nil
}

func (b *bench) slicedMayfly(flags []string) func(context.Context, []int) (*sliced, error) {
	return func(ctx context.Context, cores []int) (*sliced, error) {
		dir, err := os.MkdirTemp(b.dir, "scaling-")
		if err != nil {
			return nil, err
		}
		m, err := onCores(cores, func() (*process.Mayfly, error) {
			return process.StartMayfly(ctx, b.binary, dir, append([]string{"--concurrency", fmt.Sprint(4 * crowd)}, flags...)...)
		})
		if err != nil {
			return nil, err
		}
		w, err := find(workloads(), "hello")
		if err == nil {
			err = m.API.Deploy(ctx, remote.Worker{Name: w.name, Code: w.code})
		}
		if err != nil {
			m.Stop()
			return nil, err
		}
		return &sliced{m.Process, m.Addr, scriptEndpoint(m, w.name, &w)}, nil
	}
}

// slicesOn times slices of a server that runs on some cores, sorted.
func (b *bench) slicesOn(ctx context.Context, cores []int, start func(context.Context, []int) (*sliced, error)) ([]time.Duration, error) {
	s, err := start(ctx, cores)
	if err != nil {
		return nil, err
	}
	defer s.Stop()
	// One at first: a crowd that meets a script which is not loaded is partly turned away.
	if _, err := firstAnswer(ctx, s.to); err != nil {
		return nil, s.Explain(err)
	}
	clients := make([]*client, crowd)
	for i := range clients {
		if clients[i], err = dial(ctx, s.addr); err != nil {
			return nil, err
		}
		defer clients[i].close()
	}
	var times []time.Duration
	for i := range b.slices + warmSlices {
		t, err := slice(ctx, s.PID(), clients, &s.to)
		if err != nil {
			return nil, s.Explain(err)
		}
		if i >= warmSlices {
			times = append(times, t)
		}
	}
	slices.Sort(times)
	return times, nil
}

// warmSlices are not counted.
const warmSlices = 3

// slice lets a server answer one request on each connection, and returns how long that
// took it.
func slice(ctx context.Context, pid int, clients []*client, e *endpoint) (time.Duration, error) {
	if err := freeze(pid); err != nil {
		return 0, err
	}
	for _, c := range clients {
		if _, err := c.conn.Write(e.request); err != nil {
			_ = thaw(pid) // so that it can be ended
			return 0, err
		}
	}
	start := time.Now()
	if err := thaw(pid); err != nil {
		return 0, err
	}
	for _, c := range clients {
		for {
			ok, err := readable(c.conn)
			if err != nil {
				return 0, err
			}
			if ok {
				break
			}
			if time.Since(start) > process.Patience {
				return 0, fmt.Errorf("not all of %d requests are answered after %v", len(clients), process.Patience)
			}
			if ctx.Err() != nil {
				return 0, ctx.Err()
			}
			time.Sleep(200 * time.Microsecond)
		}
	}
	took := time.Since(start)
	for _, c := range clients {
		shed, err := c.check(&e.want)
		if shed {
			err = errShed
		}
		if err != nil {
			return 0, err
		}
	}
	return took, nil
}
