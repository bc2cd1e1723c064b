// Package timers is what the HTML standard says of timers and microtasks
// (https://html.spec.whatwg.org/#timers), with setImmediate of Node.js and
// scheduler.wait of Workers.
//
// Timers belong to the invocation that sets them and are gone when it ends. None can
// be set while a script loads, when no invocation is there.
package timers
