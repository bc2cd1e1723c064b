package host

import (
	"context"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// InProcess runs isolates in this process: nothing contains them but their limits.
type InProcess struct{ *pool.Pool }

var _ Host = InProcess{}

// NewInProcess makes a pool in this process; Close ends it.
func NewInProcess(o pool.Options) InProcess { return InProcess{pool.New(o)} }

// Build implements Host.
func (InProcess) Build(ctx context.Context, src compiler.Source) (*compiler.Bundle, error) {
	return compiler.BuildBundle(ctx, src)
}

// Release implements Host; there is nothing to forget.
func (InProcess) Release(account, script string) {}

// Stats implements Host.
func (h InProcess) Stats() Stats { return Stats{Stats: h.Pool.Stats()} }

// Status implements Host.
func (InProcess) Status() []Part {
	return []Part{{Name: "containment", Reason: "workers run in the server's own process"}}
}
