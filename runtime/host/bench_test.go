package host_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/host/hosttest"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

const hello = `export default { fetch() { return new Response("Hello World\n"); } }`

// cpuOf returns the CPU time of processes, in the steps of the scheduler's clock.
func cpuOf(t testing.TB, pids ...int) time.Duration {
	var sum time.Duration
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Skip("the system does not tell the CPU time of a process")
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		for _, f := range fields[11:13] {
			var ticks int64
			_, _ = fmt.Sscan(f, &ticks) // the kernel writes numbers
			sum += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return sum
}

// BenchmarkHello is the cost of the smallest worker, in CPU time of all processes.
func BenchmarkHello(b *testing.B) { benchmarkGets(b, hello) }

// BenchmarkCall is the cost of a worker that asks the server for one thing.
func BenchmarkCall(b *testing.B) {
	benchmarkGets(b, handler(`return new Response(await env.KV.get("absent") ?? "Hello World\n")`))
}

func benchmarkGets(b *testing.B, script string) {
	for _, mode := range []string{"none", "process"} {
		for _, clients := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/%d", mode, clients), func(b *testing.B) { benchmarkGet(b, newHost(b, mode), script, clients) })
		}
	}
}

// newHost makes a host of either kind.
func newHost(b *testing.B, mode string) host.Host {
	if mode == "process" {
		return newProcess(b, host.Options{})
	}
	h := host.NewInProcess(pool.Options{})
	b.Cleanup(h.Close)
	return h
}

func benchmarkGet(b *testing.B, h host.Host, script string, clients int) {
	r := hosttest.New(b, h, script, isolate.Limits{})
	r.World = nil
	world := discard{&hosttest.World{}}
	header := []outside.Field{{Name: "host", Value: "example.com"}, {Name: "user-agent", Value: "curl/8.5.0"}, {Name: "accept", Value: "*/*"}}
	var left atomic.Int64
	run := func(n int64) {
		left.Store(n)
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				for left.Add(-1) >= 0 {
					e := r.Event(b.Context(), nil)
					e.Outside, e.Finished = world, func(*outside.Report) {}
					res, err := h.Fetch(r.Version, e, &outside.Request{Method: "GET", URL: "https://example.com/", Header: header, CF: []byte(`{"asn":1}`)})
					if err != nil || len(res.Body.Bytes) != 12 {
						b.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
	}
	run(2000)
	pids := append(children(b), os.Getpid())
	before := cpuOf(b, pids...)
	b.ReportAllocs()
	b.ResetTimer()
	run(int64(b.N))
	b.StopTimer()
	b.ReportMetric(float64(cpuOf(b, pids...)-before)/float64(b.N)/1e3, "cpu-µs/op")
}

// discard is a world that remembers nothing.
type discard struct{ *hosttest.World }

func (discard) Report(*outside.Report) {}

// BenchmarkBody is the cost of a body of 1 MiB, in CPU time of all processes: read to
// its end by a worker, and sent back by one that sees every chunk.
func BenchmarkBody(b *testing.B) {
	for name, script := range map[string]string{
		"read": handler(`return new Response((await request.arrayBuffer()).byteLength)`),
		"echo": handler(`return new Response(request.body.pipeThrough(new TransformStream({ transform(c, to) { to.enqueue(c); } })))`),
	} {
		for _, mode := range []string{"none", "process"} {
			b.Run(name+"/"+mode, func(b *testing.B) { benchmarkBody(b, mode, script) })
		}
	}
}

func benchmarkBody(b *testing.B, mode, script string) {
	h := newHost(b, mode)
	r := hosttest.New(b, h, script, isolate.Limits{})
	r.World = nil
	world := discard{&hosttest.World{}}
	body := make([]byte, 1<<20)
	run := func(n int64) {
		var left atomic.Int64
		left.Store(n)
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				for left.Add(-1) >= 0 {
					e := r.Event(b.Context(), nil)
					e.Outside, e.Finished = world, func(*outside.Report) {}
					stream := io.NopCloser(bytes.NewReader(body))
					res, err := h.Fetch(r.Version, e, &outside.Request{Method: "POST", URL: "https://example.com/", Body: outside.Body{Stream: stream, Length: int64(len(body))}})
					if err == nil && res.Body.Stream != nil {
						_, err = io.Copy(io.Discard, res.Body.Stream)
						res.Body.Stream.Close()
					}
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
	}
	run(64)
	pids := append(children(b), os.Getpid())
	before := cpuOf(b, pids...)
	b.ResetTimer()
	run(int64(b.N))
	b.StopTimer()
	b.ReportMetric(float64(cpuOf(b, pids...)-before)/float64(b.N)/1e3, "cpu-µs/op")
}

// BenchmarkDeath is the time from the death of a process to the next answer of a worker
// that ran in it.
func BenchmarkDeath(b *testing.B) {
	p := newProcess(b, host.Options{Hosts: 1})
	r := hosttest.New(b, p, hello, isolate.Limits{})
	bad := hosttest.New(b, p, handler(`let n = 1n << 40n; n = 1n << n`), isolate.Limits{})
	var all []time.Duration
	for b.Loop() {
		if a := r.Get("/"); a.Err != nil {
			b.Fatal(a.Err)
		}
		p.Release(bad.Version.Account, bad.Version.Script)
		if a := bad.Get("/"); a.Err == nil {
			b.Fatal("the script survived")
		}
		start := time.Now() // the server knows of the death
		if a := r.Get("/"); a.Err != nil {
			b.Fatal(a.Err)
		}
		all = append(all, time.Since(start))
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1e3, "p99-ms")
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1e3, "p50-ms")
}
