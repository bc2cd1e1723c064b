package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/ingress"
	"github.com/mayfly-edge/mayfly/runtime/trace"
)

// drainTime is how long requests in flight may take after the signal to stop.
const drainTime = 30 * time.Second

type serveCommand struct {
	Data          string `help:"Directory of the store, the key file and the root token. Default: ${default}." default:"./mayfly-data" placeholder:"DIR" type:"path"`
	Listen        string `help:"Address on which workers answer. Default: ${default}." default:"127.0.0.1:8787" placeholder:"ADDR"`
	Control       string `help:"Address of the control plane. Default: ${default}." default:"127.0.0.1:8788" placeholder:"ADDR"`
	MetricsListen string `help:"Address on which /metrics answers without a token. The control plane always has /metrics, with one." placeholder:"ADDR"`
	Domain        string `help:"Each worker answers as NAME.DOMAIN. Default: ${default}." default:"localhost" placeholder:"DOMAIN"`

	Containment string `help:"Where isolates run: none (in this process) or process (in processes of their own). Default: ${default}." enum:"none,process" default:"process" placeholder:"WHERE"`

	Hosts           int `help:"Host processes for workers. 0: one for each core." default:"0" placeholder:"N"`
	HostsPerAccount int `name:"hosts-per-account" help:"In how many of them the workers of an account run, other than the default account's, which run in all. Default: ${default}." default:"1" placeholder:"N"`

	CPULimit    time.Duration `name:"cpu-limit" help:"CPU time of a request where a worker does not set limits.cpu_ms. Default: ${default}." default:"50ms" placeholder:"TIME"`
	Concurrency int           `help:"Requests of one worker that may be in flight; ten times that in all. Default: ${default}." default:"1000" placeholder:"N"`
	Isolation   string        `help:"Whether requests share an isolate of their worker (worker) or get one each (request). Default: ${default}." default:"worker" enum:"worker,request" placeholder:"HOW"`
	EgressAllow []string      `help:"Private network that workers may reach. May be repeated." placeholder:"CIDR"`

	TrustedProxies []string `help:"Network of proxies whose X-Forwarded-For is believed. May be repeated." placeholder:"CIDR"`
	TLSCert        []string `name:"tls-cert" help:"Certificate chain, PEM. May be repeated; chosen by host name, read again when it changes." placeholder:"FILE" type:"path"`
	TLSKey         []string `name:"tls-key" help:"Private key of the certificate, PEM. As often as --tls-cert." placeholder:"FILE" type:"path"`
	ACME           bool     `name:"acme" help:"Get certificates from Let's Encrypt for the hosts that are served."`
	ACMEEmail      string   `name:"acme-email" help:"Where the authority sends notices." placeholder:"ADDRESS"`
	ACMEDirectory  string   `name:"acme-directory" help:"URL of the directory of another ACME authority." placeholder:"URL"`
	RedirectHTTP   string   `name:"redirect-http" help:"Address that sends plain HTTP on to https; also answers ACME challenges." placeholder:"ADDR"`

	ingressFlags

	PublicControl string `help:"URL of the control plane as clients see it, if a proxy is in front." placeholder:"URL"`
	TestEndpoints bool   `help:"Let anybody send scheduled events by /cdn-cgi/handler/scheduled. Not for production."`

	LogFormat string `help:"Format of the log on standard error: text or json. Default: ${default}." enum:"text,json" default:"text" placeholder:"FORMAT"`
	LogLevel  string `help:"Least level that is logged: debug (with workers' console), info, warn or error. Default: ${default}." enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL"`
	ReadyFile string `help:"Write the addresses to this file as JSON when requests are answered." placeholder:"FILE" type:"path"`
}

func (serveCommand) Help() string {
	return `Workers are deployed through the control plane, by "mayfly deploy" or wrangler.
The root token is MAYFLY_TOKEN, or is made at the first start, shown once and kept in
DIR/token.

Examples:

  mayfly serve
  mayfly serve --data /var/lib/mayfly --listen :80 --domain apps.example.net
  mayfly serve --listen :443 --acme --redirect-http :80 --domain apps.example.net
  MAYFLY_TOKEN=secret mayfly serve --log-format json
  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 mayfly serve`
}

func (c *serveCommand) Run(ctx context.Context, m *Main) error {
	cfg, err := c.config(m)
	if err != nil {
		return err
	}
	var server *runtime.Server
	if c.ACME {
		acme := &ingress.ACME{Dir: filepath.Join(c.Data, "acme"), Directory: c.ACMEDirectory, Email: c.ACMEEmail,
			Allow:  func(_ context.Context, host string) bool { return server.Serves(host) },
			Failed: func(host string, err error) { cfg.Log.Error("no certificate", "host", host, "error", err) }}
		if err := acme.Init(); err != nil {
			return err
		}
		cfg.TLS, cfg.Challenge = acme.TLSConfig(), acme.Challenges
	}
	log := cfg.Log
	if server, err = runtime.NewServer(cfg); err != nil {
		return startError(err, c.Data)
	}
	server.Start()
	if err := c.announce(m, server, log); err != nil {
		return errors.Join(err, server.Shutdown(ctx))
	}
	select {
	case err = <-server.Failed():
	case <-ctx.Done():
	}
	log.Info("stopping: requests in flight may end", "within", drainTime)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if stopped := server.Shutdown(drain); stopped != nil {
		err = errors.Join(err, stopped)
	}
	log.Info("stopped")
	return err
}

