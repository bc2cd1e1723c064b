package main

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// A town is a data directory that holds more and more scripts, all different.
type town struct {
	*bench
	dir     string
	script  workload
	count   int // deployed
	each    time.Duration
	expired bool // no more are deployed
}

// restarted is how many scripts a server has of which it is measured how soon it is ready.
const restarted = 1000

// density measures what many scripts cost: how soon a server that has them is ready, what
// an isolate keeps, and how a request fares of which there are many others to choose.
func (b *bench) density(ctx context.Context, r *results) error {
	dir, err := os.MkdirTemp(b.dir, "density-")
	if err != nil {
		return err
	}
	t := &town{bench: b, dir: dir, script: workload{name: "s", path: "/", want: answer{body: helloText}}}
	if err := t.deploy(ctx, restarted); err != nil {
		return err
	}
	if r.Restart, err = t.restart(ctx); err != nil {
		return err
	}
	if b.isolates > 0 {
		if err := t.deploy(ctx, b.isolates); err != nil {
			return err
		}
		for _, mode := range mayflyModes() {
			i, err := t.live(ctx, min(b.isolates, t.count), mode.flags)
			if err != nil {
				return err
			}
			i.Server = mode.server
			r.Isolates = append(r.Isolates, *i)
		}
	}
	if b.scripts > 0 {
		if err := t.deploy(ctx, b.scripts); err != nil {
			return err
		}
		r.Scripts, err = t.mostlyIdle(ctx)
	}
	return err
}

// deploy deploys scripts until there are n, or the time for it is over.
func (t *town) deploy(ctx context.Context, n int) error {
	if n <= t.count || t.expired {
		return nil
	}
	m, err := t.runMayfly(ctx, t.dir)
	if err != nil {
		return err
	}
	defer m.Stop()
	start := time.Now()
	within, cancel := context.WithTimeout(ctx, t.deployTime)
	defer cancel()
	code := source("hello")
	count, err := inParallel(n-t.count, func(i int) error {
		if within.Err() != nil {
			return errEnough
		}
		i += t.count
		return m.API.Deploy(ctx, remote.Worker{Name: scriptName(t.script, i), Code: distinct(code, i)})
	})
	if errors.Is(err, errEnough) {
		t.expired = true
		t.note("only %d of %d scripts were deployed in %v", t.count+count, n, t.deployTime)
	} else if err != nil {
		return m.Explain(err)
	}
	t.count += count
	if count > 0 {
		t.each = time.Since(start) / time.Duration(count)
	}
	return nil
}

// restart measures from the start of the process until it takes requests: the quickest of
// three.
func (t *town) restart(ctx context.Context) (*restart, error) {
	found := &restart{Scripts: t.count}
	for range 3 {
		start := time.Now()
		m, err := t.runMayfly(ctx, t.dir)
		if err != nil {
			return nil, err
		}
		ready := micros(time.Since(start))
		first, err := firstAnswer(ctx, scriptEndpoint(m, scriptName(t.script, 0), &t.script))
		m.Stop()
		if err != nil {
			return nil, m.Explain(err)
		}
		if found.Ready == 0 || ready < found.Ready {
			found.Ready, found.First = ready, micros(first)
		}
	}
	return found, nil
}

// live measures what n isolates keep that have answered once, programs and all; the first
// answer of each is a cold start.
func (t *town) live(ctx context.Context, n int, flags []string) (*isolates, error) {
	m, err := t.runMayfly(ctx, t.dir, flags...)
	if err != nil {
		return nil, err
	}
	defer m.Stop()
	// The first isolate of a process pays for what it keeps once.
	if _, err := firstAnswer(ctx, scriptEndpoint(m, scriptName(t.script, t.count-1), &t.script)); err != nil {
		return nil, err
	}
	before, err := process.Read(m.PID())
	if err != nil {
		return nil, err
	}
	start := time.Now()
	times, err := t.ask(ctx, m, n)
	if err != nil {
		return nil, m.Explain(err)
	}
	touched := time.Since(start)
	after, err := process.Read(m.PID())
	if err != nil {
		return nil, err
	}
	if touched > time.Minute {
		t.note("the first isolates may have been evicted before the last was made: that took %v", touched.Round(time.Second))
	}
	return &isolates{
		Count: n, Before: before.RSS, After: after.RSS, Each: (after.RSS - before.RSS) / int64(n),
		CPU: micros(after.CPU-before.CPU) / float64(n), P50: micros(quantile(times, 0.5)), P99: micros(quantile(times, 0.99)),
		Deploy: micros(t.each), Touch: touched.Seconds(),
	}, nil
}

// ask asks the first n scripts once, over few connections, and returns how long each took, sorted.
func (t *town) ask(ctx context.Context, m *process.Mayfly, n int) ([]time.Duration, error) {
	times := make([]time.Duration, n)
	_, err := inParallel(n, func(i int) (err error) {
		times[i], err = firstAnswer(ctx, scriptEndpoint(m, scriptName(t.script, i), &t.script))
		return err
	})
	slices.Sort(times)
	return times, err
}

// mostlyIdle measures a server of whose scripts one in a hundred lives.
func (t *town) mostlyIdle(ctx context.Context) (*scripts, error) {
	start := time.Now()
	m, err := t.runMayfly(ctx, t.dir)
	if err != nil {
		return nil, err
	}
	defer m.Stop()
	found := &scripts{Count: t.count, Live: max(t.count/100, 1), Ready: micros(time.Since(start)), Deploy: micros(t.each)}
	use, err := process.Read(m.PID())
	if err != nil {
		return nil, err
	}
	found.Before = use.RSS
	if _, err := t.ask(ctx, m, found.Live); err != nil {
		return nil, m.Explain(err)
	}
	to := &way{by: m.Process}
	for i := range found.Live {
		to.to = append(to.to, scriptEndpoint(m, scriptName(t.script, i), &t.script))
	}
	f, err := measured(ctx, to, t.load)
	if err != nil {
		return nil, m.Explain(err)
	}
	found.After, found.CPU, found.P50, found.P99 = f.RSS, f.CPU, f.P50, f.P99
	asleep := make([]time.Duration, min(1000, t.count-found.Live))
	for i := range asleep {
		script := scriptName(t.script, found.Live+rand.IntN(t.count-found.Live))
		if asleep[i], err = firstAnswer(ctx, scriptEndpoint(m, script, &t.script)); err != nil {
			return nil, m.Explain(err)
		}
	}
	slices.Sort(asleep)
	found.ColdP50, found.ColdP99 = micros(quantile(asleep, 0.5)), micros(quantile(asleep, 0.99))
	found.Store, err = size(t.dir)
	return found, err
}

// size sums up the files in a folder: what they take of the disk, for a store makes its
// files larger than it fills them.
func size(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a file that was replaced just now
		}
		if err != nil {
			return err
		}
		n += onDisk(info)
		return nil
	})
	return n, err
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
