//go:build !linux

package host

import "time"

var began = time.Now()

// cpuTimeOf stands in for the CPU time of another process: time as it passes.
func cpuTimeOf(int) time.Duration { return time.Since(began) }