// config makes the server's configuration of the flags.
func (c *serveCommand) config(m *Main) (runtime.ServerConfig, error) {
	var cfg runtime.ServerConfig
	var err error
	if c.Concurrency < 1 {
		return cfg, usageError("--concurrency %d: it must be at least 1", c.Concurrency)
	}
	if c.Hosts < 0 || c.HostsPerAccount < 1 {
		return cfg, usageError("--hosts %d, --hosts-per-account %d: there must be at least 1 of each, or 0 hosts for one a core", c.Hosts, c.HostsPerAccount)
	}
	if c.CPULimit < time.Millisecond || c.CPULimit > 5*time.Minute {
		return cfg, usageError("--cpu-limit %v: it must be between 1ms and 5m", c.CPULimit)
	}
	log := newLog(m, c.LogFormat, c.LogLevel)
	cfg = runtime.ServerConfig{
		Config: runtime.Config{
			Data: c.Data, Domain: c.Domain, RootToken: m.Getenv("MAYFLY_TOKEN"),
			Containment: c.Containment, Hosts: host.Options{Hosts: c.Hosts, HostsPerAccount: c.HostsPerAccount},
			CPU: c.CPULimit, ScriptConcurrency: c.Concurrency, Pristine: c.Isolation == "request", TestEndpoints: c.TestEndpoints,
			Traces:  trace.ConfigFromEnv(m.Getenv),
			Ingress: ingress.Config{Log: log}, Log: log, Observers: []runtime.Observer{&workerLog{log}},
		},
		Listen: c.Listen, Control: c.Control, Metrics: c.MetricsListen, Plain: c.RedirectHTTP, PublicURL: c.PublicControl,
	}
	if cfg.EgressAllow, err = prefixes("--egress-allow", c.EgressAllow); err != nil {
		return cfg, err
	}
	if cfg.Ingress.TrustedProxies, err = prefixes("--trusted-proxies", c.TrustedProxies); err != nil {
		return cfg, err
	}
	if err := c.apply(&cfg.Ingress); err != nil {
		return cfg, err
	}
	cfg.TLS, err = c.tls(log)
	return cfg, err
}

// prefixes reads the values of a flag, each a list of networks.
func prefixes(flag string, lists []string) (all []netip.Prefix, err error) {
	for _, list := range lists {
		p, err := ingress.ParsePrefixes(list)
		if err != nil {
			return nil, usageError("%s: %q is not a list of networks such as 10.0.0.0/8", flag, list)
		}
		all = append(all, p...)
	}
	return all, nil
}

// tls loads the certificates of the flags, if any.
func (c *serveCommand) tls(log *slog.Logger) (*tls.Config, error) {
	switch {
	case len(c.TLSCert) != len(c.TLSKey):
		return nil, usageError("there are %d --tls-cert and %d --tls-key: each certificate needs its key", len(c.TLSCert), len(c.TLSKey))
	case c.ACMEDirectory != "" && !c.ACME:
		return nil, usageError("--acme-directory needs --acme")
	case c.ACME && len(c.TLSCert) > 0:
		return nil, usageError("--acme and --tls-cert exclude each other")
	case c.RedirectHTTP != "" && !c.ACME && len(c.TLSCert) == 0:
		return nil, usageError("--redirect-http needs --tls-cert or --acme")
	case len(c.TLSCert) == 0:
		return nil, nil
	}
	var files []ingress.CertFile
	for i := range c.TLSCert {
		files = append(files, ingress.CertFile{Cert: c.TLSCert[i], Key: c.TLSKey[i]})
	}
	certs, err := ingress.LoadCertificates(files...)
	if err != nil {
		return nil, err
	}
	certs.Failed = func(err error) { log.Error("certificate not reloaded; the old one stays in use", "error", err) }
	return certs.TLSConfig(), nil
}

// startError adds what to do about the commonest failures to start.
func startError(err error, data string) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "listen" {
		return fmt.Errorf("%w: choose another address with --listen or --control", err)
	}
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w: choose another directory with --data, now %s", err, data)
	}
	return err
}

// announce tells that the server is up, and its root token if that is new.
func (c *serveCommand) announce(m *Main, s *runtime.Server, log *slog.Logger) error {
	if c.Containment == runtime.ContainmentNone {
		log.Warn("containment: workers run in the server's process, where a hostile script can end it: deploy only code you trust")
	}
	log.Info("serving workers", "listen", s.Addr().String(), "example", s.Address("NAME"))
	log.Info("control plane", "url", controlURL(s)+"/client/v4", "data", c.Data)
	if token := s.NewToken(); token != "" {
		fmt.Fprintf(m.Stderr, "\nRoot token, shown only now and kept in %s:\n\n  %s\n\nUse it as MAYFLY_TOKEN, or with: mayfly login\n\n", filepath.Join(c.Data, "token"), token)
	}
	return writeReady(c.ReadyFile, s)
}

func controlURL(s *runtime.Server) string { return "http://" + s.ControlAddr().String() }

// writeReady writes the addresses of a server to a file, at once as a whole.
func writeReady(file string, s *runtime.Server) error {
	if file == "" {
		return nil
	}
	ready := map[string]string{"listen": s.Addr().String()}
	if a := s.ControlAddr(); a != nil {
		ready["control"] = a.String()
	}
	if a := s.MetricsAddr(); a != nil {
		ready["metrics"] = a.String()
	}
	text, err := json.Marshal(ready)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".tmp", append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("ready file: %w", err)
	}
	return os.Rename(file+".tmp", file)
}
