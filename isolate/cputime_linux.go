package isolate

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// threadID names the calling thread for cpuTimeOf.
func threadID() int { return unix.Gettid() }

// cpuTime returns the CPU time of the calling thread.
func cpuTime() time.Duration { return clock(unix.CLOCK_THREAD_CPUTIME_ID) }

// cpuTimeOf returns the CPU time of another thread of this process, or 0 if it is gone.
func cpuTimeOf(thread int) time.Duration {
	// The kernel's encoding of a thread's clock: the inverted id, then the flags
	// "per thread" and "scheduler time".
	const perThread, scheduler = 4, 2
	return clock(int32(^thread)<<3 | perThread | scheduler)
}

func clock(id int32) time.Duration {
	var t unix.Timespec
	// Raw: the call never blocks, so the scheduler need not be told of it.
	if _, _, e := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, uintptr(id), uintptr(unsafe.Pointer(&t)), 0); e != 0 {
		return 0
	}
	return time.Duration(t.Nano())
}
