// Package hosttest holds the tests that every implementation of host.Host passes.
package hosttest
