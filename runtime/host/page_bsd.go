//go:build unix && !linux

package host

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// sharedFile makes a file and takes its name away.
func sharedFile(size int64) (*os.File, error) {
	f, err := os.CreateTemp("", "mayfly-host-")
	if err != nil {
		return nil, err
	}
	if err := errors.Join(os.Remove(f.Name()), f.Truncate(size)); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func socketPairFDs() ([2]int, error) {
	// The lock keeps a process that is started just now from inheriting the sockets.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fds[0])
		unix.CloseOnExec(fds[1])
	}
	return fds, err
}
