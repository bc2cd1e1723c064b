package wrangler

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
	"github.com/mayfly-edge/mayfly/runtime/control"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

const (
	defaultVersion = "4.86.0"
	testToken      = "wrangler-test-root-token"
)

// A rig is a control plane, an installed wrangler and a project folder.
type rig struct {
	t     *testing.T
	bin   string // wrangler's program
	url   string // of the control plane
	token string
	home  string
	dir   string        // the project
	store *script.Store // nil for a server outside
}

func newRig(t *testing.T, bin string) *rig {
	r := &rig{t: t, bin: bin, home: t.TempDir(), dir: t.TempDir()}
	if r.url, r.token = os.Getenv("MAYFLY_CONTROL"), os.Getenv("MAYFLY_TOKEN"); r.url == "" {
		r.serve()
	}
	return r
}

// install returns wrangler's program, installing it when need be.
func install(t *testing.T) string {
	t.Helper()
	required := os.Getenv("MAYFLY_REQUIRE_NPM") == "1"
	if testing.Short() && !required {
		t.Skip("wrangler is not run with -short")
	}
	if dir := os.Getenv("MAYFLY_WRANGLER_DIR"); dir != "" {
		return filepath.Join(dir, "node_modules", ".bin", "wrangler")
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		if required {
			t.Fatal("npm is not installed, and MAYFLY_REQUIRE_NPM=1 asks for it")
		}
		t.Skip("npm is not installed")
	}
	version := os.Getenv("MAYFLY_WRANGLER_VERSION")
	if version == "" {
		version = defaultVersion
	}
	dir := t.TempDir()
	write(t, dir, "package.json", `{"private":true}`)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "wrangler@"+version)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		if required {
			t.Fatalf("npm install: %v\n%s", err, out)
		}
		t.Skipf("wrangler cannot be installed from npm: %v", err)
	}
	return filepath.Join(dir, "node_modules", ".bin", "wrangler")
}

// accept is a validator for which every worker is right.
type accept struct{}

func (accept) Validate(_ context.Context, v *script.Version) (control.Validation, error) {
	if main := v.Module(v.Main); bytes.Contains(main.Content, []byte("BROKEN")) {
		return control.Validation{}, script.Errorf(script.StartupFailed, "Uncaught Error: boom\n  at index.js:1:7")
	}
	return control.Validation{StartupTime: 2 * time.Millisecond, Handlers: []string{"fetch"}}, nil
}

// oneItem is a tail with one item.
type oneItem struct{}

func (oneItem) Check(json.RawMessage) error { return nil }

func (oneItem) Watch(ctx context.Context, q control.TailQuery, send func([]byte) error) error {
	err := send([]byte(`{"outcome":"ok","scriptName":"` + q.Script + `","eventTimestamp":1795397008700,"exceptions":[],` +
		`"logs":[{"level":"log","message":["hello from the tail",{"a":1}],"timestamp":1795397008700}],` +
		`"event":{"request":{"url":"https://h/x","method":"GET","headers":{},"cf":{}},"response":{"status":200}}}`))
	<-ctx.Done()
	return err
}

// serve starts a control plane on a free port.
func (r *rig) serve() {
	t := r.t
	t.Helper()
	db, err := kv.Open(kv.Options{InMemory: true, Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	key, err := script.NewKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if r.store, err = script.Open(db, key, nil); err != nil {
		t.Fatal(err)
	}
	if err := r.store.SetRootToken(testToken); err != nil {
		t.Fatal(err)
	}
	c, err := control.New(control.Options{Store: r.store, KV: db, Validator: accept{}, Tails: oneItem{}, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Address: func(name string) string { return "http://" + name + ".localhost:8787" }})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- c.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := c.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		db.Close()
	})
	r.url, r.token = "http://"+l.Addr().String(), testToken
}

// run runs wrangler with stdin and returns what it printed.
func (r *rig) run(stdin string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(r.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := r.command(ctx, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// until runs wrangler until it prints want, and then interrupts it as a person would.
func (r *rig) until(want string, args ...string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := r.command(ctx, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	var seen strings.Builder
	buf := make([]byte, 4096)
	found := false
	for err == nil {
		var n int
		n, err = out.Read(buf)
		seen.Write(buf[:n])
		if !found && strings.Contains(seen.String(), want) {
			found = true
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				r.t.Error(err)
			}
		}
	}
	_ = cmd.Wait() // interrupted, so its status says nothing
	r.t.Logf("$ wrangler %s\n%s", strings.Join(args, " "), seen.String())
	if !found {
		r.t.Errorf("wrangler %s does not print %q", strings.Join(args, " "), want)
	}
}

func (r *rig) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, r.bin, args...)
	cmd.Dir = r.dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + r.home, "XDG_CONFIG_HOME=" + r.home, "NO_COLOR=1", "FORCE_COLOR=0", "CI=1", "TERM=dumb",
		"WRANGLER_SEND_METRICS=false", "WRANGLER_HIDE_BANNER=true", "WRANGLER_LOG_SANITIZE=false",
		"CLOUDFLARE_API_BASE_URL=" + r.url + "/client/v4", "CLOUDFLARE_API_TOKEN=" + r.token, "CLOUDFLARE_ACCOUNT_ID=default",
	}
	return cmd
}

// ok runs wrangler, which must succeed and print all of want.
func (r *rig) ok(args []string, want ...string) string {
	r.t.Helper()
	return r.okWith("", args, want...)
}

func (r *rig) okWith(stdin string, args []string, want ...string) string {
	r.t.Helper()
	out, err := r.run(stdin, args...)
	r.t.Logf("$ wrangler %s\n%s", strings.Join(args, " "), out)
	if err != nil {
		r.t.Fatalf("wrangler %s: %v", strings.Join(args, " "), err)
	}
	for _, w := range want {
		if !strings.Contains(out, w) {
			r.t.Errorf("wrangler %s does not print %q", strings.Join(args, " "), w)
		}
	}
	return out
}

// fails runs wrangler, which must fail and print all of want.
func (r *rig) fails(args []string, want ...string) {
	r.t.Helper()
	out, err := r.run("", args...)
	r.t.Logf("$ wrangler %s\n%s", strings.Join(args, " "), out)
	if err == nil {
		r.t.Fatalf("wrangler %s succeeds", strings.Join(args, " "))
	}
	for _, w := range want {
		if !strings.Contains(out, w) {
			r.t.Errorf("wrangler %s does not print %q", strings.Join(args, " "), w)
		}
	}
}

func (r *rig) write(name, content string) { r.t.Helper(); write(r.t, r.dir, name, content) }

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// find returns the first group of a pattern in text.
func (r *rig) find(text, pattern string) string {
	r.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		r.t.Fatalf("%q is not in:\n%s", pattern, text)
	}
	return m[1]
}
