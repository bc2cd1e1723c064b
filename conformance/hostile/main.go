package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "hostile:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("hostile", flag.ContinueOnError)
	var (
		containment = flags.String("containment", "process", "of the server: process or none")
		only        = flags.String("run", "", "attack only with what this regular expression finds in \"group/name\"")
		short       = flags.Bool("short", false, "attack with a dozen only, and do not judge how fast the good workers are: other tests run too")
		list        = flags.Bool("list", false, "list the attacks and attack nothing")
		binary      = flags.String("mayfly", "", "the binary; built from ./cmd/mayfly if empty")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if *containment != "process" && *containment != "none" {
		return fmt.Errorf("-containment %q: must be process or none", *containment)
	}
	pattern, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-run: %w", err)
	}
	chosen := slices.DeleteFunc(all(), func(s *assault) bool {
		return !pattern.MatchString(s.group+"/"+s.name) || *short && !s.short
	})
	if *list {
		for _, s := range chosen {
			fmt.Fprintf(out, "%s/%s\n", s.group, s.name)
		}
		fmt.Fprintf(out, "%d attacks\n", len(chosen))
		return nil
	}
	if len(chosen) == 0 {
		return errors.New("no attack is called so; -list shows all")
	}
	dir, err := os.MkdirTemp("", "mayfly-hostile-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if *binary == "" {
		if *binary, err = process.Build(ctx, dir, true); err != nil {
			return err
		}
	}
	a := &arena{binary: *binary, dir: dir, containment: *containment, lenient: *short}
	rows, err := a.attackAll(ctx, chosen, out)
	if err != nil {
		return err
	}
	return a.summary(out, rows)
}

// all are the assaults there are.
func all() []*assault {
	list := vectors()
	for _, more := range [][]*assault{
		bindings(), egressAttacks(), workerLoops(), frontEnd(), floods(), webSockets(), tenants(), controlPlane(), storms(),
	} {
		list = append(list, more...)
	}
	return list
}

// attackAll runs the assaults one after the other.
func (a *arena) attackAll(ctx context.Context, chosen []*assault, out io.Writer) ([]row, error) {
	if err := a.open(ctx); err != nil {
		return nil, err
	}
	defer func() { a.close() }()
	a.probes.rest(time.Second)
	fmt.Fprintf(out, "%-18s %-42s %-26s %9s %8s %8s  %s\n", "GROUP", "ATTACK", "ENDED", "ANSWERED", "GOOD p99", "QUIET", "VERDICT")
	var rows []row
	for _, s := range chosen {
		if ctx.Err() != nil {
			return rows, ctx.Err()
		}
		r := a.attempt(ctx, s)
		rows = append(rows, r)
		fmt.Fprintln(out, r.line(a.containment))
		if r.fatal || a.containment == "none" && s.deadly && r.wrong != "" {
			a.probes.stop()
			a.Kill() // it may be busy for ever
			if err := a.open(ctx); err != nil {
				return rows, err
			}
			a.probes.rest(500 * time.Millisecond)
		}
	}
	return rows, nil
}

// excused reports whether the row is one that cannot be held in the containment.
func (r *row) excused(containment string) bool { return containment == "none" && r.deadly }

func (r *row) line(containment string) string {
	verdict := "held"
	switch {
	case r.wrong != "" && r.excused(containment):
		verdict = "NOT HELD, as known: " + r.wrong
	case r.wrong != "":
		verdict = "NOT HELD: " + r.wrong
	case r.slower != "":
		verdict = "held, but slower: " + r.slower
	case r.bystanders > 0:
		verdict = fmt.Sprintf("held, %d bystanders of %d", r.bystanders, r.requests)
	}
	if r.tries > 1 {
		verdict += fmt.Sprintf(" (attempt %d)", r.tries)
	}
	return fmt.Sprintf("%-18s %-42s %-26s %9s %8s %8s  %s", r.group, r.name, r.ended, short(r.took), short(r.p99), short(r.quiet), verdict)
}

func short(d time.Duration) string {
	if d == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1fms", float64(d.Microseconds())/1e3)
}

// summary counts the rows, and fails if one is not held that should be.
func (a *arena) summary(out io.Writer, rows []row) error {
	type count struct{ all, held, excused int }
	groups := map[string]*count{}
	var order []string
	var missed, uncontained []string
	requests, bystanders := 0, 0
	for i := range rows {
		r := &rows[i]
		c := groups[r.group]
		if c == nil {
			c = &count{}
			groups[r.group] = c
			order = append(order, r.group)
		}
		c.all++
		requests += r.requests
		bystanders += r.bystanders
		switch {
		case r.wrong == "":
			c.held++
		case r.excused(a.containment):
			c.excused++
			uncontained = append(uncontained, r.group+"/"+r.name+": "+r.ended)
		default:
			missed = append(missed, r.group+"/"+r.name)
		}
	}
	fmt.Fprintln(out)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	held := 0
	for _, g := range order {
		c := groups[g]
		held += c.held
		fmt.Fprintf(t, "%s\t%d of %d held\n", g, c.held, c.all)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d of %d attacks held with containment %s; %d requests of good workers, %d bystanders\n", held, len(rows), a.containment, requests, bystanders)
	if len(uncontained) > 0 {
		fmt.Fprintln(out, "not held without a process around them:")
		for _, u := range uncontained {
			fmt.Fprintln(out, "  "+u)
		}
	}
	if len(missed) > 0 {
		return fmt.Errorf("%d attacks were not held: %q", len(missed), missed)
	}
	return nil
}
