package host

import (
	"syscall"
	"unsafe"
)

// tryRead and tryWrite are read(2) and write(2) of a descriptor that does not block. Go's
// scheduler is not told of the calls: they are over before it could make use of it, and
// telling it costs more than they do when processes take turns on few cores.

func tryRead(fd uintptr, p []byte) (int, error) {
	return result(syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p))))
}

func tryWrite(fd uintptr, p []byte) (int, error) {
	return result(syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p))))
}

func result(n, _ uintptr, errno syscall.Errno) (int, error) {
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
