//go:build unix && !linux

package host

import "syscall"

func tryRead(fd uintptr, p []byte) (int, error) { return syscall.Read(int(fd), p) }

func tryWrite(fd uintptr, p []byte) (int, error) { return syscall.Write(int(fd), p) }
