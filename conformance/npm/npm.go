// Package npm gets what Mayfly is compared with from the npm registry.
package npm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Miniflare is the version of miniflare to compare with, the newest for Node 20.
const Miniflare = "4.20260426.0"

// ErrAbsent says that what is asked for is not to be had on this machine.
var ErrAbsent = errors.New("not available")

// A Cache is a directory with a folder for each set of packages.
type Cache struct{ dir string }

// UserCache is the cache of the user who runs the program.
func UserCache() (*Cache, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	return &Cache{dir: filepath.Join(cache, "mayfly-bench")}, nil
}

// Install returns the folder in whose node_modules the packages are, each given as
// NAME@VERSION, and installs them there first if need be. The error wraps ErrAbsent if there is no npm.
func (p *Cache) Install(ctx context.Context, specs ...string) (string, error) {
	spec := strings.Join(specs, " ")
	dir := filepath.Join(p.dir, strings.NewReplacer("/", "-", " ", "+").Replace(spec))
	done := filepath.Join(dir, "installed")
	if _, err := os.Stat(done); err == nil {
		return dir, nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", fmt.Errorf("%w: %s needs npm, which is not installed", ErrAbsent, spec)
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
