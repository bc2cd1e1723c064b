package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/cmd/mayfly/project"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// A devConsole is what the author of a worker sees while it runs. It is safe for
// concurrent use; each line is written whole.
type devConsole struct {
	log *slog.Logger // of the server

	mu     sync.Mutex
	w      io.Writer
	colour palette
	served bool   // a version is deployed
	dir    string // the project's
}

func newDevConsole(m *Main) *devConsole {
	return &devConsole{
		w: m.Stdout, colour: paletteFor(m.Stdout, m.Getenv),
		log: slog.New(slog.NewTextHandler(m.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
}

func (c *devConsole) print(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = io.WriteString(c.w, strings.TrimRight(text, "\n")+"\n") // nobody is left to tell
}

// listening says where the worker answers.
func (c *devConsole) listening(p *project.Project, url string) {
	var text strings.Builder
	fmt.Fprintf(&text, "Listening on %s\n", c.colour.bold(url))
	if p.Crons != nil {
		for _, cron := range *p.Crons {
			fmt.Fprintf(&text, "Cron %s: %s/cdn-cgi/handler/scheduled?cron=%s\n", cron, url, queryEscape(cron))
		}
	}
	c.print(text.String())
}

// loaded says that a version answers from now on.
func (c *devConsole) loaded(p *project.Project, b *project.Bundle, v *script.Version) {
	var text strings.Builder
	for _, w := range p.Warnings {
		fmt.Fprintf(&text, "%s %s\n", c.colour.yellow("warning:"), w)
	}
	for _, d := range b.Warnings {
		fmt.Fprintf(&text, "%s %s", c.colour.yellow("warning:"), d.Frame())
		if !strings.HasSuffix(text.String(), "\n") {
			text.WriteByte('\n')
		}
	}
	for _, n := range v.Bindings {
		if n.Type == script.Service && n.Service != p.Name {
			fmt.Fprintf(&text, "%s the worker %s of the binding %s does not run here: calls fail\n", c.colour.yellow("warning:"), n.Service, n.Name)
		}
	}
	c.mu.Lock()
	verb := "Loaded"
	if c.served {
		verb = "Reloaded"
	}
	c.served, c.dir = true, p.Dir
	c.mu.Unlock()
	fmt.Fprintf(&text, "%s %s (%s, started in %s)\n", c.colour.green(verb), p.Name, size(v.CodeSize()), short(v.StartupTime))
	if len(v.Bindings) > 0 {
		var list []string
		for _, b := range v.Bindings {
			list = append(list, "env."+b.Name+" ("+strings.ReplaceAll(string(b.Type), "_", " ")+")")
		}
		if verb == "Loaded" {
			fmt.Fprintf(&text, "Bindings: %s\n", strings.Join(list, ", "))
		}
	}
	c.print(text.String())
}

// broken shows why a version was not loaded.
func (c *devConsole) broken(err error) {
	c.mu.Lock()
	then := "Waiting for a change."
	if c.served {
		then = "The version before goes on answering."
	}
	c.mu.Unlock()
	c.print(c.colour.red("error:") + " " + strings.TrimRight(frameOf(err), "\n") + "\n" + then)
}

// problem shows what went wrong outside the worker's code.
func (c *devConsole) problem(text string) { c.print(c.colour.red("error:") + " " + text) }

// Log implements runtime.Observer: it shows a line of the worker's console.
func (c *devConsole) Log(_, _ string, line *outside.LogLine) {
	text := line.Text
	switch line.Level {
	case "error":
		text = c.colour.red(text)
	case "warn":
		text = c.colour.yellow(text)
	case "debug":
		text = c.colour.dim(text)
	}
	c.print(text)
}

// Report implements runtime.Observer: it shows a request that has ended.
func (c *devConsole) Report(r *outside.Report) {
	var text strings.Builder
	c.mu.Lock()
	dir := c.dir
	c.mu.Unlock()
	for i := range r.Exceptions {
		e := &r.Exceptions[i]
		fmt.Fprintf(&text, "%s %s\n%s", c.colour.red("Uncaught"), exceptionText(e), c.colour.dim(codeFrame(dir, e.Stack)))
	}
	what, result := string(r.Event), string(r.Outcome)
	switch r.Event {
	case outside.EventFetch, outside.EventLambda, outside.EventAsset:
		what = r.Method + " " + pathOf(r.URL)
		if status := shownStatus(r); status != 0 {
			result = fmt.Sprintf("%d %s", status, http.StatusText(status))
		}
	case outside.EventScheduled:
		what = "scheduled " + strings.TrimSpace(r.Cron)
	}
	if r.Outcome != outside.OutcomeOK && result != string(r.Outcome) {
		result += " (" + string(r.Outcome) + ")"
	}
	if r.Outcome == outside.OutcomeOK && r.Status < 400 {
		result = c.colour.green(result)
	} else {
		result = c.colour.red(result)
	}
	fmt.Fprintf(&text, "%s %s %s\n", strings.TrimSpace(what), result,
		c.colour.dim(fmt.Sprintf("%s (CPU %s)", short(r.Wall), short(r.CPU))))
	c.print(text.String())
}

// shownStatus is the status of the answer: the worker's or, if it gave none, that of the
// error page.
func shownStatus(r *outside.Report) int {
	if r.Status != 0 {
		return r.Status
	}
	switch r.Outcome {
	case outside.OutcomeException, outside.OutcomeInternalError:
		return http.StatusInternalServerError
	case outside.OutcomeExceededCPU, outside.OutcomeExceededMemory, outside.OutcomeExceededWallTime:
		return http.StatusServiceUnavailable
	}
	return 0
}

func pathOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	return u.RequestURI()
}

func queryEscape(s string) string { return url.QueryEscape(s) }

// short is a duration with about three digits.
func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return d.Round(time.Microsecond).String()
	case d < time.Second:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}

// size is a number of bytes as a person reads it.
func size(n int) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
