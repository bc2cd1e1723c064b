package ingress

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
)

// A conn is one client connection. While it is idle this and a goroutine's stack
// are all it costs.
type conn struct {
	srv      *Server
	nc       net.Conn
	tlsConn  *tls.Conn       // nc when it is TLS
	raw      syscall.RawConn // of the socket; nil for anything but a socket
	peer     netip.Addr
	peerText string // made when first needed
	cf       []byte // request.cf, made when first needed

	br      *bufio.Reader // borrowed, or nil
	big     bool          // br is larger than the pool's
	fd      int           // while direct
	direct  bool
	attempt func(uintptr) bool // tryRead, once
	tryErr  error

	receiving *receiving // made by readSome

	sending sync.Mutex         // of writeSome, for the rest
	out     []byte             // what is still to be written
	flush   func(uintptr) bool // tryWrite, once
	outErr  error

	reading, writing stamp
	watch            atomic.Pointer[watch] // of the request being served
	leave            atomic.Pointer[watch] // of a WebSocket, for a server that shuts down
	served           int
	unread           bool // the client may still be sending what nobody will read
}

// A watch is what the sweeper cancels when the client has left.
type watch struct{ cancel context.CancelCauseFunc }

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{srv: s, nc: nc}
	sock := nc
	if t, ok := nc.(*tls.Conn); ok {
		c.tlsConn = t
		sock = t.NetConn()
	}
	if sc, ok := sock.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			c.raw = raw
		}
	}
	switch a := nc.RemoteAddr().(type) {
	case *net.TCPAddr:
		c.peer = a.AddrPort().Addr().Unmap().WithZone("")
	default:
		c.peer = netip.IPv4Unspecified()
	}
	return c
}

var errStalled = fmt.Errorf("ingress: %w", os.ErrDeadlineExceeded)

// Read feeds c.br.
func (c *conn) Read(p []byte) (int, error) {
	if c.direct {
		return c.readDirect(p)
	}
	return c.readSome(p)
}

func (c *conn) borrowReader() {
	if c.br == nil {
		c.br = c.srv.readers.Get().(*bufio.Reader)
		c.br.Reset(c)
		c.big = false
	}
}

func (c *conn) returnReader() {
	if c.br != nil {
		if !c.big {
			c.br.Reset(nil)
			c.srv.readers.Put(c.br)
		}
		c.br = nil
	}
}

// serve answers requests until the connection ends. It runs on its own goroutine.
func (c *conn) serve() {
	defer c.srv.forget(c)
	defer c.nc.Close()
	defer c.returnReader()
	if c.tlsConn != nil {
		if err := c.tlsConn.HandshakeContext(c.srv.base); err != nil {
			return
		}
	}
	for {
		if c.served > 0 && !c.reading.enter(phaseIdle, c.srv.clock.now()) {
			return
		}
		if c.served > 0 && c.srv.draining.Load() {
			return
		}
		if err := c.await(); err != nil {
			if c.served == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
				c.answerTimeout()
			}
			return
		}
		if !c.reading.enter(phaseHeader, c.srv.clock.now()) {
			return
		}
		x := c.srv.exchanges.Get().(*Exchange)
		keep := c.exchange(x)
		if x.hijacked {
			return // the reader belongs to nobody else now
		}
		if x.reset() {
			c.srv.exchanges.Put(x)
		}
		if !keep {
			if c.unread {
				c.linger()
			}
			return
		}
	}
}

// exchange serves one request and reports whether the connection may serve another.
func (c *conn) exchange(x *Exchange) bool {
	x.c = c
	c.served++
	if err := c.readHead(x); err != nil {
		if err == io.EOF {
			return false
		}
		if errors.Is(err, os.ErrDeadlineExceeded) || c.reading.expired() {
			c.answerTimeout()
			return false
		}
		var r *refusal
		if !errors.As(err, &r) {
			var op net.Error
			switch {
			case isTooSmall(err):
				r = c.tooLarge()
			case errors.As(err, &op), errors.Is(err, io.ErrUnexpectedEOF):
				return false
			default:
				r = refusalFor(err)
			}
		}
		x.refuse(r)
		return false
	}
	c.srv.rays.next(&x.ray)
	x.resolve()
	cfg := &c.srv.cfg
	x.closing = x.head.close || cfg.DisableKeepAlive || c.srv.draining.Load() ||
		cfg.MaxRequestsPerConn > 0 && c.served >= cfg.MaxRequestsPerConn
	if x.head.serverWide {
		x.answerServerWide()
		return !x.closing && x.head.length == 0
	}
	if l := c.srv.limiter; l != nil && !l.allow(x.client, c.srv.clock.now()) {
		x.closing = true
		c.unread = x.head.length != 0
		_ = x.RespondPage(PageFor(1015, "Too many requests have come from this address; slow down."))
		return false
	}
	if err := x.openBody(); err != nil {
		var r *refusal
		switch {
		case errors.As(err, &r):
			x.refuse(r)
		case errors.Is(err, os.ErrDeadlineExceeded), c.reading.expired():
			c.answerTimeout()
		}
		return false
	}
	if !c.reading.enter(phaseNone, 0) {
		return false
	}
	c.call(x)
	if w := c.watch.Swap(nil); w != nil {
		w.cancel(ErrDone)
	}
	if x.failed || x.hijacked {
		_ = x.closeBody(false)
		return false
	}
	if !x.closeBody(!x.closing) {
		c.unread = true
		return false
	}
	return !x.closing
}

