package main

import (
	"errors"
	"fmt"
	"io"
)

func compareFiles(w io.Writer, before, after string, tolerance float64) error {
	a, err := readResults(before)
	if err != nil {
		return err
	}
	b, err := readResults(after)
	if err != nil {
		return err
	}
	return compare(w, a, b, tolerance)
}

var errWorse = errors.New("worse than before")

// compare prints what changed. It is an error if a figure of Mayfly's got worse by more
// than the tolerance; those of other servers show how alike the two runs were.
func compare(w io.Writer, before, after *results, tolerance float64) error {
	t := table(w)
	fmt.Fprintln(t, "what\tserver\tbefore\tafter\tratio\t")
	worse := 0
	line := func(what, server string, a, b float64) {
		mark := ""
		if a > 0 && isMayfly(server) && b > a*(1+tolerance) {
			worse++
			mark = "worse"
		}
		change := "-"
		if a > 0 {
			change = fmt.Sprintf("%.2f", b/a)
		}
		fmt.Fprintf(t, "%s\t%s\t%.1f\t%.1f\t%s\t%s\n", what, server, a, b, change, mark)
	}
	for _, f := range after.Requests {
		if old := before.find(f.Worker, f.Server); old != nil {
			line(f.Worker+", CPU us/request", f.Server, old.CPU, f.CPU)
		}
	}
	for _, c := range after.Cold {
		for _, old := range before.Cold {
			if old.Worker == c.Worker && old.From == c.From {
				line(c.Worker+", cold start us, "+c.From, "mayfly", old.P50, c.P50)
			}
		}
	}
	if before.Restart != nil && after.Restart != nil && before.Restart.Scripts == after.Restart.Scripts {
		line("restart us", "mayfly", before.Restart.Ready, after.Restart.Ready)
	}
	for _, i := range after.Isolates {
		for _, old := range before.Isolates {
			if old.Server == i.Server {
				line("bytes per live isolate", i.Server, float64(old.Each), float64(i.Each))
			}
		}
	}
	if before.Scripts != nil && after.Scripts != nil && before.Scripts.Count == after.Scripts.Count {
		line("bytes of memory, most scripts idle", "mayfly", float64(before.Scripts.After), float64(after.Scripts.After))
	}
	for _, s := range after.Scaling {
		for _, old := range before.Scaling {
			if old.Server == s.Server && old.Cores == s.Cores {
				line("one core's throughput of all's, %", s.Server, 100*old.One/old.All, 100*s.One/s.All)
			}
		}
	}
	t.Flush()
	if worse > 0 {
		return fmt.Errorf("%w: %d figures by more than %.0f %%", errWorse, worse, tolerance*100)
	}
	return nil
}
