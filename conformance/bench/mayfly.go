package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/mayfly-edge/mayfly/conformance/process"
	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// runMayfly starts the binary on a data directory.
func (b *bench) runMayfly(ctx context.Context, data string, flags ...string) (*process.Mayfly, error) {
	flags = append(flags, strings.Fields(b.mayflyFlags)...)
	return onCores(b.place.servers, func() (*process.Mayfly, error) { return process.StartMayfly(ctx, b.binary, data, flags...) })
}

// startMayfly runs the binary with a store of its own and deploys workloads to it.
func startMayfly(flags ...string) func(ctx context.Context, b *bench, r *running, list []workload) error {
	flags = append([]string{"--egress-allow", "127.0.0.0/8"}, flags...)
	return func(ctx context.Context, b *bench, r *running, list []workload) error {
		dir, err := os.MkdirTemp(b.dir, "mayfly-")
		if err != nil {
			return err
		}
		m, err := b.runMayfly(ctx, dir, flags...)
		if err != nil {
			return err
		}
		defer m.API.Client.CloseIdleConnections()
		r.procs, r.admin = append(r.procs, m.Process), m
		return m.Explain(deployTo(ctx, m, r, list))
	}
}

// deployTo deploys workloads.
func deployTo(ctx context.Context, m *process.Mayfly, r *running, list []workload) error {
	namespace, err := m.API.CreateNamespace(ctx, "bench")
	if err != nil {
		return err
	}
	for key, value := range stored {
		if err := m.API.Put(ctx, namespace, key, []byte(value)); err != nil {
			return err
		}
	}
	for _, w := range list {
		all := w.scripts()
		to := make([]endpoint, len(all))
		_, err := inParallel(len(all), func(i int) error {
			up := upload(&all[i])
			if w.needs&needKV != 0 {
				up.KV = map[string]string{"KV": namespace}
			}
			to[i] = scriptEndpoint(m, up.Name, &w)
			return m.API.Deploy(ctx, up)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		r.reach(&w, m.Process, to...)
	}
	return nil
}

// upload is a worker as it is deployed, but for KV.
func upload(w *workload) remote.Worker {
	up := remote.Worker{Name: w.name, Code: w.code}
	if w.kernel {
		up.Modules = []remote.Module{{Name: "kernel.wasm", Type: "application/wasm", Content: kernel()}}
	}
	if w.needs&needAssets != 0 {
		up.Assets = []remote.Asset{{Path: asset.path, Type: "text/css", Content: []byte(asset.text)}}
	}
	return up
}

func scriptEndpoint(m *process.Mayfly, script string, w *workload) endpoint {
	return newEndpoint(m.Addr, script+"."+process.Domain, w)
}
