package eventloop

import "time"

// A Clock tells the time and wakes the loop for its timers.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f on a goroutine of its own once d has passed.
	AfterFunc(d time.Duration, f func()) Alarm
}

// An Alarm is a pending AfterFunc.
type Alarm interface{ Stop() bool }

// SystemClock is the machine's clock.
type SystemClock struct{}

func (SystemClock) Now() time.Time                            { return time.Now() }
func (SystemClock) AfterFunc(d time.Duration, f func()) Alarm { return time.AfterFunc(d, f) }
