package host

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// isolateProcess starts a command in namespaces of its own: no network but a loopback
// interface that is down, no processes' memory or messages of others. A user who may not
// do that gets a user namespace in which he may, where the system allows those.
func isolateProcess(command func() *exec.Cmd) (*exec.Cmd, []Part, error) {
	const own = syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC
	attempts := []*syscall.SysProcAttr{{Cloneflags: own}}
	if os.Geteuid() != 0 {
		attempts = []*syscall.SysProcAttr{{
			Cloneflags:  own | syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}},
		}}
	}
	var refused error
	for _, attributes := range attempts {
		cmd := command()
		cmd.SysProcAttr = attributes
		if refused = cmd.Start(); refused == nil {
			return cmd, []Part{{Name: "network namespace", Active: true}}, nil
		}
	}
	cmd := command()
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	return cmd, []Part{{Name: "network namespace", Reason: fmt.Sprintf("the system refuses it: %v", refused)}}, nil
}
