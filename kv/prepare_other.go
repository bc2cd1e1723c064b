//go:build !unix

package kv

// prepare looks for damage that the engine could not bear. What a crash has left of its
// logs it cannot see to where a directory cannot be locked from outside the engine.
func prepare(dir string) error { return checkTables(dir) }
