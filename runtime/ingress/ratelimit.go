package ingress

import (
	"net/netip"
	"sync"
	"time"
)

// A rateLimiter counts requests by client address, each in a bucket that refills
// with rate requests a second and holds twice that many.
type rateLimiter struct {
	rate float64

	mu      sync.Mutex
	buckets map[netip.Addr]bucket
	swept   time.Duration
}

type bucket struct {
	left float64
	at   time.Duration
}

func newRateLimiter(rate int) *rateLimiter {
	return &rateLimiter{rate: float64(rate), buckets: map[netip.Addr]bucket{}}
}

// allow takes one request from addr's bucket.
func (l *rateLimiter) allow(addr netip.Addr, now time.Duration) bool {
	if addr.Is6() {
		// One customer usually has a whole /64.
		if p, err := addr.Prefix(64); err == nil {
			addr = p.Addr()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets[addr]
	if !ok {
		b = bucket{2 * l.rate, now}
	}
	b.left = min(b.left+(now-b.at).Seconds()*l.rate, 2*l.rate)
	b.at = now
	ok = b.left >= 1
	if ok {
		b.left--
	}
	l.buckets[addr] = b
	return ok
}

// sweep forgets the buckets that are full again.
func (l *rateLimiter) sweep(now time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now-l.swept < 5*time.Second {
		return
	}
	l.swept = now
	for a, b := range l.buckets {
		if now-b.at >= 2*time.Second {
			delete(l.buckets, a)
		}
	}
}
