package wrangler

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	token = "mayfly_token_of_the_wrangler_test"
	// patience is how long a command may take before the test gives up on it.
	patience = 2 * time.Minute
)

// A server is a running Mayfly.
type server struct {
	listen, control string // host:port
}

// startServer starts a server that ends with the test.
func startServer(t *testing.T, program string) *server {
	t.Helper()
	dir := t.TempDir()
	ready := filepath.Join(dir, "ready")
	cmd := exec.Command(program, "serve", "--data", filepath.Join(dir, "data"), "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--ready-file", ready)
	cmd.Env = append(os.Environ(), "MAYFLY_TOKEN="+token)
	out := &output{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // stopped by the test
		close(done)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // if it still runs
		<-done
		if t.Failed() {
			t.Logf("the server wrote:\n%s", out)
		}
	})
	var at struct{ Listen, Control string }
	until(t, "the server is ready", func() bool {
		text, err := os.ReadFile(ready)
		return err == nil && json.Unmarshal(text, &at) == nil
	})
	return &server{at.Listen, at.Control}
}

// until waits for a condition.
func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	end := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ; !cond(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("gave up waiting until %s", what)
		}
	}
}

// viewers is how many tails are connected, from the server's metrics.
func (s *server) viewers(t *testing.T) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+s.control+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^mayfly_tail_viewers (\d+)`).FindSubmatch(text)
	if m == nil {
		t.Fatalf("no mayfly_tail_viewers in the metrics: %s", text)
	}
	return string(m[1])
}

// output collects what a process writes while it runs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// A play runs a script in a project's folder.
type play struct {
	t          *testing.T
	server     *server
	file       string
	dir        string
	env        []string
	names      [][2]string // what was set, <NAME>, and its value
	last       string      // what the last command has printed
	pending    string      // the same, not yet in the transcript: a name may yet be set for something in it
	transcript strings.Builder
}

// newPlay returns a play of a script in a folder of its own. path is where wrangler is.
func newPlay(t *testing.T, s *server, path, file string) *play {
	home := t.TempDir()
	bin, _, _ := strings.Cut(path, string(os.PathListSeparator))
	return &play{t: t, server: s, file: file, dir: t.TempDir(), env: []string{
		"PATH=" + path + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + home, "XDG_CONFIG_HOME=" + home,
		"NO_COLOR=1", "FORCE_COLOR=0", "CI=1", "TERM=dumb", "TZ=UTC", "no_proxy=*", "NO_PROXY=*",
		"NODE_COMPILE_CACHE=" + filepath.Join(bin, "..", ".compiled"), // of Node 22, which starts faster by it
		"WRANGLER_SEND_METRICS=false", "WRANGLER_HIDE_BANNER=true", "WRANGLER_LOG_SANITIZE=false",
		"CLOUDFLARE_API_BASE_URL=http://" + s.control + "/client/v4", "CLOUDFLARE_API_TOKEN=" + token, "CLOUDFLARE_ACCOUNT_ID=default",
	}}
}

// real puts the values of names and the server's addresses into text of a script.
func (p *play) real(text string) string {
	for _, n := range p.names {
		text = strings.ReplaceAll(text, n[0], n[1])
	}
	return strings.NewReplacer(":8787", port(p.server.listen), ":8788", port(p.server.control)).Replace(text)
}

// shown is the opposite of real.
func (p *play) shown(text string) string {
	for _, n := range p.names {
		text = strings.ReplaceAll(text, n[1], n[0])
	}
	text = strings.ReplaceAll(text, p.dir, "/project")
	return strings.NewReplacer(port(p.server.listen), ":8787", port(p.server.control), ":8788").Replace(text)
}

// port is the end of an address, with its colon.
func port(address string) string { return address[strings.LastIndexByte(address, ':'):] }

func (p *play) fatal(s step, format string, args ...any) {
	p.t.Helper()
	p.t.Fatalf("%s:%d: %s: "+format, append([]any{p.file, s.line, s.rest}, args...)...)
}

// play takes a step.
func (p *play) play(s step) {
	p.t.Helper()
	if s.verb != "want" && s.verb != "set" {
		p.flush()
	}
	switch s.verb {
	case "", "#":
		p.transcript.WriteString(strings.TrimSuffix(s.verb+" "+s.rest, " ") + "\n")
	case "$", "!":
		ctx, cancel := context.WithTimeout(p.t.Context(), patience)
		defer cancel()
		out, err := p.shell(ctx, s.rest).CombinedOutput()
		p.record(s.rest, string(out))
		if s.verb == "$" && err != nil {
			p.fatal(s, "%v\n%s", err, out)
		}
		if s.verb == "!" && err == nil {
			p.fatal(s, "it succeeds\n%s", out)
		}
	case "watch":
		p.watch(s)
	case "write":
		path := filepath.Join(p.dir, s.rest)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(p.real(strings.Join(s.body, "\n")+"\n")), 0o644); err != nil {
			p.t.Fatal(err)
		}
		p.transcript.WriteString("-- " + s.rest + " --\n" + strings.Join(s.body, "\n") + "\n")
	case "want":
		if !strings.Contains(p.last, p.real(s.rest)) {
			p.fatal(s, "it is not in\n%s", p.last)
		}
	case "set":
		name, pattern, _ := strings.Cut(s.rest, " = ")
		m := regexp.MustCompile(p.real(pattern)).FindStringSubmatch(p.last)
		if m == nil {
			p.fatal(s, "the pattern is not in\n%s", p.last)
		}
		p.names = append(p.names, [2]string{"<" + name + ">", m[1]})
		// What begins like another value must not be taken for it.
		slices.SortStableFunc(p.names, func(a, b [2]string) int { return len(b[1]) - len(a[1]) })
	}
}

func (p *play) shell(ctx context.Context, command string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "sh", "-c", p.real(command))
	cmd.Dir, cmd.Env = p.dir, p.env
	return cmd
}

// record adds a command and what it has printed to the transcript.
func (p *play) record(command, out string) {
	p.flush()
	p.last = noise[0].pattern.ReplaceAllString(out, "")
	p.pending = out
	p.transcript.WriteString("$ " + command + "\n")
	p.t.Logf("$ %s\n%s", command, out)
}

// flush writes to the transcript what is pending.
func (p *play) flush() {
	if out := clean(p.shown(p.pending)); out != "" {
		p.transcript.WriteString(out + "\n")
	}
	p.pending = ""
}

// watch runs wrangler tail while the commands below it are run.
func (p *play) watch(s step) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	out := &output{}
	cmd := p.shell(ctx, "exec "+s.rest) // exec: the interrupt is for wrangler, not for the shell
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // interrupted, so its status says nothing
		close(ended)
	}()
	defer func() {
		cancel()
		<-ended
	}()
	running := func(what string, cond func() bool) {
		until(p.t, what, func() bool {
			select {
			case <-ended:
				p.fatal(s, "it has ended:\n%s", out)
			default:
			}
			return cond()
		})
	}
	running("the tail is connected", func() bool { return p.server.viewers(p.t) == "1" })
	for _, line := range s.body {
		if text, ok := strings.CutPrefix(line, "until "); ok {
			running("the tail shows "+text, func() bool { return strings.Contains(out.String(), p.real(text)) })
			continue
		}
		if text, err := p.shell(ctx, line).CombinedOutput(); err != nil {
			p.fatal(s, "%s: %v\n%s", line, err, text)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	<-ended
	until(p.t, "the server has noticed", func() bool { return p.server.viewers(p.t) == "0" })
	p.record(s.rest, out.String())
	for _, line := range s.body {
		if !strings.HasPrefix(line, "until ") {
			p.transcript.WriteString("  (meanwhile: " + line + ")\n")
		}
	}
}
