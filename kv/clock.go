package kv

import (
	"sync"
	"sync/atomic"
	"time"
)

// A clock is the time by which records expire. Its rule:
//
//   - It runs by the monotonic clock, so a wall clock that steps neither expires
//     nor revives anything at once.
//   - It never goes back. Where the wall clock is set back, it runs on.
//   - A wall clock that is ahead is followed once it has stayed ahead for
//     jumpTrust: then it is right (the machine slept, the time was corrected),
//     while a wrong step that is soon undone has had no effect.
//   - On opening a store the clock starts at the wall clock, or at the time last
//     noted in the store if that is later, so keys that had expired stay so. A
//     note more than noteTrust ahead came from a clock that was wrong: it is
//     disregarded and keys not yet removed are back.
//
// Times without a monotonic reading (a test's clock) are taken as they come,
// except that time still never goes back.
type clock struct {
	read  func() time.Time
	start time.Time
	base  int64        // milliseconds at start
	shift atomic.Int64 // milliseconds added when a jump was accepted
	high  atomic.Int64 // latest answer
	ahead atomic.Int64 // 1 + elapsed milliseconds when the wall was first seen ahead, 0 if it is not
	mu    sync.Mutex   // accepting a jump
}

const (
	jumpTrust   = 10 * time.Minute
	jumpNoticed = 2 * time.Second
	noteTrust   = 24 * time.Hour
)

// newClock makes the clock of a store whose last noted time is note (0 for none).
// trusted is false when the note was disregarded.
func newClock(read func() time.Time, note int64) (c *clock, trusted bool) {
	start := read()
	c = &clock{read: read, start: start, base: start.UnixMilli()}
	trusted = note-c.base <= noteTrust.Milliseconds()
	if trusted {
		c.high.Store(note)
	}
	return c, trusted
}

// now answers milliseconds since the epoch.
func (c *clock) now() int64 {
	t := c.read()
	return c.at(t.Sub(c.start).Milliseconds(), t.UnixMilli())
}

// at answers for a reading of the monotonic clock since start and of the wall
// clock, both in milliseconds.
func (c *clock) at(elapsed, wall int64) int64 {
	now := c.base + elapsed + c.shift.Load()
	if wall-now > jumpNoticed.Milliseconds() {
		now += c.jump(elapsed, wall)
	} else if c.ahead.Load() != 0 {
		c.ahead.Store(0)
	}
	for {
		high := c.high.Load()
		if now <= high {
			return high
		}
		if c.high.CompareAndSwap(high, now) {
			return now
		}
	}
}

// jump answers how far to move on for a wall clock that is ahead.
func (c *clock) jump(elapsed, wall int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	since := c.ahead.Load()
	if since == 0 {
		c.ahead.Store(elapsed + 1)
		return 0
	}
	if elapsed+1-since < jumpTrust.Milliseconds() {
		return 0
	}
	d := max(0, wall-(c.base+elapsed+c.shift.Load()))
	c.shift.Add(d)
	c.ahead.Store(0)
	return d
}
