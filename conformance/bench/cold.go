package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
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
	m, err := runMayfly(ctx, b, dir)
	if err != nil {
		return err
	}
	defer func() { m.Stop() }()
	var starting []workload
	for _, w := range b.workloads {
		if !w.kv {
			starting = append(starting, w)
		}
	}
	if len(starting) == 0 {
		starting = []workload{{name: "hello", code: helloCode, path: "/", want: helloText}}
	}
	// One start more than is counted: the first also pays for what a process does once.
	var uploads []remote.Worker
	for _, w := range starting {
		for i := range b.cold + 1 {
			uploads = append(uploads, remote.Worker{Name: scriptName(w, i), Code: distinct(w.code, i)})
		}
	}
	if err := deployAll(ctx, m, uploads); err != nil {
		return err
	}
	m.Stop()
	if m, err = runMayfly(ctx, b, dir); err != nil {
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
			var times []time.Duration
			for i := range b.cold + 1 {
				script, err := kind.prepare(i)
				if err != nil {
					return err
				}
				t, err := firstAnswer(ctx, m.endpoint(script, w))
				if err != nil {
					return err
				}
				if i > 0 {
					times = append(times, t)
				}
			}
			slices.Sort(times)
			r.Cold = append(r.Cold, coldStart{
				Worker: w.name, From: kind.name, Count: len(times),
				P50: micros(times[len(times)/2]), P99: micros(times[(len(times)-1)*99/100]),
			})
		}
	}
	return nil
}

// firstAnswer times one request on a connection of its own, which is open already.
func firstAnswer(ctx context.Context, e endpoint) (time.Duration, error) {
	c, err := dial(ctx, e)
	if err != nil {
		return 0, err
	}
	defer c.close()
	start := time.Now()
	err = c.get()
	return time.Since(start), err
}

func scriptName(w workload, i int) string { return fmt.Sprintf("%s-%d", w.name, i) }

// distinct makes a worker's text differ from all others', in what it runs too.
func distinct(code string, i int) string {
	return fmt.Sprintf("globalThis.number = %d;\n%s", i, code)
}

// idleIsolates measures what an isolate keeps that has answered once, programs and all.
func (b *bench) idleIsolates(ctx context.Context, r *results) error {
	dir, err := os.MkdirTemp(b.dir, "idle-")
	if err != nil {
		return err
	}
	m, err := runMayfly(ctx, b, dir)
	if err != nil {
		return err
	}
	defer func() { m.Stop() }()
	hello := workload{name: "idle", path: "/", want: helloText}
	uploads := make([]remote.Worker, b.isolates)
	for i := range uploads {
		uploads[i] = remote.Worker{Name: scriptName(hello, i), Code: distinct(helloCode, i)}
	}
	start := time.Now()
	within, cancel := context.WithTimeout(ctx, b.deployTime)
	defer cancel()
	count, err := inParallel(len(uploads), func(i int) error {
		if within.Err() != nil {
			return errEnough
		}
		return m.API.Deploy(ctx, uploads[i])
	})
	if errors.Is(err, errEnough) {
		b.note("only %d of %d scripts were deployed in %v", count, len(uploads), b.deployTime)
	} else if err != nil {
		return m.Explain(err)
	}
	deployed := time.Since(start)
	m.Stop()
	if m, err = runMayfly(ctx, b, dir); err != nil {
		return err
	}
	if _, err := firstAnswer(ctx, m.endpoint(scriptName(hello, 0), hello)); err != nil {
		return err
	}
	before, err := process.Read(m.PID())
	if err != nil {
		return err
	}
	start = time.Now()
	if err := touchAll(ctx, m, hello, count); err != nil {
		return m.Explain(err)
	}
	touched := time.Since(start)
	after, err := process.Read(m.PID())
	if err != nil {
		return err
	}
	if touched > time.Minute && !strings.Contains(b.mayflyFlags, "idle") {
		b.note("the first isolates may have been evicted before the last was made: that took %v", touched.Round(time.Second))
	}
	r.Isolates = &isolates{
		Count: count, Before: before.RSS, After: after.RSS, Each: (after.RSS - before.RSS) / int64(count),
		Deploy: micros(deployed / time.Duration(count)), Touch: touched.Seconds(),
	}
	return nil
}

// touchAll asks every script once, over few connections.
func touchAll(ctx context.Context, m *mayfly, w workload, n int) error {
	_, err := inParallel(n, func(i int) error {
		_, err := firstAnswer(ctx, m.endpoint(scriptName(w, i), w))
		return err
	})
	return err
}

func deployAll(ctx context.Context, m *mayfly, uploads []remote.Worker) error {
	_, err := inParallel(len(uploads), func(i int) error { return m.API.Deploy(ctx, uploads[i]) })
	return m.Explain(err)
}

// errEnough ends the deployment of more scripts.
var errEnough = errors.New("the time for deployments is over")

// inParallel calls do for 0 to n-1, in this order and a few at a time, until one fails.
// It returns the number of calls that came before those that failed.
func inParallel(n int, do func(i int) error) (int, error) {
	const width = 8
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		next  int
		first = n // to fail
		err   error
	)
	for range width {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				stop := i >= n || err != nil
				mu.Unlock()
				if stop {
					return
				}
				if failure := do(i); failure != nil {
					mu.Lock()
					if i < first {
						first, err = i, failure
					}
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return first, err
}
