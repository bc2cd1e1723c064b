package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/mayfly-edge/mayfly/conformance/npm"
)

// denoKernel stands in for kernel.wasm, which Workers import as a module to be made an
// instance of, and Deno as an instance.
const denoKernel = `export default new WebAssembly.Module(Deno.readFileSync(new URL("./kernel.wasm", import.meta.url)));
`

// startDeno runs a Deno for each worker: it serves one at a time.
func startDeno(ctx context.Context, b *bench, r *running, list []workload) error {
	dir, err := b.npm.Install(ctx, "deno@"+denoVersion)
	if err != nil {
		return err
	}
	binaries, err := filepath.Glob(filepath.Join(dir, "node_modules/@deno/*/deno"))
	if err != nil || len(binaries) == 0 {
		return fmt.Errorf("%w: the npm package has no Deno for this machine", npm.ErrAbsent)
	}
	home, err := os.MkdirTemp(b.dir, "deno-")
	if err != nil {
		return err
	}
	files := map[string]string{
		"kernel.wasm": string(kernel()), "kernel.js": denoKernel,
		"imports.json": `{"imports":{"./kernel.wasm":"./kernel.js"}}`,
	}
	for _, w := range list {
		files[w.name+".mjs"] = w.code
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	env := []string{"DENO_DIR=" + filepath.Join(home, "cache"), "DENO_NO_UPDATE_CHECK=1", "DENO_NO_PROMPT=1", "NO_COLOR=1"}
	for _, w := range list {
		addr, err := b.ports.free()
		if err != nil {
			return err
		}
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			return err
		}
		p, err := b.start(env, binaries[0], "serve", "--no-config", "--no-lock", "--import-map="+filepath.Join(home, "imports.json"),
			"--allow-net=127.0.0.1", "--allow-read="+home, "--host=127.0.0.1", "--port="+port, filepath.Join(home, w.name+".mjs"))
		if err != nil {
			return err
		}
		r.procs = append(r.procs, p)
		e := newEndpoint(addr, "", &w)
		r.reach(&w, p, e)
		if err := p.Ready(ctx, answering(ctx, e)); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return nil
}
