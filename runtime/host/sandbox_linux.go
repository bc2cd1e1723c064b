package host

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// confine gives up, for this process and for good, what running isolates does not need.
// It is called once everything is opened that will be. Each part is tried whatever
// becomes of the others.
func confine(memory int64) []Part {
	steps := []struct {
		name string
		do   func() error
	}{
		{"no new privileges", noNewPrivileges},
		{"resource limits", func() error { return limitResources(memory) }},
		{"unprivileged user", dropUser},
		{"file system", denyFiles},
		{"system calls", filterCalls},
	}
	list := make([]Part, 0, len(steps))
	for _, s := range steps {
		p := Part{Name: s.name, Active: true}
		if err := s.do(); err != nil {
			p.Active, p.Reason = false, err.Error()
		}
		list = append(list, p)
	}
	return list
}

// onAllThreads makes a system call on every thread. A program that is linked with C
// cannot; then it is made on this thread only, and the error says so.
func onAllThreads(trap, a, b, c, d, e uintptr) error {
	_, _, errno := syscall.AllThreadsSyscall6(trap, a, b, c, d, e, 0)
	if errno == syscall.ENOTSUP {
		if _, _, errno = syscall.Syscall6(trap, a, b, c, d, e, 0); errno == 0 {
			return errOneThread
		}
	}
	if errno != 0 {
		return errno
	}
	return nil
}

var errOneThread = errors.New("this program is linked with C, so that not all of its threads can be restricted")

func noNewPrivileges() error {
	err := onAllThreads(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	if err == errOneThread {
		return nil // the filter of system calls brings it to the others
	}
	return err
}

// limitResources bounds what the process may take. Address space is bounded beyond what
// it has reserved by now, of which Go reserves much and uses little.
func limitResources(memory int64) error {
	limits := []struct {
		name     string
		resource int
		value    uint64
	}{
		{"core size", unix.RLIMIT_CORE, 0},
		{"open files", unix.RLIMIT_NOFILE, 64},
		{"file size", unix.RLIMIT_FSIZE, 0},
	}
	if memory > 0 {
		reserved, err := addressSpace()
		if err != nil {
			return err
		}
		const slack = 256 << 20 // an arena more, and stacks
		limits = append(limits, []struct {
			name     string
			resource int
			value    uint64
		}{
			{"address space", unix.RLIMIT_AS, uint64(reserved + 2*memory + slack)},
			{"writable memory", unix.RLIMIT_DATA, uint64(memory + memory/4 + slack)},
		}...)
	}
	for _, l := range limits {
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: l.value, Max: l.value}); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	return nil
}

func addressSpace() (int64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	size, _, _ := strings.Cut(string(text), " ")
	pages, err := strconv.ParseInt(size, 10, 64)
	return pages * int64(os.Getpagesize()), err
}

// nobody is the user and group id that owns nothing.
const nobody = 65534

// dropUser makes a process of root's one of a user who may do nothing.
func dropUser() error {
	if os.Geteuid() != 0 {
		return nil // it has no more than the server has, and what that is others take away
	}
	if err := syscall.Setgroups(nil); err != nil {
		return fmt.Errorf("groups: %w", err)
	}
	if err := syscall.Setgid(nobody); err != nil {
		return fmt.Errorf("group: %w", err)
	}
	return syscall.Setuid(nobody)
}

// denyFiles forbids every path: https://docs.kernel.org/userspace-api/landlock.html
func denyFiles() error {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return fmt.Errorf("the kernel has no landlock: %w", errno)
	}
	rights := uint64(1)<<13 - 1 // those of the first version
	if abi >= 2 {
		rights |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= 3 {
		rights |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= 5 {
		rights |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	rules := unix.LandlockRulesetAttr{Handled_access_fs: rights}
	if abi >= 4 {
		rules.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), unsafe.Sizeof(rules), 0)
	if errno != 0 {
		return fmt.Errorf("landlock: %w", errno)
	}
	defer unix.Close(int(fd))
	if err := onAllThreads(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("landlock: %w", err)
	}
	return nil
}
