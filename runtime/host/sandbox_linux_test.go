package host

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ProbeCommand is the argument by which the test binary becomes a process that tries
// what a host process must not do.
const ProbeCommand = "sandbox-probe"

// An attempt is a system call that a host process must not get anything by.
type attempt struct {
	name string
	make func(p *probe) syscall.Errno
	// free attempts succeed without a sandbox, which proves that the attempt is one.
	free bool
}

// probe is what the attempts need: all of it is opened before the sandbox is.
type probe struct{ parent int }

func attemptCall(trap uintptr, args ...uintptr) syscall.Errno {
	var a [6]uintptr
	copy(a[:], args)
	_, _, errno := syscall.RawSyscall6(trap, a[0], a[1], a[2], a[3], a[4], a[5])
	return errno
}

func text(s string) uintptr {
	p, err := syscall.BytePtrFromString(s)
	if err != nil {
		panic(err)
	}
	held = append(held, p)
	return uintptr(unsafe.Pointer(p))
}

// held keeps the texts alive while the kernel looks at them.
var held []*byte

var attempts = []attempt{
	{"open", func(*probe) syscall.Errno {
		return attemptCall(unix.SYS_OPENAT, ^uintptr(99), text("/etc/passwd"), unix.O_RDONLY) // relative to AT_FDCWD
	}, true},
	{"create a file", func(*probe) syscall.Errno {
		return attemptCall(unix.SYS_OPENAT, ^uintptr(99), text(os.TempDir()+"/mayfly-sandbox-probe"), unix.O_CREAT|unix.O_WRONLY, 0o600)
	}, true},
	{"openat2", func(*probe) syscall.Errno {
		how := unix.OpenHow{Flags: unix.O_RDONLY}
		return attemptCall(unix.SYS_OPENAT2, ^uintptr(99), text("/etc/passwd"), uintptr(unsafe.Pointer(&how)), unsafe.Sizeof(how))
	}, true},
	{"stat", func(*probe) syscall.Errno {
		return attemptCall(unix.SYS_STATX, ^uintptr(99), text("/etc/passwd"), 0, unix.STATX_SIZE, uintptr(unsafe.Pointer(new(unix.Statx_t))))
	}, true},
	{"unlink", func(*probe) syscall.Errno {
		return attemptCall(unix.SYS_UNLINKAT, ^uintptr(99), text("/nonexistent"), 0)
	}, false},
	{"socket to the network", func(*probe) syscall.Errno { return attemptCall(unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_STREAM, 0) }, true},
	{"socket of the machine", func(*probe) syscall.Errno { return attemptCall(unix.SYS_SOCKET, unix.AF_UNIX, unix.SOCK_STREAM, 0) }, true},
	{"socket pair", func(*probe) syscall.Errno {
		return attemptCall(unix.SYS_SOCKETPAIR, unix.AF_UNIX, unix.SOCK_STREAM, 0, uintptr(unsafe.Pointer(new([2]int32))))
	}, true},
	{"connect", func(*probe) syscall.Errno {
		a := unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: [4]byte{127, 0, 0, 1}}
		return attemptCall(unix.SYS_CONNECT, 3, uintptr(unsafe.Pointer(&a)), unsafe.Sizeof(a))
	}, false},
	{"bind", func(*probe) syscall.Errno {
		a := unix.RawSockaddrInet4{Family: unix.AF_INET}
		return attemptCall(unix.SYS_BIND, 3, uintptr(unsafe.Pointer(&a)), unsafe.Sizeof(a))
	}, false},
	{"execve", func(*probe) syscall.Errno { return attemptCall(unix.SYS_EXECVE, text("/nonexistent"), 0, 0) }, false},
	{"execveat", func(*probe) syscall.Errno {
		return attemptCall(unix.SYS_EXECVEAT, ^uintptr(99), text("/nonexistent"), 0, 0, 0)
	}, false},
	{"ptrace", func(p *probe) syscall.Errno {
		return attemptCall(unix.SYS_PTRACE, unix.PTRACE_ATTACH, uintptr(p.parent))
	}, false},
	{"read another's memory", func(p *probe) syscall.Errno { return attemptCall(unix.SYS_PROCESS_VM_READV, uintptr(p.parent)) }, true},
	{"kill another", func(p *probe) syscall.Errno { return attemptCall(unix.SYS_KILL, uintptr(p.parent), 0) }, true},
	{"tgkill another", func(p *probe) syscall.Errno {
		return attemptCall(unix.SYS_TGKILL, uintptr(p.parent), uintptr(p.parent), 0)
	}, true},
	{"handle of another", func(p *probe) syscall.Errno { return attemptCall(unix.SYS_PIDFD_OPEN, uintptr(p.parent), 0) }, true},
	{"a process", func(*probe) syscall.Errno {
		pid, _, errno := syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
		if errno == 0 && pid == 0 {
			_ = attemptCall(unix.SYS_EXIT_GROUP, 0)
		}
		return errno
	}, true},
	{"namespaces", func(*probe) syscall.Errno { return attemptCall(unix.SYS_UNSHARE, unix.CLONE_NEWNS) }, false},
	{"mount", func(*probe) syscall.Errno { return attemptCall(unix.SYS_MOUNT, 0, 0, 0, 0, 0) }, false},
	{"another root", func(*probe) syscall.Errno { return attemptCall(unix.SYS_CHROOT, text("/nonexistent")) }, false},
	{"be root", func(*probe) syscall.Errno { return attemptCall(unix.SYS_SETUID, 0) }, false},
	{"bpf", func(*probe) syscall.Errno { return attemptCall(unix.SYS_BPF, 0, 0, 0) }, false},
	{"io_uring", func(*probe) syscall.Errno { return attemptCall(unix.SYS_IO_URING_SETUP, 0, 0) }, false},
	{"perf", func(*probe) syscall.Errno { return attemptCall(unix.SYS_PERF_EVENT_OPEN, 0, 0, 0, 0, 0) }, false},
	{"userfaultfd", func(*probe) syscall.Errno { return attemptCall(unix.SYS_USERFAULTFD, 0) }, false},
	{"keys", func(*probe) syscall.Errno { return attemptCall(unix.SYS_KEYCTL, 0, 0, 0) }, false},
	{"a file in memory", func(*probe) syscall.Errno { return attemptCall(unix.SYS_MEMFD_CREATE, text("x"), 0) }, true},
	{"memory to execute", func(*probe) syscall.Errno {
		return attemptCall(unix.SYS_MMAP, 0, 4096, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON, ^uintptr(0), 0)
	}, true},
	{"more privileges by prctl", func(*probe) syscall.Errno { return attemptCall(unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 1) }, true},
}

