package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
)

// A figure is something that must not grow.
type figure struct {
	name string
	unit float64
	// bound is how many units an hour it may grow.
	bound float64
	read  func(process.Usage, map[string]float64) float64
}

func metric(name string) func(process.Usage, map[string]float64) float64 {
	return func(_ process.Usage, m map[string]float64) float64 { return m[name] }
}

// liveHeap is what the last collection found in use: the next one is set by it.
func liveHeap(_ process.Usage, m map[string]float64) float64 {
	return m["go_memstats_next_gc_bytes"] * 100 / (100 + m["go_gc_gogc_percent"])
}

var figures = []figure{
	{"server memory, MB", 1 << 20, 60, func(u process.Usage, _ map[string]float64) float64 { return float64(u.RootMemory) }},
	{"server live heap, MB", 1 << 20, 30, liveHeap},
	// The scripts that take memory make this one jump by a gigabyte; a host that holds
	// more than that is replaced.
	{"hosts' memory, MB", 1 << 20, 600, func(u process.Usage, _ map[string]float64) float64 { return float64(u.RSS - u.RootMemory) }},
	{"processes", 1, 2, func(u process.Usage, _ map[string]float64) float64 { return float64(u.Processes) }},
	{"threads of the server", 1, 20, func(u process.Usage, _ map[string]float64) float64 { return float64(u.RootThreads) }},
	{"threads of a host", 1, 5, func(u process.Usage, _ map[string]float64) float64 {
		return float64(u.Threads-u.RootThreads) / float64(max(u.Processes-1, 1))
	}},
	{"file descriptors", 1, 30, func(u process.Usage, _ map[string]float64) float64 { return float64(u.Files) }},
	{"goroutines of the server", 1, 30, metric("go_goroutines")},
	{"isolates", 1, 30, metric("mayfly_isolates")},
	{"requests in flight", 1, 10, metric("mayfly_requests_in_flight")},
}

// boundsHold is how long a run must be for the bounds to say something.
const boundsHold = 10 * time.Minute

// samples are the points of each figure.
type samples [][]point

// take samples once.
func (s *samples) take(ctx context.Context, m *process.Mayfly, at time.Duration) error {
	use, err := process.Read(m.PID())
	if err != nil {
		return m.Explain(err)
	}
	values, err := scrape(ctx, m)
	if err != nil {
		return m.Explain(err)
	}
	if *s == nil {
		*s = make(samples, len(figures))
	}
	for i, f := range figures {
		(*s)[i] = append((*s)[i], point{at, f.read(use, values) / f.unit})
	}
	return nil
}

// scrape reads the metrics without labels.
func scrape(ctx context.Context, m *process.Mayfly) (map[string]float64, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", "http://"+m.Control+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+process.Token)
	res, err := m.API.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/metrics has status %d", res.StatusCode)
	}
	values := map[string]float64{}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		name, text, ok := strings.Cut(lines.Text(), " ")
		if !ok || strings.ContainsAny(name, "#{") {
			continue
		}
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			values[name] = v
		}
	}
	return values, lines.Err()
}

// print writes the table of figures and returns those that grow too fast.
func (s samples) print(w io.Writer, elapsed time.Duration) (growing []string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "figure\tfirst\tlast\tleast\tmost\tslope/h\tbound\t")
	for i, f := range figures {
		settled := s[i][:0:0]
		for _, p := range s[i] {
			if p.at >= elapsed/5 {
				settled = append(settled, p)
			}
		}
		if len(settled) == 0 {
			continue
		}
		least, most := settled[0].value, settled[0].value
		for _, p := range settled {
			least, most = min(least, p.value), max(most, p.value)
		}
		grows := slope(floor(settled, elapsed/40))
		fmt.Fprintf(t, "%s\t%.1f\t%.1f\t%.1f\t%.1f\t%+.2f\t%.0f\t\n", f.name, settled[0].value, settled[len(settled)-1].value, least, most, grows, f.bound)
		if elapsed >= boundsHold && grows > f.bound {
			growing = append(growing, fmt.Sprintf("%s: %+.1f an hour", f.name, grows))
		}
	}
	t.Flush()
	return growing
}
