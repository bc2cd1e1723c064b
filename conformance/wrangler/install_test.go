package wrangler

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A release is a version of wrangler with the least major version of Node it runs on.
type release struct {
	version string
	node    int
}

var releases = []release{{"4.86.0", 20}, {"4.164.0", 22}}

// nodePackage has the program of Node for the platform that ends its name; it is used
// where the Node that is installed is too old.
const nodePackage, nodeVersion = "node-", "22.23.5"

// skip skips a test that lacks something, unless everything is required.
func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	if required() {
		t.Fatalf("MAYFLY_REQUIRE_NPM=1, but "+format, args...)
	}
	t.Skipf(format, args...)
}

func required() bool { return os.Getenv("MAYFLY_REQUIRE_NPM") == "1" }

// install returns the directories of wrangler's program and, if it is not the one that
// is installed already, of Node's.
func (r release) install(t *testing.T) (path string) {
	t.Helper()
	packages := []string{"wrangler@" + r.version}
	dir := os.Getenv("MAYFLY_WRANGLER_DIR")
	if dir == "" {
		dir = t.TempDir()
	}
	dir = filepath.Join(dir, r.version)
	path = filepath.Join(dir, "node_modules", ".bin")
	if installedNode() < r.node {
		name := nodePackage + runtime.GOOS + "-" + strings.ReplaceAll(runtime.GOARCH, "amd64", "x64")
		packages = append(packages, name+"@"+nodeVersion)
		path += string(os.PathListSeparator) + filepath.Join(dir, "node_modules", name, "bin")
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", ".bin", "wrangler")); err == nil {
		return path
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"private":true}`), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", append([]string{"install", "--no-audit", "--no-fund", "--ignore-scripts"}, packages...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		skip(t, "%s cannot be installed from npm: %v\n%s", strings.Join(packages, " and "), err, out)
	}
	return path
}

// installedNode returns the major version of Node, 0 for none.
func installedNode() int {
	out, err := exec.Command("node", "--version").Output()
	if err != nil {
		return 0
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(string(out), "v"), ".")
	n, _ := strconv.Atoi(major) // what is no number is no Node
	return n
}

// buildServer builds the server's program.
func buildServer(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "mayfly")
	if out, err := exec.Command("go", "build", "-o", program, "github.com/mayfly-edge/mayfly/cmd/mayfly").CombinedOutput(); err != nil {
		t.Fatal(fmt.Errorf("go build: %w\n%s", err, out))
	}
	return program
}
