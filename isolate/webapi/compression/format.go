package compression

import (
	"io"

	"github.com/andybalholm/brotli"
	"github.com/dop251/goja"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A format is https://compression.spec.whatwg.org/#enumdef-compressionformat
type format string

const (
	formatGzip       format = "gzip"
	formatDeflate    format = "deflate"
	formatDeflateRaw format = "deflate-raw"
	formatBrotli     format = "brotli"
)

var formatType = webidl.NewType("CompressionFormat", func(js *webidl.Realm, v goja.Value) (format, error) {
	s, err := formats.Convert(js, v)
	return format(s), err
})

var formats = webidl.Enum("CompressionFormat",
	string(formatGzip), string(formatDeflate), string(formatDeflateRaw), string(formatBrotli))

// level is that of zlib's default. The library's own is faster still, but makes what is
// compressed already larger instead of smaller. brotliLevel costs about as much time.
const (
	level       = 6
	brotliLevel = 4
)

// writer returns what compresses into w.
func (f format) writer(w io.Writer) resettable {
	switch f {
	case formatGzip:
		z, _ := gzip.NewWriterLevel(w, level) // the level is a valid one, so there is no error
		return z
	case formatDeflate:
		z, _ := zlib.NewWriterLevel(w, level)
		return z
	case formatDeflateRaw:
		z, _ := flate.NewWriter(w, level)
		return z
	}
	return brotli.NewWriterLevel(w, brotliLevel)
}

// reader returns what decompresses r. It reads no byte of r beyond the end of the data
// unless the format is brotli.
func (f format) reader(r byteReader) (io.Reader, error) {
	switch f {
	case formatGzip:
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		// A second member is trailing data as any other is.
		z.Multistream(false)
		return z, nil
	case formatDeflate:
		return zlib.NewReader(r)
	case formatDeflateRaw:
		return flate.NewReader(r), nil
	}
	return brotli.NewReader(r), nil
}

// byteReader is a reader from which decompressors do not read ahead.
type byteReader interface {
	io.Reader
	io.ByteReader
}

// resettable is a compressor.
type resettable interface {
	io.WriteCloser
	Reset(io.Writer)
}
