package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/pprof/profile"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// A Host runs isolates. Its methods may be called from any goroutine.
//
// Whatever the implementation, an event that was begun is reported to its Outside once
// and its Finished is called once, after that; an event that was not begun, which a
// *pool.NotRun says, has neither.
type Host interface {
	// Fetch gives a request to an isolate of v. The response's body and socket belong
	// to the caller.
	Fetch(v *pool.Version, e worker.Event, req *outside.Request) (*outside.Response, error)
	// Scheduled gives a cron event to an isolate of v.
	Scheduled(v *pool.Version, e worker.Event, cron string, at time.Time) error
	// RPC gives a call of an entrypoint's method to an isolate of v.
	RPC(v *pool.Version, e worker.Event, method string, args []byte) ([]byte, error)
	// Invoke gives an event, JSON text, to an isolate of v, which is a Lambda function.
	Invoke(v *pool.Version, e worker.Event, event []byte) ([]byte, error)
	// Keep sets how many isolates of v are kept however long they are idle.
	Keep(v *pool.Version, n int)
	// Prewarm makes isolates of v until n are there.
	Prewarm(ctx context.Context, v *pool.Version, n int) error
	// Build bundles an upload. A failure of the source is a *compiler.Error, also when
	// it took down the process that read it.
	Build(ctx context.Context, src compiler.Source) (*compiler.Bundle, error)
	// Validate loads v in an isolate of its own and drops it again.
	Validate(ctx context.Context, v *pool.Version) (pool.Validation, error)
	// Retire drops the isolates of a version by its id: idle ones now, others when
	// their requests are done. The version may be used again later.
	Retire(version string)
	// Release forgets what a script has done to its hosts, so that it is run again.
	Release(account, script string)
	// Stats returns the figures of all pools together.
	Stats() Stats
	// Profile takes a profile, as Profiler.Take does, of each of the processes that run
	// isolates, but not of this one.
	Profile(ctx context.Context, name string, d time.Duration) ([]*profile.Profile, error)
	// Status lists the parts of the containment.
	Status() []Part
	// Close drops all isolates. Requests in flight fail.
	Close()
}

// Stats are a host's figures.
type Stats struct {
	pool.Stats
	Processes int   // that are running, the spare included; 0 in process
	Heap      int64 // bytes of objects and stacks in them
	Deaths    int64 // processes lost since the start
	Refused   int   // scripts that are refused
}

// A Part is one part of the containment: what it is, whether it is in force, and why not.
type Part struct {
	Name   string `json:"name"`
	Active bool   `json:"active"`
	Reason string `json:"reason,omitempty"` // of a part that is not active
}

func (p Part) String() string {
	if p.Active {
		return p.Name + ": active"
	}
	return p.Name + ": not active: " + p.Reason
}

// A Failure ends an event that was begun in another process when that process has died,
// or says how the event ended there.
type Failure struct {
	Outcome outside.Outcome
	Message string
	// Bystander marks an event that died with its process although it was another
	// script that took the process down.
	Bystander bool
}

func (f *Failure) Error() string { return f.Message }

// ExceededCPU reports whether err says that a CPU limit was exceeded, wherever.
func ExceededCPU(err error) bool {
	return isolate.ExceededCPU(err) || failed(err, outside.OutcomeExceededCPU)
}

// ExceededMemory reports whether err says that a memory limit was exceeded, wherever.
func ExceededMemory(err error) bool {
	return isolate.ExceededMemory(err) || failed(err, outside.OutcomeExceededMemory)
}

func failed(err error, o outside.Outcome) bool {
	var f *Failure
	return errors.As(err, &f) && f.Outcome == o
}

// Refused says that a script is not run any more, because it took down the process it
// ran in again and again. A new version of it, or Host.Release, lifts that.
type Refused struct {
	Account, Script, Version string
	Kills                    int
}

func (r *Refused) Error() string {
	return fmt.Sprintf("The script %q is stopped: version %s took down %d of its host processes within ten minutes. Deploy another version, or release the script.", r.Script, r.Version, r.Kills)
}

// errClosed is what events are told that come after Close.
var errClosed = errors.New("the server is closing")
