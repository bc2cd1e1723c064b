package egress

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// A Config holds the limits of a Client. The zero value is a good default.
type Config struct {
	// Guard decides which addresses may be dialled.
	Guard Guard
	// MaxConnsPerHost bounds the connections to one host and port. 0 means 256.
	MaxConnsPerHost int
	// MaxRequests bounds the requests in flight, response bodies included; further
	// ones wait. 0 means 4,096.
	MaxRequests int
	// MaxSockets bounds the open WebSockets; further ones are refused. 0 means 4,096.
	MaxSockets int
	// MaxMessage is the largest message in bytes that a WebSocket's peer may send; a
	// larger one ends the WebSocket. 0 means 1 MiB.
	MaxMessage int
	// DialTimeout bounds name resolution and connecting. 0 means 10 s.
	DialTimeout time.Duration
	// TLSTimeout bounds the TLS handshake. 0 means 10 s.
	TLSTimeout time.Duration
	// HeaderTimeout bounds the wait for the response's head once the request has
	// been sent. 0 means 100 s.
	HeaderTimeout time.Duration
	// IdleTimeout is how long an unused connection is kept. 0 means 90 s.
	IdleTimeout time.Duration
	// RootCAs verify servers; nil means the system's.
	RootCAs *x509.CertPool
	// Resolver looks names up; nil means the system's.
	Resolver *net.Resolver
}

// Validate reports the first field that cannot work.
func (c *Config) Validate() error {
	switch {
	case c.MaxConnsPerHost < 0:
		return fmt.Errorf("egress: MaxConnsPerHost is %d; use 0 for the default", c.MaxConnsPerHost)
	case c.MaxRequests < 0:
		return fmt.Errorf("egress: MaxRequests is %d; use 0 for the default", c.MaxRequests)
	case c.MaxSockets < 0 || c.MaxMessage < 0:
		return errors.New("egress: MaxSockets or MaxMessage is negative; use 0 for the default")
	case c.DialTimeout < 0 || c.TLSTimeout < 0 || c.HeaderTimeout < 0 || c.IdleTimeout < 0:
		return errors.New("egress: a timeout is negative; use 0 for the default")
	}
	for _, p := range c.Guard.Allow {
		if !p.IsValid() {
			return errors.New("egress: Guard.Allow holds an invalid network; write it as 10.0.0.0/8 or fd00::/8")
		}
	}
	return nil
}

// A Client performs requests. Make it with New.
type Client struct {
	transport *http.Transport
	slots     chan struct{}
	sockets   chan struct{}
	message   int64
}

