package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/remote"
	"github.com/mayfly-edge/mayfly/runtime"
)

// A Site is a whole server that keeps everything in memory, and an origin that its
// workers may fetch from.
type Site struct {
	server  *runtime.Server
	origin  *origin
	api     remote.Server
	visitor visitor
}

const siteToken = "token-of-the-conformance-site"

// StartSite starts a server on the loopback interface; Close ends it.
func StartSite() (*Site, error) {
	o, err := startOrigin()
	if err != nil {
		return nil, err
	}
	s := &Site{origin: o, visitor: newVisitor()}
	s.server, err = runtime.NewServer(runtime.ServerConfig{
		Config:  runtime.Config{RootToken: siteToken, EgressAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
		Control: "127.0.0.1:0",
	})
	if err != nil {
		return nil, errors.Join(err, o.Close())
	}
	s.server.Start()
	s.visitor.addr = s.server.Addr().String()
	s.api = remote.Server{API: "http://" + s.server.ControlAddr().String() + "/client/v4", Token: siteToken, Client: s.visitor.client}
	return s, nil
}

// Close ends the server and the origin.
func (s *Site) Close() error {
	s.visitor.client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(s.server.Shutdown(ctx), s.origin.Close())
}

// Run deploys a case, with a KV namespace of its own as env.KV, and makes its requests
// one after the other. The error says which answer differs, and how; or that none does
// although the case is known to fail.
func (s *Site) Run(ctx context.Context, c Case) error {
	namespace, err := s.api.CreateNamespace(ctx, c.Name)
	if err != nil {
		return err
	}
	err = s.run(ctx, c, namespace)
	switch {
	case c.Known == "":
		return err
	case err == nil:
		return fmt.Errorf("%s.js: the case passes, but was known to fail: %s", c.Name, c.Known)
	}
	return ctx.Err()
}

func (s *Site) run(ctx context.Context, c Case, namespace string) error {
	err := s.api.Deploy(ctx, remote.Worker{
		Name: c.Name, Code: c.Code, Classic: c.Classic,
		KV: map[string]string{"KV": namespace}, Vars: map[string]string{"ORIGIN": s.origin.url, "GREETING": greeting}, Flags: c.Flags,
	})
	if err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	return s.visitor.visit(ctx, c)
}
