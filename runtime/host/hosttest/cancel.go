package hosttest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

func testCancel(t *testing.T, h host.Host) {
	r := New(t, h, `export default { async fetch() { await fetch("https://slow/"); return new Response("late"); } }`, isolate.Limits{})
	asked := make(chan struct{})
	ended := make(chan struct{})
	r.World.OnFetch = func(ctx context.Context, _ *outside.Request) (*outside.Response, error) {
		close(asked)
		<-ctx.Done()
		close(ended)
		return nil, ctx.Err()
	}
	gone := errors.New("the client has gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-asked
		cancel(gone)
	}()
	a := r.Do(ctx, &outside.Request{Method: "GET", URL: "https://example.com/"})
	if !errors.Is(a.Err, gone) || a.Report.Outcome != outside.OutcomeCanceled {
		t.Errorf("error %v, outcome %s", a.Err, a.Report.Outcome)
	}
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("the fetch of a cancelled event goes on")
	}
}

// testCancelBeforeRun has the client leave while the worker is being loaded.
func testCancelBeforeRun(t *testing.T, h host.Host) {
	r := New(t, h, "", isolate.Limits{})
	release := make(chan struct{})
	defer close(release)
	gone := errors.New("the client has gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	r.Version.Bundle = func(loading context.Context) (*compiler.Bundle, error) {
		cancel(gone)
		select {
		case <-loading.Done():
		case <-release:
		}
		return nil, gone
	}
	a := r.Do(ctx, &outside.Request{Method: "GET", URL: "https://example.com/"})
	var none *pool.NotRun
	if !errors.As(a.Err, &none) || !errors.Is(a.Err, gone) {
		t.Errorf("error %v", a.Err)
	}
}
