package isolate_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// rig is an isolate whose script sees sleep(ms), a promise, and answer(v).
type rig struct {
	*isolate.Isolate
	clock *eventloop.VirtualClock
	t     *testing.T
}

func newRig(t *testing.T, limits isolate.Limits, watchdog *isolate.Watchdog) *rig {
	t.Helper()
	clock := eventloop.NewVirtualClock(time.Unix(1_800_000_000, 0))
	iso := isolate.New(isolate.Options{Limits: limits, Clock: clock, Watchdog: watchdog})
	t.Cleanup(iso.Close)
	js := iso.Realm
	if _, err := iso.Start(func() {
		js.VM.Set("sleep", func(call goja.FunctionCall) goja.Value {
			p := js.NewPromise()
			owner := js.Context().Owner
			js.Loop.SetTimer(time.Duration(call.Argument(0).ToInteger())*time.Millisecond, false, owner, js.Context(), func() { p.Resolve(nil) })
			return p.Value()
		})
		js.VM.Set("answer", func(goja.FunctionCall) goja.Value { isolate.Current(js).Answer(); return nil })
		js.VM.Set("waitUntil", func(c goja.FunctionCall) goja.Value { isolate.Current(js).WaitUntil(c.Argument(0)); return nil })
		js.VM.Set("who", func(goja.FunctionCall) goja.Value { return js.VM.ToValue(isolate.Current(js).Call().Invocation) })
		js.VM.Set("log", func(s string) { isolate.Current(js).Log("log", s, nil) })
	}); err != nil {
		t.Fatal(err)
	}
	return &rig{iso, clock, t}
}

// start begins an invocation that runs src.
func (r *rig) start(id, src string, o isolate.InvocationOptions) *isolate.Invocation {
	r.t.Helper()
	o.Call.Invocation = id
	inv := r.NewInvocation(o)
	if err := inv.Enter(func() {
		v, err := r.VM.RunString(src)
		var thrown *goja.Exception
		switch {
		case errors.As(err, &thrown):
			inv.Throw(thrown.Value())
		case err != nil:
			panic(err)
		default:
			r.Realm.Then(v, func(goja.Value) { inv.Answer() }, inv.Throw)
		}
	}); err != nil {
		r.t.Fatal(err)
	}
	return inv
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name, src string
		limits    isolate.Limits
		outcome   outside.Outcome
		err       string
	}{
		{name: "sync", src: `1`, outcome: outside.OutcomeOK},
		{name: "async", src: `(async () => { await 1; await sleep(50) })()`, outcome: outside.OutcomeOK},
		{name: "throws", src: `throw new TypeError("no")`, outcome: outside.OutcomeException, err: "TypeError: no"},
		{name: "rejects", src: `(async () => { await sleep(5); throw new RangeError("late") })()`, outcome: outside.OutcomeException, err: "RangeError: late"},
		{name: "throws a string", src: `throw "s"`, outcome: outside.OutcomeException, err: "Error: s"},
		{name: "hung", src: `new Promise(() => {})`, outcome: outside.OutcomeException, err: "will never generate a response"},
		{name: "hung later", src: `(async () => { await sleep(1); await new Promise(() => {}) })()`, outcome: outside.OutcomeException, err: "will never generate a response"},
		{name: "loop", src: `for (;;) {}`, outcome: outside.OutcomeExceededCPU, err: "CPU time limit exceeded: the limit is 20ms"},
		{name: "microtask loop", src: `(async () => { for (;;) await 1 })()`, outcome: outside.OutcomeExceededCPU, err: "CPU time limit exceeded"},
		{name: "loop in finally", src: `try { for (;;) {} } finally { for (;;) {} }`, outcome: outside.OutcomeExceededCPU, err: "CPU time limit exceeded"},
		{name: "recursion", src: `(function f() { f() })()`, outcome: outside.OutcomeException, err: "Maximum call stack size exceeded"},
		{name: "wall", src: `sleep(5000)`, limits: isolate.Limits{Wall: time.Second}, outcome: outside.OutcomeExceededWallTime, err: "wall time limit of 1s exceeded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dog := isolate.NewWatchdog()
			defer dog.Close()
			c.limits.CPU = 20 * time.Millisecond
			r := newRig(t, c.limits, dog)
			var report *outside.Report
			inv := r.start("a", c.src, isolate.InvocationOptions{Finished: func(p *outside.Report) { report = p }})
			for report == nil && r.clock.Next() {
			}
			err := inv.Wait()
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if report == nil || report.Outcome != c.outcome {
				t.Fatalf("report %+v, want outcome %s", report, c.outcome)
			}
			if c.outcome == outside.OutcomeExceededCPU && (report.CPU < 20*time.Millisecond || r.Condemned() == nil) {
				t.Errorf("CPU %v, condemned %v", report.CPU, r.Condemned())
			}
		})
	}
}

