//go:build !linux

package main

import (
	"errors"
	"runtime"
	"syscall"
	"time"
)

func dieWithParent() *syscall.SysProcAttr { return nil }

func usage(int) (time.Duration, int64, error) {
	return 0, 0, errors.New("the bench reads CPU times from /proc, which only Linux has")
}

func machine() string { return runtime.GOOS + " " + runtime.GOARCH }

func loadAverage() float64 { return -1 }
