package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
)

// probes use the good workers all the time.
type probes struct {
	cancel context.CancelFunc
	busy   sync.WaitGroup

	mu    sync.Mutex
	quiet []time.Duration // the newest of when nothing was attacked
	now   window
}

// A window is what the good workers felt in some time.
type window struct {
	times      []time.Duration
	bystanders int
	failed     int
	failure    string // the first
}

// keepQuiet is how many requests the quiet percentile is made of.
const keepQuiet = 2000

// thinking is the pause between two requests of a probe.
const thinking = 2 * time.Millisecond

func startProbes(ctx context.Context, addr string) (*probes, error) {
	ctx, cancel := context.WithCancel(ctx)
	p := &probes{cancel: cancel}
	for worker, want := range map[string]string{"hello": "good hello", "store": fmt.Sprint("good store ", len(victimValue))} {
		client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, addr)
		}}}
		if err := probe(ctx, client, worker, want); err != nil {
			cancel()
			return nil, err
		}
		p.busy.Go(func() {
			defer client.CloseIdleConnections()
			for ctx.Err() == nil {
				start := time.Now()
				err := probe(ctx, client, worker, want)
				if ctx.Err() == nil {
					p.note(time.Since(start), err)
				}
				select {
				case <-time.After(thinking):
				case <-ctx.Done():
				}
			}
		})
	}
	return p, nil
}

// bystander is in the answer to a request whose host process another has taken down.
const bystander = "host process ended while the request was being handled"

func probe(ctx context.Context, client *http.Client, worker, want string) error {
	req, err := http.NewRequestWithContext(ctx, "GET", "http://"+worker+"."+process.Domain+"/", nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != 200 || string(body) != want) {
		err = fmt.Errorf("%s: status %d, %.200q", worker, res.StatusCode, body)
	}
	return err
}

func (p *probes) note(took time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.times = append(p.now.times, took)
	switch {
	case err == nil:
	case strings.Contains(err.Error(), bystander):
		p.now.bystanders++
	default:
		if p.now.failed++; p.now.failure == "" {
			p.now.failure = err.Error()
		}
	}
}

// take ends the present window and begins another.
func (p *probes) take() window {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.now
	p.now = window{}
	return w
}

// rest measures the good workers while nothing is attacked and returns their p99: that
// of some time, or of just now if that is worse.
func (p *probes) rest(d time.Duration) time.Duration {
	p.take()
	time.Sleep(d)
	w := p.take()
	p.quiet = append(p.quiet, w.times...)
	if over := len(p.quiet) - keepQuiet; over > 0 {
		p.quiet = append(p.quiet[:0], p.quiet[over:]...)
	}
	return max(p99(p.quiet), p99(w.times))
}

func (p *probes) stop() {
	p.cancel()
	p.busy.Wait()
}

func p99(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[(len(sorted)-1)*99/100]
}
