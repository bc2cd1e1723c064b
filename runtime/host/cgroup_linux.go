package host

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// limitMemory puts a process in a memory group of its own.
// https://docs.kernel.org/admin-guide/cgroup-v2.html#memory
func limitMemory(pid int, memory int64) Part {
	const name = "memory group"
	if err := enterGroup(pid, memory); err != nil {
		return Part{Name: name, Reason: err.Error()}
	}
	return Part{Name: name, Active: true}
}

func enterGroup(pid int, memory int64) error {
	dir, err := groupOf(pid)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("the control group may not be divided: %w", err)
	}
	set := func(file, value string) error { return os.WriteFile(filepath.Join(dir, file), []byte(value), 0) }
	err = set("memory.max", strconv.FormatInt(memory, 10))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		err = errors.New("the memory controller is not enabled for parts of the server's control group")
	}
	if err == nil {
		_ = set("memory.swap.max", "0") // not there without swap
		err = set("cgroup.procs", strconv.Itoa(pid))
	}
	if err != nil {
		_ = os.Remove(dir)
	}
	return err
}

// groupOf names the group for a child: a part of the server's own.
func groupOf(pid int) (string, error) {
	const root = "/sys/fs/cgroup"
	controllers, err := os.ReadFile(root + "/cgroup.controllers")
	if err != nil {
		return "", errors.New("control groups version 2 are not mounted at " + root)
	}
	if !bytes.Contains(controllers, []byte("memory")) {
		return "", errors.New("control groups version 2 have no memory controller")
	}
	self, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(self)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			return filepath.Join(root, path, "mayfly-host-"+strconv.Itoa(pid)), nil
		}
	}
	return "", errors.New("the server is in no control group of version 2")
}

// killedForMemory reports whether the kernel ended a process, which is still in its
// group, because that was full.
func killedForMemory(pid int) bool {
	dir, err := groupOf(pid)
	if err != nil {
		return false
	}
	events, err := os.ReadFile(filepath.Join(dir, "memory.events"))
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(events)) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "oom_kill "); ok {
			return n != "0"
		}
	}
	return false
}

// releaseMemory removes the group of a process that has ended.
func releaseMemory(pid int) {
	if dir, err := groupOf(pid); err == nil {
		_ = os.Remove(dir)
	}
}
