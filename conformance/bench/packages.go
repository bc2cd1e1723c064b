package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// What is fetched from npm. miniflare is the newest for Node 20.
const (
	workerdVersion   = "1.20261117.1"
	miniflareVersion = "4.20260426.0"
	denoVersion      = "2.9.6"
)

// errAbsent says that something to measure is not on this machine.
var errAbsent = errors.New("not available")

// packages installs npm packages into folders of a cache, one folder for each.
type packages struct {
	dir string
}

func newPackages() (*packages, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	return &packages{dir: filepath.Join(cache, "mayfly-bench")}, nil
}

// install returns the folder in whose node_modules the packages are, each given as
// NAME@VERSION. The error wraps errAbsent if there is no npm.
func (p *packages) install(ctx context.Context, specs ...string) (string, error) {
	spec := strings.Join(specs, " ")
	dir := filepath.Join(p.dir, strings.NewReplacer("/", "-", " ", "+").Replace(spec))
	done := filepath.Join(dir, "installed")
	if _, err := os.Stat(done); err == nil {
		return dir, nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", fmt.Errorf("%w: %s needs npm, which is not installed", errAbsent, spec)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte("{\"private\":true}\n"), 0o644); err != nil {
		return "", err
	}
	fmt.Fprintf(os.Stderr, "installing %s from npm into %s\n", spec, dir)
	cmd := exec.CommandContext(ctx, npm, append([]string{"install", "--no-audit", "--no-fund", "--ignore-scripts"}, specs...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm install %s: %w\n%s", spec, err, out)
	}
	return dir, os.WriteFile(done, nil, 0o644)
}
