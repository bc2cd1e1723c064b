package host_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/host/hosttest"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// children lists the processes that this one has started.
func children(t testing.TB) []int {
	t.Helper()
	tasks, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil || len(tasks) == 0 {
		t.Skip("the system does not tell the children of a process")
	}
	var list []int
	for _, file := range tasks {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // a thread that has ended
		}
		for _, field := range strings.Fields(string(text)) {
			pid, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, pid)
		}
	}
	return list
}

// fatal are scripts that nothing in a process stops.
var fatal = []struct {
	name, code string
	limits     isolate.Limits
	outcomes   []outside.Outcome // it depends on the machine which limit is met first
}{
	{"NativeLoop", `let n = 10n ** 1000000n; n = n ** 1000n`, isolate.Limits{}, []outside.Outcome{outside.OutcomeExceededCPU}},
	{"NativeLoopLater", `await fetch("https://o/"); let n = 10n ** 1000000n; n = n ** 1000n`, isolate.Limits{}, []outside.Outcome{outside.OutcomeExceededCPU}},
	{"NativeLoopTimer", `await new Promise(r => setTimeout(r, 5)); let n = 10n ** 1000000n; n = n ** 1000n`, isolate.Limits{}, []outside.Outcome{outside.OutcomeExceededCPU}},
	{"Crash", `let n = 1n << 40n; n = 1n << n`, isolate.Limits{}, []outside.Outcome{outside.OutcomeExceededMemory}},
	{"CrashLater", `await fetch("https://o/"); let n = 1n << 40n; n = 1n << n`, isolate.Limits{}, []outside.Outcome{outside.OutcomeExceededMemory}},
	{"Concatenation", `let s = "xxxxxxxxxxxxxxxx"; for (let i = 0; i < 40; i++) s += s`, isolate.Limits{CPU: 10 * time.Second}, []outside.Outcome{outside.OutcomeExceededMemory}},
	{"Memory", `const list = []; for (;;) list.push(new Uint8Array(1e7).fill(1))`, isolate.Limits{CPU: 10 * time.Second}, []outside.Outcome{outside.OutcomeExceededMemory}},
	{"CompilerConstant", `2n ** 30000000000n`, isolate.Limits{CPU: 10 * time.Second}, []outside.Outcome{outside.OutcomeExceededMemory}},
	{"HugeAllocation", `let n = 30000000000n; n = 2n ** n`, isolate.Limits{CPU: 10 * time.Second}, []outside.Outcome{outside.OutcomeExceededMemory}},
}

func handler(code string) string {
	return "export default { async fetch(request, env, ctx) { " + code + "; return new Response('survived'); } }"
}

const good = `export default { async fetch() { await fetch("https://o/"); return new Response("fine"); } }`

// probe asks a good worker again and again until stop, and returns how often it was
// answered, and what went wrong.
func probe(r *hosttest.Rig, stop <-chan struct{}) (answers int, failures []error) {
	for {
		select {
		case <-stop:
			return answers, failures
		default:
		}
		if a := r.Get("/"); a.Err != nil {
			if failures = append(failures, a.Err); len(failures) > 100 {
				return answers, failures
			}
		} else {
			answers++
		}
	}
}

