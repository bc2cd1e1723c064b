package runtime

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"
	"unsafe"

	"github.com/cespare/xxhash/v2"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/router"
	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/ingress"
	"github.com/mayfly-edge/mayfly/runtime/pool"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// ServeWorker implements ingress.Handler: it answers one request.
func (rt *Runtime) ServeWorker(x *ingress.Exchange) {
	m, err := rt.router.Match(x.Scheme() == "https", view(x.Host()), view(x.Target()))
	if errors.Is(err, router.ErrUnknownHost) || errors.Is(err, router.ErrNoRoute) {
		if key, preview, ok := rt.hosts.match(x.Hostname()); ok {
			m, err = router.Match{Script: key, Source: router.FromDefault, Preview: preview}, nil
		}
	}
	if err != nil {
		x.RespondPage(routePage(x, err))
		return
	}
	d, err := rt.scripts.get(m.Script)
	if err != nil {
		x.RespondPage(rt.failurePage(err))
		return
	}
	if rt.cfg.TestEndpoints && isScheduledTest(x.Target()) {
		rt.serveScheduled(d, x)
		return
	}
	if x.Hops() > maxHops {
		x.RespondPage(ingress.PageFor(1019, "The request has passed through 16 workers."))
		return
	}
	l, err := rt.pick(d, m.Preview, x)
	if err != nil {
		x.RespondPage(rt.failurePage(err))
		return
	}
	if l.static != nil && l.static.serve(x) {
		return
	}
	if err := rt.admit(x.Context, d, rt.cfg.QueueTimeout); err != nil {
		rt.shed(x, d, err)
		return
	}
	rt.working.Add(1)
	span := rt.ingressSpan(x)
	finished := func(r *outside.Report) {
		rt.traces.End(span, r)
		rt.leave(d)
		rt.working.Done()
	}
	req := x.Request()
	res, err := rt.pool.Fetch(l.version, worker.Event{
		Context: client{x}, Outside: l.session,
		Call:     outside.Call{Invocation: x.RequestID(), Hops: x.Hops() + 1, Traceparent: span.Traceparent()},
		Finished: finished,
	}, req)
	if err != nil {
		rt.notRun(err, finished, l, outside.Report{
			Invocation: x.RequestID(), Event: outside.EventFetch, Method: x.Method(), URL: x.URL(),
		})
		x.RespondPage(rt.failurePage(err))
		return
	}
	if err := x.Respond(res); err != nil && !errors.Is(err, ingress.ErrClientGone) {
		rt.cfg.Log.Debug("response not sent", "script", d.name, "request", x.RequestID(), "error", err)
	}
}

// client is the context of the one who waits for an exchange's response. It is made
// only when somebody waits: most requests are answered in their first turn.
type client struct{ x *ingress.Exchange }

func (c client) Deadline() (time.Time, bool) { return time.Time{}, false }
func (c client) Done() <-chan struct{}       { return c.x.Context().Done() }
func (c client) Err() error                  { return c.x.Context().Err() }
func (c client) Value(key any) any           { return c.x.Context().Value(key) }

