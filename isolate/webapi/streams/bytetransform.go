package streams

import (
	"io"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A Transformer is what a transform stream made by Go does with the chunks that
// scripts write. Its methods run on the isolate's turn and hand chunks on with
// s.Enqueue; an error errors both sides of the stream.
type Transformer interface {
	Transform(js *webidl.Realm, s *TransformStream, chunk goja.Value) error
	// Flush is called once when the writable side is closed.
	Flush(js *webidl.Realm, s *TransformStream) error
}

// A ByteTransformer turns bytes into bytes. It is used by one goroutine at a time: on
// the isolate's turn while scripts write to the stream, or by whoever reads if the
// stream joins two that Go makes. One that is an io.Closer as well is closed when the
// stream is given up before its end while scripts write to it.
type ByteTransformer interface {
	// Transform appends to dst what chunk yields. It must not keep or change chunk.
	Transform(dst, chunk []byte) ([]byte, error)
	// Flush appends to dst what is left at the end of the input.
	Flush(dst []byte) ([]byte, error)
}

// A ReaderTransformer is a ByteTransformer that can as well read its input itself. Of
// an instance either Reader is called, once and first, or the other methods are.
type ReaderTransformer interface {
	ByteTransformer
	// Reader returns a reader of what is made from input, and the number of bytes that
	// it will yield for length bytes of input, -1 standing for unknown in both.
	Reader(input io.Reader, length int64) (io.Reader, int64)
}

// NewTransform returns a transform stream with one slot on its writable side and none
// on its readable side, as new TransformStream() has.
func NewTransform(js *webidl.Realm, by Transformer) *TransformStream {
	t := &TransformStream{}
	t.setUp(js, goTransformer{by}, done(), 1, nil, 0, nil)
	return t
}

// NewByteTransform returns a transform stream that takes BufferSources and yields
// Uint8Arrays.
func NewByteTransform(js *webidl.Realm, by ByteTransformer) *TransformStream {
	t := NewTransform(js, byteTransformer{by})
	t.bytes = by
	return t
}

// Enqueue hands a chunk to the readable side.
func (t *TransformStream) Enqueue(js *webidl.Realm, chunk goja.Value) error {
	return t.controller.enqueue(js, chunk)
}

// goTransformer lets a Transformer be what a transform stream does.
type goTransformer struct{ Transformer }

func (g goTransformer) transform(js *webidl.Realm, chunk goja.Value, c *transformController) *promise {
	return outcome(js, func() error { return g.Transform(js, c.stream, chunk) })
}

func (g goTransformer) flush(js *webidl.Realm, c *transformController) *promise {
	return outcome(js, func() error { return g.Flush(js, c.stream) })
}

// cancel closes a Transformer that can be closed.
func (g goTransformer) cancel(*webidl.Realm, goja.Value) *promise {
	if c, ok := g.Transformer.(io.Closer); ok {
		_ = c.Close() // it was given up: nobody is interested
	}
	return done()
}

// outcome is the promise of steps that may fail or let a script's exception through.
func outcome(js *webidl.Realm, steps func() error) *promise {
	var err error
	if ex := js.Catch(func() { err = steps() }); ex != nil {
		err = ex
	}
	if err != nil {
		return failed(thrown(js, err))
	}
	return done()
}

// byteTransformer is a ByteTransformer as a Transformer.
type byteTransformer struct{ by ByteTransformer }

func (b byteTransformer) Transform(js *webidl.Realm, s *TransformStream, chunk goja.Value) error {
	in, err := webidl.BufferSource.Convert(js, chunk)
	if err != nil {
		return err
	}
	out, err := b.by.Transform(nil, in)
	return b.emit(js, s, out, err)
}

func (b byteTransformer) Flush(js *webidl.Realm, s *TransformStream) error {
	out, err := b.by.Flush(nil)
	return b.emit(js, s, out, err)
}

// Close gives the ByteTransformer up if it can be told.
func (b byteTransformer) Close() error {
	if c, ok := b.by.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

func (b byteTransformer) emit(js *webidl.Realm, s *TransformStream, out []byte, err error) error {
	if err == nil && len(out) > 0 {
		err = s.Enqueue(js, js.Uint8Array(out))
	}
	return err
}

// through returns what comes out of by when body goes in.
func through(body outside.Body, by ByteTransformer) outside.Body {
	if i, ok := by.(*identity); ok && body.Stream == nil && (i.left < 0 || i.left == body.Len()) {
		return body
	}
	var source io.ReadCloser = body.Stream
	length := body.Len()
	if source == nil {
		source = io.NopCloser(&bytesReader{body.Bytes})
	}
	if r, ok := by.(ReaderTransformer); ok {
		reader, length := r.Reader(source, length)
		return outside.Body{Stream: &joinedReader{reader, source}, Length: length}
	}
	return outside.Body{Stream: &transformReader{source: source, by: by}, Length: -1}
}

// bytesReader reads a slice.
type bytesReader struct{ b []byte }

func (r *bytesReader) Read(p []byte) (int, error) {
	if len(r.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.b)
	r.b = r.b[n:]
	return n, nil
}

// joinedReader reads the end of a chain of readers and closes its beginning.
type joinedReader struct {
	io.Reader
	source io.Closer
}

func (r *joinedReader) Close() error { return r.source.Close() }

// transformReader reads what a ByteTransformer makes of a source.
type transformReader struct {
	source io.ReadCloser
	by     ByteTransformer
	in     []byte
	out    []byte // not read yet
	memory []byte // out's, to be used again
	err    error
}

func (r *transformReader) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		if r.in == nil {
			r.in = make([]byte, 32<<10)
		}
		n, err := r.source.Read(r.in)
		out, bad := r.memory[:0], error(nil)
		if n > 0 {
			out, bad = r.by.Transform(out, r.in[:n])
		}
		if bad == nil && err == io.EOF {
			out, bad = r.by.Flush(out)
		}
		if r.err = err; bad != nil {
			r.err = bad
		}
		r.out, r.memory = out, out
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

func (r *transformReader) Close() error { return r.source.Close() }
