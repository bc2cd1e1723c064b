package pool

import (
	"context"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// A Version is one immutable version of a script.
type Version struct {
	worker.Spec
	// Hash is the content hash of the bundle.
	Hash compiler.Hash
	// Bundle reads the bundle; it is called when the program is not cached.
	Bundle func(context.Context) (*compiler.Bundle, error)
	// MaxConcurrentRequests is how many requests may be in flight in one isolate;
	// 0 means 64. 1 gives each request an isolate to itself while it lasts.
	MaxConcurrentRequests int
	// Pristine gives every request a new isolate.
	Pristine bool
	// Own keeps the script apart from others, where isolates run in host processes.
	Own bool
}
