//go:build unix

package attack

import (
	"os"
	"runtime"
	"syscall"
)

// limitAddressSpace makes an allocation that the machine should not try fail.
func limitAddressSpace(size uint64) {
	_ = syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: size, Max: size}) // without it the test is only slower
}

// peak returns the resident memory of an ended process.
func peak(s *os.ProcessState) int64 {
	if s == nil {
		return 0
	}
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return usage.Maxrss
	}
	return usage.Maxrss << 10
}
