package htmlrewriter

import "io"

// A Reader reads what a rewriter makes of a source. Read must not be called again while
// it runs; Close may be called at any time and ends a Read of the source.
type Reader struct {
	rewriter *Rewriter
	source   io.ReadCloser
	in       []byte
	whole    bool // the source has ended
	finished bool
	err      error
}

// NewReader returns a reader that owns source. No byte is read, and no handler called,
// before someone reads.
func NewReader(r *Rewriter, source io.ReadCloser) *Reader {
	return &Reader{rewriter: r, source: source}
}

// Read implements io.Reader. After an error what was made before it is read first.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		n, err := r.rewriter.out.Read(p)
		if n > 0 {
			return n, nil
		}
		if err == nil {
			err = r.err
		}
		if err == nil {
			err = r.advance()
		} else if r.err != nil {
			return 0, r.err
		}
		if err != nil {
			r.err = err
			r.rewriter.out.close()
			r.source.Close()
		}
	}
}

// inputSize is how many bytes are asked of the source at once.
const inputSize = 32 << 10

// advance makes some more output.
func (r *Reader) advance() error {
	more, err := r.rewriter.run()
	switch {
	case err != nil || more:
		return err
	case r.finished:
		return io.EOF
	case r.whole && r.rewriter.end():
		return nil
	case r.whole:
		r.finished = true
		return r.rewriter.finish()
	}
	if r.in == nil {
		r.in = make([]byte, inputSize)
		r.rewriter.out.bytes = make([]byte, 0, enough+enough/8)
	}
	n, err := r.source.Read(r.in)
	if n > 0 {
		r.rewriter.tokens.feed(r.in[:n])
	}
	if err == io.EOF {
		r.whole = true
		return nil
	}
	return err
}

// Close implements io.Closer.
func (r *Reader) Close() error {
	r.rewriter.out.close()
	return r.source.Close()
}
