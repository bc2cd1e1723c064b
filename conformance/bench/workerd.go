package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mayfly-edge/mayfly/conformance/npm"
)

// startWorkerd runs one workerd with a service and a socket for each worker.
func startWorkerd(ctx context.Context, b *bench, r *running, list []workload) error {
	dir, err := b.npm.Install(ctx, "workerd@"+workerdVersion)
	if err != nil {
		return err
	}
	binaries, err := filepath.Glob(filepath.Join(dir, "node_modules/@cloudflare/workerd-*/bin/workerd"))
	if err != nil || len(binaries) == 0 {
		return fmt.Errorf("%w: the npm package has no workerd for this machine", npm.ErrAbsent)
	}
	home, err := os.MkdirTemp(b.dir, "workerd-")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(home, "kernel.wasm"), kernel(), 0o644); err != nil {
		return err
	}
	var services, sockets strings.Builder
	ways := map[string][]endpoint{}
	var last endpoint
	for _, w := range list {
		for _, one := range w.scripts() {
			addr, err := b.ports.free()
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(home, one.name+".js"), []byte(one.code), 0o644); err != nil {
				return err
			}
			modules := fmt.Sprintf(`(name = "index.js", esModule = embed "%s.js")`, one.name)
			if w.kernel {
				modules += `, (name = "kernel.wasm", wasm = embed "kernel.wasm")`
			}
			fmt.Fprintf(&services, "\t\t(name = %q, worker = (modules = [%s], compatibilityDate = \"2026-01-01\")),\n", one.name, modules)
			fmt.Fprintf(&sockets, "\t\t(name = %q, address = %q, http = (), service = %q),\n", one.name, addr, one.name)
			last = newEndpoint(addr, "", &w)
			ways[w.name] = append(ways[w.name], last)
		}
	}
	// The network as workers see it has the bench's origin, which is on this machine.
	config := "using Workerd = import \"/workerd/workerd.capnp\";\nconst config :Workerd.Config = (\n\tservices = [\n" +
		"\t\t(name = \"internet\", network = (allow = [\"public\", \"private\", \"local\"])),\n" +
		services.String() + "\t],\n\tsockets = [\n" + sockets.String() + "\t],\n);\n"
	file := filepath.Join(home, "config.capnp")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		return err
	}
	p, err := b.start(nil, binaries[0], "serve", file)
	if err != nil {
		return err
	}
	r.procs = append(r.procs, p)
	for _, w := range list {
		r.reach(&w, p, ways[w.name]...)
	}
	return p.Ready(ctx, answering(ctx, last))
}
