// Package pool keeps the isolates of one process and lends them to requests.
//
// An isolate is made when a request needs one, reused last in, first out, shared by
// several requests that wait, and dropped when it has been idle for a while, so that a
// script nobody asks for costs nothing. What is loaded is a Version: a plain
// description with a function that brings its compiled bundle.
//
// Locks: Pool.mu guards the map of versions, set.mu the isolates of one version. They
// are never held together, and neither is held while script code runs.
package pool