func TestWaitUntil(t *testing.T) {
	for _, c := range []struct {
		name, src string
		advance   time.Duration
		outcome   outside.Outcome
		logs      int
	}{
		{"settles", `waitUntil(sleep(1000).then(() => log("late"))); answer()`, time.Second, outside.OutcomeOK, 1},
		{"rejects", `waitUntil(Promise.reject(new Error("x"))); answer()`, 0, outside.OutcomeException, 0},
		{"cut after 30 s", `waitUntil(sleep(40000).then(() => log("late"))); answer()`, 30 * time.Second, outside.OutcomeOK, 0},
		{"never settles", `waitUntil(new Promise(() => {})); answer()`, 0, outside.OutcomeOK, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, isolate.Limits{}, nil)
			var report *outside.Report
			inv := r.start("a", c.src, isolate.InvocationOptions{Finished: func(p *outside.Report) { report = p }})
			if err := inv.Wait(); err != nil {
				t.Fatal(err)
			}
			r.clock.Advance(c.advance)
			if report == nil || report.Outcome != c.outcome || len(report.Logs) != c.logs {
				t.Fatalf("report %+v", report)
			}
			if got := inv.Context().Err(); got == nil {
				t.Error("context is not cancelled at the end")
			}
		})
	}
}

// A response that takes long is not cut by the time limit of waitUntil, which begins after it.
func TestLongResponse(t *testing.T) {
	r := newRig(t, isolate.Limits{}, nil)
	var report *outside.Report
	inv := r.NewInvocation(isolate.InvocationOptions{Finished: func(p *outside.Report) { report = p }})
	if err := inv.Enter(func() {
		inv.Open()
		inv.WaitUntil(r.Realm.NewPromise().Value())
		r.Realm.Loop.SetTimer(time.Hour, false, inv, r.Realm.Context(), func() {})
		inv.Answer()
	}); err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(10 * time.Minute)
	if report != nil {
		t.Fatal("ended while the response was going out")
	}
	inv.Close(func(*outside.Report) {})
	r.clock.Advance(29 * time.Second)
	if report != nil {
		t.Fatal("ended before waitUntil's time was over")
	}
	r.clock.Advance(time.Second)
	if report == nil {
		t.Fatal("not ended after waitUntil's time")
	}
}

// Two invocations that wait at the same time are told apart after each wait.
func TestConcurrentInvocations(t *testing.T) {
	r := newRig(t, isolate.Limits{}, nil)
	src := `(async () => { let s = who(); await sleep(10); s += who(); await null; s += who(); log(s) })()`
	reports := map[string]*outside.Report{}
	for _, id := range []string{"a", "b", "c"} {
		r.start(id, src, isolate.InvocationOptions{Finished: func(p *outside.Report) { reports[p.Invocation] = p }})
	}
	r.clock.Advance(10 * time.Millisecond)
	for _, id := range []string{"a", "b", "c"} {
		p := reports[id]
		if p == nil || len(p.Logs) != 1 || p.Logs[0].Text != id+id+id {
			t.Errorf("invocation %s: %+v", id, p)
		}
	}
}

func TestGuiltyTakesBystandersAlong(t *testing.T) {
	dog := isolate.NewWatchdog()
	defer dog.Close()
	r := newRig(t, isolate.Limits{CPU: 10 * time.Millisecond}, dog)
	reports := map[string]*outside.Report{}
	note := isolate.InvocationOptions{Finished: func(p *outside.Report) { reports[p.Invocation] = p }}
	r.start("innocent", `sleep(1000)`, note)
	r.start("guilty", `for (;;) {}`, note)
	if got := reports["guilty"].Outcome; got != outside.OutcomeExceededCPU {
		t.Errorf("guilty: %s", got)
	}
	if got := reports["innocent"].Outcome; got != outside.OutcomeInternalError {
		t.Errorf("innocent: %s", got)
	}
	if err := r.NewInvocation(isolate.InvocationOptions{}).Enter(func() {}); !errors.Is(err, isolate.ErrCondemned) {
		t.Errorf("entering a condemned isolate: %v", err)
	}
}

