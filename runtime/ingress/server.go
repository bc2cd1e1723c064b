package ingress

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A Handler answers requests. ServeWorker runs on the connection's goroutine and
// must call one of the Exchange's Respond methods once before it returns; if it
// does not, or panics, the client gets a 500 page.
type Handler interface {
	ServeWorker(x *Exchange)
}

// HandlerFunc lets a function be a Handler.
type HandlerFunc func(x *Exchange)

// ServeWorker calls f.
func (f HandlerFunc) ServeWorker(x *Exchange) { f(x) }

// ErrClosed is what Serve returns after Shutdown or Close.
var ErrClosed = errors.New("ingress: server closed")

// Causes with which an Exchange's context ends.
var (
	// ErrClientGone says that the client closed or reset its connection.
	ErrClientGone = errors.New("ingress: the client has left")
	// ErrShutdown says that the server stopped waiting for the request.
	ErrShutdown = errors.New("ingress: the server is shutting down")
	// ErrDone says that the exchange is over.
	ErrDone = errors.New("ingress: the exchange is over")
)

// A Server serves HTTP/1.1 on any number of listeners. Make it with New.
type Server struct {
	cfg     Config
	handler Handler
	rays    rayIDs
	clock   clock
	limiter *rateLimiter // nil when off

	base context.Context // ended by Close
	stop context.CancelCauseFunc

	readers   sync.Pool // *bufio.Reader of readerSize
	exchanges sync.Pool // *Exchange
	gzips     encoders
	brotlis   encoders
	deflates  encoders

	draining atomic.Bool
	open     atomic.Int64

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	conns     map[*conn]struct{}
	perIP     map[netip.Addr]int
	sweeping  bool
	empty     chan struct{} // closed when the last connection of a draining server ends
}

// readerSize is enough for nearly every request head; a larger head is read with
// a reader of its own size.
const readerSize = 8 << 10

// New makes a Server of cfg that answers with handler.
func New(cfg Config, handler Handler) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if handler == nil {
		return nil, errors.New("ingress: no handler")
	}
	s := &Server{
		cfg:       cfg.withDefaults(),
		handler:   handler,
		listeners: map[net.Listener]struct{}{},
		conns:     map[*conn]struct{}{},
		perIP:     map[netip.Addr]int{},
		empty:     make(chan struct{}),
	}
	s.base, s.stop = context.WithCancelCause(context.Background())
	s.rays.init()
	s.clock.start(time.Now())
	s.readers.New = func() any { return bufio.NewReaderSize(nil, readerSize) }
	s.exchanges.New = func() any { return new(Exchange) }
	s.gzips.make, s.brotlis.make, s.deflates.make = newGzip, newBrotli, newDeflate
	if n := s.cfg.MaxRequestsPerIP; n > 0 {
		s.limiter = newRateLimiter(n)
	}
	return s, nil
}

// Serve accepts connections from ln until it fails or the server is closed, when
// it returns ErrClosed. It closes ln. A TLS listener may be given as it is.
func (s *Server) Serve(ln net.Listener) error {
	s.mu.Lock()
	if s.draining.Load() {
		s.mu.Unlock()
		_ = ln.Close()
		return ErrClosed
	}
	s.listeners[ln] = struct{}{}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.listeners, ln)
		s.mu.Unlock()
		_ = ln.Close()
	}()
	var pause time.Duration
	for {
		nc, err := ln.Accept()
		if err != nil {
			if s.draining.Load() {
				return ErrClosed
			}
			// Out of descriptors, or the peer went away first: both pass.
			if ne, ok := err.(net.Error); ok && isTemporary(ne) {
				pause = min(max(2*pause, 5*time.Millisecond), time.Second)
				s.cfg.Log.Warn("accept failed, trying again", "error", err, "pause", pause)
				t := time.NewTimer(pause)
				select {
				case <-t.C:
				case <-s.base.Done():
					t.Stop()
				}
				continue
			}
			return fmt.Errorf("ingress: accept on %v: %w", ln.Addr(), err)
		}
		pause = 0
		s.admit(nc)
	}
}

