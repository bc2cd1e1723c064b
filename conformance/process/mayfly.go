package process

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// A Mayfly is a running Mayfly with its control plane.
type Mayfly struct {
	*Process
	Addr    string // where workers answer
	Control string // where the control plane does
	API     remote.Server
}

// Token is the root token of every Mayfly started here.
const Token = "root-token-of-a-server-on-the-loopback-interface"

// Domain is the suffix of workers' hosts.
const Domain = "localhost"

// Build builds the binary in dir and returns its path. Released makes it one without C,
// whose sandbox has all its parts; tests do without, since the other is built for them anyway.
func Build(ctx context.Context, dir string, released bool) (string, error) {
	binary := filepath.Join(dir, "mayfly")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/mayfly-edge/mayfly/cmd/mayfly")
	if released {
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
	}
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
}

// StartMayfly starts the binary on a data directory and waits until it is ready.
func StartMayfly(ctx context.Context, binary, data string, flags ...string) (*Mayfly, error) {
	dir, err := os.MkdirTemp("", "mayfly-ready-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ready := filepath.Join(dir, "ready")
	args := append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--domain", Domain, "--ready-file", ready}, flags...)
	p, err := Start([]string{"MAYFLY_TOKEN=" + Token}, binary, args...)
	if err != nil {
		return nil, err
	}
	var at struct{ Listen, Control string }
	err = p.Ready(ctx, func() error {
		text, err := os.ReadFile(ready)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &at)
	})
	if err != nil {
		p.Kill()
		return nil, err
	}
	return &Mayfly{
		Process: p, Addr: at.Listen, Control: at.Control,
		API: remote.Server{API: "http://" + at.Control + "/client/v4", Token: Token, Client: &http.Client{Transport: &http.Transport{}}},
	}, nil
}

// Stop ends the server, which waits for its clients to hang up.
func (m *Mayfly) Stop() {
	m.API.Client.CloseIdleConnections()
	m.Process.Stop()
}