// call runs the handler, and answers for it if it does not.
func (c *conn) call(x *Exchange) {
	defer func() {
		if v := recover(); v != nil {
			c.srv.cfg.Log.Error("panic in the handler", "request", x.RequestID(), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			x.closing = true
			if !x.responded {
				_ = x.RespondPage(PageFor(500, ""))
			} else {
				x.failed = true
			}
		}
	}()
	c.srv.handler.ServeWorker(x)
	if !x.responded {
		_ = x.RespondPage(PageFor(500, ""))
	}
}

// readHead reads and checks one request head.
func (c *conn) readHead(x *Exchange) error {
	err := x.head.fast.Read(c.br)
	for err != nil && isTooSmall(err) && c.growReader() {
		err = x.head.fast.Read(c.br)
	}
	if err != nil {
		return err
	}
	return x.head.parse(&c.srv.cfg)
}

// isTooSmall reports whether a head did not fit into the reader.
func isTooSmall(err error) bool {
	var small *fasthttp.ErrSmallBuffer
	return errors.As(err, &small)
}

// growReader replaces a full reader by a larger one, up to what holds the largest
// allowed head. It grows in steps, so that memory costs a client what it sends.
func (c *conn) growReader() bool {
	cfg := &c.srv.cfg
	size := min(4*c.br.Size(), cfg.MaxURL+cfg.MaxHeader+1024)
	if size <= c.br.Size() {
		return false
	}
	have, _ := c.br.Peek(c.br.Buffered())
	prefix := append([]byte(nil), have...)
	c.returnReader()
	c.br = bufio.NewReaderSize(&replay{prefix, c}, size)
	c.big = true
	return true
}

// A replay reads prefix, then r.
type replay struct {
	prefix []byte
	r      io.Reader
}

func (r *replay) Read(p []byte) (int, error) {
	if len(r.prefix) > 0 {
		n := copy(p, r.prefix)
		if r.prefix = r.prefix[n:]; len(r.prefix) == 0 {
			r.prefix = nil
		}
		return n, nil
	}
	return r.r.Read(p)
}

// tooLarge tells which part of a head that fills the reader is too large.
func (c *conn) tooLarge() *refusal {
	have, _ := c.br.Peek(c.br.Buffered())
	for i, b := range have {
		if b == '\n' && i > 1 {
			return &refusal{431, fmt.Sprintf("The request headers are larger than %d bytes.", c.srv.cfg.MaxHeader)}
		}
	}
	return &refusal{414, fmt.Sprintf("The request target is longer than %d bytes.", c.srv.cfg.MaxURL)}
}

// answerTimeout says that the client was too slow, as far as it still listens.
func (c *conn) answerTimeout() {
	if !c.writing.enter(phaseWrite, c.srv.clock.now()) {
		return
	}
	const text = "The request did not arrive in time.\n"
	_, _ = c.nc.Write([]byte("HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\n" +
		"content-length: 36\r\nconnection: close\r\n\r\n" + text))
}

// writeQuantum is how much is written at once under one write limit.
const writeQuantum = 64 << 10

// write sends p, each part under the write stall limit.
func (c *conn) write(p []byte) error {
	for len(p) > 0 {
		n := min(len(p), writeQuantum)
		if !c.writing.enter(phaseWrite, c.srv.clock.now()) {
			return errStalled
		}
		m, err := c.writeSome(p[:n])
		if err != nil {
			return err
		}
		p = p[m:]
	}
	if !c.writing.enter(phaseNone, 0) {
		return errStalled
	}
	return nil
}

// writev sends two buffers as one, each under the write stall limit.
func (c *conn) writev(bufs *net.Buffers) error {
	if !c.writing.enter(phaseWrite, c.srv.clock.now()) {
		return errStalled
	}
	if _, err := bufs.WriteTo(c.nc); err != nil {
		return err
	}
	if !c.writing.enter(phaseNone, 0) {
		return errStalled
	}
	return nil
}

// lingerBytes is how much of an unwanted request is read so that the client gets
// to see the answer before the reset that closing with unread data causes.
const (
	lingerBytes = 256 << 10
	lingerTime  = 2 * time.Second
)

// linger closes the sending side and reads what the client is still sending.
func (c *conn) linger() {
	tcp, ok := c.nc.(*net.TCPConn)
	if !ok || c.reading.expired() {
		return
	}
	if tcp.CloseWrite() != nil {
		return
	}
	if !c.reading.enter(phaseLinger, c.srv.clock.now()) {
		return
	}
	c.borrowReader()
	_, _ = c.br.Discard(c.br.Buffered())
	_, _ = io.CopyN(io.Discard, c.br, lingerBytes)
}
