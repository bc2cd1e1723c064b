package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
)

// A load is how hard endpoints are pressed: connections that each send the next request
// when the answer to the last is in, until time or requests run out.
type load struct {
	connections int
	requests    int // 0 is no limit
	duration    time.Duration
	// rate, if not 0, is how many requests are due in a second, by all connections
	// together and whether or not the server keeps up: latency counts from when a
	// request was due. Requests may then be turned away with 429.
	rate float64
}

// A pressed is what came of a load.
type pressed struct {
	requests  int // answered as wanted
	shed      int // turned away with 429
	elapsed   time.Duration
	latencies []time.Duration // of those answered as wanted, sorted
	turned    []time.Duration // of those turned away, sorted
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(q*float64(len(sorted)-1))]
}

// press puts a load on endpoints, each request on one of them at random. Any answer but
// the wanted one is an error.
func press(ctx context.Context, to []endpoint, l load) (*pressed, error) {
	ctx, cancel := context.WithTimeout(ctx, l.duration+process.Patience)
	defer cancel()
	var (
		wg    sync.WaitGroup
		sent  atomic.Int64
		fail  sync.Once
		err   error // the first
		users = make([]*user, l.connections)
	)
	for i := range users {
		users[i] = &user{ctx: ctx, to: to, clients: map[string]*client{}}
		defer users[i].close()
		if _, err := users[i].client(to[0].addr); err != nil {
			return nil, err
		}
	}
	start := time.Now()
	deadline := start.Add(l.duration)
	for i, u := range users {
		wg.Go(func() {
			due, step := start, time.Duration(0)
			if l.rate > 0 {
				step = time.Duration(float64(l.connections) / l.rate * float64(time.Second))
				due = due.Add(step * time.Duration(i) / time.Duration(l.connections))
			}
			for due.Before(deadline) && ctx.Err() == nil {
				if l.requests > 0 && sent.Add(1) > int64(l.requests) {
					return
				}
				if step > 0 {
					time.Sleep(time.Until(due))
				}
				now, failure := u.request(due, step > 0)
				if failure != nil {
					fail.Do(func() {
						err = failure
						cancel()
					})
					return
				}
				if due = due.Add(step); step == 0 {
					due = now
				}
			}
		})
	}
	wg.Wait()
	p := &pressed{elapsed: time.Since(start)}
	for _, u := range users {
		p.latencies = append(p.latencies, u.answered...)
		p.turned = append(p.turned, u.turned...)
	}
	slices.Sort(p.latencies)
	slices.Sort(p.turned)
	p.requests, p.shed = len(p.latencies), len(p.turned)
	if err == nil {
		err = ctx.Err()
	}
	return p, err
}

// A user sends one request at a time, over a connection to each address it has been to.
type user struct {
	ctx      context.Context
	to       []endpoint
	clients  map[string]*client
	answered []time.Duration
	turned   []time.Duration
}

func (u *user) client(addr string) (*client, error) {
	if c := u.clients[addr]; c != nil {
		return c, nil
	}
	c, err := dial(u.ctx, addr)
	if err == nil {
		u.clients[addr] = c
	}
	return c, err
}

// request makes a request that was due then, and returns when its answer was in.
func (u *user) request(due time.Time, mayShed bool) (now time.Time, err error) {
	e := &u.to[0]
	if len(u.to) > 1 {
		e = &u.to[rand.IntN(len(u.to))]
	}
	c, err := u.client(e.addr)
	if err != nil {
		return now, err
	}
	shed, err := c.do(e)
	if err == nil && shed && !mayShed {
		err = errShed
	}
	if err != nil {
		return now, err
	}
	now = time.Now()
	if shed {
		u.turned = append(u.turned, now.Sub(due))
	} else {
		u.answered = append(u.answered, now.Sub(due))
	}
	if c.closes {
		c.close()
		delete(u.clients, e.addr)
	}
	return now, nil
}

func (u *user) close() {
	for _, c := range u.clients {
		c.close()
	}
}
