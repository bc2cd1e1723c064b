package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/mayfly-edge/mayfly/conformance/npm"
	"github.com/mayfly-edge/mayfly/conformance/process"
)

// A server can be measured. start begins to answer those of the workloads that it is
// asked for; it gives up with an error that wraps npm.ErrAbsent if the server is not to be
// had here.
type server struct {
	name  string
	runs  func(w *workload) bool
	start func(ctx context.Context, b *bench, r *running, list []workload) error
}

// servers are those that can be measured, in the order of the tables.
func servers() []server {
	all := func(*workload) bool { return true }
	return []server{
		{"fasthttp", func(w *workload) bool { return w.floor }, startFasthttp},
		{"mayfly", all, startMayfly()},
		{"mayfly-none", all, startMayfly("--containment", "none")},
		{"mayfly-request", all, startMayfly("--containment", "none", "--isolation", "request")},
		{"workerd", func(w *workload) bool { return w.needs&(needKV|needAssets) == 0 }, startWorkerd},
		{"deno", func(w *workload) bool { return w.needs == 0 }, startDeno},
		{"miniflare", func(w *workload) bool { return w.needs&(needKV|needAssets) != 0 }, startMiniflare},
	}
}

// A running server answers workloads.
type running struct {
	name  string
	ways  map[string]*way // by workload
	procs []*process.Process
	admin *process.Mayfly // if that is what it is
}

// A way is how to reach a workload, and the process that answers.
type way struct {
	to []endpoint
	by *process.Process
}

func (r *running) stop() {
	for _, p := range r.procs {
		p.Stop()
	}
	r.procs = nil
}

// reach adds a way to a workload.
func (r *running) reach(w *workload, by *process.Process, to ...endpoint) {
	r.ways[w.name] = &way{to, by}
}

// start starts a server's process where servers run.
func (b *bench) start(env []string, name string, args ...string) (*process.Process, error) {
	return onCores(b.place.servers, func() (*process.Process, error) { return process.Start(env, name, args...) })
}

// launch starts those of the servers that are to be had.
func (b *bench) launch(ctx context.Context) (up []*running, err error) {
	for _, s := range b.servers {
		var list []workload
		for _, w := range b.workloads {
			if s.runs(&w) {
				list = append(list, w)
			}
		}
		if len(list) == 0 {
			continue
		}
		fmt.Fprintf(os.Stderr, "starting %s with %d workers\n", s.name, len(list))
		r := &running{name: s.name, ways: map[string]*way{}}
		up = append(up, r)
		err := s.start(ctx, b, r, list)
		if errors.Is(err, npm.ErrAbsent) {
			r.stop()
			up = up[:len(up)-1]
			b.note("%s is left out: %v", s.name, err)
			continue
		}
		if err != nil {
			return up, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return up, nil
}

// answering is a check for Ready: an endpoint gives the wanted answer.
func answering(ctx context.Context, e endpoint) func() error {
	return func() error {
		_, err := firstAnswer(ctx, e)
		return err
	}
}

// startFasthttp gives the answers by a bare fasthttp server.
func startFasthttp(ctx context.Context, b *bench, r *running, list []workload) error {
	answers := map[string]string{}
	for _, w := range list {
		answers["/"+w.name] = w.want.body
	}
	p, addr, err := b.startFloor(ctx, b.place.servers, answers)
	if p != nil {
		r.procs = append(r.procs, p)
	}
	for _, w := range list {
		plain := w
		plain.path, plain.want.header = "/"+w.name, nil
		r.reach(&w, p, newEndpoint(addr, "", &plain))
	}
	return err
}
