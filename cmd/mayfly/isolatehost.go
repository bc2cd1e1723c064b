package main

import (
	"os"

	"github.com/mayfly-edge/mayfly/runtime/host"
)

// isolateHostCommand is a process that runs isolates for a server, which starts it by
// the name host.Command. It must be a hidden command, for it is of no use to anybody else.
type isolateHostCommand struct{}

func (isolateHostCommand) Run() error {
	os.Exit(host.Main()) // not through Main: nothing but the server's socket concerns it
	return nil
}
