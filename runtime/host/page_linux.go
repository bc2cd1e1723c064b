package host

import (
	"os"

	"golang.org/x/sys/unix"
)

// sharedFile makes a file that has no name and keeps its size: to touch memory that a
// file does not have any more is fatal.
func sharedFile(size int64) (*os.File, error) {
	fd, err := unix.MemfdCreate("mayfly-host", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "mayfly-host")
	if err = f.Truncate(size); err == nil {
		_, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func socketPairFDs() ([2]int, error) {
	return unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
}
