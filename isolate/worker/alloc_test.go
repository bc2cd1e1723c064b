//go:build unix

package worker_test

import (
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// TestAllocations bounds what a request costs, in an isolate that is there and in one made
// for it. Most of the time of either is making objects.
func TestAllocations(t *testing.T) {
	for _, c := range []struct {
		name, code     string
		warm, pristine float64
	}{
		{"hello", helloWorker, 17, 150},
		{"headers", headersWorker, 230, 1200},
		{"jwt", jwtWorker, 660, 2450},
		{"pairs", `export default { fetch(request) { let n = 0; for (const [name, value] of request.headers) n += name.length + value.length; return new Response(n) } }`, 110, 620},
		{"base64", `export default { fetch() { return new Response(Uint8Array.from(atob("` + strings.Repeat("AAEC", 100) + `"), (c) => c.charCodeAt(0))) } }`, 55, 850},
	} {
		t.Run(c.name, func(t *testing.T) {
			dog := isolate.NewWatchdog()
			defer dog.Close()
			program, spec, event := compile(t, module(c.code)), &worker.Spec{}, worker.Event{Outside: &stage{}}
			load := func() *worker.Worker {
				w, err := worker.Load(program, spec, worker.Options{Watchdog: dog})
				if err != nil {
					t.Fatal(err)
				}
				return w
			}
			fetch := func(w *worker.Worker) {
				if _, err := w.Fetch(event, benchmarkRequest()); err != nil {
					t.Fatal(err)
				}
			}
			w := load()
			defer w.Close()
			if n := testing.AllocsPerRun(20, func() { fetch(w) }); n > c.warm {
				t.Errorf("a request makes %v allocations, want at most %v", n, c.warm)
			}
			if n := testing.AllocsPerRun(20, func() {
				w := load()
				fetch(w)
				w.Close()
			}); n > c.pristine {
				t.Errorf("an isolate and a request make %v allocations, want at most %v", n, c.pristine)
			}
		})
	}
}
