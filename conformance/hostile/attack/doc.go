// Package attack holds scripts that attack the process they run in, one for each way
// that is known, and runs them in isolates without any other containment.
//
// Each runs in a process of its own, beside a well-behaved worker, and must end as the
// table says: stopped by a limit, by an exception, or not at all because there is
// nothing to stop. Some cannot be contained by an isolate, because the engine shares the
// heap and the stack of its process and does not look at interrupts in native code; the
// table names them too, and says what they do. They are why host processes exist.
package attack
