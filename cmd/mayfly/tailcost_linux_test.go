package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// BenchmarkTail gives the server CPU time of a request while nobody watches the script and
// while ten viewers, the most there may be, do.
func BenchmarkTail(b *testing.B) {
	for _, viewers := range []int{0, 1, 10} {
		b.Run(fmt.Sprint("viewers=", viewers), func(b *testing.B) {
			p := serve(b, "")
			p.deploy("busy", `export default { fetch() { return new Response("x") } }`)
			ctx, cancel := context.WithCancel(b.Context())
			var wg sync.WaitGroup
			var seen atomic.Int64
			for range viewers {
				c := p.client(rootToken)
				wg.Go(func() {
					err := c.Tail(ctx, "busy", nil, func([]byte) error { seen.Add(1); return nil })
					if err != nil && ctx.Err() == nil {
						b.Error(err)
					}
				})
			}
			p.until("all watch", func() bool {
				p.get("busy", "/")
				return seen.Load() >= int64(viewers) && strings.Contains(p.scrape(), fmt.Sprint("\nmayfly_tail_viewers ", viewers, "\n"))
			})
			seen.Store(0)
			before := cpuTicks(b, p.cmd.Process.Pid)
			b.ResetTimer()
			var clients sync.WaitGroup
			const connections = 16
			for c := range connections {
				clients.Go(func() {
					if err := ask(p.listen, b.N/connections+min(1, c)); err != nil {
						b.Error(err)
					}
				})
			}
			clients.Wait()
			b.StopTimer()
			used := cpuTicks(b, p.cmd.Process.Pid) - before
			b.ReportMetric(float64(used)*1e4/float64(b.N), "cpu-µs/op")
			b.ReportMetric(float64(seen.Load())/b.Elapsed().Seconds(), "items/s")
			cancel()
			wg.Wait()
		})
	}
}

// ask sends n requests on one connection.
func ask(address string, n int) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	r := bufio.NewReader(c)
	for range n {
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: busy.localhost\r\n\r\n"); err != nil {
			return err
		}
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			return err
		}
	}
	return nil
}

// cpuTicks is the CPU time of a process in hundredths of a second.
func cpuTicks(b *testing.B, pid int) int {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprint("/proc/", pid, "/stat"))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		b.Fatal(err)
	}
	system, err := strconv.Atoi(fields[12])
	if err != nil {
		b.Fatal(err)
	}
	return user + system
}
