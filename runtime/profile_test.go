package runtime_test

import (
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/google/pprof/profile"

	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/host"
)

// TestProfile takes profiles of a server and its host processes under load.
func TestProfile(t *testing.T) {
	const rootToken = "root-token-of-this-test"
	s := start(t, runtime.ServerConfig{Control: "127.0.0.1:0", Config: runtime.Config{
		RootToken: rootToken, Containment: runtime.ContainmentProcess, Hosts: host.Options{Hosts: 1, NoSandbox: raceEnabled},
	}})
	deploy(t, s.Runtime, "busy", `export default { fetch() { for (let i = 0; i < 1e5; i++); return new Response("done") } }`)
	ask := func(path, token string) (int, []byte) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+s.ControlAddr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, body
	}
	for _, refused := range []struct {
		path, token string
		status      int
	}{
		{"/debug/pprof/profile", "wrong", 401}, {"/debug/pprof/nothing", rootToken, 404},
		{"/debug/pprof/heap?seconds=x", rootToken, 400}, {"/debug/pprof/heap?seconds=1e9", rootToken, 400},
	} {
		if status, body := ask(refused.path, refused.token); status != refused.status {
			t.Errorf("%s: %d %s", refused.path, status, body)
		}
	}

	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				get(t, s, "busy", "/")
			}
		}
	}()
	// samples counts those of a profile by process.
	samples := func(path, unit string) map[string]int {
		t.Helper()
		status, body := ask(path, rootToken)
		if status != 200 {
			t.Fatalf("%s: %d %s", path, status, body)
		}
		p, err := profile.ParseData(body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if !slices.ContainsFunc(p.SampleType, func(v *profile.ValueType) bool { return v.Unit == unit }) {
			t.Errorf("%s: sample types %v", path, p.SampleType)
		}
		from := map[string]int{}
		for _, sample := range p.Sample {
			from[sample.Label["process"][0]]++
		}
		return from
	}
	for _, of := range []struct {
		path, unit string
		from       []string // processes that must have samples
	}{
		{"/debug/pprof/heap", "bytes", []string{"server", "host"}}, {"/debug/pprof/goroutine", "count", []string{"server", "host"}},
		{"/debug/pprof/allocs?seconds=0.1", "bytes", []string{"host"}}, {"/debug/pprof/block?seconds=0.1", "nanoseconds", []string{"server", "host"}},
		{"/debug/pprof/mutex?seconds=0.01", "nanoseconds", nil}, // there may be no contention
	} {
		from := samples(of.path, of.unit)
		for _, process := range of.from {
			if from[process] == 0 {
				t.Errorf("%s: samples of %v", of.path, from)
			}
		}
	}
	// A machine that is busy otherwise may give the host no time at first.
	for from := map[string]int{}; from["host"] == 0; {
		from = samples("/debug/pprof/profile?seconds=0.2", "nanoseconds")
	}
	close(stop)
	<-stopped
}
