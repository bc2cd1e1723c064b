// Package runtime is the server around the isolates: it routes each request to a
// script, picks the version, lends an isolate, and carries what the worker asks for
// to the store, the network or another worker.
//
// A Runtime is assembled from the packages below it, which do not know each other.
package runtime
