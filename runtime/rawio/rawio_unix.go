//go:build unix && !linux

package rawio

import "syscall"

// Read is read(2). Its errors are of type syscall.Errno; 0 bytes are the end.
func Read(fd uintptr, p []byte) (int, error) { return syscall.Read(int(fd), p) }

// Write is write(2). Its errors are of type syscall.Errno.
func Write(fd uintptr, p []byte) (int, error) { return syscall.Write(int(fd), p) }

// Announce does nothing: the scheduler is told of all calls.
func Announce() {}
