package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
)

// options are what the flags say.
type options struct {
	duration, sample       time.Duration
	rate                   float64
	connections            int
	binary                 string
	flags                  []string
	crash                  int
	deployEvery, killEvery time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.DurationVar(&o.duration, "duration", 30*time.Minute, "how long")
	flags.DurationVar(&o.sample, "sample", 5*time.Second, "time between two samples")
	flags.Float64Var(&o.rate, "rate", 300, "requests a second")
	flags.IntVar(&o.connections, "connections", 32, "requests under way at most")
	flags.DurationVar(&o.deployEvery, "deploy-every", 3*time.Second, "time between two deployments")
	flags.DurationVar(&o.killEvery, "kill-every", 20*time.Second, "time between two requests that take down a host process; not with containment none")
	flags.StringVar(&o.binary, "mayfly", "", "the binary; built from ./cmd/mayfly if empty")
	flags.IntVar(&o.crash, "crash", 0, "kill the server so many times while it writes, and check it; -duration and what follows it do not matter then")
	more := flags.String("mayfly-flags", "", "more flags for mayfly serve")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.rate <= 0 || o.rate > 10_000 || o.connections < 1 || o.connections > 1000 || o.duration <= 0 || o.sample <= 0 || o.deployEvery <= 0 || o.killEvery <= 0 {
		return errors.New("rate ends at 10000, connections at 1000; times must be above 0")
	}
	o.flags = strings.Fields(*more)
	dir, err := os.MkdirTemp("", "mayfly-soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.binary == "" {
		if o.binary, err = process.Build(ctx, dir, true); err != nil {
			return err
		}
	}
	if o.crash > 0 {
		return crash(ctx, o, dir, out)
	}
	return soak(ctx, o, dir, out)
}

// soak runs the load and prints what came of it.
func soak(ctx context.Context, o options, dir string, out io.Writer) (failure error) {
	m, err := process.StartMayfly(ctx, o.binary, dir+"/data", o.flags...)
	if err != nil {
		return err
	}
	defer func() {
		stopping := time.Now()
		m.Stop()
		if took := time.Since(stopping); took > 10*time.Second {
			failure = errors.Join(failure, fmt.Errorf("without clients the server took %v to stop", took.Round(time.Second)))
		}
	}()
	d, err := newDeployer(ctx, m)
	if err != nil {
		return m.Explain(err)
	}
	c := newClients(m.Addr, o.connections)
	defer c.http.CloseIdleConnections()

	parent := ctx
	all := kinds()
	deploys := &kind{name: "deployment"}
	passing := &kind{name: "deploy, ask, delete"}
	ctx, cancel := context.WithTimeout(ctx, o.duration)
	defer cancel()
	start := time.Now()
	var busy sync.WaitGroup
	busy.Go(func() { press(ctx, c, all, o.rate, o.connections) })
	deploys.send = func(ctx context.Context, _ *clients) error { return d.again(ctx) }
	passing.send = d.passing
	busy.Go(func() { every(ctx, o.deployEvery, func() { deploys.run(ctx, c) }) })
	busy.Go(func() { every(ctx, 2*o.deployEvery, func() { passing.run(ctx, c) }) })
	busy.Go(func() {
		kills := 0
		every(ctx, o.killEvery, func() {
			k := all[len(all)-1-kills%2]
			if kills++; !contained(o.flags) {
				return
			}
			k.run(ctx, c)
		})
	})
	var s samples
	every(ctx, o.sample, func() {
		if err == nil {
			err = s.take(ctx, m, time.Since(start))
		}
		if err != nil {
			cancel()
		}
	})
	cancel()
	busy.Wait()
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	elapsed := time.Since(start)
	stuck := ended(parent, m)
	growing := s.print(out, elapsed)
	failed := printKinds(out, append(all, deploys, passing), elapsed)
	if err := errors.Join(failed, verdict(growing), stuck); err != nil {
		return fmt.Errorf("%w\nthe server's last words:\n%s", err, lastWords(m.Output()))
	}
	return nil
}

// ended waits until no request is in flight any more. What goes on after the answer may
// take half a minute.
func ended(ctx context.Context, m *process.Mayfly) error {
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	for left := -1.0; left != 0; {
		values, err := scrape(ctx, m)
		if err != nil {
			return fmt.Errorf("%v requests are in flight though no client is left: %w", left, m.Explain(err))
		}
		left = values["mayfly_requests_in_flight"]
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

func verdict(growing []string) error {
	if len(growing) == 0 {
		return nil
	}
	return fmt.Errorf("grows: %s", strings.Join(growing, "; "))
}

// lastWords is a log without the failures that bad workers are there for.
func lastWords(log string) string {
	var kept strings.Builder
	for line := range strings.Lines(log) {
		of := false
		for _, w := range workers {
			of = of || w.bad && strings.Contains(line, "script="+w.name+" ")
		}
		if !of {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// contained reports whether the server has hosts that may be taken down.
func contained(flags []string) bool {
	return !strings.Contains(strings.Join(flags, " "), "none")
}

// printKinds writes what became of the requests, and returns an error if good ones failed.
func printKinds(out io.Writer, all []*kind, elapsed time.Duration) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\ntraffic\trequests\tfailed\tbystanders\tp50\tp99\tlongest\t")
	total, beside := 0, 0
	var errs []error
	for _, k := range all {
		k.mu.Lock()
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%v\t%v\t%v\t\n", k.name, k.sent, k.failed, k.beside, k.quantile(0.5).Round(10*time.Microsecond),
			k.quantile(0.99).Round(10*time.Microsecond), k.longest.Round(time.Millisecond))
		total += k.sent
		beside += k.beside
		if k.failed > 0 {
			errs = append(errs, fmt.Errorf("%d of %d requests of %q failed, first: %w", k.failed, k.sent, k.name, k.problem))
		}
		k.mu.Unlock()
	}
	t.Flush()
	fmt.Fprintf(out, "\n%d requests in %v, %.0f a second\n", total, elapsed.Round(time.Second), float64(total)/elapsed.Seconds())
	if beside > total/1000+20 {
		errs = append(errs, fmt.Errorf("%d requests fell with a host process; that should be rare", beside))
	}
	return errors.Join(errs...)
}
