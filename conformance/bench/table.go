package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// print writes everything for a terminal.
func (r *results) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %d cores, %s, %s\n", r.Machine, r.Cores, r.Go, r.When.Format(time.RFC3339))
	fmt.Fprintf(w, "%d connections, best of %d rounds of %gs; load average %.2f before, %.2f after; %.0f s in all\n",
		r.Connections, r.Rounds, r.Duration, r.LoadBefore, r.LoadAfter, r.Seconds)
	if len(r.Requests) > 0 {
		t := table(w)
		fmt.Fprintln(t, "\nworker\tserver\tCPU us/request\trequests/s\tp50 us\tp99 us\tRSS MB\tload's CPU us\tx fasthttp\tx workerd\t at most")
		for _, f := range r.Requests {
			fmt.Fprintf(t, "%s\t%s\t%.1f\t%.0f\t%.0f\t%.0f\t%.0f\t%.1f\t%s\t%s\t %s\n", f.Worker, f.Server, f.CPU, f.Rate, f.P50, f.P99, float64(f.RSS)/1e6, f.Load,
				ratio(f.CPU, r.find(f.Worker, "fasthttp")), ratio(f.CPU, r.peer(f.Worker)), strings.Join(r.verdicts(&f), ", "))
		}
		t.Flush()
	}
	if len(r.Cold) > 0 {
		t := table(w)
		fmt.Fprintln(t, "\ncold start\tfrom\tcount\tp50 us\tp99 us\t")
		for _, c := range r.Cold {
			fmt.Fprintf(t, "%s\t%s\t%d\t%.0f\t%.0f\t\n", c.Worker, c.From, c.Count, c.P50, c.P99)
		}
		t.Flush()
	}
	if len(r.sentences()) > 0 {
		fmt.Fprintln(w)
	}
	for _, s := range r.sentences() {
		fmt.Fprintln(w, s)
	}
	if goals := r.goals(); len(goals) > 0 {
		t := table(w)
		fmt.Fprintln(t, "\ntarget\tat most\tfound\t\t")
		for _, g := range goals {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t\n", g.what, g.most, g.found, met(g.met))
		}
		t.Flush()
	}
	for _, n := range r.Notes {
		fmt.Fprintln(w, "note:", n)
	}
}

// sentences tell what is no table.
func (r *results) sentences() []string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if s := r.Restart; s != nil {
		say("A server with %d scripts is ready %s after its process has started, and gives its first answer in %s.", s.Scripts, duration(s.Ready), duration(s.First))
	}
	for _, i := range r.Isolates {
		say("%s: %d live isolates of different scripts take %s, %.1f KB each (%s before). Their first requests, each a cold start, took %s of CPU; p50 %s, p99 %s, eight at a time.",
			i.Server, i.Count, megabytes(i.After), float64(i.Each)/1e3, megabytes(i.Before), duration(i.CPU), duration(i.P50), duration(i.P99))
	}
	if s := r.Scripts; s != nil {
		say("With %d scripts deployed of which %d live, the server takes %s (%s when none lives) and %s of disk, and is ready after %s. "+
			"A request to one of the live at random: %s of CPU, p50 %s, p99 %s. The first request to one of the others: p50 %s, p99 %s. Deploying took %s a script, eight at a time.",
			s.Count, s.Live, megabytes(s.After), megabytes(s.Before), megabytes(s.Store), duration(s.Ready),
			duration(s.CPU), duration(s.P50), duration(s.P99), duration(s.ColdP50), duration(s.ColdP99), duration(s.Deploy))
	}
	for _, s := range r.Scaling {
		say("%s: %.0f hello requests a second on one core, %.0f on %d: %.2f times. (Median of %d slices of %d requests that wait when the server is let go; the load sleeps meanwhile.)",
			s.Server, s.One, s.All, s.Cores, s.All/s.One, s.Slices, s.Crowd)
	}
	for _, o := range r.Overload {
		say("%s, at most %d requests of %s in flight: %.0f a second at full load with p99 %s. Offered %.0f a second by %d connections it answers %.0f a second with p50 %s and p99 %s, "+
			"and turns %.0f %% away with 429, p99 %s.",
			o.Server, o.Concurrency, o.Worker, o.FullRate, duration(o.FullP99), o.Offered, o.Connections, o.Rate, duration(o.P50), duration(o.P99),
			100*float64(o.Shed)/float64(max(o.Shed+o.Requests, 1)), duration(o.ShedP99))
	}
	return list
}

func ratio(cpu float64, of *figures) string {
	if of == nil || of.CPU == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", cpu/of.CPU)
}

func table(w io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
}
