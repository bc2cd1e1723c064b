package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"
)

// results are what one run of the bench found. Times are in microseconds unless their
// names say otherwise, sizes in bytes.
type results struct {
	When        time.Time         `json:"when"`
	Machine     string            `json:"machine"`
	Cores       int               `json:"cores"`
	Go          string            `json:"go"`
	Versions    map[string]string `json:"versions"`
	Rounds      int               `json:"rounds"`
	Connections int               `json:"connections"`
	Duration    float64           `json:"duration_seconds"`
	LoadBefore  float64           `json:"load_average_before"`
	LoadAfter   float64           `json:"load_average_after"`
	Requests    []figures         `json:"requests"`
	Cold        []coldStart       `json:"cold_starts,omitempty"`
	Isolates    *isolates         `json:"idle_isolates,omitempty"`
	Notes       []string          `json:"notes,omitempty"`
}

// figures are a server's at a worker, of the round in which it used least CPU.
type figures struct {
	Worker   string  `json:"worker"`
	Server   string  `json:"server"`
	CPU      float64 `json:"cpu_us"`
	Rate     float64 `json:"requests_per_second"`
	P50      float64 `json:"p50_us"`
	P99      float64 `json:"p99_us"`
	Requests int     `json:"requests"`
	RSS      int64   `json:"rss"` // at the end of the round
}

// A coldStart is the time from the first request of a script to its answer.
type coldStart struct {
	Worker string  `json:"worker"`
	From   string  `json:"from"` // stored: in the store, not compiled; cached: compiled
	Count  int     `json:"count"`
	P50    float64 `json:"p50_us"`
	P99    float64 `json:"p99_us"`
}

type isolates struct {
	Count  int     `json:"count"`
	Before int64   `json:"rss_before"`
	After  int64   `json:"rss_after"`
	Each   int64   `json:"each"`
	Deploy float64 `json:"deploy_us"`     // of one upload, eight at a time
	Touch  float64 `json:"touch_seconds"` // the first answers of all
}

// take keeps f if it is the first of its worker and server, or used less CPU.
func (r *results) take(f figures) {
	if best := r.find(f.Worker, f.Server); best == nil {
		r.Requests = append(r.Requests, f)
	} else if f.CPU < best.CPU {
		*best = f
	}
}

func (r *results) find(worker, server string) *figures {
	for i := range r.Requests {
		if f := &r.Requests[i]; f.Worker == worker && f.Server == server {
			return f
		}
	}
	return nil
}

// print writes the tables.
func (r *results) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %d cores, %s, %s\n", r.Machine, r.Cores, r.Go, r.When.Format(time.RFC3339))
	fmt.Fprintf(w, "%d connections, best of %d rounds of %gs; load average %.2f before, %.2f after\n", r.Connections, r.Rounds, r.Duration, r.LoadBefore, r.LoadAfter)
	if len(r.Requests) > 0 {
		t := table(w)
		fmt.Fprintln(t, "\nworker\tserver\tCPU us/request\trequests/s\tp50 us\tp99 us\tRSS MB\tCPU: x fasthttp\tx workerd\t")
		for _, f := range r.Requests {
			fmt.Fprintf(t, "%s\t%s\t%.1f\t%.0f\t%.0f\t%.0f\t%.0f\t%s\t%s\t\n", f.Worker, f.Server, f.CPU, f.Rate, f.P50, f.P99, float64(f.RSS)/1e6,
				ratio(f.CPU, r.find(f.Worker, "fasthttp")), ratio(f.CPU, r.peer(f.Worker)))
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
	if i := r.Isolates; i != nil {
		fmt.Fprintf(w, "\n%d idle isolates of different scripts: %d bytes each (RSS %.0f MB, %.0f MB before); %.0f us an upload, %.1f s to make all\n",
			i.Count, i.Each, float64(i.After)/1e6, float64(i.Before)/1e6, i.Deploy, i.Touch)
	}
	for _, n := range r.Notes {
		fmt.Fprintln(w, "note:", n)
	}
}

// peer is workerd at a worker: miniflare's, where workerd itself has no answer.
func (r *results) peer(worker string) *figures {
	if f := r.find(worker, "workerd"); f != nil {
		return f
	}
	return r.find(worker, "miniflare")
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

func (r *results) write(file string) error {
	b, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o644)
}

func readResults(file string) (*results, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r := &results{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

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

// compare prints what changed. It is an error if a figure of Mayfly's got worse by more
// than the tolerance; those of other servers show how alike the two runs were.
func compare(w io.Writer, before, after *results, tolerance float64) error {
	t := table(w)
	fmt.Fprintln(t, "what\tserver\tbefore\tafter\tratio\t")
	worse := 0
	line := func(what, server string, a, b float64) {
		mark := ""
		if a > 0 && server == "mayfly" && b > a*(1+tolerance) {
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
	if before.Isolates != nil && after.Isolates != nil {
		line("bytes per idle isolate", "mayfly", float64(before.Isolates.Each), float64(after.Isolates.Each))
	}
	t.Flush()
	if worse > 0 {
		return fmt.Errorf("%w: %d figures by more than %.0f %%", errWorse, worse, tolerance*100)
	}
	return nil
}

var errWorse = errors.New("worse than before")
