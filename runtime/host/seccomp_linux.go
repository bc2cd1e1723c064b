package host

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// allowedCalls is what Go's runtime and an open socket need; all other system calls fail
// with EPERM. None of them opens, connects, starts or looks at anything.
var allowedCalls = []uint32{
	// the most frequent first
	unix.SYS_FUTEX, unix.SYS_READ, unix.SYS_WRITE, unix.SYS_CLOCK_GETTIME, unix.SYS_GETTID, unix.SYS_EPOLL_PWAIT,
	unix.SYS_NANOSLEEP, unix.SYS_MADVISE, unix.SYS_SCHED_YIELD, unix.SYS_RT_SIGRETURN, unix.SYS_RT_SIGPROCMASK,
	unix.SYS_GETRUSAGE, unix.SYS_READV, unix.SYS_WRITEV, unix.SYS_CLOSE, unix.SYS_MUNMAP, unix.SYS_MINCORE,
	unix.SYS_RT_SIGACTION, unix.SYS_SIGALTSTACK, unix.SYS_SCHED_GETAFFINITY, unix.SYS_CLOCK_NANOSLEEP,
	unix.SYS_GETTIMEOFDAY, unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL, unix.SYS_EVENTFD2, unix.SYS_PIPE2,
	unix.SYS_GETPID, unix.SYS_EXIT, unix.SYS_EXIT_GROUP, unix.SYS_GETRANDOM, unix.SYS_FCNTL, unix.SYS_FSTAT,
	unix.SYS_RESTART_SYSCALL, unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_MEMBARRIER, unix.SYS_SHUTDOWN,
	// timers of its own, for CPU profiles
	unix.SYS_SETITIMER, unix.SYS_TIMER_CREATE, unix.SYS_TIMER_SETTIME, unix.SYS_TIMER_DELETE,
}

// Offsets in struct seccomp_data, on little-endian machines.
const (
	dataCall = 0
	dataArch = 4
	dataArgs = 16
)

// filterCalls installs the filter on all threads: seccomp(2).
func filterCalls() error {
	arch, ok := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	if !ok {
		return fmt.Errorf("no filter is written for %s", runtime.GOARCH)
	}
	program := callFilter(arch, uint32(os.Getpid()))
	fprog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	r, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&fprog)))
	if errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	}
	if r != 0 {
		return fmt.Errorf("seccomp: thread %d cannot be restricted", r)
	}
	return nil
}

// callFilter writes the filter for a process in the language of the kernel:
// https://docs.kernel.org/userspace-api/seccomp_filter.html
func callFilter(arch, pid uint32) []unix.SockFilter {
	const (
		allow  = unix.SECCOMP_RET_ALLOW
		denied = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
		absent = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	)
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	arg := func(n uint32) unix.SockFilter { return load(dataArgs + 8*n) } // its low half
	ret := func(v uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: v} }
	// The jumps skip instructions when the condition holds, or when it does not.
	equal := func(v uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: v, Jt: yes, Jf: no}
	}
	has := func(bits uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: bits, Jt: yes, Jf: no}
	}

	f := []unix.SockFilter{load(dataArch), equal(arch, 1, 0), ret(denied), load(dataCall)}
	for _, call := range allowedCalls {
		f = append(f, equal(call, 0, 1), ret(allow))
	}
	only := func(call uint32, body ...unix.SockFilter) {
		f = append(append(f, equal(call, 0, uint8(len(body)))), body...)
	}
	// Memory, but none that can be written and executed. What was written may become
	// executable: that is how WebAssembly is compiled.
	only(unix.SYS_MMAP, arg(2), has(unix.PROT_EXEC, 0, 1), ret(denied), ret(allow))
	only(unix.SYS_MPROTECT, arg(2), has(unix.PROT_EXEC, 0, 2), has(unix.PROT_WRITE, 0, 1), ret(denied), ret(allow))
	// Threads, but no processes. The flags of clone3 are out of sight: Go does without
	// it, and C falls back on clone.
	only(unix.SYS_CLONE, arg(0), has(unix.CLONE_THREAD, 1, 0), ret(denied), ret(allow))
	only(unix.SYS_CLONE3, ret(absent))
	// Signals to itself.
	only(unix.SYS_TGKILL, arg(0), equal(pid, 1, 0), ret(denied), ret(allow))
	// Names of mappings.
	only(unix.SYS_PRCTL, arg(0), equal(unix.PR_SET_VMA, 1, 0), ret(denied), ret(allow))
	return append(f, ret(denied))
}
