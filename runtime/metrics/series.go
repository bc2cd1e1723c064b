package metrics

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// series are the counts of one script: half a kilobyte, where Prometheus' own counters
// take seven. They become metrics when they are asked for.
type series struct {
	requests        atomic.Pointer[[]*requestCount] // replaced, never changed
	cpu, wall, cold histogram
	subrequests     atomic.Int64
	kv              [4]atomic.Int64
	in, out         atomic.Int64
}

type requestKey struct {
	event   outside.Event
	outcome outside.Outcome
	class   uint8 // of the status: 2 for 200 to 299, 0 for none
}

type requestCount struct {
	key requestKey
	n   atomic.Int64
}

var (
	kvOperations = [4]string{"read", "write", "delete", "list"}
	classes      = [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}
)

// count counts a request. There are a handful of kinds of them.
func (s *series) count(k requestKey) {
	if int(k.class) >= len(classes) {
		k.class = 0
	}
	for {
		list := s.requests.Load()
		var known []*requestCount
		if list != nil {
			known = *list
		}
		for _, c := range known {
			if c.key == k {
				c.n.Add(1)
				return
			}
		}
		more := append(slices.Clip(known), &requestCount{key: k})
		s.requests.CompareAndSwap(list, &more)
	}
}

// Upper bounds of the histograms' buckets, in seconds.
var (
	cpuBounds  = prometheus.ExponentialBuckets(25e-6, 4, 9)
	wallBounds = prometheus.ExponentialBuckets(100e-6, 4, mostBounds)
	coldBounds = prometheus.ExponentialBuckets(50e-6, 4, 9)
)

const mostBounds = 10

type histogram struct {
	sum    atomic.Int64                  // nanoseconds
	counts [mostBounds + 1]atomic.Uint64 // of each bucket alone; the last is that beyond the bounds
}

func (h *histogram) observe(bounds []float64, d time.Duration) {
	h.sum.Add(int64(d))
	i, seconds := 0, d.Seconds()
	for i < len(bounds) && seconds > bounds[i] {
		i++
	}
	h.counts[i].Add(1)
}

func (h *histogram) metric(desc *prometheus.Desc, bounds []float64, labels ...string) prometheus.Metric {
	upTo := make(map[float64]uint64, len(bounds))
	var count uint64
	for i, b := range bounds {
		count += h.counts[i].Load()
		upTo[b] = count
	}
	count += h.counts[len(bounds)].Load()
	return prometheus.MustNewConstHistogram(desc, count, time.Duration(h.sum.Load()).Seconds(), upTo, labels...)
}

// scripts makes metrics of the series of all scripts.
type scripts struct {
	*Recorder
	requests, cpu, wall, cold, subrequests, kv, bytes *prometheus.Desc
}

func newScripts(r *Recorder) *scripts {
	desc := func(name, help string, more ...string) *prometheus.Desc {
		return prometheus.NewDesc("mayfly_"+name, help, append([]string{"account", "script"}, more...), nil)
	}
	return &scripts{
		Recorder:    r,
		requests:    desc("requests_total", "Invocations by event, outcome and class of status.", "event", "outcome", "status"),
		cpu:         desc("cpu_seconds", "CPU time of invocations."),
		wall:        desc("wall_seconds", "Time from the event to the end of the response."),
		cold:        desc("cold_start_seconds", "Time spent loading a worker for an invocation."),
		subrequests: desc("subrequests_total", "Outbound requests and service calls."),
		kv:          desc("kv_operations_total", "KV operations.", "operation"),
		bytes:       desc("body_bytes_total", "Bytes of request and response bodies.", "direction"),
	}
}

// Describe implements prometheus.Collector.
func (c *scripts) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.requests, c.cpu, c.wall, c.cold, c.subrequests, c.kv, c.bytes} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (c *scripts) Collect(to chan<- prometheus.Metric) {
	c.known.Range(func(key, value any) bool {
		k, s := key.(scriptKey), value.(*series)
		counter := func(desc *prometheus.Desc, n *atomic.Int64, more ...string) {
			to <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n.Load()), append([]string{k.account, k.script}, more...)...)
		}
		if list := s.requests.Load(); list != nil {
			for _, r := range *list {
				counter(c.requests, &r.n, string(r.key.event), string(r.key.outcome), classes[r.key.class])
			}
		}
		to <- s.cpu.metric(c.cpu, cpuBounds, k.account, k.script)
		to <- s.wall.metric(c.wall, wallBounds, k.account, k.script)
		to <- s.cold.metric(c.cold, coldBounds, k.account, k.script)
		counter(c.subrequests, &s.subrequests)
		for i, operation := range kvOperations {
			counter(c.kv, &s.kv[i], operation)
		}
		counter(c.bytes, &s.in, "in")
		counter(c.bytes, &s.out, "out")
		return true
	})
}
