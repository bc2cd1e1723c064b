package main

import "fmt"

// A target is the most that a server may use for a request, as a multiple of a peer's.
type target struct {
	worker, server, peer string
	most                 float64
}

// targets are what Mayfly is held to. Peers are measured in the same run.
func targets() []target {
	list := []target{
		{"hello", "mayfly-none", "fasthttp", 1.8},
		{"hello", "mayfly-none", "workerd", 0.30},
		{"hello", "mayfly", "workerd", 0.38},
		{"hello", "mayfly-request", "workerd", 0.7},
	}
	for _, t := range []target{
		{"headers", "", "workerd", 0.5}, {"hono", "", "workerd", 0.5}, {"jwt", "", "workerd", 0.5},
		{"sha256", "", "workerd", 0.7}, {"stream", "", "workerd", 0.7}, {"kv-get", "", "miniflare", 0.7},
		{"json", "", "workerd", 2}, {"ssr", "", "workerd", 6},
	} {
		for _, server := range []string{"mayfly", "mayfly-none"} {
			t.server = server
			list = append(list, t)
		}
	}
	return list
}

// verdicts say how a server did at its targets for a worker, such as "0.30 x workerd: met".
func (r *results) verdicts(f *figures) []string {
	var said []string
	for _, t := range targets() {
		if t.worker != f.Worker || t.server != f.Server {
			continue
		}
		peer := r.find(t.worker, t.peer)
		if peer == nil || peer.CPU == 0 {
			continue
		}
		said = append(said, fmt.Sprintf("%.2g x %s: %s", t.most, t.peer, met(f.CPU <= t.most*peer.CPU)))
	}
	return said
}

func met(yes bool) string {
	if yes {
		return "met"
	}
	return "missed"
}

// A goal is a target that is no ratio of CPU.
type goal struct {
	what, most, found string
	met               bool
}

// goals are those of which something was measured.
func (r *results) goals() []goal {
	var list []goal
	time := func(what string, us, most float64) {
		list = append(list, goal{what, duration(most), duration(us), us <= most})
	}
	for _, c := range r.Cold {
		if c.From != "stored" {
			continue
		}
		if most := map[string]float64{"hello": 1000, "hono": 25_000}[c.Worker]; most > 0 {
			time("cold start of "+c.Worker+" from the store, median", c.P50, most)
		}
	}
	if r.Restart != nil {
		time(fmt.Sprintf("a restart with %d scripts, until ready", r.Restart.Scripts), r.Restart.Ready, 1e6)
	}
	for _, i := range r.Isolates {
		most := int64(float64(i.Count) / 10_000 * 1e9)
		list = append(list, goal{fmt.Sprintf("%s: %d live isolates", i.Server, i.Count), megabytes(most), megabytes(i.After), i.After <= most})
	}
	for _, s := range r.Scaling {
		if s.Cores == 2 && s.Server != "fasthttp" {
			list = append(list, goal{s.Server + ": throughput of two cores", "at least 1.8 x one", fmt.Sprintf("%.2f x", s.All/s.One), s.All >= 1.8*s.One})
		}
	}
	return list
}

// duration writes microseconds as people do.
func duration(us float64) string {
	switch {
	case us < 1000:
		return fmt.Sprintf("%.1f µs", us)
	case us < 1e6:
		return fmt.Sprintf("%.1f ms", us/1e3)
	}
	return fmt.Sprintf("%.1f s", us/1e6)
}

func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/1e6) }
