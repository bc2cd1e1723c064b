package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// A page is Markdown in which what is generated stands between two marks:
//
//	<!-- bench NAME -->
//	<!-- /bench -->
//
// The names are those of sections. What is outside of marks is written by people.

const (
	markOpen  = "<!-- bench "
	markClose = "<!-- /bench -->"
)

// sections are what can be generated.
func (r *results) sections() map[string]func() string {
	return map[string]func() string{
		"setting": r.setting, // the machine, versions and date
		"summary": r.summary, // a few workers
		"workers": r.workers, // all of them
		"rest":    r.rest,    // cold starts, density, scaling, overload
		"losses":  r.losses,  // where workerd needs less
		"bounds":  r.bounds,  // what CPU is spent on
	}
}

// writePages writes the sections of pages anew; files is a list.
func (r *results) writePages(files string) error {
	for file := range strings.SplitSeq(files, ",") {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text, err := r.fill(string(b))
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// fill returns a page with its sections written anew.
func (r *results) fill(page string) (string, error) {
	var out strings.Builder
	sections := r.sections()
	found := 0
	for {
		before, rest, ok := strings.Cut(page, markOpen)
		out.WriteString(before)
		if !ok {
			break
		}
		name, rest, ok := strings.Cut(rest, " -->")
		section := sections[name]
		if !ok || section == nil {
			return "", fmt.Errorf("%s%.30s: no section is called that", markOpen, name)
		}
		_, after, ok := strings.Cut(rest, markClose)
		if !ok {
			return "", fmt.Errorf("%s%s -->: there is no %s after it", markOpen, name, markClose)
		}
		fmt.Fprintf(&out, "%s%s -->\n%s%s", markOpen, name, section(), markClose)
		page = after
		found++
	}
	if found == 0 {
		return "", fmt.Errorf("there is no mark such as %ssummary --> in it", markOpen)
	}
	return out.String(), nil
}

func (r *results) setting() string {
	var b strings.Builder
	var versions []string
	for name, version := range r.Versions {
		versions = append(versions, name+" "+version)
	}
	slices.Sort(versions)
	fmt.Fprintf(&b, "Measured on %s: %s, %d cores, %s; %s. ", r.When.Format(time.DateOnly), r.Machine, r.Cores, r.Go, strings.Join(versions, ", "))
	fmt.Fprintf(&b, "%d keep-alive connections; of %d turns of %g s at each worker the one that cost least counts, and servers take turns.\n", r.Connections, r.Rounds, r.Duration)
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "\n- Note: %s.", n)
	}
	if len(r.Notes) > 0 {
		b.WriteString("\n")
	}
	return b.String()
}

// columns are the servers of the tables, in order.
func (r *results) columns() []string {
	var list []string
	for _, s := range servers() {
		if slices.ContainsFunc(r.Requests, func(f figures) bool { return f.Server == s.name }) {
			list = append(list, s.name)
		}
	}
	return list
}

// summary is CPU of the workers that differ most, by server.
func (r *results) summary() string {
	return r.grid([]string{"hello", "hono", "jwt", "kv-get", "sha256", "json", "ssr", "fib", "wasm"}, []string{"fasthttp", "mayfly", "mayfly-none", "workerd", "deno"})
}

