package worker_test

import (
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// addWasm is (module (func (export "add") (param i32 i32) (result i32) local.get 0
// local.get 1 i32.add) (func (export "spin") (loop (br 0)))).
const addWasm = "\x00asm\x01\x00\x00\x00" +
	"\x01\x0a\x02\x60\x02\x7f\x7f\x01\x7f\x60\x00\x00" +
	"\x03\x03\x02\x00\x01" +
	"\x07\x0e\x02\x03add\x00\x00\x04spin\x00\x01" +
	"\x0a\x11\x02\x07\x00\x20\x00\x20\x01\x6a\x0b\x07\x00\x03\x40\x0c\x00\x0b\x0b"

func withWasm(js string) compiler.Source {
	s := module(js)
	s.Modules = append(s.Modules, compiler.Module{Name: "./add.wasm", Kind: compiler.Wasm, Contents: []byte(addWasm)})
	return s
}

func TestWasm(t *testing.T) {
	for _, c := range []struct {
		name string
		src  compiler.Source
		want string // of the body, or of the error
	}{
		{"imported module", withWasm(`import add from "./add.wasm"; const {exports} = new WebAssembly.Instance(add);
			export default { fetch() { return new Response([add instanceof WebAssembly.Module, exports.add(40, 2)].join()) } }`), "true,42"},
		{"instantiate", withWasm(`import add from "./add.wasm";
			export default { async fetch() { return new Response((await WebAssembly.instantiate(add)).exports.add(1, 2)) } }`), "3"},
		{"binding of a service worker", classic(`const {exports} = new WebAssembly.Instance(ADD); addEventListener("fetch", e => e.respondWith(new Response(exports.add(2, 2))))`), "4"},
		{"compiling bytes", withWasm(`export default { async fetch() { return new Response(await WebAssembly.compile(new Uint8Array(8)).catch(e => e.name + ": " + e.message)) } }`),
			"CompileError: WebAssembly.compile(): Wasm code generation disallowed by embedder"},
		{"CPU limit", withWasm(`import add from "./add.wasm"; const {exports} = new WebAssembly.Instance(add);
			export default { fetch() { try { exports.spin() } catch {} return new Response("went on") } }`), "CPU time limit exceeded: the limit is 50ms"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := load(t, c.src, worker.Spec{
				Data:     map[string][]byte{"./add.wasm": []byte(addWasm)},
				Bindings: []worker.Binding{{Name: "ADD", Kind: worker.Wasm, Value: []byte(addWasm)}},
			})
			out := &world{}
			res, err := w.Fetch(worker.Event{Outside: out}, &outside.Request{Method: "GET", URL: "https://h.example/"})
			if err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Fatal(err)
				}
				if len(out.reports) != 1 || out.reports[0].Outcome != outside.OutcomeExceededCPU {
					t.Errorf("reports %+v", out.reports)
				}
				return
			}
			if got := string(res.Body.Bytes); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
