package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/control"
	"github.com/mayfly-edge/mayfly/runtime/ingress"
	"github.com/mayfly-edge/mayfly/runtime/metrics"
	"github.com/mayfly-edge/mayfly/runtime/script"
	"github.com/mayfly-edge/mayfly/runtime/tail"
	"github.com/mayfly-edge/mayfly/runtime/trace"
)

// publish hands the one report of an invocation to everybody who reads it, so that
// bills, metrics and tails cannot disagree.
func (rt *Runtime) publish(r *outside.Report) {
	rt.ledger.Record(r)
	rt.metrics.Record(r)
	rt.tail.Publish(r)
	rt.keep(r)
	for _, o := range rt.cfg.Observers {
		o.Report(r)
	}
}

// ingressSpan begins the span of a request. It is zero when no spans are sent.
func (rt *Runtime) ingressSpan(x *ingress.Exchange) trace.Span {
	if rt.traces == nil {
		return trace.Span{}
	}
	parent, _ := x.Header("traceparent")
	return rt.traces.Start(parent)
}

// gauges are the figures of the server that metrics read when asked.
func (rt *Runtime) gauges() metrics.Gauges {
	return metrics.Gauges{
		IsolatesLive:    func() float64 { return float64(rt.pool.Stats().Live) },
		IsolatesIdle:    func() float64 { return float64(rt.pool.Stats().Idle) },
		IsolatesMade:    func() float64 { return float64(rt.pool.Stats().Made) },
		IsolatesEvicted: func() float64 { return float64(rt.pool.Stats().Evicted) },
		InFlight:        func() float64 { inUse, _ := rt.limiter.load(); return float64(inUse) },
		QueueDepth:      func() float64 { _, waiting := rt.limiter.load(); return float64(waiting) },
		TailViewers:     func() float64 { return float64(rt.tail.Viewers()) },
		Hosts:           func() float64 { return float64(rt.pool.Stats().Processes) },
		HostHeap:        func() float64 { return float64(rt.pool.Stats().Heap) },
		HostDeaths:      func() float64 { return float64(rt.pool.Stats().Deaths) },
		ScriptsRefused:  func() float64 { return float64(rt.pool.Stats().Refused) },
	}
}

// Metrics answers Prometheus.
func (rt *Runtime) Metrics() http.Handler { return rt.metrics.Handler() }

// tails is control.Tails over a hub.
type tails struct{ hub *tail.Hub }

// Check implements control.Tails.
func (t tails) Check(filters json.RawMessage) error {
	if _, err := tail.ParseFilters(filters, ""); err != nil {
		return script.Errorf(script.BadValue, "%v", err)
	}
	return nil
}

// Watch implements control.Tails.
func (t tails) Watch(ctx context.Context, q control.TailQuery, send func(item []byte) error) error {
	filters, err := tail.ParseFilters(q.Filters, q.Client)
	if err != nil {
		return err
	}
	if err := t.hub.Watch(ctx, q.Account, q.Script, filters, send); err != nil {
		if errors.Is(err, tail.ErrTooManyViewers) {
			return script.Errorf(script.BadValue, "%v", err)
		}
		return err
	}
	return nil
}
