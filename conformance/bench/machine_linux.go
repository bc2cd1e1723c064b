package main

import (
	"io/fs"
	"net"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// affinity lists the cores that the calling thread may run on.
func affinity() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, os.NewSyscallError("sched_getaffinity", err)
	}
	var list []int
	for i := 0; len(list) < set.Count(); i++ {
		if set.IsSet(i) {
			list = append(list, i)
		}
	}
	return list, nil
}

func setAffinity(thread int, cores []int) error {
	var set unix.CPUSet
	for _, c := range cores {
		set.Set(c)
	}
	return os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinity(thread, &set))
}

// confine moves this process to some cores.
func confine(cores []int) error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			return err
		}
		if err := setAffinity(id, cores); err != nil {
			return err
		}
	}
	runtime.GOMAXPROCS(len(cores))
	return nil
}

// moveThread moves the calling goroutine's thread to some cores, where the processes that
// it starts will be too, until back is called.
func moveThread(cores []int) (back func(), err error) {
	runtime.LockOSThread()
	old, err := affinity()
	if err == nil {
		err = setAffinity(0, cores)
	}
	if err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	return func() {
		// A thread that cannot be moved back ends with its goroutine.
		if setAffinity(0, old) == nil {
			runtime.UnlockOSThread()
		}
	}, nil
}

// onDisk is how many bytes of the disk a file takes.
func onDisk(info fs.FileInfo) int64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Blocks * 512
	}
	return info.Size()
}

// readable reports whether something has come in on a connection, without reading it.
func readable(conn net.Conn) (found bool, err error) {
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return false, err
	}
	var n int
	controlErr := raw.Control(func(fd uintptr) {
		n, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
	})
	if controlErr != nil {
		return false, controlErr
	}
	if err == unix.EINTR {
		return false, nil
	}
	return n > 0, err
}

// freeze stops a process where it is; thaw lets it go on.
func freeze(pid int) error { return syscall.Kill(pid, syscall.SIGSTOP) }

func thaw(pid int) error { return syscall.Kill(pid, syscall.SIGCONT) }