func TestFatalScripts(t *testing.T) {
	for _, test := range fatal {
		t.Run(test.name, func(t *testing.T) {
			p := newProcess(t, host.Options{Hosts: 2, Memory: 256 << 20})
			fine := hosttest.New(t, p, good, isolate.Limits{})
			bad := hosttest.New(t, p, handler(test.code), test.limits)
			stop := make(chan struct{})
			var probing sync.WaitGroup
			var failures []error
			var answers int
			probing.Go(func() { answers, failures = probe(fine, stop) })
			a := bad.Get("/")
			close(stop)
			probing.Wait()
			if a.Err == nil {
				t.Fatalf("the script ended with %q", a.Body)
			}
			// The memory that the race detector takes may end a process that has done little.
			if !raceEnabled && (!slices.Contains(test.outcomes, a.Report.Outcome) || !host.ExceededCPU(a.Err) && !host.ExceededMemory(a.Err)) {
				t.Errorf("outcome %s, error %v; want %s", a.Report.Outcome, a.Err, test.outcomes)
			}
			if len(bad.World.Reports) != 1 {
				t.Errorf("%d reports", len(bad.World.Reports))
			}
			for _, err := range failures {
				var f *host.Failure
				if !errors.As(err, &f) || !f.Bystander {
					t.Errorf("a good worker failed: %v", err)
				}
			}
			if got := fine.Get("/"); got.Err != nil || got.Body != "fine" {
				t.Errorf("afterwards %q, %v", got.Body, got.Err)
			}
			t.Logf("%v after %v, %d good answers, %d bystanders", a.Err, a.Report.Wall, answers, len(failures))
		})
	}
}

// TestRefused takes hosts down until the script is refused, and lets it in again.
func TestRefused(t *testing.T) {
	p := newProcess(t, host.Options{Hosts: 2})
	fine := hosttest.New(t, p, good, isolate.Limits{})
	bad := hosttest.New(t, p, handler(`if (request.url.endsWith("/die")) { let n = 1n << 40n; n = 1n << n }`), isolate.Limits{})
	stop := make(chan struct{})
	var probing sync.WaitGroup
	var failures []error
	probing.Go(func() { _, failures = probe(fine, stop) })
	for i := range 5 {
		if a := bad.Get("/die"); !host.ExceededMemory(a.Err) && !host.ExceededCPU(a.Err) {
			t.Fatalf("death %d: %v", i+1, a.Err)
		}
	}
	close(stop)
	probing.Wait()
	if len(failures) > 2 { // the third death is in a process of its own
		t.Errorf("%d failures of a good worker: %v", len(failures), failures)
	}
	a := bad.Get("/")
	var refused *host.Refused
	var none *pool.NotRun
	if !errors.As(a.Err, &refused) || !errors.As(a.Err, &none) || refused.Kills != 5 || refused.Script != bad.Version.Script {
		t.Fatalf("after five deaths: %v", a.Err)
	}
	if s := p.Stats(); s.Refused != 1 || s.Deaths != 5 {
		t.Errorf("stats %+v", s)
	}
	next := *bad.Version
	next.Spec.Version += "-next"
	again := &hosttest.Rig{T: t, Host: p, World: &hosttest.World{}, Version: &next}
	if a := again.Get("/"); a.Body != "survived" {
		t.Errorf("another version: %q, %v", a.Body, a.Err)
	}
	p.Release(refused.Account, refused.Script)
	if a := bad.Get("/"); a.Body != "survived" {
		t.Errorf("released: %q, %v", a.Body, a.Err)
	}
}

// TestKilled kills processes while requests are being answered. Requests may fail as
// bystanders, all others must be answered.
func TestKilled(t *testing.T) {
	p := newProcess(t, host.Options{Hosts: 2})
	fine := hosttest.New(t, p, good, isolate.Limits{})
	stop := make(chan struct{})
	var probing sync.WaitGroup
	var answered, failed atomic.Int64
	for range 8 {
		probing.Go(func() {
			n, failures := probe(fine, stop)
			answered.Add(int64(n))
			for _, err := range failures {
				failed.Add(1)
				var f *host.Failure
				if !errors.As(err, &f) || !f.Bystander {
					t.Errorf("error %v", err)
				}
			}
		})
	}
	for range 10 {
		before := p.Stats().Deaths
		list := children(t)
		if len(list) == 0 {
			t.Fatal("no children")
		}
		victim, err := os.FindProcess(list[0])
		if err != nil {
			t.Fatal(err)
		}
		_ = victim.Kill() // it may have gone already
		for p.Stats().Deaths == before || p.Stats().Processes < 3 {
			if a := fine.Get("/"); a.Err != nil {
				failed.Add(1)
			}
		}
	}
	close(stop)
	probing.Wait()
	if answered.Load() == 0 {
		t.Error("nothing was answered")
	}
	t.Logf("%d answered, %d failed", answered.Load(), failed.Load())
}

