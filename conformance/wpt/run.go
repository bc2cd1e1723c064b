package wpt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"
)

// Options say what Run runs.
type Options struct {
	// Checkout is a checkout of web-platform-tests.
	Checkout fs.FS
	// Only are folders or files of it; none means DefaultAreas.
	Only []string
	// Target runs the tests.
	Target Target
	// Parallel is how many run at a time; 0 means 1.
	Parallel int
	// Progress, if not nil, is told of each result, in no particular order.
	Progress func(*Result)
}

// A Report is what came of a run.
type Report struct {
	Results []*Result
	// Skipped counts the files left out by reason.
	Skipped map[string]int
}

// grace is what loading and answering may take beside a test's own time.
const grace = 20 * time.Second

// Run runs tests and returns their results in the order of their paths.
func Run(ctx context.Context, o Options) (*Report, error) {
	tests, err := Collect(o.Checkout, o.Only)
	if err != nil {
		return nil, err
	}
	r := &Report{Skipped: map[string]int{}}
	for _, t := range tests {
		if t.Skip != "" {
			r.Skipped[t.Skip]++
			continue
		}
		for _, v := range t.Variants {
			r.Results = append(r.Results, &Result{File: t.Path + v, test: t})
		}
	}
	var (
		wg    sync.WaitGroup
		queue = make(chan *Result)
		tell  sync.Mutex
	)
	for range max(o.Parallel, 1) {
		wg.Go(func() {
			for result := range queue {
				run(ctx, &o, result)
				if o.Progress != nil {
					tell.Lock()
					o.Progress(result)
					tell.Unlock()
				}
			}
		})
	}
	for _, result := range r.Results {
		queue <- result
	}
	close(queue)
	wg.Wait()
	return r, ctx.Err()
}

// run fills in one result.
func run(ctx context.Context, o *Options, r *Result) {
	err := func() error {
		script, err := program(o.Checkout, r.test, r.File[len(r.test.Path):])
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeoutCause(ctx, r.test.limit()+grace, errNoAnswer)
		defer cancel()
		body, err := o.Target.Run(ctx, script)
		if err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return err
		}
		return parseAnswer(r, body)
	}()
	switch {
	case err == nil:
	case errors.Is(err, errNoAnswer):
		r.Status, r.Message = Timeout, err.Error()
	default:
		r.Status, r.Message = Error, fmt.Sprint(err)
	}
}