// Probe makes the attempts, from a thread of its own, and writes what came of them to
// descriptor 3.
func Probe(free bool) int {
	p := &probe{parent: os.Getppid()}
	var list []Part
	if !free {
		list = confine(0) // memory apart: the race detector needs much
	}
	results := map[string]syscall.Errno{}
	done := make(chan bool)
	go func() {
		runtime.LockOSThread() // on whatever thread this is
		for _, a := range attempts {
			if !free || a.free {
				results[a.name] = a.make(p)
			}
		}
		close(done)
	}()
	<-done
	out, err := json.Marshal(probed{list, results})
	if err != nil {
		return 1
	}
	if _, err := unix.Write(3, out); err != nil {
		return 1
	}
	return 0
}

type probed struct {
	Parts   []Part
	Results map[string]syscall.Errno
}

// TestSandbox has a process that is confined as a host process is try what it must not.
func TestSandbox(t *testing.T) {
	for _, free := range []bool{true, false} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		command := func() *exec.Cmd {
			cmd := exec.Command(os.Args[0], ProbeCommand, strconv.FormatBool(free))
			cmd.Env, cmd.ExtraFiles, cmd.Stderr = []string{"TMPDIR=" + t.TempDir()}, []*os.File{w}, os.Stderr
			return cmd
		}
		var cmd *exec.Cmd
		if free {
			cmd = command()
			err = cmd.Start()
		} else {
			cmd, _, err = isolateProcess(command)
		}
		w.Close()
		if err != nil {
			t.Fatal(err)
		}
		var got probed
		failed := json.NewDecoder(r).Decode(&got)
		r.Close()
		if err := cmd.Wait(); err != nil || failed != nil {
			t.Fatalf("the probe: %v, %v", err, failed)
		}
		filtered := slices.ContainsFunc(got.Parts, func(p Part) bool { return p.Name == "system calls" && p.Active })
		if !free && !filtered {
			t.Skipf("the machine lets no filter be installed: %v", got.Parts)
		}
		for _, a := range attempts {
			errno, made := got.Results[a.name]
			switch {
			case free && a.free && errno != 0:
				t.Logf("%s: not possible without a sandbox either: %v", a.name, errno)
			case !free && !made:
				t.Errorf("%s was not tried", a.name)
			case !free && !errors.Is(errno, syscall.EPERM):
				t.Errorf("%s: %v, it must be refused", a.name, errno)
			}
		}
		if free && got.Results["open"] != 0 {
			t.Errorf("open without a sandbox: %v", got.Results["open"])
		}
	}
}
