package runtime_test

import (
	"testing"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// incrementWasm is (module (func (export "increment") (param i32) (result i32)
// local.get 0 i32.const 1 i32.add)).
const incrementWasm = "\x00asm\x01\x00\x00\x00" +
	"\x01\x06\x01\x60\x01\x7f\x01\x7f" +
	"\x03\x02\x01\x00" +
	"\x07\x0d\x01\x09increment\x00\x00" +
	"\x0a\x09\x01\x07\x00\x20\x00\x41\x01\x6a\x0b"

func TestWasm(t *testing.T) {
	s := newServer(t)
	file := script.Module{Name: "increment.wasm", Type: script.WasmFile, Content: []byte(incrementWasm)}
	v := modules("count", `import module from "./increment.wasm";
		const { exports } = new WebAssembly.Instance(module);
		export default { fetch(r) { return new Response(exports.increment(new URL(r.url).pathname.slice(1))) } }`)
	v.Modules = append(v.Modules, file)
	s.upload(v)
	if got, _ := s.get("count.localhost", "/41"); got != "200 42" {
		t.Errorf("imported module: %s", got)
	}
	old := &script.Version{
		Script: "old", Format: script.ServiceWorker, Main: "index.js",
		Modules:  []script.Module{{Name: "index.js", Type: script.ScriptFile, Content: []byte(`addEventListener("fetch", e => e.respondWith(new Response(new WebAssembly.Instance(INCREMENT).exports.increment(1))))`)}, file},
		Bindings: []script.Binding{{Name: "INCREMENT", Type: script.WasmModule, Part: "increment.wasm"}},
	}
	s.upload(old)
	if got, _ := s.get("old.localhost", "/"); got != "200 2" {
		t.Errorf("binding: %s", got)
	}
}
