package egress

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
)

// maxCodings bounds the codings that one body may be wrapped in, since each could
// multiply its size by a thousand.
const maxCodings = 2

// decoder undoes the content-encoding of a body as it is read; memory is bounded
// by the codings' windows, however large the result. False means that the body
// is not encoded or has a coding that is not known here.
func decoder(values []string, body io.Reader) (io.Reader, bool) {
	var names []string
	for _, v := range values {
		for name := range strings.SplitSeq(v, ",") {
			switch name = strings.ToLower(strings.TrimSpace(name)); name {
			case "", "identity":
			case "gzip", "x-gzip", "br", "deflate":
				names = append(names, name)
			default:
				return nil, false
			}
		}
	}
	if len(names) == 0 || len(names) > maxCodings {
		return nil, false
	}
	r := body
	for i := len(names) - 1; i >= 0; i-- {
		d := &lazyDecoder{src: r}
		switch names[i] {
		case "br":
			d.open = openBrotli
		case "deflate":
			d.open = openDeflate
		default:
			d.open = openGzip
		}
		r = d
	}
	return r, true
}

// A lazyDecoder reads the first byte only when it is itself read, so that fetch
// can answer before the body begins.
type lazyDecoder struct {
	src  io.Reader
	open func(*bufio.Reader) (io.Reader, error)
	r    io.Reader
	err  error
}

func (d *lazyDecoder) Read(p []byte) (int, error) {
	if d.err != nil {
		return 0, d.err
	}
	if d.r == nil {
		br := bufio.NewReader(d.src)
		if _, err := br.Peek(1); err != nil {
			d.err = err // an empty body stays empty
			return 0, err
		}
		if d.r, d.err = d.open(br); d.err != nil {
			d.err = corrupt(d.err)
			return 0, d.err
		}
	}
	n, err := d.r.Read(p)
	if err != nil {
		d.err = corrupt(err)
		return n, d.err
	}
	return n, nil
}

// errCorrupt marks a body that is not what its content-encoding says.
var errCorrupt = errors.New("it is corrupt")

// corrupt tells a decoder's complaint from the connection's.
func corrupt(err error) error {
	var (
		input  flate.CorruptInputError
		broken brotliError
	)
	if errors.As(err, &input) || errors.As(err, &broken) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		errors.Is(err, zlib.ErrHeader) || errors.Is(err, zlib.ErrChecksum) || errors.Is(err, zlib.ErrDictionary) {
		return errCorrupt
	}
	return err
}

func isCorrupt(err error) bool { return errors.Is(err, errCorrupt) }

func openGzip(br *bufio.Reader) (io.Reader, error) { return gzip.NewReader(br) }

// openDeflate reads the zlib format, or the bare stream that some servers send instead.
func openDeflate(br *bufio.Reader) (io.Reader, error) {
	if b, err := br.Peek(2); err == nil && b[0]&0x0f == 8 && (int(b[0])<<8|int(b[1]))%31 == 0 {
		return zlib.NewReader(br)
	}
	return flate.NewReader(br), nil
}

func openBrotli(br *bufio.Reader) (io.Reader, error) {
	src := &noted{r: br}
	return &brotliReader{brotli.NewReader(src), src}, nil
}

// noted remembers its source's error, so that the decoder's own can be told apart.
type noted struct {
	r   io.Reader
	err error
}

func (n *noted) Read(p []byte) (int, error) {
	k, err := n.r.Read(p)
	n.err = err
	return k, err
}

type brotliReader struct {
	r   *brotli.Reader
	src *noted
}

type brotliError struct{ error }

func (b *brotliReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF && (b.src.err == nil || b.src.err == io.EOF) {
		err = brotliError{err}
	}
	return n, err
}
