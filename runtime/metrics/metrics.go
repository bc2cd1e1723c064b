package metrics

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// DefaultMaxScripts is how many scripts have series of their own unless said otherwise.
const DefaultMaxScripts = 10_000

// Gauges are figures that are read when they are asked for. A nil function is left out.
type Gauges struct {
	IsolatesLive    func() float64
	IsolatesIdle    func() float64
	IsolatesMade    func() float64 // since the start
	IsolatesEvicted func() float64 // since the start, because they were idle
	InFlight        func() float64 // requests
	QueueDepth      func() float64 // requests that wait for a place
	Connections     func() float64 // of clients
	TailViewers     func() float64
	Hosts           func() float64 // processes that hold isolates
	HostHeap        func() float64 // bytes in them
	HostDeaths      func() float64 // since the start
	ScriptsRefused  func() float64
}

// A Recorder counts reports. Its methods may be called from any goroutine.
type Recorder struct {
	registry   *prometheus.Registry
	maxScripts int64
	kvTime     [4]prometheus.Observer

	known sync.Map     // scripts: of scriptKey to *series
	own   atomic.Int64 // of them, but for the one that stands for the others
}

type scriptKey struct{ account, script string }

// others is the script under which those over the bound are counted.
var others = scriptKey{"", "other"}

// New returns a Recorder. maxScripts 0 means DefaultMaxScripts.
func New(g Gauges, maxScripts int) *Recorder {
	if maxScripts == 0 {
		maxScripts = DefaultMaxScripts
	}
	r := &Recorder{registry: prometheus.NewRegistry(), maxScripts: int64(maxScripts)}
	kvTime := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "mayfly", Name: "kv_seconds", Help: "Time of KV operations in the store.",
		Buckets: prometheus.ExponentialBuckets(5e-6, 4, 10)}, []string{"operation"})
	for i, operation := range kvOperations {
		r.kvTime[i] = kvTime.WithLabelValues(operation)
	}
	r.registry.MustRegister(kvTime, newScripts(r),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	r.gauge("isolates", "Isolates that exist.", g.IsolatesLive)
	r.gauge("isolates_idle", "Isolates without requests.", g.IsolatesIdle)
	r.count("isolates_made_total", "Isolates made since the start.", g.IsolatesMade)
	r.count("isolates_evicted_total", "Isolates dropped because they were idle.", g.IsolatesEvicted)
	r.gauge("requests_in_flight", "Requests in flight.", g.InFlight)
	r.gauge("queue_depth", "Requests that wait for a place.", g.QueueDepth)
	r.gauge("connections", "Open client connections.", g.Connections)
	r.gauge("tail_viewers", "Connected tail sessions.", g.TailViewers)
	r.gauge("hosts", "Processes that hold isolates.", g.Hosts)
	r.gauge("hosts_heap_bytes", "Bytes of objects and stacks in the processes that hold isolates.", g.HostHeap)
	r.count("host_deaths_total", "Processes that held isolates and died.", g.HostDeaths)
	r.gauge("scripts_refused", "Workers out of service for what they did to processes.", g.ScriptsRefused)
	return r
}

func (r *Recorder) gauge(name, help string, f func() float64) {
	if f != nil {
		r.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "mayfly", Name: name, Help: help}, f))
	}
}

func (r *Recorder) count(name, help string, f func() float64) {
	if f != nil {
		r.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "mayfly", Name: name, Help: help}, f))
	}
}

// Handler answers a scrape.
func (r *Recorder) Handler() http.Handler {
	return promhttp.HandlerFor(r.registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// A KVOperation is a kind of access to KV.
type KVOperation int

// The kinds, in the order of the counters of a report.
const (
	KVRead KVOperation = iota
	KVWrite
	KVDelete
	KVList
)

// KV counts the time that an operation took in the store.
func (r *Recorder) KV(op KVOperation, d time.Duration) { r.kvTime[op].Observe(d.Seconds()) }

// Record counts a report.
func (r *Recorder) Record(p *outside.Report) {
	s := r.of(p)
	s.count(requestKey{p.Event, p.Outcome, class(p)})
	s.cpu.observe(cpuBounds, p.CPU)
	s.wall.observe(wallBounds, p.Wall)
	if p.ColdStart > 0 {
		s.cold.observe(coldBounds, p.ColdStart)
	}
	add(&s.subrequests, int64(p.Subrequests))
	for i, n := range [4]int{p.KVReads, p.KVWrites, p.KVDeletes, p.KVLists} {
		add(&s.kv[i], int64(n))
	}
	add(&s.in, p.BytesIn)
	add(&s.out, p.BytesOut)
}

// class is the class of the status that the client saw: where the worker gave no answer,
// that of the page in its place.
func class(p *outside.Report) uint8 {
	if p.Status != 0 || p.Internal || p.Event != outside.EventFetch && p.Event != outside.EventLambda || p.Method == "" {
		return uint8(p.Status / 100)
	}
	switch p.Outcome {
	case outside.OutcomeException, outside.OutcomeExceededCPU, outside.OutcomeExceededMemory, outside.OutcomeExceededWallTime, outside.OutcomeInternalError:
		return 5
	case outside.OutcomeLoadShed, outside.OutcomeScriptNotFound:
		return 4
	}
	return 0
}

func add(c *atomic.Int64, n int64) {
	if n > 0 {
		c.Add(n)
	}
}

// of returns the series of the report's script.
func (r *Recorder) of(p *outside.Report) *series {
	k := scriptKey{p.Account, p.Script}
	if s, ok := r.known.Load(k); ok {
		return s.(*series)
	}
	if r.own.Load() >= r.maxScripts {
		k = others
	}
	s, there := r.known.LoadOrStore(k, new(series))
	if !there && k != others {
		r.own.Add(1)
	}
	return s.(*series)
}

// Forget drops the series of a deleted script.
func (r *Recorder) Forget(account, script string) {
	if _, ok := r.known.LoadAndDelete(scriptKey{account, script}); ok {
		r.own.Add(-1)
	}
}
