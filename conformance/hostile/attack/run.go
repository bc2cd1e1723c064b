package attack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// A Result is what became of a vector.
type Result struct {
	Ending Ending
	Detail string // the error or exception
	CPU    time.Duration
	// Innocent is what is wrong with the well-behaved worker beside it, "" if nothing.
	Innocent string
}

// The limits that vectors run under.
const (
	cpuLimit       = 50 * time.Millisecond
	memoryCPULimit = 20 * time.Second // for the family of memory
	memoryLimit    = 64 << 20
)

// good is the innocent worker. It keeps some memory of its own.
const good = `const kept = []; for (let i = 0; i < 20000; i++) kept.push({i});
export default { async fetch(request) { await scheduler.wait(1); return new Response("good " + kept.length) } }`

// Run runs v in an isolate of this process, which may not survive it.
func Run(v *Vector) Result {
	dog := isolate.NewWatchdog()
	defer dog.Close()
	limits := isolate.Limits{CPU: cpuLimit, Memory: memoryLimit, Startup: time.Second, WaitUntil: time.Second}
	innocent, err := load(good, limits, dog)
	if err != nil {
		return Result{Detail: "the innocent worker: " + err.Error()}
	}
	defer innocent.Close()
	limits.Startup = cpuLimit
	if v.Family == "memory" {
		limits.CPU = memoryCPULimit
	}
	result := attack(v, limits, dog)
	if text, err := ask(innocent); err != nil {
		result.Innocent = err.Error()
	} else if text != "good 20000" {
		result.Innocent = "answered " + text
	}
	return result
}

func attack(v *Vector, limits isolate.Limits, dog *isolate.Watchdog) Result {
	w, err := load(v.Top+"\nexport default { async fetch(request, env, ctx) {"+v.Code+"\n} }", limits, dog)
	if err != nil {
		return Result{Ending: Refused, Detail: err.Error()}
	}
	defer w.Close()
	ended := make(chan Result, 1)
	finished := func(r *outside.Report) {
		result := Result{Ending: Ending(r.Outcome), CPU: r.CPU}
		if len(r.Exceptions) > 0 {
			result.Detail = r.Exceptions[0].Name + ": " + r.Exceptions[0].Message
		}
		ended <- result
	}
	resp, err := w.Fetch(worker.Event{Context: context.Background(), Outside: world{}, Finished: finished}, request())
	if err == nil && resp.Body.Stream != nil {
		_, err = io.Copy(io.Discard, resp.Body.Stream)
		resp.Body.Stream.Close()
	}
	if err != nil && errors.Is(err, isolate.ErrCondemned) {
		return Result{Ending: Exception, Detail: err.Error()}
	}
	r := <-ended
	if r.Ending == Exception && r.Detail == "TypeError: "+noResponse {
		r.Ending, r.Detail = OK, "" // it did nothing, and so did not answer
	}
	return r
}

// noResponse is what a handler that returns nothing is told.
const noResponse = "Incorrect type for Promise: the Promise did not resolve to 'Response'."

func load(code string, limits isolate.Limits, dog *isolate.Watchdog) (*worker.Worker, error) {
	b, err := compiler.BuildBundle(context.Background(), compiler.Source{
		Main:    "index.js",
		Modules: []compiler.Module{{Name: "index.js", Kind: compiler.ESModule, Contents: []byte(code)}},
	})
	if err != nil {
		return nil, fmt.Errorf("does not build: %w", err)
	}
	p, err := b.Compile()
	if err != nil {
		return nil, fmt.Errorf("does not compile: %w", err)
	}
	bindings := []worker.Binding{{Name: "KV", Kind: worker.KVNamespace}}
	return worker.Load(p, &worker.Spec{Script: "w", Limits: limits, Bindings: bindings}, worker.Options{Watchdog: dog})
}

func request() *outside.Request {
	return &outside.Request{Method: "GET", URL: "https://hostile.example/"}
}

func ask(w *worker.Worker) (string, error) {
	resp, err := w.Fetch(worker.Event{Context: context.Background(), Outside: world{}}, request())
	if err != nil {
		return "", err
	}
	return string(resp.Body.Bytes), nil
}

// world answers what vectors ask of the outside.
type world struct{ outside.Outside }

func (world) Fetch(_ context.Context, _ *outside.Call, r *outside.Request) (*outside.Response, error) {
	return &outside.Response{Status: 200, URL: r.URL, Body: outside.Body{Bytes: []byte("fetched")}}, nil
}

func (world) KVGet(_ context.Context, _ *outside.Call, _ string, keys []string, _ bool) ([]outside.KVEntry, error) {
	return make([]outside.KVEntry, len(keys)), nil
}

func (world) Log(*outside.Call, *outside.LogLine) {}
func (world) Report(*outside.Report)              {}