// TestDeathDuringStreams kills the process of a response on its way.
func TestDeathDuringStreams(t *testing.T) {
	p := newProcess(t, host.Options{Hosts: 1})
	r := hosttest.New(t, p, `export default { fetch() {
		return new Response(new ReadableStream({ async pull(c) { await fetch("https://o/"); c.enqueue(new Uint8Array(1000)); } }));
	} }`, isolate.Limits{CPU: 10 * time.Second, Subrequests: 1 << 30})
	finished := make(chan *outside.Report, 1)
	res, err := p.Fetch(r.Version, r.Event(t.Context(), finished), &outside.Request{Method: "GET", URL: "https://example.com/"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(res.Body.Stream, make([]byte, 10_000)); err != nil {
		t.Fatal(err)
	}
	for _, pid := range children(t) {
		victim, err := os.FindProcess(pid)
		if err != nil {
			t.Fatal(err)
		}
		_ = victim.Kill()
	}
	_, err = io.Copy(io.Discard, res.Body.Stream)
	var f *host.Failure
	if !errors.As(err, &f) {
		t.Errorf("the stream ended with %v", err)
	}
	if report := r.Finished(finished); report.Outcome != outside.OutcomeInternalError || report.Status != 200 {
		t.Errorf("report %+v", report)
	}
}

// TestHostileUpload has the compiler's process die or hang.
func TestHostileUpload(t *testing.T) {
	p := newProcess(t, host.Options{Hosts: 1, Memory: 256 << 20, BuildTimeout: 5 * time.Second})
	for name, script := range map[string]string{
		"CrashAtTop": `let n = 1n << 40n; n = 1n << n; export default { fetch() {} }`,
		"LoopAtTop":  `let n = 10n ** 1000000n; n = n ** 1000n; export default { fetch() {} }`,
	} {
		t.Run(name, func(t *testing.T) {
			r := hosttest.New(t, p, script, isolate.Limits{})
			_, err := p.Validate(t.Context(), r.Version)
			if err == nil || !strings.Contains(err.Error(), "took down the process") {
				t.Errorf("error %v", err)
			}
		})
	}
	t.Run("Nesting", func(t *testing.T) {
		_, err := p.Build(t.Context(), hosttest.Source("export default "+strings.Repeat("(", 5_000_000)))
		var code *compiler.Error
		if !errors.As(err, &code) {
			t.Errorf("error %v", err)
		}
	})
	fine := hosttest.New(t, p, good, isolate.Limits{})
	if a := fine.Get("/"); a.Body != "fine" {
		t.Errorf("afterwards %q, %v", a.Body, a.Err)
	}
}

// TestOwn gives one script a process of its own.
func TestOwn(t *testing.T) {
	p := newProcess(t, host.Options{Hosts: 1, Idle: 50 * time.Millisecond})
	r := hosttest.New(t, p, good, isolate.Limits{})
	r.Version.Own = true
	before := p.Stats().Processes
	if a := r.Get("/"); a.Err != nil {
		t.Fatal(a.Err)
	}
	for p.Stats().Processes != before+1 { // the spare is made anew
		if a := r.Get("/"); a.Err != nil {
			t.Fatal(a.Err)
		}
	}
	deadline := time.After(time.Minute)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for p.Stats().Processes != before { // unused, it is ended
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("the process of the script is still there")
		}
	}
}

func TestStatus(t *testing.T) {
	p := newProcess(t, host.Options{Hosts: 1})
	list := p.Status()
	for _, part := range list {
		t.Log(part)
		if !part.Active && part.Reason == "" {
			t.Errorf("%s is not active and does not say why", part.Name)
		}
	}
	names := []string{"processes", "network namespace", "memory group", "no new privileges", "resource limits", "unprivileged user", "file system", "system calls"}
	if raceEnabled {
		return
	}
	for _, name := range names {
		if !slices.ContainsFunc(list, func(p host.Part) bool { return p.Name == name }) {
			t.Errorf("nothing is said of %s", name)
		}
	}
}

// TestBadCommand has children that cannot start.
func TestBadCommand(t *testing.T) {
	for _, command := range [][]string{{"/nonexistent/mayfly"}, {"/bin/false"}} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		p, err := host.NewProcess(ctx, host.Options{Command: command, Hosts: 1})
		cancel()
		if err == nil {
			p.Close()
			t.Errorf("%s runs", command)
		}
	}
}

