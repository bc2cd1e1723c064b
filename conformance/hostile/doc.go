// Command hostile attacks a server of the real binary in every way that is known, one at
// a time, while two workers of another account are used, and prints what became of each
// attack: how it ended, how long the answer took, and whether the good workers noticed.
//
//	go run ./conformance/hostile                       # containment process
//	go run ./conformance/hostile -containment none     # what isolates alone hold
//	go run ./conformance/hostile -run 'ssrf|websocket'
//
// An attack is held when it ended as it must (stopped by a limit, by an exception,
// refused, or harmless), no request of the good workers has failed, and their 99th
// percentile has stayed within five times what it was just before, or within 25 ms. The
// machine may be busy with other things: what only misses the percentile is tried twice
// more. The command fails if any attack is not held, but for those that are known to
// need a process around them when there is none.
//
// Good requests that were being handled by a host process when an attack took it down
// cannot be repeated. They get an error that says so, are counted as bystanders, and may
// only occur in attacks that take down a process.
//
// Package attack has the vectors that are scripts; most of the other attacks are
// functions here.
package main
