//go:build !unix

package rawio

import "syscall"

// Read is not there: use the connection itself.
func Read(uintptr, []byte) (int, error) { return 0, syscall.ENOSYS }

// Write is not there: use the connection itself.
func Write(uintptr, []byte) (int, error) { return 0, syscall.ENOSYS }

// Announce does nothing: the scheduler is told of all calls.
func Announce() {}