// isTemporary tells the accept errors after which accepting again makes sense.
func isTemporary(err net.Error) bool {
	t, ok := err.(interface{ Temporary() bool })
	return ok && t.Temporary()
}

// ServeConn serves one connection and returns when it is closed.
func (s *Server) ServeConn(nc net.Conn) {
	if c, ok := s.register(nc); ok {
		c.serve()
	}
}

func (s *Server) admit(nc net.Conn) {
	if c, ok := s.register(nc); ok {
		go c.serve()
	}
}

// register counts nc in, or answers and closes it when a limit is reached.
func (s *Server) register(nc net.Conn) (*conn, bool) {
	c := newConn(s, nc)
	status, why := 0, ""
	s.mu.Lock()
	switch {
	case s.draining.Load():
		status = -1
	case len(s.conns) >= s.cfg.MaxConns:
		status, why = 503, "too many connections"
	case s.cfg.MaxConnsPerIP > 0 && s.perIP[c.peer] >= s.cfg.MaxConnsPerIP:
		status, why = 429, "too many connections from one address"
	default:
		s.conns[c] = struct{}{}
		if s.cfg.MaxConnsPerIP > 0 {
			s.perIP[c.peer]++
		}
		if !s.sweeping {
			s.sweeping = true
			s.clock.tick(time.Now())
			go s.sweepLoop()
		}
		// Stamped here so that a connection that never sends a byte is limited too.
		c.reading.enter(phaseNew, s.clock.now())
	}
	s.mu.Unlock()
	if status == 0 {
		s.open.Add(1)
		return c, true
	}
	if status > 0 {
		s.cfg.Log.Warn("connection refused", "peer", c.peer, "reason", why)
		if c.tlsConn == nil {
			// A handshake would have to be waited for; plain text fits the socket's buffer.
			_ = nc.SetWriteDeadline(time.Now().Add(time.Second))
			_, _ = nc.Write([]byte("HTTP/1.1 " + strconv.Itoa(status) + " " + statusText(status) +
				"\r\ncontent-type: text/plain\r\ncontent-length: " + strconv.Itoa(len(why)+1) + "\r\nconnection: close\r\n\r\n" + why + "\n"))
		}
	}
	_ = nc.Close()
	return nil, false
}

func (s *Server) forget(c *conn) {
	s.open.Add(-1)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if s.cfg.MaxConnsPerIP > 0 {
		if s.perIP[c.peer]--; s.perIP[c.peer] <= 0 {
			delete(s.perIP, c.peer)
		}
	}
	if len(s.conns) == 0 && s.draining.Load() {
		s.closeEmpty()
	}
}

// closeEmpty closes s.empty once; s.mu is held.
func (s *Server) closeEmpty() {
	select {
	case <-s.empty:
	default:
		close(s.empty)
	}
}

// Conns is the number of open connections, upgraded ones included.
func (s *Server) Conns() int { return int(s.open.Load()) }

// Shutdown stops accepting, closes idle connections and waits until those in use
// have had their answer. When ctx ends first it closes what is left and returns
// the context's error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.draining.Store(true)
	for ln := range s.listeners {
		_ = ln.Close()
	}
	if len(s.conns) == 0 {
		s.closeEmpty()
	}
	for c := range s.conns {
		c.drain()
	}
	s.mu.Unlock()
	select {
	case <-s.empty:
		s.stop(ErrShutdown)
		return nil
	case <-ctx.Done():
		s.Close()
		return ctx.Err()
	}
}

// Close stops accepting and closes every connection at once. Contexts of requests
// in progress end with ErrShutdown.
func (s *Server) Close() {
	s.stop(ErrShutdown)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining.Store(true)
	for ln := range s.listeners {
		_ = ln.Close()
	}
	if len(s.conns) == 0 {
		s.closeEmpty()
	}
	for c := range s.conns {
		_ = c.nc.Close()
	}
}
