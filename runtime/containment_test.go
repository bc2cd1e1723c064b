package runtime_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// The test binary is the host process of the tests with containment.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == host.Command {
		os.Exit(host.Main())
	}
	os.Exit(m.Run())
}

// outcomes remembers how events ended.
type outcomes struct {
	mu   sync.Mutex
	list []string
}

func (o *outcomes) Log(account, script string, line *outside.LogLine) {}

func (o *outcomes) Report(r *outside.Report) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = append(o.list, r.Script+" "+string(r.Outcome))
}

func (o *outcomes) count(what string) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.list {
		if s == what {
			n++
		}
	}
	return n
}

// TestContainment has a worker take down its host processes under a server, until it is
// stopped, while another answers.
func TestContainment(t *testing.T) {
	seen := &outcomes{}
	s := start(t, runtime.ServerConfig{Config: runtime.Config{
		Containment: runtime.ContainmentProcess, Hosts: host.Options{Hosts: 2, NoSandbox: raceEnabled},
		Observers: []runtime.Observer{seen},
	}})
	deploy(t, s.Runtime, "fine", `export default { async fetch(request) { return new Response("fine " + new URL(request.url).pathname) } }`)
	deploy(t, s.Runtime, "bad", `export default { fetch() { let n = 1n << 40n; n = 1n << n; } }`)
	for i := range 6 {
		want, says := 503, "exceeded its memory limit"
		if i == 5 {
			says = "is stopped"
		}
		if status, body := get(t, s, "bad", "/"); status != want || !strings.Contains(body, says) {
			t.Errorf("death %d: %d %s", i+1, status, body)
		}
		if status, body := get(t, s, "fine", "/x"); status != 200 || body != "fine /x" {
			t.Errorf("after death %d: %d %s", i+1, status, body)
		}
	}
	if n := seen.count("bad " + string(outside.OutcomeExceededMemory)); n != 5 {
		t.Errorf("%d reports of exceeded memory: %v", n, seen.list)
	}
	if n := s.Host().Stats(); n.Refused != 1 || n.Deaths != 5 {
		t.Errorf("stats %+v", n)
	}
	if err := s.Release(t.Context(), account(t, s), "bad"); err != nil {
		t.Error(err)
	}
	if _, body := get(t, s, "bad", "/"); !strings.Contains(body, "exceeded its memory limit") {
		t.Errorf("released: %s", body)
	}
	for _, part := range s.Containment() {
		if !part.Active && part.Reason == "" {
			t.Errorf("%s is not active and does not say why", part.Name)
		}
	}
}

// TestContainedUpload has uploads that would take down the process that reads them.
func TestContainedUpload(t *testing.T) {
	s := start(t, runtime.ServerConfig{Config: runtime.Config{
		Containment: runtime.ContainmentProcess, Hosts: host.Options{Hosts: 1, BuildTimeout: 20 * time.Second, NoSandbox: raceEnabled},
	}})
	id := account(t, s)
	for code, want := range map[string]script.Kind{
		`export default { fetch() {} }`: 0,
		`let x = ;`:                     script.ParseFailed,
		`export default ` + strings.Repeat("[", 3_000_000):                        script.ParseFailed,
		`let n = 1n << 40n; n = 1n << n; export default { fetch() {} }`:           script.StartupFailed,
		`throw new Error("at the top"); export default { fetch() {} }`:            script.StartupFailed,
		`const n = 2n ** 300000000000n; export default { fetch() { return n; } }`: script.StartupFailed,
	} {
		v := &script.Version{
			Account: id, Script: "upload", Format: script.Modules, Main: "index.js",
			Modules: []script.Module{{Name: "index.js", Type: script.ESModule, Content: []byte(code)}},
		}
		_, err := s.Validate(t.Context(), v)
		var refused *script.Error
		switch {
		case want == 0 && err != nil, want != 0 && (!errors.As(err, &refused) || refused.Kind != want):
			t.Errorf("%.60s: %v, want %v", code, err, want)
		}
	}
}

// TestMemoryLimit gives versions limits of their own. What is over the limit is refused
// with a RangeError, which these do not catch, or ends the isolate.
func TestMemoryLimit(t *testing.T) {
	for _, where := range []string{runtime.ContainmentNone, runtime.ContainmentProcess} {
		s := start(t, runtime.ServerConfig{Config: runtime.Config{Containment: where, Hosts: host.Options{Hosts: 1, NoSandbox: raceEnabled}}})
		for _, c := range []struct{ limit, use, status int }{{0, 100, 200}, {64, 100, 500}, {64, 20, 200}, {256, 160, 200}, {0, 160, 500}} {
			name := fmt.Sprintf("use-%d-of-%d", c.use, c.limit)
			js := fmt.Sprintf(`export default { fetch() { return new Response(String(new Uint8Array(%d << 20).length)) } }`, c.use)
			deployWith(t, s.Runtime, name, js, func(_ *script.Script, v *script.Version) { v.Limits.MemoryMB, v.Limits.CPUMs = c.limit, 10_000 })
			if status, body := get(t, s, name, "/"); status != c.status && (c.status == 200 || status != 503) {
				t.Errorf("%s, containment %s: %d %s", name, where, status, body)
			}
		}
	}
}

// TestOwnHost has a script that asks for it run in a process of its own.
func TestOwnHost(t *testing.T) {
	s := start(t, runtime.ServerConfig{Config: runtime.Config{Containment: runtime.ContainmentProcess, Hosts: host.Options{Hosts: 1, NoSandbox: raceEnabled}}})
	deploy(t, s.Runtime, "shared", `export default { fetch() { return new Response("shared") } }`)
	deployWith(t, s.Runtime, "alone", `export default { fetch() { return new Response("alone") } }`,
		func(s *script.Script, _ *script.Version) { s.Settings.Host = script.HostOwn })
	before := 0
	for _, name := range []string{"shared", "alone"} {
		before = s.Host().Stats().Processes
		if status, body := get(t, s, name, "/"); status != 200 || body != name {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	for deadline := time.Now().Add(time.Minute); s.Host().Stats().Processes != before+1; { // once the spare that was taken is replaced
		if time.Now().After(deadline) {
			t.Fatalf("%d processes, before it was %d", s.Host().Stats().Processes, before)
		}
		get(t, s, "alone", "/")
	}
}
