package host_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/host/hosttest"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// The test binary is the host process of its tests.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == host.Command {
		os.Exit(host.Main())
	}
	if len(os.Args) > 2 && os.Args[1] == host.ProbeCommand {
		os.Exit(host.Probe(os.Args[2] == "true"))
	}
	os.Exit(m.Run())
}

// newProcess starts children that end with the test.
func newProcess(t testing.TB, o host.Options) *host.Process {
	t.Helper()
	o.NoSandbox = o.NoSandbox || raceEnabled // which needs more address space than is granted
	if o.Log == nil && testing.Verbose() {
		o.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	p, err := host.NewProcess(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func TestInProcess(t *testing.T) {
	hosttest.Run(t, func(t *testing.T) host.Host {
		h := host.NewInProcess(pool.Options{})
		t.Cleanup(h.Close)
		return h
	})
}

func TestProcess(t *testing.T) {
	hosttest.Run(t, func(t *testing.T) host.Host { return newProcess(t, host.Options{Hosts: 2}) })
}
