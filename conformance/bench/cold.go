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

// coldStarts measures the time from a request to its answer when no isolate can take it.
// After a restart, the first request of a script finds its version in the store and
// compiles it ("stored"). The first request after an upload that changed only a
// variable finds the program cached and makes an isolate ("cached").
func (b *bench) coldStarts(ctx context.Context, r *results) error {
	dir, err := os.MkdirTemp(b.dir, "cold-")
	if err != nil {
		return err
	}
	m, err := b.runMayfly(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { m.Stop() }()
	starting, err := b.starting(ctx)
	if err != nil {
		return err
	}
	// One start more than is counted: the first also pays for what a process does once.
	var uploads []remote.Worker
	for _, w := range starting {
		for i := range b.cold + 1 {
			uploads = append(uploads, remote.Worker{Name: scriptName(w, i), Code: distinct(w.code, i)})
		}
	}
	if _, err := inParallel(len(uploads), func(i int) error { return m.API.Deploy(ctx, uploads[i]) }); err != nil {
		return m.Explain(err)
	}
	m.Stop()
	if m, err = b.runMayfly(ctx, dir); err != nil {
		return err
	}
	for _, w := range starting {
		stored := func(i int) (string, error) { return scriptName(w, i), nil }
		cached := func(i int) (string, error) {
			return w.name, m.API.Deploy(ctx, remote.Worker{Name: w.name, Code: w.code, Vars: map[string]string{"NUMBER": fmt.Sprint(i)}})
		}
		for _, kind := range []struct {
			name    string
			prepare func(i int) (script string, err error)
		}{{"stored", stored}, {"cached", cached}} {
			times, err := starts(ctx, m, &w, b.cold, kind.prepare)
			if err != nil {
				return m.Explain(err)
			}
			r.Cold = append(r.Cold, coldStart{
				Worker: w.name, From: kind.name, Count: len(times),
				P50: micros(quantile(times, 0.5)), P99: micros(quantile(times, 0.99)),
			})
		}
	}
	return nil
}

// starting are the workers whose cold starts are measured: a small one and a large one.
func (b *bench) starting(ctx context.Context) (list []workload, err error) {
	for _, w := range workloads() {
		if w.name != "hello" && w.name != "hono" {
			continue
		}
		if err := w.prepare(ctx, b.npm, ""); err != nil {
			b.note("the cold start of %s is left out: %v", w.name, err)
			continue
		}
		list = append(list, w)
	}
	return list, nil
}

// starts times the first answers of n scripts, sorted.
func starts(ctx context.Context, m *process.Mayfly, w *workload, n int, prepare func(i int) (script string, err error)) ([]time.Duration, error) {
	var times []time.Duration
	for i := range n + 1 {
		script, err := prepare(i)
		if err != nil {
			return nil, err
		}
		t, err := firstAnswer(ctx, scriptEndpoint(m, script, w))
		if err != nil {
			return nil, err
		}
		if i > 0 {
			times = append(times, t)
		}
	}
	slices.Sort(times)
	return times, nil
}

func scriptName(w workload, i int) string { return fmt.Sprintf("%s-%d", w.name, i) }

// distinct makes a worker's text differ from all others', in what it runs too.
func distinct(code string, i int) string {
	return fmt.Sprintf("globalThis.number = %d;\n%s", i, code)
}
