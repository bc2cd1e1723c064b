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
