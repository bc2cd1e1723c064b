//go:build !linux

package host

import (
	"os/exec"
	"runtime"
)

// confine does what the system offers, which is nothing here: crashes are contained, but
// a child may do what the server may.
func confine(memory int64) []Part {
	return []Part{{Name: "sandbox", Reason: "there is none for " + runtime.GOOS + "; only crashes are contained"}}
}

func isolateProcess(command func() *exec.Cmd) (*exec.Cmd, []Part, error) {
	cmd := command()
	return cmd, nil, cmd.Start()
}

// groups are none.
type groups struct{}

func openGroups(bool) *groups { return nil }

func (*groups) limit(int, int64) Part {
	return Part{Name: "memory group", Reason: "there is none on " + runtime.GOOS}
}

func (*groups) full(int) bool { return false }

func (*groups) release(int) {}

func residentMemory(pid int) int64 { return 0 }