func TestStackOverflowFailsOneInvocation(t *testing.T) {
	r := newRig(t, isolate.Limits{}, nil)
	reports := map[string]*outside.Report{}
	note := isolate.InvocationOptions{Finished: func(p *outside.Report) { reports[p.Invocation] = p }}
	r.start("innocent", `(async () => { await sleep(1000); for (let i = 0; i < 3; i++) await null; log("done") })()`, note)
	for id, src := range map[string]string{
		"plain": `(function f() { f() })()`, "native": `(function f() { [1].map(f) })()`, "later": `sleep(5).then(function f() { f() })`, "finally": `(function f() { try { f() } finally { f() } })()`,
	} {
		inv := r.start(id, src, note)
		r.clock.Advance(5 * time.Millisecond)
		if err := inv.Wait(); err == nil || err.Error() != "RangeError: Maximum call stack size exceeded" {
			t.Errorf("%s: error %v", id, err)
		}
		if p := reports[id]; p == nil || p.Outcome != outside.OutcomeException {
			t.Errorf("%s: %+v", id, p)
		}
	}
	if r.Condemned() == nil {
		t.Error("the isolate would be used again")
	}
	r.clock.Advance(time.Second)
	if p := reports["innocent"]; p == nil || p.Outcome != outside.OutcomeOK || len(p.Logs) != 1 {
		t.Errorf("innocent: %+v", p)
	}
}

// The engine cannot go on after async functions that call themselves.
func TestStackOverflowOfAsyncFunctions(t *testing.T) {
	r := newRig(t, isolate.Limits{}, nil)
	reports := map[string]*outside.Report{}
	note := isolate.InvocationOptions{Finished: func(p *outside.Report) { reports[p.Invocation] = p }}
	r.start("innocent", `sleep(1000)`, note)
	r.start("guilty", `(async function f() { await f() })()`, note)
	for id, want := range map[string]outside.Outcome{"innocent": outside.OutcomeInternalError, "guilty": outside.OutcomeException} {
		if p := reports[id]; p == nil || p.Outcome != want {
			t.Errorf("%s: %+v, want %s", id, p, want)
		}
	}
}

func TestCancel(t *testing.T) {
	r := newRig(t, isolate.Limits{}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	var report *outside.Report
	inv := r.start("a", `sleep(1000)`, isolate.InvocationOptions{Context: ctx, Finished: func(p *outside.Report) { report = p }})
	cancel()
	if err := inv.Wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if report.Outcome != outside.OutcomeCanceled {
		t.Errorf("outcome %s", report.Outcome)
	}
}

func TestStartupLimit(t *testing.T) {
	dog := isolate.NewWatchdog()
	defer dog.Close()
	iso := isolate.New(isolate.Options{Limits: isolate.Limits{Startup: 10 * time.Millisecond}, Watchdog: dog})
	used, err := iso.Start(func() {
		if _, err := iso.VM.RunString(`for (;;) {}`); err != nil {
			panic(err)
		}
	})
	if err == nil || used < 10*time.Millisecond {
		t.Errorf("used %v, error %v", used, err)
	}
}

func BenchmarkInvocation(b *testing.B) {
	dog := isolate.NewWatchdog()
	defer dog.Close()
	iso := isolate.New(isolate.Options{Watchdog: dog})
	var f goja.Callable
	iso.Start(func() {
		v, _ := iso.VM.RunString(`(function () { return 1 })`)
		f, _ = goja.AssertFunction(v)
	})
	b.ReportAllocs()
	for b.Loop() {
		inv := iso.NewInvocation(isolate.InvocationOptions{})
		inv.Enter(func() {
			f(goja.Undefined())
			inv.Answer()
		})
		if err := inv.Wait(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	globals := webidl.NewGlobals([]webidl.Global{webidl.Expose(webidl.DOMException)})
	b.ReportAllocs()
	for b.Loop() {
		isolate.New(isolate.Options{Globals: globals})
	}
}
