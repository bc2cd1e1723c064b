//go:build !unix

package kv

// sealValueLog does nothing where a directory cannot be locked from outside the
// engine.
func sealValueLog(string) error { return nil }
