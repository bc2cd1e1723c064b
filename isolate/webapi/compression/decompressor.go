package compression

import (
	"bufio"
	"errors"
	"io"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// decompressor is the ByteTransformer of a DecompressionStream. The decoders read
// their input themselves, so chunks that are pushed go to one on a goroutine of its own.
type decompressor struct {
	format format
	*pump
}

func newDecompressor(f format) *decompressor { return &decompressor{format: f, pump: newPump()} }

// Close gives the decompressor up.
func (d *decompressor) Close() error {
	d.pump.close()
	return nil
}

func (d *decompressor) Transform(dst, chunk []byte) ([]byte, error) {
	if len(chunk) == 0 {
		return dst, nil
	}
	return d.push(d.format, dst, chunk)
}

func (d *decompressor) Flush(dst []byte) ([]byte, error) { return d.push(d.format, dst, nil) }

// Reader implements streams.ReaderTransformer.
func (d *decompressor) Reader(input io.Reader, _ int64) (io.Reader, int64) {
	return &inflater{format: d.format, input: bufio.NewReader(&source{input})}, -1
}

// inflater reads what its input decompresses to and accepts nothing but one whole stream.
type inflater struct {
	format format
	input  byteReader
	reader io.Reader // nil before the first Read
	ended  bool      // the data has ended; what follows is to be looked at
	err    error
}

func (i *inflater) Read(p []byte) (int, error) {
	if i.err != nil {
		return 0, i.err
	}
	var err error
	if i.reader == nil {
		if i.reader, err = i.format.reader(i.input); err != nil {
			i.err = i.explain(err)
			return 0, i.err
		}
	}
	n := 0
	if !i.ended {
		n, err = i.reader.Read(p)
		if i.ended = err == io.EOF; i.ended && n > 0 {
			return n, nil // looking at what follows may have to wait
		}
	}
	switch {
	case i.ended && i.trailing():
		i.err = webidl.TypeError("Trailing bytes after end of compressed data")
	case i.ended:
		i.err = io.EOF
	case err != nil:
		i.err = i.explain(err)
	}
	return n, i.err
}

// trailing reports whether input is left.
func (i *inflater) trailing() bool {
	_, err := i.input.ReadByte()
	return err == nil
}

func (i *inflater) explain(err error) error {
	var given *inputError
	switch {
	case errors.As(err, &given):
		return given.err
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return webidl.TypeError("Compressed input was truncated.")
	}
	return webidl.TypeError("The compressed data was not valid: %s.", err)
}

// inputError is a failure of the input, not of what is in it.
type inputError struct{ err error }

func (e *inputError) Error() string { return e.err.Error() }

// source marks the failures of an input.
type source struct{ io.Reader }

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = &inputError{err}
	}
	return n, err
}
