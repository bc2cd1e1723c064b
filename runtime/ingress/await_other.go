//go:build !unix

package ingress

// await waits until there is something to read.
func (c *conn) await() error {
	if c.br != nil && c.br.Buffered() > 0 {
		return nil
	}
	if c.big {
		c.returnReader()
	}
	c.borrowReader()
	_, err := c.br.Peek(1)
	return err
}

func (c *conn) readDirect(p []byte) (int, error) { return c.nc.Read(p) }

// receiving is nothing here.
type receiving struct{}

func (c *conn) readSome(p []byte) (int, error) { return c.nc.Read(p) }

func (c *conn) writeSome(p []byte) (int, error) { return c.nc.Write(p) }
