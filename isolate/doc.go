// Package isolate is one worker's machine: a JavaScript runtime with its event loop,
// its limits and the invocations in flight in it.
//
// An isolate is entered by one goroutine at a time, which need not always be the same
// one; each entry is a turn. The CPU time of a turn is read from the clock of the
// thread it runs on and charged to the invocation whose code runs, so waiting costs
// nothing and neighbours are not billed to each other. A Watchdog reads the clocks of
// running turns from outside and interrupts the one that is over its limit.
//
// Memory is estimated from the heap profile: the isolate that holds more than its limit
// is interrupted. An isolate that grows by small objects is stopped between one and three
// times its limit; buffers are counted before they are allocated.
//
// After an interrupt or a panic of the engine an isolate is condemned: its invocations
// fail and it is not used again. After a stack overflow only the invocation fails that
// caused it, if the engine can go on; the others come to their end before the isolate
// is dropped.
//
// What an isolate wants from the world goes through isolate/outside.
package isolate
