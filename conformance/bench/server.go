package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mayfly-edge/mayfly/conformance/process"
	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// A server can be started with workloads. start gives up with errAbsent if the server is
// not to be had here.
type server struct {
	name  string
	start func(ctx context.Context, b *bench) (*running, error)
}

// servers are those that can be measured, in the order of the tables.
var servers = []server{
	{"fasthttp", startFasthttp},
	{"mayfly", startMayfly},
	{"workerd", startWorkerd},
	{"miniflare", startMiniflare},
}

// A running server answers some of the workloads.
type running struct {
	name string
	*process.Process
	endpoints map[string]endpoint // by workload
}

// startFasthttp runs this program again as a bare fasthttp server.
func startFasthttp(ctx context.Context, b *bench) (*running, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	addr, err := process.FreeAddr()
	if err != nil {
		return nil, err
	}
	p, err := process.Start(nil, self, "-serve-fasthttp", addr)
	if err != nil {
		return nil, err
	}
	r := &running{name: "fasthttp", Process: p, endpoints: map[string]endpoint{}}
	for _, w := range b.workloads {
		path := w.path
		if w.kv {
			path = "/kilobyte"
		}
		r.endpoints[w.name] = endpoint{addr: addr, host: addr, path: path, want: w.want}
	}
	return r, p.Ready(ctx, process.Listening(addr))
}

// startMayfly runs the binary with a store of its own and deploys the workloads to it.
func startMayfly(ctx context.Context, b *bench) (*running, error) {
	dir, err := os.MkdirTemp(b.dir, "mayfly-")
	if err != nil {
		return nil, err
	}
	m, err := runMayfly(ctx, b, dir)
	if err != nil {
		return nil, err
	}
	defer m.API.Client.CloseIdleConnections()
	r := &running{name: "mayfly", Process: m.Process, endpoints: map[string]endpoint{}}
	for _, w := range b.workloads {
		up := remote.Worker{Name: w.name, Code: w.code}
		if w.kv {
			id, err := m.API.CreateNamespace(ctx, "bench")
			if err != nil {
				return r, err
			}
			if err := m.API.Put(ctx, id, "kilobyte", []byte(kilobyte)); err != nil {
				return r, err
			}
			up.KV = map[string]string{"KV": id}
		}
		if err := m.API.Deploy(ctx, up); err != nil {
			return r, err
		}
		r.endpoints[w.name] = m.endpoint(w.name, w)
	}
	return r, nil
}

// A mayfly is a running Mayfly with its control plane.
type mayfly struct{ *process.Mayfly }

// runMayfly starts the binary on a data directory.
func runMayfly(ctx context.Context, b *bench, data string) (*mayfly, error) {
	m, err := process.StartMayfly(ctx, b.binary, data, strings.Fields(b.mayflyFlags)...)
	if err != nil {
		return nil, err
	}
	return &mayfly{m}, nil
}

func (m *mayfly) endpoint(script string, w workload) endpoint {
	return endpoint{addr: m.Addr, host: script + "." + process.Domain, path: w.path, want: w.want}
}

// startWorkerd runs workerd with a socket for each workload that needs no KV.
func startWorkerd(ctx context.Context, b *bench) (*running, error) {
	dir, err := b.npm.install(ctx, "workerd@"+workerdVersion)
	if err != nil {
		return nil, err
	}
	binaries, err := filepath.Glob(filepath.Join(dir, "node_modules/@cloudflare/workerd-*/bin/workerd"))
	if err != nil || len(binaries) == 0 {
		return nil, fmt.Errorf("%w: the npm package has no workerd for this machine", errAbsent)
	}
	home, err := os.MkdirTemp(b.dir, "workerd-")
	if err != nil {
		return nil, err
	}
	r := &running{name: "workerd", endpoints: map[string]endpoint{}}
	var services, sockets, definitions strings.Builder
	var first string
	for _, w := range b.workloads {
		if w.kv {
			continue // workerd has no store; miniflare stands in
		}
		addr, err := process.FreeAddr()
		if err != nil {
			return nil, err
		}
		if first == "" {
			first = addr
		}
		if err := os.WriteFile(filepath.Join(home, w.name+".js"), []byte(w.code), 0o644); err != nil {
			return nil, err
		}
		fmt.Fprintf(&services, "\t\t(name = %q, worker = .%s),\n", w.name, w.name)
		fmt.Fprintf(&sockets, "\t\t(name = %q, address = %q, http = (), service = %q),\n", w.name, addr, w.name)
		fmt.Fprintf(&definitions, "const %s :Workerd.Worker = (modules = [(name = \"index.js\", esModule = embed \"%s.js\")], compatibilityDate = \"2026-01-01\");\n", w.name, w.name)
		r.endpoints[w.name] = endpoint{addr: addr, host: addr, path: w.path, want: w.want}
	}
	if first == "" {
		return nil, fmt.Errorf("%w: workerd has no KV of its own", errAbsent)
	}
	config := "using Workerd = import \"/workerd/workerd.capnp\";\nconst config :Workerd.Config = (\n\tservices = [\n" +
		services.String() + "\t],\n\tsockets = [\n" + sockets.String() + "\t],\n);\n" + definitions.String()
	file := filepath.Join(home, "config.capnp")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		return nil, err
	}
	if r.Process, err = process.Start(nil, binaries[0], "serve", file); err != nil {
		return nil, err
	}
	return r, r.Ready(ctx, process.Listening(first))
}

// miniflareScript keeps KV in memory, as wrangler dev does.
const miniflareScript = `import { Miniflare } from "miniflare";
const o = JSON.parse(process.argv[2]);
const mf = new Miniflare({ host: "127.0.0.1", port: o.port, modules: true, script: o.code, kvNamespaces: ["KV"], compatibilityDate: "2026-01-01", cf: false });
const KV = await mf.getKVNamespace("KV");
await KV.put("kilobyte", o.value);
await mf.ready;
process.on("SIGTERM", async () => { await mf.dispose(); process.exit(0) });
`

// startMiniflare runs workerd with miniflare's KV, for the workloads that need one.
func startMiniflare(ctx context.Context, b *bench) (*running, error) {
	r := &running{name: "miniflare", endpoints: map[string]endpoint{}}
	for _, w := range b.workloads {
		if !w.kv || r.Process != nil {
			continue
		}
		dir, err := b.npm.install(ctx, "miniflare@"+miniflareVersion)
		if err != nil {
			return nil, err
		}
		file := filepath.Join(dir, "serve.mjs")
		if err := os.WriteFile(file, []byte(miniflareScript), 0o644); err != nil {
			return nil, err
		}
		addr, err := process.FreeAddr()
		if err != nil {
			return nil, err
		}
		_, port, _ := strings.Cut(addr, ":")
		options, err := json.Marshal(map[string]any{"port": json.Number(port), "code": w.code, "value": kilobyte})
		if err != nil {
			return nil, err
		}
		if r.Process, err = process.Start(nil, "node", file, string(options)); err != nil {
			return nil, err
		}
		e := endpoint{addr: addr, host: addr, path: w.path, want: w.want}
		r.endpoints[w.name] = e
		err = r.Ready(ctx, func() error {
			c, err := dial(ctx, e)
			if err != nil {
				return err
			}
			defer c.close()
			return c.get()
		})
		if err != nil {
			return r, err
		}
	}
	if r.Process == nil {
		return nil, fmt.Errorf("%w: it is only measured for its KV", errAbsent)
	}
	return r, nil
}
