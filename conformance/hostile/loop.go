package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// workerLoops are workers that call each other.
func workerLoops() []*assault {
	self := `await fetch(request.url)`
	return []*assault{
		{group: "worker loops", name: "fetch of itself", short: true, run: loop(30, self)},
		{group: "worker loops", name: "two that fetch each other", run: ring(30, `await fetch("http://PEER/")`)},
		{group: "worker loops", name: "two bound to each other", run: ring(40, `await env.PEER.fetch("http://peer/")`)},
		{group: "worker loops", name: "fetch of itself, twice each time", run: loop(500, `await Promise.all([fetch(request.url), fetch(request.url)])`)},
		{group: "worker loops", name: "bound to each other, twice each time", run: ring(500, `await Promise.all([env.PEER.fetch("http://peer/"), env.PEER.fetch("http://peer/")])`)},
		{group: "worker loops", name: "through a redirect of an origin", run: func(ctx context.Context, a *arena) finding {
			return loop(60, `await fetch("http://`+a.origin.addr+`/redirect?to=" + encodeURIComponent(request.url))`)(ctx, a)
		}},
		{group: "worker loops", name: "in waitUntil", run: loop(60, `ctx.waitUntil(fetch(request.url)); return new Response("x")`)},
	}
}

const swallow = `export default { async fetch(request, env, ctx) { try { %s } catch {} return new Response("end") } }`

// loop has a worker call itself; it must come to an end within so many invocations.
func loop(most int, code string) func(context.Context, *arena) finding {
	return func(ctx context.Context, a *arena) finding {
		name := a.name()
		if err := a.deploy(ctx, remote.Worker{Name: name, Code: fmt.Sprintf(swallow, code)}); err != nil {
			return wrongf("deployment: %v", err)
		}
		return a.ends(ctx, most, name)
	}
}

// ring has two workers call each other.
func ring(most int, code string) func(context.Context, *arena) finding {
	return func(ctx context.Context, a *arena) finding {
		one, two := a.name(), a.name()
		put := func(name, peer string, bind bool) error {
			w := remote.Worker{Name: name, Code: fmt.Sprintf(swallow, strings.ReplaceAll(code, "PEER/", host(peer)+"/"))}
			if bind {
				w.Bindings = []map[string]any{{"type": "service", "name": "PEER", "service": peer}}
			}
			return a.deploy(ctx, w)
		}
		bind := strings.Contains(code, "env.PEER")
		for _, err := range []error{put(two, "", false), put(one, two, bind), put(two, one, bind)} {
			if err != nil {
				return wrongf("deployment: %v", err)
			}
		}
		return a.ends(ctx, most, one, two)
	}
}

// ends asks the first worker and counts the invocations of all.
func (a *arena) ends(ctx context.Context, most int, names ...string) finding {
	got, err := a.get(ctx, host(names[0]), "/")
	if err != nil {
		return wrongf("%v", err)
	}
	if _, err := a.outcome(ctx, names[0]); err != nil {
		return wrongf("%v", err)
	}
	total := 0
	for _, name := range names {
		found, err := a.outcomes(ctx, name)
		if err != nil {
			return wrongf("%v", err)
		}
		for _, n := range found {
			total += n
		}
	}
	f := finding{ended: fmt.Sprintf("%d, %d invocations", got.status, total), took: got.took}
	if total > most {
		f.wrong = fmt.Sprintf("one request led to %d invocations, more than %d", total, most)
	}
	return f
}
