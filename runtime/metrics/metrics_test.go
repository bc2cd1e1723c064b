package metrics

import (
	"fmt"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

func scrape(r *Recorder) string {
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

func report(script string) *outside.Report {
	return &outside.Report{
		Account: "a", Script: script, Event: outside.EventFetch, Outcome: outside.OutcomeOK, Status: 204,
		CPU: time.Millisecond, Wall: 2 * time.Millisecond, ColdStart: time.Millisecond, Subrequests: 2, KVReads: 3, BytesOut: 10,
	}
}

func TestRecord(t *testing.T) {
	r := New(Gauges{IsolatesLive: func() float64 { return 7 }}, 0)
	r.Record(report("s"))
	r.Record(report("s"))
	text := scrape(r)
	for _, want := range []string{
		`mayfly_requests_total{account="a",event="fetch",outcome="ok",script="s",status="2xx"} 2`,
		`mayfly_cpu_seconds_sum{account="a",script="s"} 0.002`,
		`mayfly_cold_start_seconds_count{account="a",script="s"} 2`,
		`mayfly_subrequests_total{account="a",script="s"} 4`,
		`mayfly_kv_operations_total{account="a",operation="read",script="s"} 6`,
		`mayfly_body_bytes_total{account="a",direction="out",script="s"} 20`,
		`mayfly_isolates 7`,
		`go_goroutines`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing", want)
		}
	}
	r.Forget("a", "s")
	if text := scrape(r); strings.Contains(text, `script="s"`) {
		t.Error("series of a deleted script are left")
	}
}

// TestClass counts what clients see when a worker gives no answer.
func TestClass(t *testing.T) {
	for _, tc := range []struct {
		report outside.Report
		want   uint8
	}{
		{outside.Report{Event: outside.EventFetch, Method: "GET", Outcome: outside.OutcomeOK, Status: 302}, 3},
		{outside.Report{Event: outside.EventFetch, Method: "GET", Outcome: outside.OutcomeException}, 5},
		{outside.Report{Event: outside.EventFetch, Method: "GET", Outcome: outside.OutcomeExceededCPU}, 5},
		{outside.Report{Event: outside.EventFetch, Method: "GET", Outcome: outside.OutcomeLoadShed}, 4},
		{outside.Report{Event: outside.EventFetch, Method: "GET", Outcome: outside.OutcomeException, Status: 200}, 2}, // failed in waitUntil
		{outside.Report{Event: outside.EventFetch, Method: "GET", Outcome: outside.OutcomeCanceled}, 0},
		{outside.Report{Event: outside.EventFetch, Method: "GET", Outcome: outside.OutcomeException, Internal: true}, 0},
		{outside.Report{Event: outside.EventLambda, Outcome: outside.OutcomeException}, 0}, // invoked directly
		{outside.Report{Event: outside.EventScheduled, Outcome: outside.OutcomeException}, 0},
	} {
		if got := class(&tc.report); got != tc.want {
			t.Errorf("%+v: class %d, want %d", tc.report, got, tc.want)
		}
	}
}

func TestManyScripts(t *testing.T) {
	r := New(Gauges{}, 3)
	for i := range 10 {
		r.Record(report(fmt.Sprint("s", i)))
	}
	if text := scrape(r); !strings.Contains(text, `script="other",status="2xx"} 7`) || strings.Contains(text, `script="s3"`) {
		t.Errorf("scripts over the bound are not joined:\n%s", text)
	}
}

func TestConcurrent(t *testing.T) {
	r := New(Gauges{}, 0)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 500 {
				r.Record(report(fmt.Sprint("s", (i+g)%5)))
			}
		})
	}
	wg.Wait()
	sum := 0
	for i := range 5 {
		var n int
		for line := range strings.SplitSeq(scrape(r), "\n") {
			if strings.HasPrefix(line, fmt.Sprintf(`mayfly_requests_total{account="a",event="fetch",outcome="ok",script="s%d"`, i)) {
				fmt.Sscan(line[strings.LastIndexByte(line, ' ')+1:], &n)
			}
		}
		sum += n
	}
	if sum != 4000 {
		t.Errorf("counted %d of 4000", sum)
	}
}

// TestSeriesAreSmall: a server may have ten thousand scripts.
func TestSeriesAreSmall(t *testing.T) {
	const n, most = 2000, 1200
	r := New(Gauges{}, 0)
	reports := make([]*outside.Report, n)
	for i := range reports {
		reports[i] = report(fmt.Sprint("s", i))
	}
	live := func() uint64 {
		for range 3 { // until nothing is left that pools and finalizers hold
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := live()
	for _, p := range reports {
		r.Record(p)
	}
	each := (int64(live()) - int64(before)) / n
	t.Logf("%d bytes each", each)
	if each > most {
		t.Errorf("the series of a script take %d bytes, more than %d", each, most)
	}
	runtime.KeepAlive(r)
	runtime.KeepAlive(reports)
}

func BenchmarkRecord(b *testing.B) {
	r := New(Gauges{}, 0)
	p := report("s")
	b.ReportAllocs()
	for b.Loop() {
		r.Record(p)
	}
}

func BenchmarkScrapeThousandScripts(b *testing.B) {
	r := New(Gauges{}, 0)
	for i := range 1000 {
		r.Record(report(fmt.Sprint("s", i)))
	}
	for b.Loop() {
		scrape(r)
	}
}

func TestRecordAllocatesNothing(t *testing.T) {
	r := New(Gauges{}, 0)
	p := report("s")
	if n := testing.AllocsPerRun(100, func() { r.Record(p) }); n != 0 {
		t.Errorf("recording a report allocates %g times", n)
	}
}