// view returns the bytes of s, which nobody changes, without copying them.
func view(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// pick chooses the version that answers a request: that of a preview host, that of an
// override, or one by the deployment's percentages, sticky by the version key.
func (rt *Runtime) pick(d *deployed, preview string, x *ingress.Exchange) (*loaded, error) {
	if preview != "" {
		return rt.preview(d, preview)
	}
	if o, ok := x.Header("cloudflare-workers-version-overrides"); ok {
		if l := d.versions[override(o, d.name)]; l != nil {
			return l, nil
		}
	}
	if len(d.deployment.Versions) == 1 {
		return d.versions[d.deployment.Versions[0].VersionID], nil
	}
	point := rand.Float64()
	if key, ok := x.Header("cloudflare-workers-version-key"); ok {
		point = float64(xxhash.Sum64String(key)>>11) / (1 << 53)
	}
	return d.versions[d.deployment.Pick(point)], nil
}

// override reads name="version id" for one script out of the header's dictionary.
func override(header, name string) string {
	for part := range strings.SplitSeq(header, ",") {
		if k, v, ok := strings.Cut(strings.TrimSpace(part), "="); ok && k == name {
			return strings.Trim(v, `"`)
		}
	}
	return ""
}

// preview returns the version of a preview host, by the prefix of its id or its alias.
func (rt *Runtime) preview(d *deployed, prefix string) (*loaded, error) {
	if l, ok := d.previews.Load(prefix); ok {
		return l.(*loaded), nil
	}
	var found *loaded
	err := rt.store.View(func(tx *script.Tx) error {
		list, err := tx.Versions(d.account, d.name)
		if err != nil {
			return err
		}
		for _, v := range list {
			if strings.HasPrefix(v.ID, prefix) || v.Annotations["workers/alias"] == prefix {
				whole, err := tx.LoadVersion(d.account, d.name, v.ID)
				if err == nil {
					found, err = rt.loadVersion(tx, whole)
				}
				return err
			}
		}
		return script.Errorf(script.UnknownVersion, "no version of %s has the preview prefix or alias %q", d.name, prefix)
	})
	if err == nil {
		d.previews.Store(prefix, found)
	}
	return found, err
}

// shed turns a request away because too many are in flight.
func (rt *Runtime) shed(x *ingress.Exchange, d *deployed, err error) {
	if !errors.Is(err, errShed) {
		return // the client has left
	}
	p := ingress.PageFor(1015, "Too many requests are in flight for this worker. Try again shortly.")
	p.Header = append(p.Header, ingress.RetryAfter(time.Second))
	now := rt.cfg.Now()
	rt.publish(&outside.Report{
		Account: d.account, Script: d.name, Entrypoint: "default", Invocation: x.RequestID(), Event: outside.EventFetch,
		Method: x.Method(), URL: x.URL(), Status: p.Status, Outcome: outside.OutcomeLoadShed, Start: now,
	})
	x.RespondPage(p)
}

// notRun does what the end of an invocation would have done when err says that none was
// begun: it calls finished and publishes r, completed.
func (rt *Runtime) notRun(err error, finished func(*outside.Report), l *loaded, r outside.Report) {
	var none *pool.NotRun
	if !errors.As(err, &none) {
		return
	}
	now := rt.cfg.Now()
	r.Account, r.Script, r.Version, r.Start = l.version.Account, l.version.Script, l.version.Version, now
	if r.Entrypoint == "" {
		r.Entrypoint = "default"
	}
	var load *worker.LoadError
	var code *compiler.Error
	var refused *host.Refused
	switch {
	case errors.Is(err, pool.ErrFull):
		r.Outcome = outside.OutcomeLoadShed
	case errors.As(err, &refused):
		r.Outcome = outside.OutcomeInternalError
		r.Exceptions = []outside.Exception{{Time: now, Name: "Error", Message: err.Error()}}
	case errors.As(err, &load) && load.Reason == worker.ExceededCPU:
		r.Outcome = outside.OutcomeExceededCPU
		r.Exceptions = []outside.Exception{{Time: now, Name: "Error", Message: err.Error()}}
	case errors.As(err, &load):
		r.Outcome = outside.OutcomeException
		r.Exceptions = []outside.Exception{load.Exception}
		if load.Err != nil {
			r.Exceptions = []outside.Exception{{Time: now, Name: "Error", Message: load.Err.Error()}}
		}
	case errors.As(err, &code):
		r.Outcome = outside.OutcomeException
		r.Exceptions = []outside.Exception{{Time: now, Name: "SyntaxError", Message: err.Error()}}
	case errors.Is(err, ingress.ErrClientGone), errors.Is(err, context.Canceled):
		r.Outcome = outside.OutcomeCanceled
	default:
		r.Outcome = outside.OutcomeInternalError
		rt.cfg.Log.Error("worker could not be loaded", "script", r.Script, "version", r.Version, "error", err)
	}
	finished(&r)
	rt.publish(&r)
}

// routePage is the answer when no script is found for a request.
func routePage(x *ingress.Exchange, err error) ingress.Page {
	switch {
	case errors.Is(err, router.ErrMalformedHost):
		return ingress.Page{Status: 400, Title: "Bad Request", Detail: "The Host header is malformed."}
	case errors.Is(err, router.ErrNegated), errors.Is(err, router.ErrNoRoute):
		return ingress.Page{Status: 404, Title: "Not Found", Detail: "No worker is routed to this path of " + x.Hostname() + "."}
	}
	return x.UnknownHost()
}

// failurePage is the answer when a worker has given none. It tells nothing of the
// worker's insides unless errors are to be shown.
func (rt *Runtime) failurePage(err error) ingress.Page {
	var (
		thrown   *isolate.Thrown
		load     *worker.LoadError
		code     *compiler.Error
		notFound *script.Error
		refused  *host.Refused
		lost     *host.Failure
	)
	page := ingress.PageFor(1101, "The worker threw an exception.")
	switch {
	case host.ExceededCPU(err):
		return ingress.PageFor(1102, "The worker exceeded its CPU time limit.")
	case host.ExceededMemory(err):
		return ingress.PageFor(1102, "The worker exceeded its memory limit.")
	case errors.As(err, &refused):
		return ingress.PageFor(1102, "The worker is stopped, because it took down its host process again and again.")
	case errors.As(err, &lost) && lost.Bystander:
		p := ingress.PageFor(503, "The worker's host process ended while the request was being handled, through no fault of the worker. Try again.")
		p.Header = append(p.Header, ingress.RetryAfter(time.Second))
		return p
	case errors.As(err, &lost):
		page = ingress.PageFor(1101, "The worker's host process has crashed.")
	case errors.Is(err, pool.ErrFull), errors.Is(err, errShed):
		p := ingress.PageFor(1015, "Too many requests are in flight for this worker. Try again shortly.")
		p.Header = append(p.Header, ingress.RetryAfter(time.Second))
		return p
	case errors.As(err, &notFound):
		return ingress.PageFor(1104, "The script that is routed here does not exist.")
	case errors.As(err, &load), errors.As(err, &code):
		page = ingress.PageFor(1101, "The worker could not be started.")
	case errors.As(err, &thrown):
		if rt.cfg.ShowErrors && thrown.Stack != "" {
			page.Detail = thrown.Stack
			return page
		}
	}
	if rt.cfg.ShowErrors {
		page.Detail = err.Error()
	}
	return page
}
