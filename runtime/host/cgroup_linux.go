package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// groups are the memory groups of children, by which the kernel keeps each to its limit:
// https://docs.kernel.org/admin-guide/cgroup-v2.html
type groups struct {
	dir string // whose parts they are
	err error  // why there are none
}

const (
	groupRoot   = "/sys/fs/cgroup"
	serverGroup = "mayfly-server"
)

// openGroups divides the control group that this process is in, unless none are wanted.
func openGroups(wanted bool) *groups {
	g := &groups{err: errors.New("no sandbox is wanted")}
	if !wanted {
		return g
	}
	if g.dir, g.err = ownGroup(); g.err == nil {
		g.err = divide(g.dir)
	}
	return g
}

// ownGroup names the control group to divide: that of this process, or the one above if
// it has been divided before.
func ownGroup() (string, error) {
	if _, err := os.Stat(groupRoot + "/cgroup.controllers"); err != nil {
		return "", errors.New("control groups version 2 are not mounted at " + groupRoot)
	}
	self, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(self)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			dir := filepath.Join(groupRoot, path)
			if filepath.Base(dir) == serverGroup {
				dir = filepath.Dir(dir)
			}
			return dir, nil
		}
	}
	return "", errors.New("the server is in no control group of version 2")
}

// divide lets a control group have parts with memory limits. Only the topmost may have
// those and processes too, so this process goes into a part of its own.
func divide(dir string) error {
	if !controls(dir, "cgroup.controllers") {
		return errors.New("control groups version 2 have no memory controller here")
	}
	if controls(dir, "cgroup.subtree_control") {
		return nil
	}
	if !delegated(dir) {
		return errors.New("the server's control group is not its own to divide; in a systemd unit say Delegate=memory")
	}
	enable := func() error { return setGroup(dir, "cgroup.subtree_control", "+memory") }
	err := enable()
	if errors.Is(err, unix.EBUSY) {
		if err = enterServerGroup(dir); err == nil {
			err = enable()
		}
		if errors.Is(err, unix.EBUSY) {
			err = errors.New("other processes are in it")
		}
		if err != nil {
			_ = setGroup(dir, "cgroup.procs", "0")
			_ = os.Remove(filepath.Join(dir, serverGroup))
		}
	}
	if err != nil {
		return fmt.Errorf("the server's control group cannot be divided: %w", err)
	}
	return nil
}

func enterServerGroup(dir string) error {
	part := filepath.Join(dir, serverGroup)
	if err := os.Mkdir(part, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return setGroup(part, "cgroup.procs", "0")
}

// delegated reports whether a control group is its processes' to divide. systemd says so
// by an attribute; and in a namespace of its own nobody else sees the topmost.
func delegated(dir string) bool {
	if dir == groupRoot {
		return true
	}
	value := make([]byte, 8)
	for _, name := range []string{"user.delegate", "trusted.delegate"} {
		if n, err := unix.Getxattr(dir, name, value); err == nil && string(value[:n]) == "1" {
			return true
		}
	}
	return false
}

// controls reports whether a list of controllers has that of memory.
func controls(dir, file string) bool {
	list, err := os.ReadFile(filepath.Join(dir, file))
	return err == nil && slices.Contains(strings.Fields(string(list)), "memory")
}

func setGroup(dir, file, value string) error {
	return os.WriteFile(filepath.Join(dir, file), []byte(value), 0)
}

func (g *groups) of(pid int) string { return filepath.Join(g.dir, "mayfly-host-"+strconv.Itoa(pid)) }

// limit puts a child in a group of its own.
func (g *groups) limit(pid int, memory int64) Part {
	const name = "memory group"
	err := g.err
	if err == nil {
		err = g.enter(pid, memory)
	}
	if err != nil {
		return Part{Name: name, Reason: err.Error()}
	}
	return Part{Name: name, Active: true}
}

func (g *groups) enter(pid int, memory int64) error {
	dir := g.of(pid)
	err := os.Mkdir(dir, 0o755)
	if errors.Is(err, fs.ErrExist) && os.Remove(dir) == nil { // left by a server that was killed
		err = os.Mkdir(dir, 0o755)
	}
	if err != nil {
		return err
	}
	if err = setGroup(dir, "memory.max", strconv.FormatInt(memory, 10)); err == nil {
		_ = setGroup(dir, "memory.swap.max", "0") // not there without swap
		err = setGroup(dir, "cgroup.procs", strconv.Itoa(pid))
	}
	if err != nil {
		_ = os.Remove(dir)
	}
	return err
}

// full reports whether the kernel ended a child, which has not been released yet, because
// its group was full.
func (g *groups) full(pid int) bool {
	events, err := os.ReadFile(filepath.Join(g.of(pid), "memory.events"))
	if g.err != nil || err != nil {
		return false
	}
	for line := range strings.Lines(string(events)) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "oom_kill "); ok {
			return n != "0"
		}
	}
	return false
}

// release removes the group of a child that has ended.
func (g *groups) release(pid int) {
	if g.err == nil {
		_ = os.Remove(g.of(pid))
	}
}
