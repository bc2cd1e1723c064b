package ingress

import (
	"bufio"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// Errors of reading a streamed request body.
var (
	// ErrBodyTooLarge says that the body exceeds Config.MaxBody.
	ErrBodyTooLarge = errors.New("ingress: the request body is too large")
	// ErrBodyClosed says that the body was closed, or that its request is over.
	ErrBodyClosed = errors.New("ingress: the request body is closed")
	// ErrBadChunk says that the chunked coding is malformed.
	ErrBadChunk = errors.New("ingress: malformed chunked request body")
)

// A requestBody streams a request body from its connection. The worker may keep
// it longer than the exchange lasts, so the connection takes itself away from it
// when it moves on.
type requestBody struct {
	over   atomic.Bool  // no more reads wanted
	read64 atomic.Int64 // bytes read so far

	mu      sync.Mutex
	c       *conn // nil once detached
	left    int64 // of the body, or of the chunk
	total   int64 // still allowed, or -1
	chunked bool
	started bool // a chunk has been read before
	ask     bool // 100 Continue has still to be sent
	err     error
}

// Read reads the next bytes of the body, waiting for them.
func (b *requestBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.read(p)
}

func (b *requestBody) read(p []byte) (int, error) {
	switch {
	case b.err != nil:
		return 0, b.err
	case b.c == nil || b.over.Load():
		return 0, ErrBodyClosed
	case len(p) == 0:
		return 0, nil
	}
	c := b.c
	if b.ask {
		b.ask = false
		if err := c.write(continueLine); err != nil {
			b.err = err
			return 0, err
		}
	}
	if !c.reading.enter(phaseBody, c.srv.clock.now()) {
		b.err = errStalled
		return 0, b.err
	}
	n, err := b.fill(p)
	if err == nil || err == io.EOF {
		if !c.reading.enter(phaseNone, 0) {
			err = errStalled
		}
	}
	b.err = err
	b.read64.Add(int64(n))
	if n > 0 {
		return n, nil
	}
	return 0, err
}

var continueLine = []byte("HTTP/1.1 100 Continue\r\n\r\n")

// fill reads at least one byte or answers an error; io.EOF is the proper end.
func (b *requestBody) fill(p []byte) (int, error) {
	br := b.c.br
	if b.chunked && b.left == 0 {
		size, err := readChunkSize(br, b.started)
		if err != nil {
			return 0, err
		}
		b.started = true
		if size == 0 {
			if err := skipTrailers(br); err != nil {
				return 0, err
			}
			return 0, io.EOF
		}
		if b.total >= 0 {
			if size > b.total {
				return 0, ErrBodyTooLarge
			}
			b.total -= size
		}
		b.left = size
	}
	if b.left == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := br.Read(p)
	b.left -= int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err == nil && b.left == 0 && !b.chunked {
		err = io.EOF
	}
	return n, err
}

// Close says that the rest of the body is not wanted.
func (b *requestBody) Close() error {
	b.over.Store(true)
	return nil
}

// detach takes the connection away. With drain it first reads a small rest, so
// that the connection can be used again; it reports whether it can be.
func (b *requestBody) detach(drain bool) bool {
	b.over.Store(true)
	c := b.c
	if !b.mu.TryLock() {
		// A read is waiting for the client. It must not go on once the
		// connection serves something else.
		_ = c.nc.SetReadDeadline(past)
		b.mu.Lock()
		drain = false
	}
	defer b.mu.Unlock()
	b.c = nil
	if b.err == io.EOF {
		return true
	}
	if !drain || b.err != nil || b.ask {
		return false
	}
	return b.skip(c)
}

// maxDrain is how much of an unread body is read to keep the connection.
const maxDrain = 256 << 10

func (b *requestBody) skip(c *conn) bool {
	if !b.chunked && b.left > maxDrain {
		return false
	}
	b.over.Store(false)
	b.c = c
	defer func() { b.c = nil; b.over.Store(true) }()
	var scratch [4096]byte
	for n := 0; n <= maxDrain; {
		m, err := b.read(scratch[:])
		n += m
		if err != nil {
			return err == io.EOF
		}
		if b.err == io.EOF {
			return true
		}
	}
	return false
}

// openBody reads a small body and makes a stream of any other.
func (x *Exchange) openBody() error {
	h, c := &x.head, x.c
	if h.length == 0 {
		return nil
	}
	cfg := &c.srv.cfg
	if cfg.MaxBody > 0 && h.length > cfg.MaxBody {
		return refuse(413, bodyLimitText(cfg.MaxBody))
	}
	if h.length > 0 && h.length <= int64(cfg.BufferBody) {
		if h.expect {
			if err := c.write(continueLine); err != nil {
				return err
			}
		}
		err := x.readBody(int(h.length))
		x.bytesIn = int64(len(x.bytes))
		return err
	}
	b := &requestBody{c: c, left: h.length, total: -1, chunked: h.length < 0, ask: h.expect}
	if b.chunked {
		b.left = 0
		if cfg.MaxBody > 0 {
			b.total = cfg.MaxBody
		}
	}
	x.stream = b
	return nil
}

// readBody reads length bytes. Memory grows with what arrives, not with what is
// announced.
func (x *Exchange) readBody(length int) error {
	x.bytes = make([]byte, 0, min(length, 8<<10))
	for len(x.bytes) < length {
		if len(x.bytes) == cap(x.bytes) {
			grown := make([]byte, len(x.bytes), min(length, 4*cap(x.bytes)))
			copy(grown, x.bytes)
			x.bytes = grown
		}
		n, err := x.c.br.Read(x.bytes[len(x.bytes):cap(x.bytes)])
		x.bytes = x.bytes[:len(x.bytes)+n]
		if err != nil && len(x.bytes) < length {
			return eofIsUnexpected(err)
		}
	}
	return nil
}

// closeBody ends the request body and reports whether the connection's next byte
// is the start of the next request.
func (x *Exchange) closeBody(drain bool) bool {
	if x.stream == nil {
		return true
	}
	return x.stream.detach(drain)
}

// body is the request body as the receiver owns it.
func (x *Exchange) body() outside.Body {
	switch {
	case x.stream != nil:
		return outside.Body{Stream: x.stream, Length: x.head.length}
	case x.bytes != nil:
		return outside.Body{Bytes: x.bytes}
	case x.head.length == 0 && x.head.bodyless():
		return outside.Body{}
	}
	return outside.Body{Bytes: []byte{}}
}

// bodyless reports whether the request has no body, as opposed to an empty one.
func (h *head) bodyless() bool {
	if h.method == "GET" || h.method == "HEAD" {
		return true
	}
	_, ok := h.get("content-length")
	return !ok
}

// maxChunkLine bounds a chunk's size line and the trailers.
const maxChunkLine = 4096

// readChunkSize reads "SIZE[;extensions] CR LF", after the CR LF of the chunk before
// (https://www.rfc-editor.org/rfc/rfc9112#section-7.1).
func readChunkSize(br *bufio.Reader, started bool) (int64, error) {
	if started {
		if err := readCRLF(br); err != nil {
			return 0, err
		}
	}
	var size int64
	digits := 0
	for {
		c, err := br.ReadByte()
		if err != nil {
			return 0, eofIsUnexpected(err)
		}
		v := int64(0)
		switch {
		case c >= '0' && c <= '9':
			v = int64(c - '0')
		case lower(c) >= 'a' && lower(c) <= 'f':
			v = int64(lower(c)-'a') + 10
		case digits == 0:
			return 0, ErrBadChunk
		case c == ';' || c == ' ' || c == '\t':
			return size, skipExtension(br)
		case c == '\r':
			if c, err := br.ReadByte(); err != nil {
				return 0, eofIsUnexpected(err)
			} else if c != '\n' {
				return 0, ErrBadChunk
			}
			return size, nil
		default:
			return 0, ErrBadChunk
		}
		if digits++; digits > 15 {
			return 0, ErrBadChunk
		}
		size = size<<4 | v
	}
}

func skipExtension(br *bufio.Reader) error {
	for range maxChunkLine {
		c, err := br.ReadByte()
		switch {
		case err != nil:
			return eofIsUnexpected(err)
		case c == '\r':
			if c, err = br.ReadByte(); err != nil {
				return eofIsUnexpected(err)
			}
			if c != '\n' {
				return ErrBadChunk
			}
			return nil
		case !isValueByte(c):
			return ErrBadChunk
		}
	}
	return ErrBadChunk
}

func readCRLF(br *bufio.Reader) error {
	for _, want := range [2]byte{'\r', '\n'} {
		c, err := br.ReadByte()
		if err != nil {
			return eofIsUnexpected(err)
		}
		if c != want {
			return ErrBadChunk
		}
	}
	return nil
}

// skipTrailers reads the trailer section; workers do not see trailers.
func skipTrailers(br *bufio.Reader) error {
	line := 0
	for range maxChunkLine {
		c, err := br.ReadByte()
		switch {
		case err != nil:
			return eofIsUnexpected(err)
		case c == '\r':
			if c, err = br.ReadByte(); err != nil {
				return eofIsUnexpected(err)
			}
			if c != '\n' {
				return ErrBadChunk
			}
			if line == 0 {
				return nil
			}
			line = 0
		case !isValueByte(c):
			return ErrBadChunk
		default:
			line++
		}
	}
	return ErrBadChunk
}

func eofIsUnexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// fault is the status that says what was wrong with the body as the client sent it, 0 if
// nothing was as far as it has been read.
func (b *requestBody) fault() int {
	if !b.mu.TryLock() {
		return 0
	}
	defer b.mu.Unlock()
	switch {
	case errors.Is(b.err, ErrBodyTooLarge):
		return 413
	case errors.Is(b.err, ErrBadChunk):
		return 400
	case errors.Is(b.err, os.ErrDeadlineExceeded):
		return 408
	}
	return 0
}

// tooLarge reports whether reading has met the size limit.
func (b *requestBody) tooLarge() bool {
	if !b.mu.TryLock() {
		return false
	}
	defer b.mu.Unlock()
	return b.err == ErrBodyTooLarge
}

// reusable reports whether the rest of the body is small enough to be read for
// the sake of the connection.
func (b *requestBody) reusable() bool {
	if !b.mu.TryLock() {
		return false
	}
	defer b.mu.Unlock()
	switch {
	case b.err == io.EOF:
		return true
	case b.err != nil || b.ask:
		return false
	}
	return b.chunked || b.left <= maxDrain
}
