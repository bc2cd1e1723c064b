// Package httpcache is what caches.default and caches.open(name) store into: a
// cache in memory, bounded in bytes, in which each account sees only its own
// entries. Freshness, Vary, ranges and conditional requests follow RFC 9111 and
// RFC 9110; what the Workers platform does otherwise is said where it is done.
//
// A Cache is safe for use by many goroutines. One mutex guards the index; it is
// never held while a body is read. Bodies are shared with every response that is
// answered from them and never change.
package httpcache
