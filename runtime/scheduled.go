package runtime

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/cron"
	"github.com/mayfly-edge/mayfly/runtime/ingress"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// isScheduledTest reports whether a request target, without its query, is one of those at
// which a scheduled event can be asked for by hand, of which the second is wrangler's older:
// https://developers.cloudflare.com/workers/configuration/cron-triggers/#test-cron-triggers-locally
func isScheduledTest(target string) bool {
	path, _, _ := strings.Cut(target, "?")
	return path == "/cdn-cgi/handler/scheduled" || path == "/__scheduled"
}

// serveScheduled gives the worker a scheduled event and answers with its outcome. The
// query says which: cron, the expression, and time, in milliseconds or seconds since
// 1970; both may be missing.
func (rt *Runtime) serveScheduled(d *deployed, x *ingress.Exchange) {
	_, query, _ := strings.Cut(x.Target(), "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		_ = x.RespondPage(ingress.PageFor(400, "The query is not properly encoded."))
		return
	}
	at := rt.cfg.Now()
	if text := q.Get("time"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || n > 1e14 {
			_ = x.RespondPage(ingress.PageFor(400, "time="+text+" must be milliseconds since 1970."))
			return
		}
		if n < 1e11 { // seconds, as wrangler takes them
			n *= 1000
		}
		at = time.UnixMilli(n)
	}
	r, err := rt.schedule(x.Context(), d, q.Get("cron"), at)
	if err != nil {
		_ = x.RespondPage(rt.failurePage(err))
		return
	}
	status := 200
	if r.Outcome != outside.OutcomeOK {
		status = 500
	}
	_ = x.Respond(&outside.Response{
		Status: status,
		Header: []outside.Field{{Name: "content-type", Value: "text/plain"}},
		Body:   outside.Body{Bytes: []byte(r.Outcome)},
	})
}

// schedule gives a script a scheduled event and waits until it has ended, waitUntil
// work included, or ctx is done. The error says why it was not run or not waited for.
func (rt *Runtime) schedule(ctx context.Context, d *deployed, expression string, at time.Time) (*outside.Report, error) {
	l := d.versions[d.deployment.Pick(rand.Float64())]
	ended := make(chan *outside.Report, 1)
	span := rt.traces.Start("")
	finished := func(r *outside.Report) {
		rt.traces.End(span, r)
		ended <- r
		rt.working.Done()
	}
	id := uuid.NewString()
	rt.working.Add(1)
	err := rt.pool.Scheduled(l.version, worker.Event{
		Context: ctx, Outside: l.session, Call: outside.Call{Invocation: id, Traceparent: span.Traceparent()}, Finished: finished, CPU: scheduledCPU(l, expression),
	}, expression, at)
	rt.notRun(err, finished, l, outside.Report{Invocation: id, Event: outside.EventScheduled, Cron: expression, Time: at})
	var none *pool.NotRun
	if errors.As(err, &none) {
		return nil, err
	}
	select {
	case r := <-ended:
		return r, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// scheduledCPU is the CPU time of a scheduled event: what the script has set, else 30
// seconds, or 15 minutes for a trigger that runs once an hour at most.
// https://developers.cloudflare.com/workers/platform/limits/#cpu-time
func scheduledCPU(l *loaded, expression string) time.Duration {
	if l.ownCPU {
		return 0
	}
	if s, err := cron.Parse(expression); err == nil && s.AtMostHourly() {
		return 15 * time.Minute
	}
	return 30 * time.Second
}
