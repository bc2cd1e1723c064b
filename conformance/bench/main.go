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

	"github.com/mayfly-edge/mayfly/conformance/npm"
	"github.com/mayfly-edge/mayfly/conformance/process"
)

// A bench is what the flags ask for, prepared.
type bench struct {
	flags
	workloads []workload
	servers   []server
	place     placement
	binary    string // mayfly
	dir       string // for data that is thrown away
	ports     ports
	npm       *npm.Cache
	notes     []string
}

// flags are those of a run.
type flags struct {
	rounds      int
	load        load
	cold        int // cold starts of each kind
	isolates    int
	scripts     int
	deployTime  time.Duration
	slices      int
	overload    time.Duration
	mayflyFlags string
	profiles    string // folder
	pgo         string // file
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

func run(ctx context.Context, args []string) error {
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	var (
		b         = &bench{}
		names     = set.String("workers", names(workloads()), "what to measure; none leaves all workers out")
		who       = set.String("servers", serverNames(), "whom to measure")
		binary    = set.String("mayfly", "", "the binary; built from ./cmd/mayfly if empty")
		file      = set.String("json", "", "write the results to this file")
		pages     = set.String("page", "", "write the results to these files, between their marks, after measuring or, if files of results are named as arguments, from those")
		old       = set.String("compare", "", "compare this file of results with the one named as argument, and measure nothing")
		tolerance = set.Float64("tolerance", 0.1, "with -compare: by how much a figure may be worse")
		child     = set.String("serve-fasthttp", "", "be the bare fasthttp server at this address")
	)
	set.IntVar(&b.rounds, "rounds", 2, "turns of each server at each worker; the one that cost least counts")
	set.DurationVar(&b.load.duration, "duration", 2*time.Second, "length of a turn")
	set.IntVar(&b.load.requests, "requests", 0, "end a turn early after so many requests; 0 does not")
	set.IntVar(&b.load.connections, "connections", 32, "keep-alive connections")
	set.IntVar(&b.cold, "cold", 100, "cold starts of each kind; 0 leaves them out")
	set.IntVar(&b.isolates, "isolates", 10_000, "live isolates of different scripts; 0 leaves them out")
	set.IntVar(&b.scripts, "scripts", 0, "deployed scripts, of which 1 % live, such as 100000; 0 leaves them out")
	set.DurationVar(&b.deployTime, "deploy-time", 5*time.Minute, "deploy no more scripts after so long")
	set.IntVar(&b.slices, "slices", 10, "turns of one core and of all; 0 leaves scaling out")
	set.DurationVar(&b.overload, "overload", 4*time.Second, "time under overload; 0 leaves it out")
	set.StringVar(&b.mayflyFlags, "mayfly-flags", "", "more flags for mayfly serve")
	set.StringVar(&b.profiles, "profile", "", "write profiles of Mayfly at each worker to this folder")
	set.StringVar(&b.pgo, "pgo", "", "write one CPU profile of Mayfly at all workers, for the compiler, to this file")
	if err := set.Parse(args); err != nil {
		return err
	}
	files := set.Args()
	switch {
	case *child != "":
		if len(files) != 1 {
			return errors.New("-serve-fasthttp takes the file of answers as argument")
		}
		return serveFloor(ctx, *child, files[0])
	case *old != "":
		if len(files) != 1 {
			return errors.New("usage: bench -compare old.json new.json")
		}
		return compareFiles(os.Stdout, *old, files[0], *tolerance)
	case *pages != "" && len(files) > 0:
		r, err := mergeFiles(files)
		if err != nil {
			return err
		}
		return r.writePages(*pages)
	case len(files) > 0:
		return fmt.Errorf("unexpected argument %q", files[0])
	}
	if err := b.check(); err != nil {
		return err
	}
	if err := b.prepare(ctx, *names, *who, *binary); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	results, err := b.measure(ctx)
	if err != nil {
		return err
	}
	results.print(os.Stdout)
	if *file != "" {
		if err := results.write(*file); err != nil {
			return err
		}
	}
	if *pages != "" {
		return results.writePages(*pages)
	}
	return nil
}

// check refuses what would take for ever or cannot be.
func (f *flags) check() error {
	for _, n := range []struct {
		name          string
		value         int
		least, atMost int
	}{
		{"rounds", f.rounds, 1, 100}, {"connections", f.load.connections, 1, 4096}, {"cold", f.cold, 0, 10_000},
		{"isolates", f.isolates, 0, 100_000}, {"scripts", f.scripts, 0, 1_000_000}, {"slices", f.slices, 0, 1000},
	} {
		if n.value < n.least || n.value > n.atMost {
			return fmt.Errorf("-%s is %d: it must be between %d and %d", n.name, n.value, n.least, n.atMost)
		}
	}
	for name, d := range map[string]time.Duration{"duration": f.load.duration, "overload": f.overload} {
		if d < 0 || d > time.Minute {
			return fmt.Errorf("-%s is %v: it must be at most 1m", name, d)
		}
	}
	return nil
}

// prepare finds what is named and places this process. The caller removes b.dir.
func (b *bench) prepare(ctx context.Context, workers, servers, binary string) (err error) {
	if _, err := process.Read(os.Getpid()); err != nil {
		return err
	}
	if b.place, err = place(); err != nil {
		return err
	}
	if b.npm, err = npm.UserCache(); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "mayfly-bench-"); err != nil {
		return err
	}
	if err = b.choose(workers, servers); err == nil {
		if b.binary = binary; binary == "" && b.measuresMayfly() {
			b.binary, err = process.Build(ctx, b.dir, true)
		}
	}
	if err != nil {
		os.RemoveAll(b.dir)
	}
	return err
}

// choose takes the workloads and servers named in lists.
func (b *bench) choose(workers, names string) error {
	all := workloads()
	for name := range strings.SplitSeq(workers, ",") {
		if name == "none" || name == "" {
			continue
		}
		w, err := find(all, name)
		if err != nil {
			return err
		}
		b.workloads = append(b.workloads, w)
	}
	for name := range strings.SplitSeq(names, ",") {
		found := false
		for _, s := range servers() {
			if s.name == name {
				b.servers = append(b.servers, s)
				found = true
			}
		}
		if !found {
			return fmt.Errorf("no server is called %q; there are %s", name, serverNames())
		}
	}
	return nil
}

func serverNames() string {
	var all []string
	for _, s := range servers() {
		all = append(all, s.name)
	}
	return strings.Join(all, ",")
}

func (b *bench) measuresMayfly() bool {
	for _, s := range b.servers {
		if isMayfly(s.name) {
			return true
		}
	}
	return false
}

// isMayfly tells Mayfly, however it is configured, from its peers.
func isMayfly(server string) bool { return strings.HasPrefix(server, "mayfly") }

func (b *bench) note(format string, args ...any) {
	b.notes = append(b.notes, fmt.Sprintf(format, args...))
}
