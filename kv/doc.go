// Package kv is the store of a Mayfly server: one directory, one process.
//
// It offers two layers over one log-structured engine (badger). System records
// are ordered byte records in named buckets, read and written in transactions
// ([DB.View], [DB.Update]). Namespaces are Workers KV as scripts see it
// ([DB.Namespace]), with Cloudflare's limits and error texts
// (https://developers.cloudflare.com/kv/).
//
// # Guarantees
//
// A write that returned nil is on disk: it survives kill -9 and, as far as the
// disk honours fsync, loss of power. A transaction is there whole or not at all.
// Reads see every write that returned before they began, so a namespace is
// linearizable on its node. That is stronger than Workers KV, whose other
// locations may answer with an older value for a minute. The limit of one write
// a second to one key is not imposed.
//
// # Who writes
//
// One goroutine, the committer, runs all write functions one after another and
// commits as many as are waiting in one batch with one fsync. Write functions
// therefore never conflict, but must be short and must not call Update. Reads run
// on the caller's goroutine and wait for no fsync.
//
// Lock order: commit batch, then cache shard; the clock and the usage table are
// leaves. No lock is held while a caller's function runs.
//
// The engine's own synchronous mode syncs once for each transaction instead: with
// 64 writers that took 195 microseconds a put, the committer takes 26 (100-byte
// values, one sync 0.25 ms).
//
// # Time
//
// Expiration is decided by the store's own clock (see clock.go), which never goes
// back and does not follow a wall clock that jumps until the jump has lasted.
// Expired records are invisible at once and removed from disk within minutes.
package kv