// grid is a table of CPU: a row for each worker, a column for each server.
func (r *results) grid(workers, servers []string) string {
	servers = slices.DeleteFunc(slices.Clone(servers), func(s string) bool { return !slices.Contains(r.columns(), s) })
	var b strings.Builder
	about := map[string]string{}
	for _, w := range workloads() {
		about[w.name] = w.about
	}
	fmt.Fprintf(&b, "| worker | %s |\n|---|%s\n", strings.Join(servers, " | "), strings.Repeat("--:|", len(servers)))
	for _, w := range workers {
		if !slices.Contains(r.order(), w) {
			continue
		}
		fmt.Fprintf(&b, "| %s: %s |", w, about[w])
		for _, s := range servers {
			f, note := r.find(w, s), ""
			if f == nil && s == "workerd" {
				f, note = r.find(w, "miniflare"), " (miniflare)"
			}
			if f == nil {
				b.WriteString(" |")
				continue
			}
			fmt.Fprintf(&b, " %s%s |", duration(f.CPU), note)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// order lists the workers that were measured, in the order of the tables.
func (r *results) order() []string {
	var list []string
	for _, w := range workloads() {
		if slices.ContainsFunc(r.Requests, func(f figures) bool { return f.Worker == w.name }) {
			list = append(list, w.name)
		}
	}
	return list
}

func (r *results) workers() string {
	var b strings.Builder
	// Where miniflare stands in for workerd, it does so in its column.
	columns := slices.DeleteFunc(r.columns(), func(s string) bool { return s == "miniflare" })
	b.WriteString(r.grid(r.order(), columns))
	b.WriteString("\n| worker | server | CPU | × fasthttp | × workerd | requests/s | p50 | p99 | memory | at most |\n|---|---|--:|--:|--:|--:|--:|--:|--:|---|\n")
	for _, worker := range r.order() {
		for _, server := range r.columns() {
			f := r.find(worker, server)
			if f == nil {
				continue
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %.0f | %s | %s | %s | %s |\n", worker, server, duration(f.CPU),
				ratio(f.CPU, r.find(worker, "fasthttp")), ratio(f.CPU, r.peer(worker)), f.Rate, duration(f.P50), duration(f.P99), megabytes(f.RSS),
				strings.ReplaceAll(strings.Join(r.verdicts(f), "; "), " x ", " × "))
		}
	}
	return b.String()
}

func (r *results) rest() string {
	var b strings.Builder
	if len(r.Cold) > 0 {
		b.WriteString("| cold start | program | p50 | p99 |\n|---|---|--:|--:|\n")
		for _, c := range r.Cold {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.Worker, c.From, duration(c.P50), duration(c.P99))
		}
		b.WriteString("\n")
	}
	for _, s := range r.sentences() {
		fmt.Fprintf(&b, "- %s\n", s)
	}
	if goals := r.goals(); len(goals) > 0 {
		b.WriteString("\n| target | at most | found | |\n|---|--:|--:|---|\n")
		for _, g := range goals {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", g.what, g.most, g.found, met(g.met))
		}
	}
	return b.String()
}

// losses lists the workers at which Mayfly as shipped needs more than workerd, the worst first.
func (r *results) losses() string {
	type loss struct {
		worker string
		ratio  float64
	}
	var list []loss
	for _, w := range r.order() {
		f, peer := r.find(w, "mayfly"), r.peer(w)
		if f != nil && peer != nil && f.CPU > peer.CPU {
			list = append(list, loss{w, f.CPU / peer.CPU})
		}
	}
	if len(list) == 0 {
		return "At none of the workers above does Mayfly need more than workerd.\n"
	}
	slices.SortFunc(list, func(a, b loss) int { return int(1000 * (b.ratio - a.ratio)) })
	texts := make([]string, len(list))
	for i, l := range list {
		texts[i] = fmt.Sprintf("%s (%.1f times)", l.worker, l.ratio)
	}
	return "Mayfly as shipped needs more CPU than workerd for " + strings.Join(texts, ", ") + ".\n"
}

// bounds is a table of what CPU is spent on by Mayfly as shipped and without containment.
func (r *results) bounds() string {
	if len(r.Shares) == 0 {
		return "No profiles were taken.\n"
	}
	var b strings.Builder
	b.WriteString("| worker | server |")
	for _, p := range parts {
		fmt.Fprintf(&b, " %s |", p.name)
	}
	fmt.Fprintf(&b, "\n|---|---|%s\n", strings.Repeat("--:|", len(parts)))
	for _, s := range r.Shares {
		if s.Server == "mayfly-request" {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s |", s.Worker, s.Server)
		for _, p := range parts {
			fmt.Fprintf(&b, " %.0f %% |", 100*s.Of[p.name])
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for i, p := range parts {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s: %s", p.name, p.about)
	}
	b.WriteString(".\n")
	return b.String()
}
