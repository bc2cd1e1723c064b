package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
)

// A crasher kills a server that writes, over and over, and knows what must be there
// afterwards.
type crasher struct {
	o       options
	dir     string
	data    string
	writers []*writer
	use     usage
	backup  backups
	kills   int
	started time.Duration // the slowest start after a kill
}

// crash kills the server o.crash times and checks it after each.
func crash(ctx context.Context, o options, dir string, out io.Writer) error {
	c := &crasher{o: o, dir: dir, data: filepath.Join(dir, "data")}
	if !hasContainment(o.flags) {
		c.o.flags = append(c.o.flags, "--containment", "none") // starts sooner; what is written is the same
	}
	m, err := process.StartMayfly(ctx, o.binary, c.data, c.o.flags...)
	if err != nil {
		return err
	}
	if c.writers, err = newWriters(ctx, m, &c.use); err != nil {
		return m.Explain(err)
	}
	begin := time.Now()
	for c.kills < o.crash {
		if err := c.round(ctx, m); err != nil {
			return fmt.Errorf("after %d kills: %w", c.kills, err)
		}
		start := time.Now()
		if m, err = c.start(ctx); err != nil {
			return fmt.Errorf("after %d kills: %w", c.kills, err)
		}
		c.started = max(c.started, time.Since(start))
		if err := c.check(ctx, m); err != nil {
			return fmt.Errorf("after %d kills: %w", c.kills, m.Explain(err))
		}
	}
	defer m.Stop()
	if err := c.backup.check(ctx, c); err != nil {
		return err
	}
	writes := 0
	fmt.Fprintln(out, "acknowledged, and there after the next kill:")
	for _, w := range c.writers {
		fmt.Fprintf(out, "%8d  %s\n", w.writes, w.name)
		writes += w.writes
	}
	fmt.Fprintf(out, "%8d  requests counted in usage, of %d answered\n%8d  whole backups, %d restored\n",
		c.use.durable, c.use.acked.Load(), c.backup.made, c.backup.restored)
	fmt.Fprintf(out, "%d kills in %v, %d writes, nothing lost and nothing by half; the slowest start after a kill took %v\n",
		c.kills, time.Since(begin).Round(time.Second), writes, c.started.Round(time.Millisecond))
	return nil
}

func hasContainment(flags []string) bool {
	for _, f := range flags {
		if len(f) >= 13 && f[:13] == "--containment" {
			return true
		}
	}
	return false
}

// round lets the writers write and kills the server.
func (c *crasher) round(ctx context.Context, m *process.Mayfly) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var dying atomic.Bool
	var mu sync.Mutex
	var first error
	fail := func(err error) {
		if err != nil && !dying.Load() {
			mu.Lock()
			defer mu.Unlock()
			first = errors.Join(first, err)
		}
	}
	var busy sync.WaitGroup
	for _, w := range c.writers {
		busy.Go(func() {
			for !dying.Load() {
				if err := w.next(ctx, m); err != nil {
					fail(fmt.Errorf("%s: %w", w.name, err))
					return
				}
			}
		})
	}
	busy.Go(func() {
		for !dying.Load() {
			if err := c.use.ask(ctx, m); err != nil {
				fail(err)
				return
			}
		}
	})
	busy.Go(func() {
		for !dying.Load() {
			if err := c.backup.take(ctx, m, c); err != nil {
				fail(fmt.Errorf("backup: %w", err))
				return
			}
		}
	})
	if rand.IntN(4) == 0 {
		busy.Go(func() { fail(m.API.Call(ctx, "POST", "../mayfly/compact", "", nil, nil)) })
	}
	// Usage is written twice a second, so some rounds must be longer than that.
	life := time.Duration(5+rand.IntN(400)) * time.Millisecond
	if rand.IntN(8) == 0 {
		life += 2 * usageDelay
	}
	select {
	case <-time.After(life):
	case <-ctx.Done():
	case <-m.Exited():
		return m.Explain(errors.New("the server ended by itself"))
	}
	dying.Store(true)
	c.use.killed(time.Now())
	m.Kill()
	c.kills++
	cancel()
	busy.Wait()
	m.API.Client.CloseIdleConnections()
	return first
}

// start starts the server again; sometimes it is killed during that too.
func (c *crasher) start(ctx context.Context) (*process.Mayfly, error) {
	for rand.IntN(5) == 0 && c.kills < c.o.crash {
		short, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(300))*time.Millisecond)
		m, err := process.StartMayfly(short, c.o.binary, c.data, c.o.flags...)
		cancel()
		if err == nil {
			return m, nil // it was faster
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		c.kills++
	}
	return process.StartMayfly(ctx, c.o.binary, c.data, c.o.flags...)
}

// check compares what is there with what was acknowledged.
func (c *crasher) check(ctx context.Context, m *process.Mayfly) error {
	for _, w := range c.writers {
		if err := w.check(ctx, m); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return c.use.check(ctx, m)
}

// backups keeps the newest whole backup and what had been acknowledged before it began.
type backups struct {
	made, restored int
	file           string
	acked          map[*writer]uint64
}

// take makes a backup.
func (b *backups) take(ctx context.Context, m *process.Mayfly, c *crasher) error {
	acked := map[*writer]uint64{}
	for _, w := range c.writers {
		acked[w] = w.acked.Load()
	}
	body, err := m.API.Open(ctx, "../mayfly/backup")
	if err != nil {
		return err
	}
	defer body.Close()
	part := filepath.Join(c.dir, "backup.part")
	f, err := os.Create(part)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(f, body); err != nil {
		return err
	}
	b.file = filepath.Join(c.dir, "backup")
	b.made++
	b.acked = acked
	return os.Rename(part, b.file)
}

// check restores the newest backup and looks whether it has all that it must have.
func (b *backups) check(ctx context.Context, c *crasher) error {
	if b.made == 0 {
		return nil
	}
	data := filepath.Join(c.dir, "restored")
	restore := exec.CommandContext(ctx, c.o.binary, "restore", b.file, "--data", data, "--key", filepath.Join(c.data, "secret.key"))
	if out, err := restore.CombinedOutput(); err != nil {
		return fmt.Errorf("mayfly restore: %w\n%s", err, out)
	}
	m, err := process.StartMayfly(ctx, c.o.binary, data, c.o.flags...)
	if err != nil {
		return err
	}
	defer m.Stop()
	for w, acked := range b.acked {
		have, err := w.read(ctx, m)
		if err != nil {
			return fmt.Errorf("restored: %s: %w", w.name, err)
		}
		for acked < w.begun && have < acked && !w.absent(acked) {
			acked++ // it may have been removed after the backup began
		}
		if have < acked && !w.absent(acked) {
			return fmt.Errorf("restored: %s is at %d; %d was acknowledged before the backup", w.name, have, acked)
		}
	}
	b.restored++
	return nil
}
