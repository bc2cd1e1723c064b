package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/mayfly-edge/mayfly/cmd/mayfly/project"
	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/ingress"
)

type devCommand struct {
	Path      string   `arg:"" optional:"" help:"Folder, project file or source file. Default: the current folder." placeholder:"PATH"`
	Port      int      `help:"Port to listen on; 0 lets the system choose. Default: ${default}." default:"8787" placeholder:"N" short:"p"`
	IP        string   `name:"ip" help:"Address to listen on. Default: ${default}." default:"127.0.0.1" placeholder:"ADDR"`
	Env       string   `help:"Environment of the project file." placeholder:"NAME" short:"e"`
	Var       []string `help:"Set a variable, over that of the project file. May be repeated." placeholder:"NAME:VALUE" sep:"none"`
	PersistTo string   `help:"Where KV data is kept between runs. Default: .mayfly in the project's folder." placeholder:"DIR" type:"path"`

	EgressAllow []string `help:"Private network that the worker may reach, besides this machine. May be repeated." placeholder:"CIDR"`
	ReadyFile   string   `help:"Write the address to this file as JSON when requests are answered." placeholder:"FILE" type:"path"`
}

func (devCommand) Help() string {
	return `Runs the worker of a folder with wrangler.jsonc, wrangler.json or wrangler.toml, or of one
source file, and reloads it when one of its files is saved. KV data is kept in .mayfly
in the folder; secrets are read from .dev.vars. Nothing leaves this machine.

Ask for /cdn-cgi/handler/scheduled?cron=*+*+*+*+* to send a scheduled event.

Examples:

  mayfly dev
  mayfly dev examples/hello
  mayfly dev worker.ts --port 3000
  mayfly dev --env staging --var GREETING:Hello`
}

func (c *devCommand) Run(ctx context.Context, m *Main) error {
	if c.Port < 0 || c.Port > 65535 {
		return usageError("--port %d: it must be between 0 and 65535", c.Port)
	}
	vars, err := parseVarFlags(c.Var)
	if err != nil {
		return err
	}
	p, err := project.Load(c.Path, c.Env)
	if err != nil {
		return err
	}
	egress, err := prefixes("--egress-allow", append([]string{"127.0.0.0/8,::1"}, c.EgressAllow...))
	if err != nil {
		return err
	}
	data := c.PersistTo
	if data == "" {
		data = filepath.Join(p.Dir, ".mayfly")
	}
	if err := ignoreData(data); err != nil {
		return err
	}
	console := newDevConsole(m)
	server, err := runtime.NewServer(runtime.ServerConfig{
		Config: runtime.Config{
			Data: data, ShowErrors: true, TestEndpoints: true, EgressAllow: egress,
			Ingress: ingress.Config{Log: console.log}, Log: console.log,
			Observers: []runtime.Observer{console},
		},
		Listen: net.JoinHostPort(c.IP, strconv.Itoa(c.Port)),
	})
	if err != nil {
		return devStartError(err, data)
	}
	session := &devSession{path: c.Path, env: c.Env, vars: vars, server: server, console: console}
	err = c.run(ctx, session, p)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), devDrainTime)
	defer cancel()
	if stopped := server.Shutdown(drain); stopped != nil && ctx.Err() == nil {
		err = errors.Join(err, stopped)
	}
	return err
}

// ignoreData makes the directory of dev's data and keeps it out of version control.
func ignoreData(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("%w: choose another directory with --persist-to", err)
	}
	return os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o644)
}

// devDrainTime is how long requests in flight hold up the end of dev.
const devDrainTime = 2 * time.Second

func (c *devCommand) run(ctx context.Context, s *devSession, p *project.Project) error {
	watch, err := newWatch()
	if err != nil {
		return err
	}
	defer watch.close()
	if err := s.begin(ctx, p); err != nil {
		return err
	}
	s.deploy(ctx, p)
	if err := watch.set(s.watched, s.folders); err != nil {
		return err
	}
	s.server.Start()
	s.console.listening(p, "http://"+displayAddr(s.server.Addr()))
	if err := writeReady(c.ReadyFile, s.server); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-s.server.Failed():
			return err
		case <-watch.changed:
			s.reload(ctx)
			if err := watch.set(s.watched, s.folders); err != nil {
				s.console.problem("not watched: " + err.Error())
			}
		}
	}
}

// displayAddr is an address to click on: one that listens everywhere is shown as localhost.
func displayAddr(a net.Addr) string {
	t, ok := a.(*net.TCPAddr)
	if !ok || !t.IP.IsUnspecified() {
		return a.String()
	}
	return "localhost:" + strconv.Itoa(t.Port)
}

func devStartError(err error, data string) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "listen" {
		return fmt.Errorf("%w: choose another port with --port, or --port 0 for any", err)
	}
	return startError(err, data)
}

// parseVarFlags reads --var NAME:VALUE.
func parseVarFlags(flags []string) (map[string]string, error) {
	vars := map[string]string{}
	for _, f := range flags {
		name, value, ok := strings.Cut(f, ":")
		if !ok || name == "" {
			return nil, usageError("--var %s: write it as NAME:VALUE", f)
		}
		vars[name] = value
	}
	return vars, nil
}
