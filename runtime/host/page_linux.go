package host

import (
	"os"

	"golang.org/x/sys/unix"
)

// sharedFile makes a file that has no name.
func sharedFile() (*os.File, error) {
	fd, err := unix.MemfdCreate("mayfly-host", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "mayfly-host"), nil
}

func socketPairFDs() ([2]int, error) {
	return unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
}
