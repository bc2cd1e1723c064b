package rawio

import (
	"syscall"
	"unsafe"
)

// Read is read(2). Its errors are of type syscall.Errno; 0 bytes are the end.
func Read(fd uintptr, p []byte) (int, error) {
	return result(syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p))))
}

// Write is write(2). Its errors are of type syscall.Errno.
func Write(fd uintptr, p []byte) (int, error) {
	return result(syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p))))
}

// Announce makes a system call of which the scheduler is told. Such calls wake its monitor
// (sysmon), which sleeps when no goroutine runs, and takes the processor from one that
// runs for long. A process whose goroutines are woken by the network, and make no other
// calls than those of this package, has to announce that there is something to do.
func Announce() { _, _, _ = syscall.Syscall(syscall.SYS_GETPID, 0, 0, 0) }

func result(n, _ uintptr, errno syscall.Errno) (int, error) {
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
