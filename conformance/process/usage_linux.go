package process

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// A stat is what /proc/PID/stat tells.
type stat struct {
	parent int
	cpu    time.Duration // user and system, of the process and of children it has waited for
	rss    int64         // bytes

	threads int
}

// tick is the unit of CPU times in /proc: the kernel shows 1/100 s to all programs.
const tick = 10 * time.Millisecond

// parseStat reads the text of /proc/PID/stat: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func parseStat(b []byte) (stat, error) {
	// The name is in parentheses and may hold anything, parentheses too.
	end := bytes.LastIndexByte(b, ')')
	if end < 0 {
		return stat{}, fmt.Errorf("no process name in %q", b)
	}
	f := strings.Fields(string(b[end+1:]))
	if len(f) < 22 {
		return stat{}, fmt.Errorf("%d fields in %q", len(f), b)
	}
	var numbers [22]int64
	for i := 1; i < len(numbers); i++ {
		n, err := strconv.ParseInt(f[i], 10, 64)
		if err != nil && i != 19 && i != 20 { // start time and size may be huge
			return stat{}, fmt.Errorf("field %d of %q: %w", i+3, b, err)
		}
		numbers[i] = n
	}
	ticks := numbers[11] + numbers[12] + numbers[13] + numbers[14]
	return stat{
		parent: int(numbers[1]), cpu: time.Duration(ticks) * tick,
		rss: numbers[21] * int64(os.Getpagesize()), threads: int(numbers[17]),
	}, nil
}

// Read returns what a process and its descendants use.
func Read(root int) (Usage, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return Usage{}, err
	}
	all := map[int]stat{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		b, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // it has ended since
		}
		if all[pid], err = parseStat(b); err != nil {
			return Usage{}, err
		}
	}
	if _, ok := all[root]; !ok {
		return Usage{}, fmt.Errorf("process %d has ended", root)
	}
	u := Usage{RootThreads: all[root].threads}
	if u.RootMemory, err = anonymous(root); err != nil {
		return Usage{}, err
	}
	for pid, s := range all {
		for p := pid; p != 0; p = all[p].parent {
			if p == root {
				u.CPU += s.cpu
				u.RSS += s.rss
				u.Threads += s.threads
				u.Processes++
				files, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid)) // none of one that has ended since
				u.Files += len(files)
				break
			}
		}
	}
	return u, nil
}

// anonymous is a process's resident memory that no file holds.
func anonymous(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, ok := strings.Cut(string(b), "RssAnon:")
	fields := strings.Fields(rest)
	if !ok || len(fields) == 0 {
		return 0, fmt.Errorf("no RssAnon in /proc/%d/status", pid)
	}
	n, err := strconv.ParseInt(fields[0], 10, 64)
	return n << 10, err
}

// Machine describes this computer.
func Machine() string {
	model := "unknown CPU"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return model + ", Linux " + strings.TrimSpace(string(kernel))
}

// LoadAverage is that of the last minute, or -1 if unknown.
func LoadAverage() float64 {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return -1
	}
	first, _, _ := strings.Cut(string(b), " ")
	f, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return -1
	}
	return f
}
