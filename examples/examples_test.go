package examples

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take before the test gives up on it.
const patience = 2 * time.Minute

// token is the root token of the servers under test.
const token = "mayfly_token_of_the_transcripts"

func TestTranscripts(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl, which the transcripts use, is not installed")
	}
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "mayfly"), "github.com/mayfly-edge/mayfly/cmd/mayfly")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	readmes, err := filepath.Glob("*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(readmes) < 6 {
		t.Fatalf("only %d examples have a README", len(readmes))
	}
	for _, readme := range readmes {
		name := filepath.Dir(readme)
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(readme)
			if err != nil {
				t.Fatal(err)
			}
			steps, err := parseTranscript(string(text))
			if err != nil {
				t.Fatalf("%s: %v", readme, err)
			}
			if len(steps) == 0 {
				t.Skip("the README has no transcript")
			}
			r := newReplay(t, bin)
			for _, s := range steps {
				r.play(s)
			}
			r.finish()
		})
	}
}

// A replay runs the commands of one transcript in a folder that has copies of the
// examples in examples/, as the repository does.
type replay struct {
	t     *testing.T
	dir   string
	env   []string
	ports [][2]string // as the transcript has them, and as they are
	bg    []*background
}

// A background is a server that a transcript has started.
type background struct {
	step *step
	cmd  *exec.Cmd
	out  bytes.Buffer // complete when done is closed
	done chan struct{}
	err  error // of the process, when done is closed
}

func newReplay(t *testing.T, bin string) *replay {
	r := &replay{t: t, dir: t.TempDir()}
	copyExamples(t, filepath.Join(r.dir, "examples"))
	r.env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "MAYFLY_TOKEN="+token,
		"XDG_CONFIG_HOME="+filepath.Join(r.dir, "config"), "no_proxy=*", "NO_PROXY=*")
	t.Cleanup(r.kill)
	return r
}

// copyExamples copies what is not made by running an example.
func copyExamples(t *testing.T, to string) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == "node_modules" || d.Name() == ".mayfly" {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, path), 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, path), text, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r *replay) play(s *step) {
	r.t.Helper()
	switch {
	case strings.HasPrefix(s.command, "npm "):
		r.npm(s)
	case strings.HasPrefix(s.command, "mayfly dev"), strings.HasPrefix(s.command, "mayfly serve"):
		r.start(s)
	default:
		out, err := r.run(s.command)
		if err != nil {
			r.t.Fatalf("README.md:%d: %s: %v\n%s", s.line, s.command, err, out)
		}
		r.compare(s, out)
	}
}

// npm runs a command of npm, which needs the network.
func (r *replay) npm(s *step) {
	required := os.Getenv("MAYFLY_REQUIRE_NPM") == "1"
	out, err := r.run(s.command)
	switch {
	case err == nil:
		r.compare(s, out)
	case required:
		r.t.Fatalf("README.md:%d: %s: %v\n%s", s.line, s.command, err, out)
	default:
		r.t.Skipf("npm is not installed or cannot reach its registry (MAYFLY_REQUIRE_NPM=1 makes this a failure): %v\n%s", err, out)
	}
}

// run runs a command to its end and returns what it writes.
func (r *replay) run(command string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", r.rewrite(command))
	cmd.Dir, cmd.Env = r.dir, r.env
	if strings.HasPrefix(command, "curl ") {
		// Its progress meter is for terminals.
		cmd.Args[2] = "curl -sS" + strings.TrimPrefix(cmd.Args[2], "curl")
	}
	out, err := cmd.CombinedOutput()
	return strings.ReplaceAll(string(out), "\r\n", "\n"), err
}

var portFlag = regexp.MustCompile(` --port (\d+)`)
var addressFlag = regexp.MustCompile(` --(listen|control) (127\.0\.0\.1):(\d+)`)

// start starts a server on ports of the system's choice and waits until it answers.
func (r *replay) start(s *step) {
	command := r.rewrite(s.command)
	ready := filepath.Join(r.t.TempDir(), "ready")
	data := r.t.TempDir()
	listen, control := "8787", "8788"
	if strings.HasPrefix(command, "mayfly dev") {
		if m := portFlag.FindStringSubmatch(command); m != nil {
			listen = m[1]
		}
		command = portFlag.ReplaceAllString(command, "") + " --port 0 --persist-to " + data
	} else {
		for _, m := range addressFlag.FindAllStringSubmatch(command, -1) {
			if m[1] == "listen" {
				listen = m[3]
			} else {
				control = m[3]
			}
		}
		command = addressFlag.ReplaceAllString(command, "") + " --listen 127.0.0.1:0 --control 127.0.0.1:0 --data " + data
	}
	b := &background{step: s, done: make(chan struct{}), cmd: exec.Command("sh", "-c", "exec "+command+" --ready-file "+ready)}
	b.cmd.Dir, b.cmd.Env = r.dir, r.env
	b.cmd.Stdout, b.cmd.Stderr = &b.out, &b.out
	if err := b.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.bg = append(r.bg, b)
	go func() {
		b.err = b.cmd.Wait()
		close(b.done)
	}()
	for deadline := time.Now().Add(patience); ; {
		text, err := os.ReadFile(ready)
		if err == nil {
			r.learn(text, listen, control)
			return
		}
		if !errors.Is(err, fs.ErrNotExist) {
			r.t.Fatal(err)
		}
		select {
		case <-b.done:
			r.t.Fatalf("README.md:%d: %s: %v\n%s", s.line, s.command, b.err, b.out.String())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("README.md:%d: %s does not get ready", s.line, s.command)
		}
	}
}

// learn notes on which ports a server listens in truth.
func (r *replay) learn(ready []byte, listen, control string) {
	var at struct{ Listen, Control string }
	if err := json.Unmarshal(ready, &at); err != nil {
		r.t.Fatal(err)
	}
	for _, p := range [][2]string{{listen, at.Listen}, {control, at.Control}} {
		if p[1] == "" {
			continue
		}
		_, port, err := net.SplitHostPort(p[1])
		if err != nil {
			r.t.Fatal(err)
		}
		r.ports = append(r.ports, [2]string{p[0], port})
	}
}

// rewrite puts the real ports into a command.
func (r *replay) rewrite(command string) string {
	for _, p := range r.ports {
		command = strings.ReplaceAll(command, "127.0.0.1:"+p[0], "127.0.0.1:"+p[1])
	}
	return command
}

// compare compares output with what the transcript says.
func (r *replay) compare(s *step, out string) {
	r.t.Helper()
	for _, p := range r.ports {
		out = strings.ReplaceAll(out, ":"+p[1], ":"+p[0])
	}
	if !matches(s.want, lines(out)) {
		r.t.Errorf("README.md:%d: %s\nwrites\n%s\nbut the README says\n%s", s.line, s.command, out, strings.Join(s.want, "\n"))
	}
}

// finish ends the servers and compares what they have written.
func (r *replay) finish() {
	for _, b := range r.bg {
		_ = b.cmd.Process.Signal(syscall.SIGTERM)
	}
	for _, b := range r.bg {
		select {
		case <-b.done:
		case <-time.After(patience):
			r.t.Fatalf("README.md:%d: %s does not end", b.step.line, b.step.command)
		}
		if b.err != nil {
			r.t.Errorf("README.md:%d: %s: %v", b.step.line, b.step.command, b.err)
		}
		r.compare(b.step, b.out.String())
	}
	r.bg = nil
}

func (r *replay) kill() {
	for _, b := range r.bg {
		_ = b.cmd.Process.Kill()
	}
}
