// Package rawio reads and writes descriptors that do not block, within the functions of
// a syscall.RawConn.
//
// On Linux the scheduler is not told of the calls: they are over before it could make
// use of knowing, and telling it costs more than they do when the processor is shared,
// because a thread that loses it within a call loses its place among the running too.
package rawio
