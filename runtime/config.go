package runtime

import (
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/router"
	"github.com/mayfly-edge/mayfly/runtime/egress"
	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/ingress"
	"github.com/mayfly-edge/mayfly/runtime/trace"
)

// Config configures a Runtime. Zero is a good default for every field but Data.
type Config struct {
	// Data is the directory of the store, the key file and the root token; "" keeps
	// everything in memory.
	Data string
	// Domain is the suffix of each worker's own host, NAME.Domain. Default "localhost".
	Domain string
	// RootToken is the control plane's first token; "" uses the one kept in Data, or
	// makes one.
	RootToken string

	// CPU is the default CPU limit of a request. 0 means 50 ms.
	CPU time.Duration
	// Concurrency is how many requests may be in flight: in the server and, of them,
	// for one script. 0 means 1000 for a script and 10 times that for the server.
	Concurrency, ScriptConcurrency int
	// QueueTimeout is how long a request over the limit waits. 0 means 5 s.
	QueueTimeout time.Duration
	// Idle is how long an isolate without requests is kept. 0 means 60 s.
	Idle time.Duration
	// Pristine gives every request of every script an isolate of its own.
	Pristine bool
	// Containment says where isolates run: ContainmentNone (the default), for scripts
	// that are trusted, or ContainmentProcess.
	Containment string
	// Hosts configures the processes of ContainmentProcess.
	Hosts host.Options
	// ShowErrors puts a worker's exception on the error page. For development only.
	ShowErrors bool
	// TestEndpoints lets anybody give a worker a scheduled event by asking for
	// /cdn-cgi/handler/scheduled or /__scheduled on its host. For development only.
	TestEndpoints bool

	// EgressAllow are networks that workers may reach although they are private.
	EgressAllow []netip.Prefix
	Ingress     ingress.Config

	// Observers are told of every log line and report, beside the ledger.
	Observers []Observer
	// Traces says where spans of invocations go; zero sends none.
	Traces trace.Config
	Log    *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Values of Config.Containment.
const (
	ContainmentNone    = "none"    // in the server's process
	ContainmentProcess = "process" // in processes of their own, which can do nothing else
)

// An Observer is told what workers do. Its methods must not block; they are called
// from many goroutines.
type Observer interface {
	Log(account, script string, line *outside.LogLine)
	Report(r *outside.Report)
}

// Validate reports the first field that cannot work, and fills in defaults.
func (c *Config) Validate() error {
	if c.Domain == "" {
		c.Domain = "localhost"
	}
	if _, err := router.ParseDomain(c.Domain); err != nil {
		return fmt.Errorf("domain: %w", err)
	}
	if c.CPU < 0 || c.CPU > 5*time.Minute {
		return fmt.Errorf("CPU limit %v: must be between 0 and 5m", c.CPU)
	}
	switch c.Containment {
	case "":
		c.Containment = ContainmentNone
	case ContainmentNone, ContainmentProcess:
	default:
		return fmt.Errorf("containment %q: must be %s or %s", c.Containment, ContainmentNone, ContainmentProcess)
	}
	if c.Concurrency < 0 || c.ScriptConcurrency < 0 {
		return fmt.Errorf("concurrency limits must not be negative")
	}
	if c.ScriptConcurrency == 0 {
		c.ScriptConcurrency = 1000
	}
	if c.Concurrency == 0 {
		c.Concurrency = 10 * c.ScriptConcurrency
	}
	if c.QueueTimeout == 0 {
		c.QueueTimeout = 5 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if err := c.Ingress.Validate(); err != nil {
		return err
	}
	e := c.egress()
	return e.Validate()
}

func (c *Config) egress() egress.Config {
	return egress.Config{Guard: egress.Guard{Allow: c.EgressAllow}}
}
