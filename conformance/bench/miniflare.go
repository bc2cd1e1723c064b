package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

//go:embed miniflare.mjs
var miniflareScript []byte

// startMiniflare runs workerd with miniflare's KV and assets, as wrangler dev does, for
// the workloads that need them: one process with the workerd it starts for each.
func startMiniflare(ctx context.Context, b *bench, r *running, list []workload) error {
	dir, err := b.npm.Install(ctx, "miniflare@"+miniflareVersion)
	if err != nil {
		return err
	}
	script := filepath.Join(dir, "serve.mjs")
	if err := os.WriteFile(script, miniflareScript, 0o644); err != nil {
		return err
	}
	home, err := os.MkdirTemp(b.dir, "miniflare-")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(home, asset.path), []byte(asset.text), 0o644); err != nil {
		return err
	}
	for _, w := range list {
		addr, err := b.ports.free()
		if err != nil {
			return err
		}
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			return err
		}
		options := map[string]any{"port": json.Number(port), "code": w.code, "stored": stored}
		if w.needs&needAssets != 0 {
			options = map[string]any{"port": json.Number(port), "assets": home}
		}
		text, err := json.Marshal(options)
		if err != nil {
			return err
		}
		p, err := b.start(nil, "node", script, string(text))
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