func TestClosed(t *testing.T) {
	p := newProcess(t, host.Options{Hosts: 1})
	r := hosttest.New(t, p, good, isolate.Limits{})
	p.Close()
	var none *pool.NotRun
	if a := r.Get("/"); !errors.As(a.Err, &none) {
		t.Errorf("error %v", a.Err)
	}
	if _, err := p.Build(t.Context(), hosttest.Source(good)); err == nil {
		t.Error("built after Close")
	}
	if n := p.Stats().Processes; n != 0 {
		t.Error(fmt.Sprint(n, " processes after Close"))
	}
}

// TestOutgrown fills a host with isolates that are each within their limit, between turns
// and while a good worker waits for an answer. Only those are ended.
func TestOutgrown(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's own memory is in the way")
	}
	p := newProcess(t, host.Options{Hosts: 1, Memory: 512 << 20})
	waiting := hosttest.New(t, p, good, isolate.Limits{})
	asked, release := make(chan struct{}), make(chan struct{})
	waiting.World.OnFetch = func(context.Context, *outside.Request) (*outside.Response, error) {
		close(asked)
		<-release
		return &outside.Response{Status: 200}, nil
	}
	held := make(chan *hosttest.Answer, 1)
	go func() { held <- waiting.Get("/") }()
	<-asked
	// Each keeps 60 MB in an isolate of its own while it waits.
	bad := hosttest.New(t, p, `export default { async fetch() {
		const kept = [];
		for (let i = 0; i < 60; i++) kept.push(new Uint8Array(1 << 20).fill(1));
		await fetch("https://o/");
		return new Response(String(kept.length));
	} }`, isolate.Limits{CPU: 10 * time.Second})
	arrived := make(chan struct{})
	bad.World.OnFetch = func(ctx context.Context, _ *outside.Request) (*outside.Response, error) {
		arrived <- struct{}{}
		select {
		case <-ctx.Done():
		case <-release:
		}
		return &outside.Response{Status: 200}, nil
	}
	answers := make(chan *hosttest.Answer)
	begun := 0
	var first *hosttest.Answer
	for first == nil {
		if begun++; begun > 16 {
			t.Fatal("a host holds more than it may")
		}
		go func() { answers <- bad.Get("/") }()
		select {
		case <-arrived:
		case first = <-answers:
		}
	}
	close(release)
	ended := 0
	for n := 1; ; n++ {
		switch {
		case host.ExceededMemory(first.Err):
			ended++
			if first.Report.Outcome != outside.OutcomeExceededMemory {
				t.Errorf("outcome %s", first.Report.Outcome)
			}
		case first.Err != nil:
			t.Errorf("error %v", first.Err)
		}
		if n == begun {
			break
		}
		select {
		case first = <-answers:
		case <-arrived:
			n--
		}
	}
	if a := <-held; a.Err != nil || a.Body != "fine" {
		t.Errorf("the one that waited: %q, %v", a.Body, a.Err)
	}
	if deaths := p.Stats().Deaths; ended == 0 || deaths != 0 {
		t.Errorf("%d of %d ended, %d deaths", ended, begun, deaths)
	}
}
