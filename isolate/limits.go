package isolate

import "time"

// Limits bound what a worker may use. A zero field means its default.
type Limits struct {
	// CPU is the thread CPU time of one invocation. Default 50 ms.
	CPU time.Duration
	// Startup is the CPU time of the script's top level. Default 1 s.
	Startup time.Duration
	// Wall is the time from the event to the response; 0 is no limit, as on Workers.
	Wall time.Duration
	// WaitUntil is how long work may go on after the response. Default 30 s.
	WaitUntil time.Duration
	// Subrequests is the number of fetches of one invocation, redirects and service
	// bindings included. Default 50.
	Subrequests int
	// KVOperations is the number of KV operations of one invocation. Default 1000.
	KVOperations int
	// LogBytes is the size of the log of one invocation; the rest is cut. Default 256 KiB.
	LogBytes int
	// CallDepth is the depth of the call stack at which the engine ends the script, for
	// calls that do not count themselves as those of compiled code do. Default 1500.
	CallDepth int
	// Memory is how many bytes the isolate may hold, for all its invocations together, as
	// far as that can be measured: see Watchdog. WebAssembly memories, tables and
	// instances, which are counted apart, have the same limit. Default DefaultMemory.
	Memory int64
}

// DefaultMemory is 128 MiB, as on Workers.
const DefaultMemory = 128 << 20

func (l Limits) withDefaults() Limits {
	if l.CPU == 0 {
		l.CPU = 50 * time.Millisecond
	}
	if l.Startup == 0 {
		l.Startup = time.Second
	}
	if l.WaitUntil == 0 {
		l.WaitUntil = 30 * time.Second
	}
	if l.Subrequests == 0 {
		l.Subrequests = 50
	}
	if l.KVOperations == 0 {
		l.KVOperations = 1000
	}
	if l.LogBytes == 0 {
		l.LogBytes = 256 << 10
	}
	if l.CallDepth == 0 {
		l.CallDepth = 1500
	}
	if l.Memory == 0 {
		l.Memory = DefaultMemory
	}
	return l
}
