//go:build unix

package ingress

import (
	"io"
	"syscall"
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
		n, err := syscall.Read(c.fd, p)
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
