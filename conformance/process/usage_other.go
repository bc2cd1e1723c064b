//go:build !linux

package process

import (
	"errors"
	"runtime"
	"syscall"
)

func dieWithParent() *syscall.SysProcAttr { return nil }

// Read returns what a process and its descendants use.
func Read(int) (Usage, error) {
	return Usage{}, errors.New("what a process uses is read from /proc, which only Linux has")
}

// Machine describes this computer.
func Machine() string { return runtime.GOOS + " " + runtime.GOARCH }

// LoadAverage is that of the last minute, or -1 if unknown.
func LoadAverage() float64 { return -1 }
