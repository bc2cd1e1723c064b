//go:build !linux

package main

import (
	"errors"
	"io/fs"
	"net"
)

// Without Linux nothing is measured, nor moved.

var errLinux = errors.New("only Linux has this")

func affinity() ([]int, error) { return nil, nil }

func confine([]int) error { return nil }

func moveThread([]int) (back func(), err error) { return func() {}, nil }

func onDisk(info fs.FileInfo) int64 { return info.Size() }

func readable(net.Conn) (bool, error) { return false, errLinux }

func freeze(int) error { return errLinux }

func thaw(int) error { return errLinux }
