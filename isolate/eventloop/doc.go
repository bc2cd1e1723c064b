// Package eventloop schedules the turns of one isolate. A turn is one task and the
// microtasks it leaves behind; turns never overlap.
//
// A loop has no goroutine of its own. Whoever brings a task runs it if the loop is
// free, and otherwise leaves it to the goroutine that is in the loop:
//
//   - Do brings a task and returns when that task has run (the first turn of a request);
//   - Post brings a task and may return before it has run (a finished operation, a timer).
//
// The package knows neither JavaScript nor any Web API.
package eventloop
