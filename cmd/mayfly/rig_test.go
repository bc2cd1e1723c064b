package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/cmd/mayfly/client"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// patience is how long anything may take before a test gives up on it.
const patience = time.Minute

// rootToken is the root token of the servers under test.
const rootToken = "mayfly_root_token_of_the_tests"

// A process is a server started as a process of its own.
type process struct {
	t       testing.TB
	cmd     *exec.Cmd
	out     *output
	done    chan struct{}
	listen  string // host:port of workers
	control string // URL of the control plane, or ""
	metrics string // host:port where metrics need no token, or ""
}

// output collects what a process writes while it runs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// start starts the program and waits until it answers.
func start(t testing.TB, env []string, args ...string) *process {
	t.Helper()
	ready := filepath.Join(t.TempDir(), "ready")
	p := &process{t: t, out: &output{}, done: make(chan struct{})}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command(self, append(args, "--ready-file", ready)...)
	p.cmd.Env = append(append(os.Environ(), asProgram+"=1"), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // its state is asked for
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // if it still runs
		<-p.done
		if t.Failed() {
			t.Logf("mayfly %s wrote:\n%s", strings.Join(args, " "), p.out)
		}
	})
	var text []byte
	p.until("it is ready", func() bool {
		text, err = os.ReadFile(ready)
		return err == nil
	})
	var at struct{ Listen, Control, Metrics string }
	if err := json.Unmarshal(text, &at); err != nil {
		t.Fatal(err)
	}
	p.listen, p.metrics = at.Listen, at.Metrics
	if at.Control != "" {
		p.control = "http://" + at.Control
	}
	return p
}

// until waits for a condition that the process brings about.
func (p *process) until(what string, cond func() bool) {
	p.t.Helper()
	give := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-give:
			p.t.Fatalf("gave up waiting until %s", what)
		case <-p.done:
			if !cond() {
				p.t.Fatalf("the process has ended (%v) before %s", p.cmd.ProcessState, what)
			}
			return
		}
	}
}

// serve starts a server on data, "" for a directory of its own.
func serve(t testing.TB, data string, args ...string) *process {
	t.Helper()
	if data == "" {
		data = t.TempDir()
	}
	args = append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--containment", "none"}, args...)
	return start(t, []string{"MAYFLY_TOKEN=" + rootToken}, args...)
}

// stop ends the process as an operator does and returns its exit code.
func (p *process) stop() int {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	return p.wait()
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Fatal("the process does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

// kill ends the process as a power failure does.
func (p *process) kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	p.wait()
}

// client returns a client of the control plane.
func (p *process) client(token string) *client.Client {
	p.t.Helper()
	c, err := client.New(p.control, token, script.DefaultAccount)
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// deploy gives a module worker all requests.
func (p *process) deploy(name, source string, bindings ...script.Binding) {
	p.t.Helper()
	if err := p.tryDeploy(name, source, bindings...); err != nil {
		p.t.Fatalf("deploying %s: %v", name, err)
	}
}

func (p *process) tryDeploy(name, source string, bindings ...script.Binding) error {
	c := p.client(rootToken)
	if _, err := c.Put(context.Background(), name, moduleUpload(source, bindings...)); err != nil {
		return err
	}
	return c.SetSubdomain(context.Background(), name, true, true)
}

func moduleUpload(source string, bindings ...script.Binding) *client.Upload {
	return &client.Upload{
		Format: script.Modules, Main: "index.js", Bindings: bindings,
		Modules:      []script.Module{{Name: "index.js", Type: script.ESModule, Content: []byte(source)}},
		KeepBindings: []script.BindingType{script.SecretText},
	}
}

// An answer is what a worker, or a page in its place, has answered.
type answer struct {
	status int
	header http.Header
	body   string
}

// get asks the worker of that name, or a whole host name, for a path. Headers are pairs.
func (p *process) get(host, path string, headers ...string) answer {
	p.t.Helper()
	a, err := p.tryGet(host, path, headers...)
	if err != nil {
		p.t.Fatalf("GET %s of %s: %v", path, host, err)
	}
	return a
}

func (p *process) tryGet(host, path string, headers ...string) (answer, error) {
	req, err := http.NewRequest("GET", "http://"+p.listen+path, nil)
	if err != nil {
		return answer{}, err
	}
	if req.Host = host; !strings.Contains(host, ".") {
		req.Host = host + ".localhost"
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	res, err := http.DefaultClient.Do(req.WithContext(ctx))
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(body)}, err
}

// scrape returns the metrics.
func (p *process) scrape() string {
	p.t.Helper()
	req, err := http.NewRequest("GET", p.control+"/metrics", nil)
	if p.metrics != "" {
		req, err = http.NewRequest("GET", "http://"+p.metrics+"/metrics", nil)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	if p.metrics == "" {
		req.Header.Set("Authorization", "Bearer "+rootToken)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// A gate is an origin whose requests wait until they are let through.
type gate struct {
	arrived chan struct{} // one for each request
	open    chan struct{}
}

func newGate() *gate { return &gate{arrived: make(chan struct{}, 100), open: make(chan struct{})} }

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.arrived <- struct{}{}
	select {
	case <-g.open:
	case <-r.Context().Done():
	}
	_, _ = io.WriteString(w, "through")
}

// awaitArrival waits until a request is at the gate.
func (g *gate) awaitArrival(t testing.TB) {
	t.Helper()
	select {
	case <-g.arrived:
	case <-time.After(patience):
		t.Fatal("no request comes to the gate")
	}
}

// status returns the HTTP status of a control plane's refusal, 0 for any other error.
func status(err error) int {
	var e *client.Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}
