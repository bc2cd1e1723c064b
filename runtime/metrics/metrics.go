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

	requests    *prometheus.CounterVec
	cpu, wall   *prometheus.HistogramVec
	coldStarts  *prometheus.HistogramVec
	subrequests *prometheus.CounterVec
	kv          *prometheus.CounterVec
	kvTime      [4]prometheus.Observer
	bytes       *prometheus.CounterVec

	scripts sync.Map // of scriptKey to *series
	known   atomic.Int64
}

type scriptKey struct{ account, script string }

// series are the metrics of one script, looked up once.
type series struct {
	account, script string
	requests        sync.Map // of requestKey to prometheus.Counter
	cpu, wall, cold prometheus.Observer
	subrequests     prometheus.Counter
	kv              [4]prometheus.Counter
	in, out         prometheus.Counter
}

type requestKey struct {
	event   outside.Event
	outcome outside.Outcome
	class   uint8 // of the status: 2 for 200 to 299, 0 for none
}

var kvOperations = [4]string{"read", "write", "delete", "list"}

// New returns a Recorder. maxScripts 0 means DefaultMaxScripts.
func New(g Gauges, maxScripts int) *Recorder {
	if maxScripts == 0 {
		maxScripts = DefaultMaxScripts
	}
	labels := []string{"account", "script"}
	with := func(more ...string) []string { return append(append([]string{}, labels...), more...) }
	counter := func(name, help string, labels []string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "mayfly", Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "mayfly", Name: name, Help: help, Buckets: buckets}, labels)
	}
	r := &Recorder{
		registry: prometheus.NewRegistry(), maxScripts: int64(maxScripts),
		requests:    counter("requests_total", "Invocations by event, outcome and class of status.", with("event", "outcome", "status")),
		cpu:         histogram("cpu_seconds", "CPU time of invocations.", prometheus.ExponentialBuckets(25e-6, 4, 9)),
		wall:        histogram("wall_seconds", "Time from the event to the end of the response.", prometheus.ExponentialBuckets(100e-6, 4, 10)),
		coldStarts:  histogram("cold_start_seconds", "Time spent loading a worker for an invocation.", prometheus.ExponentialBuckets(50e-6, 4, 9)),
		subrequests: counter("subrequests_total", "Outbound requests and service calls.", labels),
		kv:          counter("kv_operations_total", "KV operations.", with("operation")),
		bytes:       counter("body_bytes_total", "Bytes of request and response bodies.", with("direction")),
	}
	kvTime := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "mayfly", Name: "kv_seconds", Help: "Time of KV operations in the store.",
		Buckets: prometheus.ExponentialBuckets(5e-6, 4, 10)}, []string{"operation"})
	for i, operation := range kvOperations {
		r.kvTime[i] = kvTime.WithLabelValues(operation)
	}
	r.registry.MustRegister(kvTime, r.requests, r.cpu, r.wall, r.coldStarts, r.subrequests, r.kv, r.bytes,
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
	s.count(r, requestKey{p.Event, p.Outcome, class(p)}).Inc()
	s.cpu.Observe(p.CPU.Seconds())
	s.wall.Observe(p.Wall.Seconds())
	if p.ColdStart > 0 {
		s.cold.Observe(p.ColdStart.Seconds())
	}
	add(s.subrequests, p.Subrequests)
	for i, n := range [4]int{p.KVReads, p.KVWrites, p.KVDeletes, p.KVLists} {
		add(s.kv[i], n)
	}
	add(s.in, int(p.BytesIn))
	add(s.out, int(p.BytesOut))
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

func add(c prometheus.Counter, n int) {
	if n > 0 {
		c.Add(float64(n))
	}
}

// of returns the series of the report's script.
func (r *Recorder) of(p *outside.Report) *series {
	k := scriptKey{p.Account, p.Script}
	if s, ok := r.scripts.Load(k); ok {
		return s.(*series)
	}
	if r.known.Load() >= r.maxScripts {
		k = scriptKey{"", "other"}
	} else {
		r.known.Add(1)
	}
	s, _ := r.scripts.LoadOrStore(k, r.series(k))
	return s.(*series)
}

func (r *Recorder) series(k scriptKey) *series {
	s := &series{
		account: k.account, script: k.script,
		cpu:         r.cpu.WithLabelValues(k.account, k.script),
		wall:        r.wall.WithLabelValues(k.account, k.script),
		cold:        r.coldStarts.WithLabelValues(k.account, k.script),
		subrequests: r.subrequests.WithLabelValues(k.account, k.script),
		in:          r.bytes.WithLabelValues(k.account, k.script, "in"),
		out:         r.bytes.WithLabelValues(k.account, k.script, "out"),
	}
	for i, operation := range kvOperations {
		s.kv[i] = r.kv.WithLabelValues(k.account, k.script, operation)
	}
	return s
}

var classes = [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}

func (s *series) count(r *Recorder, k requestKey) prometheus.Counter {
	if c, ok := s.requests.Load(k); ok {
		return c.(prometheus.Counter)
	}
	class := "none"
	if int(k.class) < len(classes) {
		class = classes[k.class]
	}
	c := r.requests.WithLabelValues(s.account, s.script, string(k.event), string(k.outcome), class)
	s.requests.Store(k, c)
	return c
}

// Forget drops the series of a deleted script.
func (r *Recorder) Forget(account, script string) {
	if _, ok := r.scripts.LoadAndDelete(scriptKey{account, script}); !ok {
		return
	}
	r.known.Add(-1)
	match := prometheus.Labels{"account": account, "script": script}
	for _, v := range []interface {
		DeletePartialMatch(prometheus.Labels) int
	}{r.requests, r.cpu, r.wall, r.coldStarts, r.subrequests, r.kv, r.bytes} {
		v.DeletePartialMatch(match)
	}
}
