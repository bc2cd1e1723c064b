//go:build unix

package ingress

import (
	"io"
	"syscall"

	"github.com/mayfly-edge/mayfly/runtime/rawio"
)

// await waits until there is something to read. On a plain TCP connection it holds
// no buffer meanwhile: the reader is lent only for each attempt to read.
func (c *conn) await() error {
	if c.br != nil && c.br.Buffered() > 0 {
		return nil
	}
	if c.raw == nil || c.tlsConn != nil {
		if c.big {
			c.returnReader()
		}
		c.borrowReader()
		_, err := c.br.Peek(1)
		return err
	}
	if c.attempt == nil {
		c.attempt = c.tryRead
	}
	c.tryErr = nil
	if err := c.raw.Read(c.attempt); err != nil {
		c.returnReader()
		return err
	}
	return c.tryErr
}

// tryRead reads what is there; false sends the goroutine to sleep until there is more.
func (c *conn) tryRead(fd uintptr) bool {
	c.borrowReader()
	c.fd, c.direct = int(fd), true
	_, err := c.br.Peek(1)
	c.direct = false
	if err == syscall.EAGAIN {
		c.returnReader()
		return false
	}
	c.tryErr = err
	return true
}

// readDirect is Read for the time of tryRead.
func (c *conn) readDirect(p []byte) (int, error) {
	for {
		n, err := rawio.Read(uintptr(c.fd), p)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// receiving is the state of readSome.
type receiving struct {
	in  []byte // where to
	n   int
	err error
	try func(uintptr) bool // tryReceive, once
}

// readSome waits for something to read, and reads it.
func (c *conn) readSome(p []byte) (int, error) {
	if c.raw == nil || c.tlsConn != nil || len(p) == 0 {
		return c.nc.Read(p)
	}
	r := c.receiving
	if r == nil {
		r = new(receiving)
		r.try = r.tryReceive
		c.receiving = r
	}
	r.in, r.n, r.err = p, 0, nil
	err := c.raw.Read(r.try)
	r.in = nil
	if err == nil {
		err = r.err
	}
	return r.n, err
}

// tryReceive reads what is there; false sends the goroutine to sleep until there is more.
func (r *receiving) tryReceive(fd uintptr) bool {
	for {
		n, err := rawio.Read(fd, r.in)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return false
		case err != nil:
			r.err = err
		case n == 0:
			r.err = io.EOF
		default:
			r.n = n
		}
		return true
	}
}

// writeSome writes all of p, or less and an error.
func (c *conn) writeSome(p []byte) (int, error) {
	if c.raw == nil || c.tlsConn != nil {
		return c.nc.Write(p)
	}
	c.sending.Lock()
	defer c.sending.Unlock()
	if c.flush == nil {
		c.flush = c.tryWrite
	}
	c.out, c.outErr = p, nil
	err := c.raw.Write(c.flush)
	if err == nil {
		err = c.outErr
	}
	n := len(p) - len(c.out)
	c.out = nil
	return n, err
}

// tryWrite writes what the socket takes; false sends the goroutine to sleep until it
// takes more.
func (c *conn) tryWrite(fd uintptr) bool {
	for len(c.out) > 0 {
		n, err := rawio.Write(fd, c.out)
		switch err {
		case nil:
			c.out = c.out[n:]
		case syscall.EINTR:
		case syscall.EAGAIN:
			return false
		default:
			c.outErr = err
			return true
		}
	}
	return true
}
