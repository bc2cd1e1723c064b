package wpt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/remote"
	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// A Target runs service-worker scripts. It may be asked for several at a time.
type Target interface {
	// Run loads a script, sends it one request and returns the body of the answer,
	// which has status 200.
	Run(ctx context.Context, script string) ([]byte, error)
}

// Isolates runs each script in a new isolate of this process, without a network.
type Isolates struct {
	watchdog *isolate.Watchdog
}

// NewIsolates returns a Target; Close ends it.
func NewIsolates() *Isolates { return &Isolates{watchdog: isolate.NewWatchdog()} }

// Close ends the watchdog of the isolates.
func (t *Isolates) Close() { t.watchdog.Close() }

// generous are the limits of a test, whose whole work is one request.
var generous = isolate.Limits{CPU: 2 * time.Minute, Startup: 10 * time.Second, Subrequests: 10_000, Memory: 2 << 30}

// Run implements Target.
func (t *Isolates) Run(ctx context.Context, script string) ([]byte, error) {
	source := compiler.Source{Main: "test.js", Classic: true, Modules: []compiler.Module{{Name: "test.js", Kind: compiler.ESModule, Contents: []byte(script)}}}
	b, err := compiler.BuildBundle(ctx, source)
	if err != nil {
		return nil, err
	}
	p, err := b.Compile()
	if err != nil {
		return nil, err
	}
	w, err := worker.Load(p, &worker.Spec{Script: "test", Limits: generous}, worker.Options{Watchdog: t.watchdog})
	if err != nil {
		return nil, err
	}
	defer w.Close()
	res, err := w.Fetch(worker.Event{Context: ctx, Outside: alone{}, Call: outside.Call{Invocation: "test"}},
		&outside.Request{Method: http.MethodGet, URL: origin})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.Body.Stream == nil {
		return res.Body.Bytes, nil
	}
	return io.ReadAll(res.Body.Stream)
}

// alone is what is outside a test: nothing.
type alone struct{ outside.Outside }

var errAlone = outside.Errorf(outside.KindNetwork, "there is no network here")

func (alone) Fetch(context.Context, *outside.Call, *outside.Request) (*outside.Response, error) {
	return nil, errAlone
}

func (alone) CacheMatch(context.Context, *outside.Call, string, *outside.Request) (*outside.Response, error) {
	return nil, nil
}

func (alone) CachePut(context.Context, *outside.Call, string, *outside.Request, *outside.Response) error {
	return nil
}

func (alone) CacheDelete(context.Context, *outside.Call, string, *outside.Request) (bool, error) {
	return false, nil
}

func (alone) Log(*outside.Call, *outside.LogLine) {}

func (alone) Report(*outside.Report) {}

// Uploads runs each script on a server, to which it is deployed under one name.
type Uploads struct {
	// Server takes the uploads.
	Server remote.Server
	// Name is the script's; "" means wpt.
	Name string
	// Workers is where workers answer, such as http://127.0.0.1:8787, and Host the
	// script's host there; "" means that of Workers.
	Workers, Host string
	// Client asks the worker; nil means http.DefaultClient.
	Client *http.Client
}

// uploadCPU is the CPU limit that is asked for, in milliseconds.
const uploadCPU = 120_000

// Run implements Target. It must not be called again before it returns: all tests are
// versions of one script.
func (t *Uploads) Run(ctx context.Context, script string) ([]byte, error) {
	name := t.Name
	if name == "" {
		name = "wpt"
	}
	if err := t.Server.Deploy(ctx, remote.Worker{Name: name, Code: script, Classic: true, CPU: uploadCPU}); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(t.Workers, "/")+"/", nil)
	if err != nil {
		return nil, err
	}
	req.Host = t.Host
	client := t.Client
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %.300s", res.StatusCode, body)
	}
	return body, err
}

var errNoAnswer = errors.New("no answer in time")
