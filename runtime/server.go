package runtime

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/router"
	"github.com/mayfly-edge/mayfly/runtime/control"
	"github.com/mayfly-edge/mayfly/runtime/ingress"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// ServerConfig configures a Server. Zero listens for workers on a port of the system's
// choice on the loopback interface and keeps everything in memory.
type ServerConfig struct {
	Config

	// Listen is the address on which workers answer; "" means 127.0.0.1:0. Listener,
	// when set, is used instead; the Server closes it.
	Listen   string
	Listener net.Listener
	// Control is the address of the control plane. "" runs none unless
	// ControlListener is set.
	Control         string
	ControlListener net.Listener

	// Metrics is an address on which /metrics answers without a token; "" means none.
	Metrics string

	// TLS makes workers answer by https.
	TLS *tls.Config
	// Plain is the address of a listener that sends plain HTTP requests on to https;
	// "" means none. It needs TLS.
	Plain string
	// Challenge, when set, answers on the plain listener what is not to be sent on.
	Challenge func(next ingress.Handler) ingress.Handler

	// PublicURL is the base of the control plane as its clients see it; "" takes the
	// Host header of each request.
	PublicURL string
}

// A Server is a Runtime with the listeners through which it is reached. Make one with
// NewServer, then Start it; Shutdown ends it.
type Server struct {
	*Runtime
	cfg ServerConfig

	ingress  *ingress.Server
	redirect *ingress.Server // of the plain listener, or nil
	control  *control.Control

	metrics *http.Server // of the metrics' own listener, or nil

	listener, plain, controlListener, metricsListener net.Listener

	ready  atomic.Bool
	failed chan error
}

// NewServer opens the store, takes the addresses and assembles a Server that does not
// answer yet.
func NewServer(cfg ServerConfig) (_ *Server, err error) {
	if cfg.Plain != "" && cfg.TLS == nil {
		return nil, errors.New("a listener that redirects to https needs a certificate")
	}
	s := &Server{cfg: cfg, failed: make(chan error, 4)}
	defer func() {
		if err != nil {
			s.closeListeners()
			if s.Runtime != nil {
				err = errors.Join(err, s.Runtime.Close())
			}
		}
	}()
	// Addresses first: a port that is taken is the commonest mistake, and found
	// without touching the data.
	if s.listener, err = listen(cfg.Listener, cfg.Listen); err != nil {
		return nil, err
	}
	if cfg.Control != "" || cfg.ControlListener != nil {
		if s.controlListener, err = listen(cfg.ControlListener, cfg.Control); err != nil {
			return nil, fmt.Errorf("control plane: %w", err)
		}
	}
	if cfg.Metrics != "" {
		if s.metricsListener, err = listen(nil, cfg.Metrics); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	if cfg.Plain != "" {
		if s.plain, err = listen(nil, cfg.Plain); err != nil {
			return nil, err
		}
	}
	if s.Runtime, err = New(cfg.Config); err != nil {
		return nil, err
	}
	if s.ingress, err = ingress.New(s.Runtime.cfg.Ingress, s.Runtime); err != nil {
		return nil, err
	}
	if s.plain != nil {
		if err = s.newRedirect(); err != nil {
			return nil, err
		}
	}
	if s.metricsListener != nil {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", s.Runtime.Metrics())
		s.metrics = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	}
	if s.controlListener != nil {
		s.control, err = control.New(s.controlOptions())
	}
	return s, err
}

func listen(given net.Listener, address string) (net.Listener, error) {
	if given != nil {
		return given, nil
	}
	if address == "" {
		address = "127.0.0.1:0"
	}
	return net.Listen("tcp", address)
}

func (s *Server) newRedirect() (err error) {
	port := 0
	if a, ok := s.listener.Addr().(*net.TCPAddr); ok {
		port = a.Port
	}
	h := ingress.RedirectToHTTPS(port)
	if s.cfg.Challenge != nil {
		h = s.cfg.Challenge(h)
	}
	s.redirect, err = ingress.New(s.Runtime.cfg.Ingress, h)
	return err
}

func (s *Server) controlOptions() control.Options {
	return control.Options{
		Store: s.store, KV: s.db, Validator: s.Runtime, Usage: s.Runtime, Strikes: s.Runtime,
		Ready: s.readiness,
		Containment: func() []string {
			var lines []string
			for _, part := range s.Containment() {
				lines = append(lines, part.String())
			}
			return lines
		},
		Address:   s.Address,
		Tails:     tails{&s.Runtime.tail},
		CheckCron: CheckCron,
		Mounts:    s.mounts(),
		PublicURL: s.cfg.PublicURL,
		Logger:    s.Runtime.cfg.Log,
		Now:       s.Runtime.cfg.Now,
	}
}

// mounts are the endpoints of the control plane that are not its own.
func (s *Server) mounts() []control.Mount {
	return []control.Mount{
		{Method: "GET", Pattern: "/metrics", Scope: script.ScopeRead, Handler: s.Metrics()},
		{Method: "POST", Pattern: invocationPath, Handler: s.Invoke()}, // looks at the token itself
		{Method: "GET", Pattern: "/debug/pprof/{profile}", Scope: script.ScopeAdmin, Handler: s.Profile()},
		{Method: "GET", Pattern: "/client/v4/mayfly/backup", Scope: script.ScopeAdmin, Handler: s.Backup()},
		{Method: "POST", Pattern: "/client/v4/mayfly/compact", Scope: script.ScopeAdmin, Answer: s.Compact},
		{Method: "GET", Pattern: logsPath, Scope: script.ScopeTail, Answer: s.Logs},
		{Method: "GET", Pattern: runsPath, Scope: script.ScopeRead, Answer: s.CronRuns},
	}
}

func (s *Server) readiness(context.Context) error {
	if !s.ready.Load() {
		return errors.New("the server is not taking requests")
	}
	return nil
}

// Start begins to answer.
func (s *Server) Start() {
	l := s.listener
	if s.cfg.TLS != nil {
		l = tls.NewListener(l, s.cfg.TLS)
	}
	s.serve("workers", func() error { return s.ingress.Serve(l) })
	if s.redirect != nil {
		s.serve("redirect to https", func() error { return s.redirect.Serve(s.plain) })
	}
	if s.control != nil {
		s.serve("control plane", func() error { return s.control.Serve(s.controlListener) })
	}
	if s.metrics != nil {
		s.serve("metrics", func() error { return s.metrics.Serve(s.metricsListener) })
	}
	s.ready.Store(true)
}

func (s *Server) serve(what string, run func() error) {
	go func() {
		if err := run(); err != nil && !errors.Is(err, ingress.ErrClosed) && !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("%s: %w", what, err)
		}
	}()
}

