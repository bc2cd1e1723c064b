//go:build !unix

package kv

// prepareLogs does nothing where a directory cannot be locked from outside the
// engine.
func prepareLogs(string) error { return nil }
