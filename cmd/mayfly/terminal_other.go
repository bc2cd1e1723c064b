//go:build !linux

package main

// hideInput does nothing here: what is typed shows.
func hideInput(any) (restore func()) { return func() {} }