// Failed gives the error of a listener that stopped by itself.
func (s *Server) Failed() <-chan error { return s.failed }

// Addr is where workers answer.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// ControlAddr is where the control plane answers, or nil if there is none.
func (s *Server) ControlAddr() net.Addr {
	if s.controlListener == nil {
		return nil
	}
	return s.controlListener.Addr()
}

// MetricsAddr is where the metrics answer without a token, or nil.
func (s *Server) MetricsAddr() net.Addr {
	if s.metricsListener == nil {
		return nil
	}
	return s.metricsListener.Addr()
}

// Address is the URL at which a script of the default account answers by its own name.
func (s *Server) Address(name string) string {
	scheme, usual := "http", 80
	if s.cfg.TLS != nil {
		scheme, usual = "https", 443
	}
	port := ""
	if a, ok := s.listener.Addr().(*net.TCPAddr); ok && a.Port != usual {
		port = ":" + strconv.Itoa(a.Port)
	}
	return scheme + "://" + name + "." + s.Runtime.cfg.Domain + port
}

// Serves reports whether any script answers on a host.
func (s *Server) Serves(host string) bool {
	if _, _, ok := s.hosts.match(strings.ToLower(host)); ok {
		return true
	}
	_, err := s.router.Match(true, []byte(host), []byte("/"))
	return err == nil || errors.Is(err, router.ErrNoRoute) || errors.Is(err, router.ErrNegated)
}

// Shutdown stops accepting, lets the requests in flight and their waitUntil work end
// until ctx is done, writes usage and closes the store. The error says what was cut
// off; the server is closed in any case. Call it once.
func (s *Server) Shutdown(ctx context.Context) error {
	s.ready.Store(false)
	var errs []error
	if s.redirect != nil {
		s.redirect.Close()
	}
	if err := s.ingress.Shutdown(ctx); err != nil {
		errs = append(errs, fmt.Errorf("requests were still in flight: %w", err))
	}
	if err := s.Drain(ctx); err != nil {
		errs = append(errs, err)
	}
	if s.control != nil {
		// Its answers take no longer than a transaction; tail sessions are ended by it.
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), controlGrace)
		defer cancel()
		if err := s.control.Shutdown(grace); err != nil {
			errs = append(errs, fmt.Errorf("control plane: %w", err))
		}
	}
	if s.metrics != nil {
		errs = append(errs, s.metrics.Close())
	}
	s.closeListeners()
	errs = append(errs, s.Runtime.Close())
	return errors.Join(errs...)
}

// controlGrace bounds the wait for the control plane's answers in flight.
const controlGrace = 5 * time.Second

// closeListeners closes those that nobody served; the others are closed already.
func (s *Server) closeListeners() {
	for _, l := range []net.Listener{s.listener, s.plain, s.controlListener, s.metricsListener} {
		if l != nil {
			_ = l.Close()
		}
	}
}
