package pool

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// TestColdCrowd has many events come at once for a version that is still being loaded:
// they wait for a few isolates.
func TestColdCrowd(t *testing.T) {
	_, v := warmed(t)
	p := New(Options{SpreadTo: 4})
	t.Cleanup(p.Close)
	const crowd = 2000
	bundle, cold := v.Bundle, *v
	cold.Bundle = func(ctx context.Context) (*compiler.Bundle, error) {
		for s := p.set(&cold); ; runtime.Gosched() {
			s.mu.Lock()
			there := s.reserved + s.waiting.Len()
			s.mu.Unlock()
			if there == crowd {
				return bundle(ctx)
			}
		}
	}
	var all sync.WaitGroup
	for range crowd {
		all.Go(func() {
			l, err := p.acquire(&worker.Event{Context: t.Context()}, &cold)
			if err != nil {
				t.Error(err)
				return
			}
			l.give()
		})
	}
	all.Wait()
	// Those being made have room for 64 each.
	if made := p.Stats().Made; made > crowd/64+4 {
		t.Errorf("%d isolates for %d events", made, crowd)
	}
}

// TestWait fills a version's isolates: who waits is served in order, gives up when it has
// gone, and is turned away in the end.
func TestWait(t *testing.T) {
	_, v := warmed(t)
	p := New(Options{SpreadTo: 1, MaxIsolates: 1, Wait: 20 * time.Millisecond})
	t.Cleanup(p.Close)
	one := *v
	one.MaxConcurrentRequests = 1
	first, err := p.acquire(&worker.Event{}, &one)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.acquire(&worker.Event{}, &one); !errors.Is(err, ErrFull) {
		t.Errorf("full: %v", err)
	}
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	if _, err := p.acquire(&worker.Event{Context: ctx}, &one); !errors.Is(err, gone) && !errors.Is(err, ErrFull) {
		t.Errorf("gone: %v", err)
	}
	p.o.Wait = time.Minute
	served := make(chan error)
	go func() {
		l, err := p.acquire(&worker.Event{}, &one)
		if err == nil {
			l.give()
		}
		served <- err
	}()
	s := p.set(&one)
	for waits := false; !waits; runtime.Gosched() {
		s.mu.Lock()
		waits = s.waiting.Len() == 1
		s.mu.Unlock()
	}
	first.give()
	if err := <-served; err != nil {
		t.Errorf("after room was made: %v", err)
	}
}

// TestWaitForFailure has those who wait for an isolate be told why there is none.
func TestWaitForFailure(t *testing.T) {
	_, v := warmed(t)
	p := New(Options{SpreadTo: 2})
	t.Cleanup(p.Close)
	bad, broken := *v, errors.New("broken")
	bad.Bundle = func(context.Context) (*compiler.Bundle, error) { return nil, broken }
	bad.Hash[0]++
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			if _, err := p.acquire(&worker.Event{}, &bad); !errors.Is(err, broken) {
				t.Errorf("error %v", err)
			}
		})
	}
	all.Wait()
}
