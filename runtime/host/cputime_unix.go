//go:build unix

package host

import (
	"time"

	"golang.org/x/sys/unix"
)

// processCPU returns the CPU time of this process.
func processCPU() time.Duration {
	var r unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
