package hosttest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// A Rig is a worker on a host.
type Rig struct {
	T       testing.TB
	Host    host.Host
	World   *World
	Version *pool.Version
}

var serial atomic.Int64

// New deploys a module script, by itself, on h. The limits may be zero.
func New(t testing.TB, h host.Host, script string, limits isolate.Limits) *Rig {
	t.Helper()
	b, err := h.Build(t.Context(), Source(script))
	if err != nil {
		t.Fatal(err)
	}
	return &Rig{T: t, Host: h, World: &World{}, Version: NewVersion("account", fmt.Sprintf("script-%d", serial.Add(1)), b, limits)}
}

// Source is an upload of one module.
func Source(script string) compiler.Source {
	return compiler.Source{Main: "index.js", Modules: []compiler.Module{{Name: "index.js", Kind: compiler.ESModule, Contents: []byte(script)}}}
}

// NewVersion makes a version of a script.
func NewVersion(account, script string, b *compiler.Bundle, limits isolate.Limits) *pool.Version {
	id := fmt.Sprintf("version-%d", serial.Add(1))
	// The hash is of the version's own, as it is in a server.
	own := *b
	own.Hash = sha256.Sum256([]byte(id))
	return &pool.Version{
		Spec: worker.Spec{
			Account: account, Script: script, Version: id, Limits: limits,
			Bindings: []worker.Binding{
				{Name: "KV", Kind: worker.KVNamespace}, {Name: "ECHO", Kind: worker.Service},
				{Name: "WORD", Kind: worker.Text, Value: []byte("grüße")},
			},
		},
		Hash:   own.Hash,
		Bundle: func(context.Context) (*compiler.Bundle, error) { return &own, nil },
	}
}

// An Answer is what a request came to.
type Answer struct {
	*outside.Response
	Body   string
	Err    error
	Report *outside.Report
}

// patience bounds the wait for what a working host does at once.
const patience = 60 * time.Second

// Get asks for a path and reads the answer and the report.
func (r *Rig) Get(path string) *Answer {
	r.T.Helper()
	return r.Do(r.T.Context(), &outside.Request{Method: "GET", URL: "https://example.com" + path, Header: []outside.Field{{Name: "x-test", Value: "1"}}})
}

// Do gives the worker a request and reads the answer and the report.
func (r *Rig) Do(ctx context.Context, req *outside.Request) *Answer {
	r.T.Helper()
	finished := make(chan *outside.Report, 2)
	a := &Answer{}
	a.Response, a.Err = r.Host.Fetch(r.Version, r.Event(ctx, finished), req)
	if a.Err == nil {
		body, err := ReadBody(a.Response.Body)
		a.Body, a.Err = string(body), err
	}
	var none *pool.NotRun
	if !errors.As(a.Err, &none) {
		a.Report = r.Finished(finished)
	}
	return a
}

// Event is an event of the rig's world.
func (r *Rig) Event(ctx context.Context, finished chan<- *outside.Report) worker.Event {
	return worker.Event{
		Context: ctx, Outside: r.World, Call: outside.Call{Invocation: fmt.Sprintf("id-%d", serial.Add(1)), Hops: 1},
		Finished: func(report *outside.Report) { finished <- report },
	}
}

// Finished waits for the end of an event.
func (r *Rig) Finished(finished <-chan *outside.Report) *outside.Report {
	r.T.Helper()
	select {
	case report := <-finished:
		return report
	case <-time.After(patience):
		r.T.Fatal("the event has not ended")
		return nil
	}
}
