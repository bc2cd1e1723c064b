package ingress

import (
	"sync/atomic"
	"time"
)

// sweepEvery is the grain of the coarse clock, and so of the time limits and of
// the notice that a client has left.
const sweepEvery = 250 * time.Millisecond

// A clock is the time as of the last sweep, free to read.
type clock struct {
	begin time.Time
	since atomic.Int64           // nanoseconds from begin to the last tick
	date  atomic.Pointer[string] // "date: ...\r\n" of the last tick
	sec   int64                  // second that date shows; the sweeper's own
}

func (c *clock) start(now time.Time) {
	c.begin = now
	c.sec = -1
	c.tick(now)
}

// tick is called by one goroutine at a time.
func (c *clock) tick(now time.Time) {
	c.since.Store(int64(now.Sub(c.begin)))
	if sec := now.Unix(); sec != c.sec {
		c.sec = sec
		line := "date: " + now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") + "\r\n"
		c.date.Store(&line)
	}
}

func (c *clock) now() time.Duration { return time.Duration(c.since.Load()) }

// sweepLoop runs while there are connections.
func (s *Server) sweepLoop() {
	t := time.NewTicker(sweepEvery)
	defer t.Stop()
	var conns []*conn
	for now := range t.C {
		s.mu.Lock()
		if len(s.conns) == 0 {
			s.sweeping = false
			s.mu.Unlock()
			return
		}
		s.clock.tick(now)
		conns = conns[:0]
		for c := range s.conns {
			conns = append(conns, c)
		}
		s.mu.Unlock()
		for _, c := range conns {
			c.sweep(s.clock.now())
		}
		clear(conns)
		if s.limiter != nil {
			s.limiter.sweep(s.clock.now())
		}
	}
}

// limit is how long a phase may last, 0 for ever.
func (s *Server) limit(p phase) time.Duration {
	switch p {
	case phaseIdle:
		return s.cfg.IdleTimeout
	case phaseNew, phaseHeader:
		return s.cfg.ReadHeaderTimeout
	case phaseBody:
		return s.cfg.BodyStallTimeout
	case phaseWrite:
		return s.cfg.WriteStallTimeout
	case phaseLinger:
		return lingerTime
	}
	return 0
}

// past is a deadline that has always passed.
var past = time.Unix(1, 0)

// sweep enforces the time limits of c and looks whether its client has left.
func (c *conn) sweep(now time.Duration) {
	if c.reading.expire(now, c.srv.limit) {
		_ = c.nc.SetReadDeadline(past)
	}
	if c.writing.expire(now, c.srv.limit) {
		_ = c.nc.SetWriteDeadline(past)
	}
	if w := c.watch.Load(); w != nil && c.raw != nil && peerClosed(c.raw) {
		w.cancel(ErrClientGone)
	}
}

// drain ends c if it is idle or a WebSocket.
func (c *conn) drain() {
	if w := c.leave.Load(); w != nil {
		w.cancel(ErrShutdown)
		return
	}
	old := c.reading.word.Load()
	p := phase(old & (1<<phaseBits - 1))
	if (p == phaseIdle || p == phaseNew) && c.reading.word.CompareAndSwap(old, uint64(phaseExpired)) {
		_ = c.nc.SetReadDeadline(past)
	}
}
