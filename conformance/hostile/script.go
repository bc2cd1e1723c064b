package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mayfly-edge/mayfly/conformance/hostile/attack"
	"github.com/mayfly-edge/mayfly/conformance/remote"
	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// A script is an attack by the code of one worker.
type script struct {
	group, name string
	top, code   string
	want        []attack.Ending
	// says is what the answer must hold, if not "".
	says  string
	cpu   int // milliseconds; 0 is the default
	short bool
}

// assault makes a row of a script.
func (s script) assault() *assault {
	deadly := slices.ContainsFunc(s.want, func(e attack.Ending) bool { return !e.Contained() })
	costly := s.group == "memory" || s.group == "regexp"
	shared := ""
	if s.group == "memory" {
		shared = "collecting much garbage takes what cores there are"
	}
	return &assault{group: s.group, name: s.name, short: s.short, deadly: deadly, costly: costly, shared: shared, run: func(ctx context.Context, a *arena) finding {
		return s.run(ctx, a)
	}}
}

// vectors are those of package attack.
func vectors() (all []*assault) {
	for _, v := range attack.All() {
		s := script{group: v.Family, name: v.Name, top: v.Top, code: v.Code, want: v.Want}
		if v.Family == "memory" {
			s.cpu = 10_000 // so that it is the memory limit that ends them, unless the machine is slow
			s.want = append(ends(attack.CPU), v.Want...)
		}
		all = append(all, s.assault())
	}
	return all
}

func (s script) run(ctx context.Context, a *arena) finding {
	name := a.name()
	w := remote.Worker{
		Name: name, CPU: s.cpu, Flags: []string{},
		Code: s.top + "\nexport default { async fetch(request, env, ctx) {" + s.code + "\n} }",
	}
	w.Bindings = []map[string]any{{"type": "secret_text", "name": "SECRET", "text": "of mallory"}}
	if err := a.deploy(ctx, w); err != nil {
		return s.judge(a, string(attack.Refused), answer{}, err)
	}
	got, err := a.get(ctx, host(name), "/")
	if err != nil {
		switch {
		case !a.alive():
			return finding{ended: "server dies"}
		case hung(err):
			return s.judge(a, string(attack.Hangs), got, err)
		}
		// The answer was cut before its head: the outcome tells more.
	}
	ended, failure := a.outcome(ctx, name)
	if failure != nil {
		return wrongf("%v; the answer: %v, %d %.200q", failure, err, got.status, got.body)
	}
	return s.judge(a, ended, got, nil)
}

// judge compares how the script ended with how it may end.
func (s script) judge(a *arena, ended string, got answer, err error) finding {
	f := finding{ended: ended, took: got.took}
	if got.code != "" {
		f.ended += " " + got.code
	}
	switch {
	case ended == string(attack.Refused):
		var r *remote.Refusal
		if !errors.As(err, &r) || r.Status >= 500 {
			return wrongf("the upload failed: %v", err)
		}
		f.ended = fmt.Sprintf("refused %d", r.Status)
	case ended == string(attack.Hangs):
		return wrongf("no answer: %v", err)
	}
	// Where a host outgrew its memory between two turns, nobody in particular is to blame.
	if ended == string(outside.OutcomeInternalError) && s.group == "memory" && strings.Contains(got.body, bystander) {
		return f
	}
	if !s.allows(ended) {
		f.wrong = fmt.Sprintf("ended as %s (%d, %.200q), want %v", ended, got.status, got.body, s.want)
		return f
	}
	if why := mismatch(ended, got); why != "" {
		f.wrong = why
	} else if s.says != "" && !strings.Contains(got.body, s.says) {
		f.wrong = fmt.Sprintf("answered %d %.300q, want %q", got.status, got.body, s.says)
	}
	return f
}

// allows reports whether a script may end so. What in process only a handler that
// answers nothing does is an exception to a server; what takes down a process ends as
// what it exceeded.
func (s script) allows(ended string) bool {
	var also []string
	for _, e := range s.want {
		switch e {
		case attack.OK:
			also = append(also, string(attack.Exception))
		case attack.Dies, attack.Hangs:
			also = append(also, string(attack.CPU), string(attack.Memory), string(attack.Exception), string(attack.Refused))
		}
		also = append(also, string(e))
	}
	return slices.Contains(also, ended)
}

// mismatch says what is wrong with an answer for an outcome.
func mismatch(ended string, got answer) string {
	page := func(status int, code string) string {
		// The head may have gone out before the end; then the body is cut, or a
		// background task has failed.
		if got.status == status && got.code == code || got.status == 200 || got.status == 0 {
			return ""
		}
		return fmt.Sprintf("%s is answered with %d and code %q: %.200q", ended, got.status, got.code, got.body)
	}
	switch attack.Ending(ended) {
	case attack.Exception:
		return page(500, "1101")
	case attack.CPU, attack.Memory:
		return page(503, "1102")
	}
	return ""
}

// firstLine is the line of a log that says why a process has ended.
func firstLine(log string) string {
	for line := range strings.Lines(log) {
		for _, sign := range []string{"fatal error:", "panic:", "runtime: goroutine stack exceeds", "out of memory"} {
			if strings.Contains(line, sign) {
				return strings.TrimSpace(line)
			}
		}
	}
	lines := strings.Split(strings.TrimSpace(log), "\n")
	return lines[len(lines)-1]
}
