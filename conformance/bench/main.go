package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
)

// A bench is what the flags ask for, prepared.
type bench struct {
	workloads   []workload
	servers     []server
	rounds      int
	load        load
	cold        int // cold starts of each kind
	isolates    int
	deployTime  time.Duration // for the scripts of the isolates
	binary      string        // mayfly
	mayflyFlags string
	dir         string // for data that is thrown away
	npm         *packages
	notes       []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	var (
		workers   = flags.String("workers", strings.Join(workloads, ","), "what to measure; none leaves only cold starts and isolates")
		names     = flags.String("servers", "fasthttp,mayfly,workerd,miniflare", "whom to measure")
		rounds    = flags.Int("rounds", 3, "turns of each server at each worker; the best counts")
		duration  = flags.Duration("duration", 3*time.Second, "length of a turn")
		requests  = flags.Int("requests", 0, "end a turn early after so many requests; 0 does not")
		conns     = flags.Int("connections", 32, "keep-alive connections")
		cold      = flags.Int("cold", 100, "cold starts of each kind; 0 leaves them out")
		isolates  = flags.Int("isolates", 10000, "idle isolates of different scripts; 0 leaves them out")
		deploying = flags.Duration("deploy-time", 5*time.Minute, "deploy no more scripts for idle isolates after so long")
		binary    = flags.String("mayfly", "", "the binary; built from ./cmd/mayfly if empty")
		more      = flags.String("mayfly-flags", "", "more flags for mayfly serve")
		file      = flags.String("json", "", "write the results to this file")
		old       = flags.String("compare", "", "compare this file of results with the one named as argument, and measure nothing")
		tolerance = flags.Float64("tolerance", 0.1, "with -compare: by how much a figure may be worse")
		child     = flags.String("serve-fasthttp", "", "be the bare fasthttp server at this address")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *child != "" {
		return floor().ListenAndServe(*child)
	}
	if *old != "" {
		if flags.NArg() != 1 {
			return errors.New("usage: bench -compare old.json new.json")
		}
		return compareFiles(os.Stdout, *old, flags.Arg(0), *tolerance)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if *rounds < 1 || *conns < 1 || *duration <= 0 || *duration > time.Minute || *isolates > 100_000 || *cold > 10_000 {
		return errors.New("rounds and connections start at 1, duration ends at 1m, cold at 10000, isolates at 100000")
	}
	if _, err := process.Read(os.Getpid()); err != nil {
		return err
	}

	b := &bench{
		rounds: *rounds, load: load{connections: *conns, requests: *requests, duration: *duration},
		cold: *cold, isolates: *isolates, deployTime: *deploying, binary: *binary, mayflyFlags: *more,
	}
	if b.dir, err = os.MkdirTemp("", "mayfly-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if b.npm, err = newPackages(); err != nil {
		return err
	}
	if err := b.choose(ctx, *workers, *names); err != nil {
		return err
	}
	if b.binary == "" && b.measures("mayfly") {
		if b.binary, err = process.Build(ctx, b.dir); err != nil {
			return err
		}
	}

	results, err := b.measure(ctx)
	if err != nil {
		return err
	}
	results.print(os.Stdout)
	if *file != "" {
		return results.write(*file)
	}
	return nil
}

// choose prepares the workloads and servers named in lists.
func (b *bench) choose(ctx context.Context, workers, names string) error {
	for name := range strings.SplitSeq(workers, ",") {
		if name == "none" || name == "" {
			continue
		}
		w, err := makeWorkload(ctx, name, b.npm)
		if errors.Is(err, errAbsent) {
			b.note("%s is left out: %v", name, err)
			continue
		}
		if err != nil {
			return err
		}
		b.workloads = append(b.workloads, w)
	}
	for name := range strings.SplitSeq(names, ",") {
		found := false
		for _, s := range servers {
			if s.name == name {
				b.servers = append(b.servers, s)
				found = true
			}
		}
		if !found {
			return fmt.Errorf("no server is called %q; there are fasthttp, mayfly, workerd and miniflare", name)
		}
	}
	return nil
}

func (b *bench) note(format string, args ...any) {
	b.notes = append(b.notes, fmt.Sprintf(format, args...))
}
