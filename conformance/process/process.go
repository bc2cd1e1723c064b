package process

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A Process is a server with the children it starts. It does not outlive this process.
type Process struct {
	cmd    *exec.Cmd
	output tail
	exited chan struct{}
}

// Start runs a command; env is added to this process's environment. What it prints is
// kept for error messages.
func Start(env []string, name string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(name, args...), exited: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	p.cmd.SysProcAttr = dieWithParent()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

// PID is the id of the process itself.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Exited is closed when the process has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Output is the end of what the process has printed.
func (p *Process) Output() string { return p.output.String() }

// Patience is how long a server may take to start or to stop.
const Patience = 30 * time.Second

// Ready waits until check succeeds, for as long as Patience.
func (p *Process) Ready(ctx context.Context, check func() error) error {
	return p.ReadyWithin(ctx, Patience, check)
}

// ReadyWithin is Ready for a server that takes another time to start.
func (p *Process) ReadyWithin(ctx context.Context, patience time.Duration, check func() error) error {
	deadline := time.Now().Add(patience)
	for {
		err := check()
		switch {
		case err == nil:
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("%s does not answer: %w\n%s", p.cmd.Args[0], err, &p.output)
		}
		select {
		case <-p.exited:
			return fmt.Errorf("%s ended: %v\n%s", strings.Join(p.cmd.Args, " "), p.cmd.ProcessState, &p.output)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Explain adds what the process last said to an error, if the process has ended.
func (p *Process) Explain(err error) error {
	if err == nil {
		return nil
	}
	select {
	case <-p.exited:
		return fmt.Errorf("%w\nthe server has ended: %v\n%s", err, p.cmd.ProcessState, &p.output)
	default:
		return err
	}
}

// Stop ends the process, by force if need be.
func (p *Process) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(Patience):
		p.Kill()
	}
}

// Kill ends the process as a power failure does, and waits until it is gone.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// Listening is a check for Ready: something accepts connections at addr.
func Listening(addr string) func() error {
	return func() error {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if err != nil {
			return err
		}
		return c.Close()
	}
}

// FreeAddr returns an address of the loopback interface that nobody listens on now.
func FreeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// kept is how much of its output a process is remembered by.
const kept = 64 << 10

// A tail keeps the end of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if len(t.b) > kept {
		t.b = append(t.b[:0], t.b[len(t.b)-kept:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.b))
}
