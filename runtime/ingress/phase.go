package ingress

import (
	"sync/atomic"
	"time"
)

// A phase is what one direction of a connection is doing, as far as time limits care.
type phase uint64

const (
	phaseNone    phase = iota // nothing that is limited
	phaseNew                  // waiting for the first byte of a connection
	phaseIdle                 // waiting for the first byte of a further request
	phaseHeader               // reading a head or a buffered body
	phaseBody                 // one read of a streamed body
	phaseWrite                // one write of at most writeQuantum bytes
	phaseLinger               // waiting for the client to take notice of the end
	phaseExpired              // the sweeper has ended it
)

const phaseBits = 3

// A stamp is a phase and the coarse time at which it began, in one word, so that
// a time limit costs the connection two atomic operations and no timer. Exactly
// one of the connection's move to the next phase and the sweeper's verdict wins.
type stamp struct{ word atomic.Uint64 }

// enter begins p at now and reports false when the sweeper has ended the connection.
func (s *stamp) enter(p phase, now time.Duration) bool {
	next := uint64(now)<<phaseBits | uint64(p)
	for {
		old := s.word.Load()
		if phase(old&(1<<phaseBits-1)) == phaseExpired {
			return false
		}
		if s.word.CompareAndSwap(old, next) {
			return true
		}
	}
}

// expired reports whether the sweeper has ended the connection.
func (s *stamp) expired() bool {
	return phase(s.word.Load()&(1<<phaseBits-1)) == phaseExpired
}

// phase tells the phase now.
func (s *stamp) phase() phase { return phase(s.word.Load() & (1<<phaseBits - 1)) }

// expire ends the phase if it has lasted longer than limit allows; limit answers 0
// for a phase without one. It reports whether this call ended it.
func (s *stamp) expire(now time.Duration, limit func(phase) time.Duration) bool {
	old := s.word.Load()
	p := phase(old & (1<<phaseBits - 1))
	if p == phaseNone || p == phaseExpired {
		return false
	}
	d := limit(p)
	if d <= 0 || now-time.Duration(old>>phaseBits) < d {
		return false
	}
	return s.word.CompareAndSwap(old, uint64(phaseExpired))
}
