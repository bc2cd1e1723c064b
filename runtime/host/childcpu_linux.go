package host

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuTimeOf returns the CPU time of another process, or 0 if it is gone.
func cpuTimeOf(pid int) time.Duration {
	// The kernel's encoding of a process's clock: the inverted id, then the flag "scheduler
	// time".
	const scheduler = 2
	var t unix.Timespec
	if unix.ClockGettime(int32(^pid)<<3|scheduler, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
