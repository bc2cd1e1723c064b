package compression

import (
	"io"
	"sync"
)

// pools keep compressors for use again: each has some hundred KiB of tables. They
// belong to a realm and may be used from any goroutine.
type pools struct {
	mu     sync.Mutex
	byName map[format]*sync.Pool
}

func (p *pools) of(f format) *sync.Pool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byName == nil {
		p.byName = map[format]*sync.Pool{}
	}
	pool := p.byName[f]
	if pool == nil {
		pool = &sync.Pool{New: func() any { return f.writer(io.Discard) }}
		p.byName[f] = pool
	}
	return pool
}

// compressor is the ByteTransformer of a CompressionStream.
type compressor struct {
	format format
	pool   *sync.Pool
	writer resettable // taken from the pool with the first byte
	out    []byte
}

// Write collects what the writer makes.
func (c *compressor) Write(p []byte) (int, error) {
	c.out = append(c.out, p...)
	return len(p), nil
}

func (c *compressor) start() {
	if c.writer == nil {
		c.writer = c.pool.Get().(resettable)
		c.writer.Reset(c)
	}
}

func (c *compressor) Transform(dst, chunk []byte) ([]byte, error) {
	c.start()
	c.out = dst
	_, err := c.writer.Write(chunk)
	dst, c.out = c.out, nil
	return dst, err
}

func (c *compressor) Flush(dst []byte) ([]byte, error) {
	c.start()
	c.out = dst
	err := c.writer.Close()
	dst, c.out = c.out, nil
	c.writer.Reset(io.Discard) // forget this stream
	c.pool.Put(c.writer)
	c.writer = nil
	return dst, err
}