// New makes a Client.
func New(cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	or := func(d, def time.Duration) time.Duration {
		if d == 0 {
			return def
		}
		return d
	}
	perHost, total, sockets, message := cfg.MaxConnsPerHost, cfg.MaxRequests, cfg.MaxSockets, cfg.MaxMessage
	if sockets == 0 {
		sockets = 4096
	}
	if message == 0 {
		message = 1 << 20
	}
	if perHost == 0 {
		perHost = 256
	}
	if total == 0 {
		total = 4096
	}
	guard := cfg.Guard
	guard.Allow = slices.Clone(guard.Allow)
	dialer := &net.Dialer{
		Timeout:  or(cfg.DialTimeout, 10*time.Second),
		Resolver: cfg.Resolver,
		Control:  guard.control,
	}
	return &Client{
		slots:   make(chan struct{}, total),
		sockets: make(chan struct{}, sockets),
		message: int64(message),
		transport: &http.Transport{
			DialContext:            dialer.DialContext,
			Proxy:                  nil, // a proxy would make the guard look at the wrong address
			TLSClientConfig:        &tls.Config{RootCAs: cfg.RootCAs, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    or(cfg.TLSTimeout, 10*time.Second),
			ResponseHeaderTimeout:  or(cfg.HeaderTimeout, 100*time.Second),
			IdleConnTimeout:        or(cfg.IdleTimeout, 90*time.Second),
			ExpectContinueTimeout:  time.Second,
			MaxConnsPerHost:        perHost,
			MaxIdleConnsPerHost:    min(perHost, 64),
			MaxIdleConns:           total,
			MaxResponseHeaderBytes: 128 << 10,
			DisableCompression:     true, // decoding is ours, see decode.go
			ForceAttemptHTTP2:      true,
		},
	}, nil
}

// Close drops the idle connections. Requests in flight go on.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// maxRedirects is the Fetch standard's limit.
const maxRedirects = 20

// Fetch performs req (https://fetch.spec.whatwg.org/#http-fetch): redirects by
// req.Redirect, decoding unless req.KeepEncoding. It consumes req.Body. A failure
// the script should see is an *outside.Error; the end of ctx, which also ends the
// response's body and its WebSocket, is the context's error. The caller closes the
// response's body.
//
// A request with the header upgrade: websocket opens a WebSocket, which is the response's
// Socket, a *Socket, if the server agrees (https://www.rfc-editor.org/rfc/rfc6455#section-4.1).
func (c *Client) Fetch(ctx context.Context, call *outside.Call, req *outside.Request) (*outside.Response, error) {
	f := fetch{client: c, call: call, req: req, method: req.Method, header: outgoing(call, req.Header), body: req.Body}
	res, err := f.run(ctx)
	if err != nil {
		_ = f.body.Close()
		return nil, err
	}
	return res, nil
}

// A fetch is one request on its way through redirects.
type fetch struct {
	client *Client
	call   *outside.Call
	req    *outside.Request
	method string
	url    *url.URL
	header http.Header
	body   outside.Body
	hops   int

	upgrade bool     // to a WebSocket
	key     string   // of the handshake
	conn    net.Conn // that it goes out on
}

func (f *fetch) run(ctx context.Context) (*outside.Response, error) {
	target := f.req.URL
	if f.upgrade = wantsWebSocket(f.req.Header); f.upgrade {
		if f.method != "GET" {
			return nil, outside.Errorf(outside.KindType, "A WebSocket is opened by a GET request; %s has a method of %s.", f.req.URL, f.method)
		}
		if scheme, rest, _ := strings.Cut(target, ":"); scheme == "ws" || scheme == "wss" {
			target = "http" + scheme[2:] + ":" + rest
		}
	}
	var err error
	if f.url, err = parseURL(target); err != nil {
		return nil, err
	}
	select {
	case f.client.slots <- struct{}{}:
	default:
		select {
		case f.client.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	release := sync.OnceFunc(func() { <-f.client.slots })
	for {
		res, err := f.client.transport.RoundTrip(f.request(ctx))
		if err != nil {
			release()
			return nil, explain(ctx, f.url, err)
		}
		follow, err := f.redirect(res)
		if err != nil {
			_ = res.Body.Close()
			release()
			return nil, err
		}
		if res.StatusCode == http.StatusSwitchingProtocols {
			release()
			return f.switched(ctx, res)
		}
		if !follow {
			return f.response(ctx, res, release), nil
		}
		// A short body is read so that the connection can be used again.
		_, _ = io.CopyN(io.Discard, res.Body, 4<<10)
		_ = res.Body.Close()
	}
}

// switched is the response of a server that has switched protocols.
func (f *fetch) switched(ctx context.Context, res *http.Response) (*outside.Response, error) {
	stream, ok := res.Body.(io.ReadWriteCloser)
	wrong := "no WebSocket was asked for"
	if ok && f.upgrade {
		wrong = checkHandshake(f.header, res.Header, f.key)
	}
	if wrong != "" {
		_ = res.Body.Close()
		return nil, outside.Errorf(outside.KindNetwork, "Fetch to %s failed: the answer of status 101 is wrong: %s.", f.url.Host, wrong)
	}
	select {
	case f.client.sockets <- struct{}{}:
	default:
		_ = res.Body.Close()
		return nil, outside.Errorf(outside.KindError, "The server has too many WebSockets open: %d.", cap(f.client.sockets))
	}
	return &outside.Response{
		Status: res.StatusCode, StatusText: "Switching Protocols", Header: incoming(res.Header), URL: f.url.String(), Redirected: f.hops > 0,
		Socket: newSocket(ctx, f.conn, stream, f.client.message, func() { <-f.client.sockets }),
	}, nil
}

func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return nil, outside.Errorf(outside.KindType, "Fetch API cannot load: %s", s)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, outside.Errorf(outside.KindType, "Fetch API cannot load: %s (the scheme must be http or https)", s)
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// request is the HTTP request of this hop.
func (f *fetch) request(ctx context.Context) *http.Request {
	u := *f.url
	u.User = nil
	r := &http.Request{
		Method: f.method, URL: &u, Host: u.Host, Header: f.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	switch {
	case f.body.Stream != nil:
		r.Body = f.body.Stream
		r.ContentLength = f.body.Length
		if f.body.Length == 0 {
			_ = f.body.Stream.Close()
			r.Body = http.NoBody
		}
	case f.body.Bytes != nil:
		p := f.body.Bytes
		r.ContentLength = int64(len(p))
		r.Body = http.NoBody
		if len(p) > 0 {
			r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(p)), nil }
			r.Body, _ = r.GetBody() // never fails
		}
	}
	if f.upgrade {
		f.key = handshake(f.header)
		ctx = traceConn(ctx, &f.conn)
	}
	return r.WithContext(ctx)
}

// response turns res into the boundary's form; release is called when its body
// has been read or closed.
func (f *fetch) response(ctx context.Context, res *http.Response, release func()) *outside.Response {
	_, text, _ := strings.Cut(res.Status, " ")
	out := &outside.Response{
		Status:       res.StatusCode,
		StatusText:   text,
		Header:       incoming(res.Header),
		URL:          f.url.String(),
		Redirected:   f.hops > 0,
		KeepEncoding: f.req.KeepEncoding,
	}
	switch {
	case f.method == "HEAD", res.StatusCode == 204, res.StatusCode == 205, res.StatusCode == 304:
		_ = res.Body.Close()
		release()
		return out
	case res.ContentLength == 0:
		_ = res.Body.Close()
		release()
		out.Body = outside.Body{Bytes: []byte{}}
		return out
	}
	body := &stream{ctx: ctx, r: res.Body, c: res.Body, release: release}
	out.Body = outside.Body{Stream: body, Length: res.ContentLength}
	if !f.req.KeepEncoding {
		if r, ok := decoder(res.Header["Content-Encoding"], res.Body); ok {
			body.r = r
			out.Body.Length = -1
		}
	}
	return out
}

// A stream is a response body with errors a script can be shown.
type stream struct {
	ctx     context.Context
	r       io.Reader
	c       io.Closer
	release func()
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	switch {
	case err == nil:
	case err == io.EOF:
		s.release()
	case s.ctx.Err() != nil:
		err = context.Cause(s.ctx)
	case isCorrupt(err):
		err = outside.Errorf(outside.KindType, "The response body could not be decoded: %v.", err)
	default:
		err = outside.Errorf(outside.KindNetwork, "Network connection lost.")
	}
	return n, err
}

// Close gives the connection up unless the body has been read to its end.
func (s *stream) Close() error {
	s.release()
	return s.c.Close()
}

// explain turns a transport's error into what a script may see: no address of the
// operator's resolver, no goroutine of the pool.
func explain(ctx context.Context, u *url.URL, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var (
		blocked *BlockedError
		dns     *net.DNSError
		op      *net.OpError
		errno   syscall.Errno
		cert    *tls.CertificateVerificationError
		body    *outside.Error
	)
	host := u.Host
	switch {
	case errors.As(err, &body):
		return body // the request's own body failed
	case errors.As(err, &blocked):
		return outside.Errorf(outside.KindNetwork, "Fetch to %s failed: %s.", host, blocked.Error())
	case errors.As(err, &dns):
		if dns.IsTimeout {
			return outside.Errorf(outside.KindNetwork, "Fetch to %s failed: looking up the name took too long.", host)
		}
		return outside.Errorf(outside.KindNetwork, "Fetch to %s failed: there is no such host.", host)
	case errors.As(err, &cert):
		return outside.Errorf(outside.KindNetwork, "Fetch to %s failed: its certificate is not trusted: %v.", host, cert.Err)
	case errors.As(err, &op) && op.Op == "dial":
		switch {
		case op.Timeout():
			return outside.Errorf(outside.KindNetwork, "Fetch to %s failed: connecting took too long.", host)
		case errors.As(err, &errno):
			return outside.Errorf(outside.KindNetwork, "Fetch to %s failed: %s.", host, errno.Error())
		}
		return outside.Errorf(outside.KindNetwork, "Fetch to %s failed: it cannot be connected to.", host)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &errno):
		return outside.Errorf(outside.KindNetwork, "Network connection lost.")
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return outside.Errorf(outside.KindNetwork, "Fetch to %s failed: the server took too long to answer.", host)
	}
	return outside.Errorf(outside.KindNetwork, "Fetch to %s failed: %v.", host, strings.TrimPrefix(err.Error(), "net/http: "))
}
